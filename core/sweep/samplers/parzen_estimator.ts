import { clip, roundHalfEven } from "../numeric/floats.ts";
import { erf, truncatedNormal } from "../numeric/normal.ts";
import { argsortNumbers, sum } from "../numeric/numpy_order.ts";
import type { RandomState } from "../numeric/random_state.ts";
import type { NumericalDistribution, SearchSpace } from "../study/distribution.ts";
import { bounds, isLog } from "./space_transform.ts";

const EPS = 1e-12;
/** Width of the kernels of the multivariate estimator, as a share of the range; the BOHB paper's rule scales it. */
const SIGMA0_MAGNITUDE = 0.2;

/** How a {@linkcode ParzenEstimator} is shaped. */
export interface ParzenOptions {
  /** Whether a wide kernel over the whole range is added. */
  readonly considerPrior: boolean;
  /** The weight of that kernel; observations weigh about 1. */
  readonly priorWeight: number;
  /** Whether kernels keep a least width that shrinks with their number. */
  readonly considerMagicClip: boolean;
  /** Whether the outermost kernels reach to the ends of the range. */
  readonly considerEndpoints: boolean;
  /** The weights of `n` observations, oldest first. */
  readonly weights: (n: number) => readonly number[];
  /** Whether all kernels of a parameter have the same width. */
  readonly multivariate: boolean;
}

/** Internal values by the parameter's name, one per observation. */
export type Observations = ReadonlyMap<string, readonly number[]>;

/** The kernels of a numerical parameter, one per observation, in the box of `bounds`. */
interface NormalKernels {
  readonly low: number;
  readonly high: number;
  /** The step, or null for a parameter that has none. */
  readonly q: number | null;
  readonly mus: readonly number[];
  readonly sigmas: readonly number[];
}

/** The kernels of a categorical parameter: a probability of each choice, per observation. */
type ChoiceKernels = readonly (readonly number[])[];

/**
 * A density over a search space: a mixture with one kernel per observation.
 *
 * Source: Bergstra et al. 2011, as in `optuna.samplers._tpe` of Optuna 2.10.1; multivariate as in Falkner et al. 2018.
 */
export class ParzenEstimator {
  readonly #space: SearchSpace;
  readonly #weights: readonly number[];
  readonly #kernels = new Map<string, NormalKernels | ChoiceKernels>();

  /** @param weights A weight per observation; without them the options' own. */
  constructor(
    observations: Observations,
    space: SearchSpace,
    options: ParzenOptions,
    weights?: readonly number[],
  ) {
    this.#space = space;
    const count = observations.values().next().value!.length;
    const shape = { ...options, considerPrior: options.considerPrior || count === 0 };
    this.#weights = mixtureWeights(weights ?? options.weights(count), count, shape);
    for (const [name, distribution] of space) {
      const observed = observations.get(name)!;
      const kernels = distribution.name === "CategoricalDistribution"
        ? choiceKernels(observed, distribution.choices.length, shape)
        : normalKernels(observed, distribution, space.size, shape);
      this.#kernels.set(name, kernels);
    }
  }

