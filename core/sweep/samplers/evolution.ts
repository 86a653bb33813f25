/** What evolution strategies with a full and with a diagonal covariance share. @module */
import { sum } from "../numeric/numpy_order.ts";
import type { Matrix } from "../numeric/symmetric_eigen.ts";

/** What an evolution strategy learns from: a point and its loss. */
export interface Solution {
  readonly point: readonly number[];
  readonly loss: number;
}

/** Where an evolution strategy starts. */
export interface CmaOptions {
  readonly mean: readonly number[];
  readonly sigma: number;
  /** The first covariance. @default the unit matrix */
  readonly covariance?: Matrix;
  readonly low: readonly number[];
  readonly high: readonly number[];
  /** @default 4 + ⌊3 ln n⌋ */
  readonly populationSize?: number | undefined;
}

/** Draws until a point is inside the bounds; after ten draws per dimension, one is moved there. */
export function drawInside(
  draw: () => number[],
  { low, high }: { readonly low: readonly number[]; readonly high: readonly number[] },
): number[] {
  for (let i = 0; i < 10 * low.length; i++) {
    const point = draw();
    if (point.every((x, k) => x >= low[k]! && x <= high[k]!)) return point;
  }
  return draw().map((x, k) => x < low[k]! ? low[k]! : x > high[k]! ? high[k]! : x);
}

/** The weighted sum of the best steps. */
export function meanStep(steps: readonly (readonly number[])[], weights: readonly number[]): number[] {
  return steps[0]!.map((_, i) => sum(steps.map((step, k) => step[i]! * weights[k]!)));
}

/** An evolution path goes on by `step`, or only fades where `share` is 0. */
export function follow(
  path: readonly number[],
  step: readonly number[],
  rate: number,
  muEff: number,
  share = 1,
): number[] {
  const scale = share * Math.sqrt(rate * (2 - rate) * muEff);
  return path.map((x, i) => (1 - rate) * x + scale * step[i]!);
}

/** Whether the path of the step size is not so long that the covariance should wait. */
export function hasSteadyPath(
  length: number,
  generation: number,
  n: number,
  { cSigma, chiN }: { readonly cSigma: number; readonly chiN: number },
): boolean {
  return length / Math.sqrt(1 - (1 - cSigma) ** (2 * (generation + 1))) < (1.4 + 2 / (n + 1)) * chiN;
}

/** The length of a vector. */
export function norm(vector: readonly number[]): number {
  return Math.sqrt(vector.reduce((total, x) => total + x * x, 0));
}
