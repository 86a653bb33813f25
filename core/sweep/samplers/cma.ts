import { sum } from "../numeric/numpy_order.ts";
import type { RandomState } from "../numeric/random_state.ts";
import { type Matrix, symmetricEigen } from "../numeric/symmetric_eigen.ts";
import { defaultPopulation, type Rates, ratesOf } from "./cma_rates.ts";
import {
  type CmaOptions,
  drawInside,
  follow,
  hasSteadyPath,
  meanStep,
  norm,
  type Solution,
} from "./evolution.ts";

/** Keeps divisors and roots away from zero. */
const EPS = 1e-8;
const LARGEST_SIGMA = 1e32;

/** What changes from generation to generation. */
export interface CmaState {
  mean: number[];
  sigma: number;
  covariance: number[][];
  /** The evolution path of the step size. */
  stepPath: number[];
  /** The evolution path of the covariance. */
  path: number[];
  generation: number;
  /** The best and the worst loss of the last generations, in turn. */
  history: number[];
  /** Below this width in every direction the search has ended. */
  leastWidth: number;
}

/** The covariance as `b · diag(d²) · bᵀ`. */
export interface Decomposition {
  /** Eigenvectors of the covariance, one per column. */
  readonly b: Matrix;
  /** Square roots of its eigenvalues. */
  readonly d: readonly number[];
}

/**
 * The covariance matrix adaptation evolution strategy, asked for points and told losses, with active (negative)
 * weights and bounds kept by drawing again.
 *
 * Source: Hansen 2016, "The CMA Evolution Strategy: A Tutorial" (equation numbers below); steps in the order of
 * `cmaes.CMA` 0.13.1.
 */
export class CMA {
  readonly low: readonly number[];
  readonly high: readonly number[];
  readonly populationSize: number;
  readonly state: CmaState;
  readonly rates: Rates;
  /** Of the present covariance, where it has been asked for. */
  decomposition: Decomposition | undefined;

  /** @param state Where to go on; without it, at the start. */
  constructor(options: CmaOptions, state?: CmaState, decomposition?: Decomposition) {
    const n = options.mean.length;
    this.decomposition = decomposition;
    this.low = options.low;
    this.high = options.high;
    this.populationSize = options.populationSize ?? defaultPopulation(n);
    this.rates = ratesOf(n, this.populationSize);
    this.state = state ?? {
      mean: [...options.mean],
      sigma: options.sigma,
      covariance: (options.covariance ?? unit(n)).map((row) => [...row]),
      stepPath: new Array<number>(n).fill(0),
      path: new Array<number>(n).fill(0),
      generation: 0,
      history: new Array<number>(2 * this.rates.historyTerm).fill(0),
      leastWidth: 1e-12 * options.sigma,
    };
  }

  /** Number of parameters. */
  get dimension(): number {
    return this.low.length;
  }

  /** Counts from 0. */
  get generation(): number {
    return this.state.generation;
  }

