import type { HostArray } from "./runtime/dtype.ts";

const remembered = new WeakMap<object, HostArray>();

/**
 * Remembers the host elements that a tensor was made of, for checks that must not wait for a device: a data
 * loader does so for columns of integers, so that a loss can name a label outside its classes.
 *
 * @param tensor The tensor; its elements must not change afterwards.
 */
export function rememberHostValues<T extends object>(tensor: T, values: HostArray): T {
  remembered.set(tensor, values);
  return tensor;
}

/**
 * The host elements of a tensor whose maker remembered them.
 *
 * @example
 * ```ts
 * import { hostValues, rememberHostValues } from "./host_values.ts";
 * const label = rememberHostValues({}, Int32Array.of(3, 1));
 * console.assert(hostValues(label)![0] === 3 && hostValues({}) === undefined);
 * ```
 */
export function hostValues(tensor: object): HostArray | undefined {
  return remembered.get(tensor);
}
