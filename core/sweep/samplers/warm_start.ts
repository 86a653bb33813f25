import type { CmaOptions, Solution } from "./evolution.ts";

/** The share of the best solutions that are learnt from. */
const GAMMA = 0.1;
/** How wide the distribution is at least. */
const ALPHA = 0.1;

/**
 * Where CMA-ES should begin, given solutions of a similar task: the normal distribution of the best tenth.
 *
 * Source: Nomura et al. 2021, "Warm Starting CMA-ES for Hyperparameter Optimization".
 *
 * @param solutions At least ten.
 */
export function warmStart(
  solutions: readonly Solution[],
): Required<Pick<CmaOptions, "mean" | "sigma" | "covariance">> {
  const sorted = solutions.toSorted((a, b) => a.loss - b.loss);
  const best = sorted.slice(0, Math.floor(sorted.length * GAMMA)).map(({ point }) => point);
  const n = best[0]!.length;
  const average = (f: (point: readonly number[]) => number): number => {
    return best.reduce((total, point) => total + f(point), 0) / best.length;
  };
  const mean = Array.from({ length: n }, (_, i) => average((point) => point[i]!));
  const spread = mean.map((a, i) =>
    mean.map((b, j) => (i === j ? ALPHA ** 2 : 0) + average((point) => point[i]! * point[j]!) - a * b)
  );
  const volume = determinant(spread);
  const scale = volume ** (1 / n);
  return {
    mean,
    sigma: volume ** (1 / 2 / n),
    covariance: spread.map((row) => row.map((value) => value / scale)),
  };
}

/** By Gaussian elimination with the largest pivot. */
function determinant(matrix: readonly (readonly number[])[]): number {
  const a = matrix.map((row) => [...row]);
  let result = 1;
  for (let k = 0; k < a.length; k++) {
    let pivot = k;
    for (let i = k + 1; i < a.length; i++) if (Math.abs(a[i]![k]!) > Math.abs(a[pivot]![k]!)) pivot = i;
    if (pivot !== k) {
      [a[k], a[pivot]] = [a[pivot]!, a[k]!];
      result = -result;
    }
    result *= a[k]![k]!;
    for (let i = k + 1; i < a.length; i++) {
      const factor = a[i]![k]! / a[k]![k]!;
      for (let j = k; j < a.length; j++) a[i]![j] = a[i]![j]! - factor * a[k]![j]!;
    }
  }
  return result;
}
