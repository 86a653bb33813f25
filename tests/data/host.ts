import { Tensor } from "../../core/tensor/mod.ts";

/** The elements of a tensor that was just made from host values, without a device. */
export function hostElements(value: unknown): number[] {
  if (value instanceof Tensor && value.node.host !== null) return [...value.node.host];
  throw new TypeError(`not a tensor of host values: ${value}`);
}
