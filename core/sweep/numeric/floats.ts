/**
 * The nearest integer, halves to the even one, as numpy rounds.
 *
 * @example
 * ```ts
 * import { roundHalfEven } from "./floats.ts";
 * console.assert(roundHalfEven(2.5) === 2 && roundHalfEven(3.5) === 4 && roundHalfEven(-0.7) === -1);
 * ```
 */
export function roundHalfEven(x: number): number {
  const down = Math.floor(x);
  const rest = x - down;
  if (rest !== 0.5) return rest < 0.5 ? down : down + 1;
  return down % 2 === 0 ? down : down + 1;
}

const WORD = new Float64Array(1);
const BITS = new BigInt64Array(WORD.buffer);

/** The next float64 below a finite `x`. */
export function nextDown(x: number): number {
  if (x === 0) return -Number.MIN_VALUE;
  WORD[0] = x;
  BITS[0] = BITS[0]! + (x > 0 ? -1n : 1n);
  return WORD[0];
}

/** `x`, or the bound that it passes. */
export function clip(x: number, low: number, high: number): number {
  return Math.min(Math.max(x, low), high);
}

/** The index of the first largest value; the first NaN counts as largest, as in numpy. */
export function argmax(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i])) return i;
    if (values[i]! > values[best]!) best = i;
  }
  return best;
}