  /** A point inside the bounds: after ten draws per dimension outside, one is moved to the bounds. */
  ask(random: RandomState): number[] {
    return drawInside(() => this.#draw(random), this);
  }

  /** Learns from a generation of `populationSize` solutions. */
  tell(solutions: readonly Solution[]): void {
    const { state, rates, dimension: n } = this;
    const { weights, muEff, parents } = rates;
    const { b, d } = this.#decompose();
    this.decomposition = undefined;
    state.generation++;
    const sorted = solutions.toSorted((x, y) => x.loss - y.loss);
    remember(state, sorted, rates.historyTerm);
    const steps = sorted.map(({ point }) => point.map((x, i) => (x - state.mean[i]!) / state.sigma));
    const step = meanStep(steps.slice(0, parents), weights); // (41)
    state.mean = state.mean.map((x, i) => x + state.sigma * step[i]!);

    const inverseRoot = product(scaleColumns(b, d.map((x) => 1 / x)), transpose(b));
    state.stepPath = follow(state.stepPath, apply(inverseRoot, step), rates.cSigma, muEff);
    const length = norm(state.stepPath);
    state.sigma *= Math.exp((rates.cSigma / rates.dSigma) * (length / rates.chiN - 1));
    state.sigma = Math.min(state.sigma, LARGEST_SIGMA);
    const isSteady = hasSteadyPath(length, state.generation, n, rates);
    state.path = follow(state.path, step, rates.cc, muEff, isSteady ? 1 : 0); // (45)

    const active = weights.map((weight, k) => { // (46)
      return weight >= 0 ? weight : weight * n / (norm(apply(inverseRoot, steps[k]!)) ** 2 + EPS);
    });
    const stalled = (isSteady ? 0 : 1) * rates.cc * (2 - rates.cc);
    const keep = 1 + rates.c1 * stalled - rates.c1 - rates.cmu * sum(weights);
    state.covariance = state.covariance.map((row, i) =>
      // (47)
      row.map((value, j) => {
        let rankMu = 0;
        for (const [k, y] of steps.entries()) rankMu += active[k]! * (y[i]! * y[j]!);
        return keep * value + rates.c1 * (state.path[i]! * state.path[j]!) + rates.cmu * rankMu;
      })
    );
  }

  /** Whether going on would change nothing, or has lost its way. */
  shouldStop(): boolean {
    const { state, rates } = this;
    const { b, d } = this.#decompose();
    const variances = state.covariance.map((row, i) => row[i]!);
    const axis = state.generation % this.dimension;
    return hasEnded(state, rates.historyTerm, {
      variances,
      widths: d,
      axisSteps: b.map((row) => d[axis]! * row[axis]!),
    });
  }

  #draw(random: RandomState): number[] {
    const { mean, sigma } = this.state;
    const { b, d } = this.#decompose();
    const z = mean.map(() => random.randn());
    return apply(scaleColumns(b, d), z).map((y, i) => mean[i]! + sigma * y);
  }

  #decompose(): Decomposition {
    if (this.decomposition !== undefined) return this.decomposition;
    const c = this.state.covariance;
    const symmetric = c.map((row, i) => row.map((value, j) => (value + c[j]![i]!) / 2));
    const { values, vectors } = symmetricEigen(symmetric);
    const d = values.map((value) => Math.sqrt(value < 0 ? EPS : value));
    this.state.covariance = product(scaleColumns(vectors, d.map((x) => x * x)), transpose(vectors));
    return this.decomposition = { b: vectors, d };
  }
}

/** Keeps the best and the worst loss of a generation. */
function remember(state: CmaState, sorted: readonly Solution[], term: number): void {
  const at = 2 * (state.generation % term);
  state.history[at] = sorted[0]!.loss;
  state.history[at + 1] = sorted.at(-1)!.loss;
}

/** Lengths that say whether a search has ended. */
interface Spread {
  /** The covariance's diagonal. */
  readonly variances: readonly number[];
  /** Widths along the principal axes. */
  readonly widths: readonly number[];
  /** One principal axis, as long as it is wide. */
  readonly axisSteps: readonly number[];
}

function hasEnded(state: CmaState, term: number, { variances, widths, axisSteps }: Spread): boolean {
  const { mean, sigma, path, generation, history, leastWidth } = state;
  const widest = Math.max(...widths);
  return (generation > term && Math.max(...history) - Math.min(...history) < 1e-12) ||
    (variances.every((x) => sigma * x < leastWidth) && path.every((x) => sigma * x < leastWidth)) ||
    sigma * widest > 1e4 ||
    variances.some((x, i) => mean[i] === mean[i]! + 0.2 * sigma * Math.sqrt(x)) ||
    axisSteps.every((x, i) => mean[i] === mean[i]! + 0.1 * sigma * x) ||
    widest / Math.min(...widths) > 1e14;
}

function unit(n: number): number[][] {
  return Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => i === j ? 1 : 0));
}

function transpose(matrix: Matrix): number[][] {
  return matrix[0]!.map((_, j) => matrix.map((row) => row[j]!));
}

function scaleColumns(matrix: Matrix, scales: readonly number[]): number[][] {
  return matrix.map((row) => row.map((value, j) => value * scales[j]!));
}

function product(a: Matrix, b: Matrix): number[][] {
  return a.map((row) => b[0]!.map((_, j) => row.reduce((total, value, k) => total + value * b[k]![j]!, 0)));
}

function apply(matrix: Matrix, vector: readonly number[]): number[] {
  return matrix.map((row) => row.reduce((total, value, j) => total + value * vector[j]!, 0));
}
