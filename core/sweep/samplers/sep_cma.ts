import { sum } from "../numeric/numpy_order.ts";
import type { RandomState } from "../numeric/random_state.ts";
import { damping, defaultPopulation, expectedLength } from "./cma_rates.ts";
import {
  type CmaOptions,
  drawInside,
  follow,
  hasSteadyPath,
  meanStep,
  norm,
  type Solution,
} from "./evolution.ts";

/**
 * CMA-ES with a diagonal covariance: it learns faster in many dimensions, but only along the axes.
 *
 * Source: Ros and Hansen 2008; steps in the order of `cmaes.SepCMA` 0.13.1.
 */
export class SepCMA {
  readonly populationSize: number;
  #mean: number[];
  #sigma: number;
  #variances: number[];
  #stepPath: number[];
  #path: number[];
  #generation = 0;
  readonly #options: CmaOptions;

  constructor(options: CmaOptions) {
    const n = options.mean.length;
    this.#options = options;
    this.populationSize = options.populationSize ?? defaultPopulation(n);
    this.#mean = [...options.mean];
    this.#sigma = options.sigma;
    this.#variances = new Array<number>(n).fill(1);
    this.#stepPath = new Array<number>(n).fill(0);
    this.#path = new Array<number>(n).fill(0);
  }

  /** Number of parameters. */
  get dimension(): number {
    return this.#mean.length;
  }

  /** Counts from 0. */
  get generation(): number {
    return this.#generation;
  }

  /** A point inside the bounds. */
  ask(random: RandomState): number[] {
    return drawInside(() => {
      const z = this.#mean.map(() => random.randn());
      return this.#mean.map((x, i) => x + this.#sigma * (Math.sqrt(this.#variances[i]!) * z[i]!));
    }, this.#options);
  }

  /** Learns from a generation of `populationSize` solutions. */
  tell(solutions: readonly Solution[]): void {
    const n = this.dimension;
    const { weights, muEff, c1, cmu, cc, cSigma, dSigma, chiN } = rates(n, this.populationSize);
    this.#generation++;
    const sorted = solutions.toSorted((x, y) => x.loss - y.loss);
    const steps = sorted.slice(0, weights.length)
      .map(({ point }) => point.map((x, i) => (x - this.#mean[i]!) / this.#sigma));
    const step = meanStep(steps, weights);
    this.#mean = this.#mean.map((x, i) => x + this.#sigma * step[i]!);
    const straight = step.map((x, i) => x / Math.sqrt(this.#variances[i]!));
    this.#stepPath = follow(this.#stepPath, straight, cSigma, muEff);
    const length = norm(this.#stepPath);
    this.#sigma *= Math.exp((cSigma / dSigma) * (length / chiN - 1));
    const isSteady = hasSteadyPath(length, this.#generation, n, { cSigma, chiN });
    this.#path = follow(this.#path, step, cc, muEff, isSteady ? 1 : 0);
    const keep = 1 + c1 * (isSteady ? 0 : 1) * cc * (2 - cc) - c1 - cmu * sum(weights);
    this.#variances = this.#variances.map((value, i) => {
      const rankMu = steps.reduce((total, y, k) => total + weights[k]! * y[i]! ** 2, 0);
      return keep * value + c1 * this.#path[i]! ** 2 + cmu * rankMu;
    });
  }
}

function rates(n: number, size: number) {
  const parents = Math.floor(size / 2);
  const raw = Array.from({ length: parents }, (_, i) => Math.log(parents + 1) - Math.log(i + 1));
  const total = raw.reduce((a, b) => a + b, 0);
  const weights = raw.map((x) => x / total);
  const muEff = 1 / weights.reduce((a, b) => a + b * b, 0);
  const full = 2 / muEff / (n + Math.SQRT2) ** 2 +
    (1 - 1 / muEff) * Math.min(1, (2 * muEff - 1) / ((n + 2) ** 2 + muEff));
  const cSigma = (muEff + 2) / (n + muEff + 3);
  return {
    weights,
    muEff,
    c1: 2 / ((n + 1.3) ** 2 + muEff),
    cmu: (n + 2) / 3 * full,
    cc: 4 / (n + 4),
    cSigma,
    dSigma: damping(muEff, n, cSigma),
    chiN: expectedLength(n),
  };
}
