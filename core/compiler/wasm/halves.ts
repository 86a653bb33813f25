import type { FunctionBody, Local } from "./assembler.ts";

/** Four lanes as pairs of wide ones: what works on doubles or 64-bit numbers does so twice. */

/** Puts the low halves of two vectors together. */
export function joinLow(f: FunctionBody, a: Local, b: Local): Local {
  return f.shuffleWords(a, b, [0, 1, 4, 5]);
}

/** Lanes 2 and 3 in the place of 0 and 1. */
export function upper(f: FunctionBody, x: Local): Local {
  return f.shuffleWords(x, x, [2, 3, 2, 3]);
}

/** Both words of the 64-bit products of four u32 lanes. */
export function wideProduct(f: FunctionBody, x: Local, y: Local): { low: Local; high: Local } {
  const a = f.v("i64x2.extmul_low_i32x4_u", x, y);
  const b = f.v("i64x2.extmul_high_i32x4_u", x, y);
  return { low: f.shuffleWords(a, b, [0, 2, 4, 6]), high: f.shuffleWords(a, b, [1, 3, 5, 7]) };
}
