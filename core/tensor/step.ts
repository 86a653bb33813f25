import { Tensor } from "./tensor.ts";
import { ensureDevice } from "./device.ts";
import {
  abandonScope,
  closeScope,
  type Frame,
  innermostScope,
  openScope,
  realizeWithLiving,
  tensorsIn,
} from "./scope.ts";

function isTensor(x: unknown): x is Tensor {
  return x instanceof Tensor;
}

function keptIn(result: unknown): Set<Tensor> {
  const kept = new Set<Tensor>();
  tensorsIn(result, isTensor, kept);
  return kept;
}

/**
 * Runs `fn` and frees what it made, except what it returns (in arrays and plain objects too), `keep`s or assigns to
 * variables; that is enqueued as one submit. A training step is one scope. Needs an open device: `await init()`.
 *
 * Returned tensors no longer know how they were computed: call `backward()` inside.
 *
 * @example
 * ```ts
 * import { init, scope, tensor } from "./mod.ts";
 * await init();
 * const y = scope(() => tensor([1, 2]).mul(3));
 * console.assert((await y.data()).join() === "3,6");
 * ```
 */
export function scope<T>(fn: () => T): T {
  return lendingScope(fn).result;
}

/** Like {@linkcode scope}; what {@linkcode lendTo} lends inside outlives it until `end`. */
export function lendingScope<T>(fn: () => T): { readonly result: T; end(): void } {
  const frame = openScope();
  let result: T;
  try {
    result = fn();
  } catch (error) {
    abandonScope(frame);
    throw error;
  }
  const kept = keptIn(result);
  closeScope(frame, kept);
  return { result, end: () => endLoan(frame, kept) };
}

function endLoan({ tensors, lent }: Frame, kept: ReadonlySet<Tensor>): void {
  if (lent.size === 0) return;
  for (const tensor of tensors) if (lent.has(tensor) && !kept.has(tensor) && !tensor.isKept) tensor.dispose();
  lent.clear();
}

/**
 * Runs a function that may return a promise: what it was given, and what it made before its first `await`, then
 * outlives the innermost scope until its loan ends.
 */
export function lendTo<T>(fn: () => T, given: unknown): T {
  const frame = innermostScope();
  const before = frame?.tensors.length ?? 0;
  const result = fn();
  if (frame !== null && result instanceof Promise) {
    tensorsIn(given, isTensor, frame.lent);
    for (const tensor of frame.tensors.slice(before)) frame.lent.add(tensor);
  }
  return result;
}

/** Like {@linkcode scope}, for a function that awaits. Do not let two of them overlap. */
export async function scopeAsync<T>(fn: () => Promise<T>): Promise<T> {
  const frame = openScope();
  let result: T;
  try {
    result = await fn();
  } catch (error) {
    abandonScope(frame);
    throw error;
  }
  closeScope(frame, keptIn(result));
  return result;
}

/** Enqueues what is recorded and changes variables, before its scope ends. */
export function enqueueAssigns(): void {
  realizeWithLiving([]);
}

/** Lets a tensor outlive the scope that it is made in. */
export function keep(tensor: Tensor): Tensor {
  return tensor.keep();
}

/** The elements of many tensors, enqueued together before the first wait; single numbers where a tensor has one. */
export async function readAll(tensors: readonly Tensor[]): Promise<(number | ArrayLike<number>)[]> {
  const onDevice = tensors.filter((t) => !t.isVariable && t.recorded?.host === null);
  if (onDevice.length > 0) {
    await ensureDevice();
    realizeWithLiving(onDevice.map((t) => t.node));
  }
  const all = await Promise.all(tensors.map((t) => t.data()));
  return all.map((data) => data.length === 1 ? data[0]! : data);
}
