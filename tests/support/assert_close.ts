import assert from "node:assert/strict";
import type { DType } from "../../core/tensor/mod.ts";

/** How far a result may be from torch's. */
export interface Tolerance {
  readonly relative: number;
  readonly absolute: number;
}

/**
 * The one table of tolerances: f32 allows a handful of roundings on either side, f16 two of its own (it keeps 11
 * bits); whole numbers and bool are exact.
 */
export const TOLERANCES: Readonly<Record<DType, Tolerance>> = {
  f32: { relative: 4e-6, absolute: 1e-6 },
  f16: { relative: 2e-3, absolute: 2e-3 },
  i32: { relative: 0, absolute: 0 },
  u32: { relative: 0, absolute: 0 },
  u8: { relative: 0, absolute: 0 },
  bool: { relative: 0, absolute: 0 },
};

/**
 * Compares elements; NaN equals NaN, infinities are exact.
 *
 * @param terms How many rounded terms a result adds up: absolute errors grow with their root.
 */
export function assertClose(
  actual: ArrayLike<number>,
  expected: readonly number[],
  dtype: DType,
  label: string,
  terms = 1,
): void {
  const problem = firstDifference(actual, expected, dtype, label, terms);
  assert.equal(problem, null, problem ?? "");
}

/** What is wrong with the first element that is too far away, or `null`. */
export function firstDifference(
  actual: ArrayLike<number>,
  expected: readonly number[],
  dtype: DType,
  label: string,
  terms = 1,
): string | null {
  if (actual.length !== expected.length) {
    return `${label}: ${actual.length} values instead of ${expected.length}`;
  }
  const { relative, absolute } = TOLERANCES[dtype];
  for (const [i, wanted] of expected.entries()) {
    const value = actual[i]!;
    if (value === wanted || (value !== value && wanted !== wanted)) continue;
    const limit = absolute * Math.sqrt(terms) + relative * Math.abs(wanted);
    if (Number.isFinite(wanted) && Math.abs(value - wanted) <= limit) continue;
    return `${label}[${i}]: ${value} instead of ${wanted}`;
  }
  return null;
}
