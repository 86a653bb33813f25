import type { FunctionBody, Local } from "./assembler.ts";

/**
 * Pointers to places some elements after `first`, which stands for the place at 0 itself.
 *
 * V8 compares each address with the memory's size less the access's offset. Accesses through many pointers with one
 * offset share that difference; those through one pointer with many offsets compute it anew each time.
 */
export function pointersTo(f: FunctionBody, first: Local, elements: readonly number[]): readonly Local[] {
  return elements.map((n) => n === 0 ? first : f.keep(() => f.get(first).int(4 * n).op("i32.add")));
}

/** As many pointers, `step` elements apart. */
export function pointersApart(
  f: FunctionBody,
  first: Local,
  count: number,
  step: number,
): readonly Local[] {
  return pointersTo(f, first, Array.from({ length: count }, (_, i) => i * step));
}

/** Moves pointers on by some elements; those that are one and the same move once. */
export function advance(f: FunctionBody, pointers: readonly Local[], elements: number): void {
  for (const pointer of new Set(pointers)) f.get(pointer).int(4 * elements).op("i32.add").set(pointer);
}