  /** Draws `count` points: internal values by the parameter's name. */
  sample(random: RandomState, count: number): Map<string, number[]> {
    const active = random.choice(count, this.#weights);
    const samples = new Map<string, number[]>();
    for (const [name, distribution] of this.#space) {
      const kernels = this.#kernels.get(name)!;
      const drawn = isNormal(kernels)
        ? sampleNormals(random, kernels, active).map((x) => fromBox(distribution as NumericalDistribution, x))
        : sampleChoices(random, kernels, active);
      samples.set(name, drawn);
    }
    return samples;
  }

  /** The logarithm of the density at each of the points. */
  logPdf(samples: Observations): number[] {
    const only = this.#space.size === 1 ? this.#kernels.values().next().value! : undefined;
    const count = samples.values().next().value!.length;
    if (only !== undefined && !isNormal(only)) {
      const logs = marginals(only, this.#weights).map(Math.log);
      return [...samples.values().next().value!].map((index) => logs[index]!);
    }
    const logWeights = this.#weights.map(Math.log);
    const terms = Array.from({ length: count }, () => new Float64Array(logWeights.length));
    for (const [name, distribution] of this.#space) {
      const kernels = this.#kernels.get(name)!;
      const values = samples.get(name)!;
      if (isNormal(kernels)) {
        const places = isLog(distribution) ? values.map(Math.log) : values;
        addNormalLogs(terms, kernels, places);
      } else {
        for (const [i, row] of terms.entries()) {
          for (let k = 0; k < row.length; k++) row[k]! += Math.log(kernels[k]![values[i]!]!);
        }
      }
    }
    return terms.map((row) => logSumExp(row.map((term, k) => term + logWeights[k]!)));
  }
}

function isNormal(kernels: NormalKernels | ChoiceKernels): kernels is NormalKernels {
  return !Array.isArray(kernels);
}

function mixtureWeights(given: readonly number[], count: number, options: ParzenOptions): number[] {
  const weights = given.slice(0, count);
  if (options.considerPrior) weights.push(options.priorWeight);
  const total = sum(weights);
  return weights.map((weight) => weight / total);
}

function choiceKernels(observed: readonly number[], choices: number, options: ParzenOptions): ChoiceKernels {
  const count = observed.length + (options.considerPrior ? 1 : 0);
  const base = options.priorWeight / count;
  return Array.from({ length: count }, (_, i) => {
    const row = new Array<number>(choices).fill(base);
    const seen = observed[i];
    if (seen !== undefined) row[seen]! += 1;
    const total = sum(row);
    return row.map((value) => value / total);
  });
}

function normalKernels(
  observed: readonly number[],
  distribution: NumericalDistribution,
  dimensions: number,
  options: ParzenOptions,
): NormalKernels {
  const [low, high] = bounds(distribution);
  const range = high - low;
  const mus = isLog(distribution) ? observed.map(Math.log) : [...observed];
  if (options.considerPrior) mus.push(0.5 * (low + high));
  const widths = options.multivariate
    ? mus.map(() => SIGMA0_MAGNITUDE * Math.max(observed.length, 1) ** (-1 / (dimensions + 4)) * range)
    : neighbourDistances(mus, low, high, options.considerEndpoints);
  const least = options.considerMagicClip ? range / Math.min(100, 1 + mus.length) : EPS;
  const sigmas = widths.map((width) => clip(width, least, range));
  if (options.considerPrior) sigmas[observed.length] = range;
  const q = distribution.name === "IntUniformDistribution"
    ? distribution.step
    : distribution.name === "DiscreteUniformDistribution"
    ? distribution.q
    : null;
  return { low, high, q, mus, sigmas };
}

/** For each of `mus` the distance to the farther of its two neighbours. */
function neighbourDistances(mus: readonly number[], low: number, high: number, endpoints: boolean): number[] {
  const order = argsortNumbers(mus);
  const sorted = [low, ...Array.from(order, (i) => mus[i]!), high];
  const distances = new Array<number>(mus.length);
  for (const [k, i] of order.entries()) {
    distances[i] = Math.max(sorted[k + 1]! - sorted[k]!, sorted[k + 2]! - sorted[k + 1]!);
  }
  if (!endpoints && mus.length >= 2) {
    distances[order[0]!] = sorted[2]! - sorted[1]!;
    distances[order.at(-1)!] = sorted.at(-2)! - sorted.at(-3)!;
  }
  return distances;
}

function sampleNormals(random: RandomState, kernels: NormalKernels, active: Int32Array): number[] {
  const { low, high, mus, sigmas } = kernels;
  const drawn = new Array<number>(active.length).fill(Infinity);
  do {
    // Where rounding puts one draw onto the upper bound, all are drawn again, and the good ones stay.
    for (const [i, k] of active.entries()) {
      const value = truncatedNormal(random, { mean: mus[k]!, sigma: sigmas[k]!, low, high });
      if (!(drawn[i]! < high)) drawn[i] = value;
    }
  } while (drawn.some((value) => value >= high));
  return drawn;
}

function sampleChoices(random: RandomState, kernels: ChoiceKernels, active: Int32Array): number[] {
  return Array.from(active, (k) => {
    const quantile = random.rand();
    let index = 0;
    let total = 0;
    for (const probability of kernels[k]!) {
      total += probability;
      if (total < quantile) index++;
    }
    return index;
  });
}

/** The internal value for a place in the box. */
function fromBox(distribution: NumericalDistribution, place: number): number {
  const { low, high } = distribution;
  switch (distribution.name) {
    case "UniformDistribution":
      return place;
    case "LogUniformDistribution":
      return Math.exp(place);
    case "DiscreteUniformDistribution":
      return clip(roundHalfEven((place - low) / distribution.q) * distribution.q + low, low, high);
    case "IntUniformDistribution":
      return clip(roundHalfEven((place - low) / distribution.step) * distribution.step + low, low, high);
    case "IntLogUniformDistribution":
      return clip(roundHalfEven(Math.exp(place)), low, high);
  }
}

/** The probability of each choice over all kernels, added from the first to the last: see numpy_order.ts. */
function marginals(kernels: ChoiceKernels, weights: readonly number[]): number[] {
  return kernels[0]!.map((_, choice) => {
    let total = 0;
    for (const [k, row] of kernels.entries()) total += row[choice]! * weights[k]!;
    return total;
  });
}

function addNormalLogs(
  terms: readonly Float64Array[],
  kernels: NormalKernels,
  places: readonly number[],
): void {
  const { low, high, q, mus, sigmas } = kernels;
  for (const [k, mu] of mus.entries()) {
    const sigma = sigmas[k]!;
    const cdf = (x: number): number => 0.5 * (1 + erf((x - mu) / Math.max(Math.SQRT2 * sigma, EPS)));
    const inside = cdf(high) - cdf(low);
    const logScale = Math.log(1 / (Math.sqrt(2 * Math.PI) * sigma) / inside);
    for (const [i, row] of terms.entries()) {
      const x = places[i]!;
      if (q === null) {
        const distance = (x - mu) / Math.max(sigma, EPS);
        row[k]! += -0.5 * distance * distance + logScale;
      } else {
        const mass = cdf(Math.min(x + q / 2, high)) - cdf(Math.max(x - q / 2, low));
        row[k]! += Math.log(mass + EPS) - Math.log(inside + EPS);
      }
    }
  }
}

function logSumExp(terms: Float64Array): number {
  const largest = terms.reduce((a, b) => Math.max(a, b), -Infinity);
  if (!Number.isFinite(largest)) return largest;
  return largest + Math.log(sum(terms.map((term) => Math.exp(term - largest))));
}
