import { OptionError } from "../../errors.ts";
import { count, isCallable, like, optional, required, type Taken, takeOptions } from "../../options.ts";
import { argmax } from "../numeric/floats.ts";
import { RandomState } from "../numeric/random_state.ts";
import { type Distribution, type ParamValue, type SearchSpace, toExternal } from "../study/distribution.ts";
import type { FrozenTrial } from "../study/frozen_trial.ts";
import type { Study } from "../study/study.ts";
import { IntersectionSpace } from "./intersection_space.ts";
import { observationsOf, observe, splitObservations, weightsBelow } from "./observations.ts";
import { ParzenEstimator } from "./parzen_estimator.ts";
import { RandomSampler } from "./random_sampler.ts";
import type { ParamValues, Sampler } from "./sampler.ts";

/** What {@linkcode TPESampler} takes. */
export interface TPESamplerOptions {
  /** Equal seeds draw equal values; null for a new one each time. @default null */
  seed?: number | null;
  /** Whether a wide kernel over the whole range is added to both densities. @default true */
  considerPrior?: boolean;
  /** The weight of that kernel; observations weigh about 1. @default 1 */
  priorWeight?: number;
  /** Whether kernels keep a least width that shrinks with their number. @default true */
  considerMagicClip?: boolean;
  /** Whether the outermost kernels reach to the ends of the range. @default false */
  considerEndpoints?: boolean;
  /** Trials that are drawn at random first. @default 10 */
  nStartupTrials?: number;
  /** Points drawn from the density of good trials, of which the best is taken. @default 24 */
  nEiCandidates?: number;
  /** Whether parameters that every trial has are drawn together. @default false */
  multivariate?: boolean;
  /** Whether to warn where `multivariate` cannot draw a parameter together with others. @default true */
  warnIndependentSampling?: boolean;
  /** Whether to keep away from trials that are still running. @default false */
  constantLiar?: boolean;
  /** How many of `n` trials count as good. @default a tenth, at most 25 */
  gamma?: (n: number) => number;
  /** The weights of `n` trials, oldest first. @default 1 for the last 25, less for those before */
  weights?: (n: number) => readonly number[];
}

/**
 * The tree-structured Parzen estimator: one density for the parameters of good trials, one for the others, and of some
 * points drawn from the first the one where their ratio is largest. Several objectives are ranked by non-domination
 * and hypervolume.
 *
 * Source: Bergstra et al. 2011, Ozaki et al. 2020; `optuna.samplers.TPESampler` of Optuna 2.10.1, whose values equal
 * seeds draw: choices and integers exactly, floats to about 12 digits. Where two candidates are equally good, Optuna's
 * own choice depends on the processor, through the order in which numpy sorts and OpenBLAS adds; this is the one it
 * makes without vector code, `NPY_DISABLE_CPU_FEATURES="X86_V3 X86_V4 AVX512_ICL" OPENBLAS_CORETYPE=Prescott`.
 *
 * @example
 * ```ts
 * import { createStudy } from "../study/study.ts";
 * import { TPESampler } from "./tpe_sampler.ts";
 * const study = createStudy({ sampler: new TPESampler({ seed: 1, nStartupTrials: 5 }) });
 * study.optimize((trial) => Math.abs(trial.suggestFloat("lr", 1e-5, 1, { log: true }) - 1e-3), { nTrials: 40 });
 * console.assert(study.bestTrial.values![0]! < 1e-3);
 * ```
 */
export class TPESampler implements Sampler {
  readonly #options: Taken<TPESamplerOptions>;
  readonly #random: RandomState;
  readonly #startup: RandomSampler;
  readonly #space = new IntersectionSpace(true);

  constructor(options: TPESamplerOptions = {}) {
    const o = takeOptions<TPESamplerOptions>("sweep.TPESampler", options, {
      seed: optional(count(required)),
      considerPrior: true,
      priorWeight: 1,
      considerMagicClip: true,
      considerEndpoints: false,
      nStartupTrials: 10,
      nEiCandidates: 24,
      multivariate: false,
      warnIndependentSampling: true,
      constantLiar: false,
      gamma: like("give a function", isCallable, defaultGamma),
      weights: like("give a function", isCallable, defaultWeights),
    });
    if (!(Number.isInteger(o.nEiCandidates) && o.nEiCandidates > 0)) {
      throw new OptionError(`sweep.TPESampler cannot choose among ${o.nEiCandidates} candidates`, {
        fix: "give n_ei_candidates of 1 or more",
      });
    }
    this.#options = o;
    this.#random = new RandomState(o.seed);
    this.#startup = new RandomSampler({ seed: o.seed });
  }

  /** With `multivariate`, the parameters that every trial has had so far. */
  inferRelativeSearchSpace(study: Study): SearchSpace {
    return this.#options.multivariate ? this.#space.of(study) : new Map();
  }

  /** Draws the parameters of `space` together, once there are enough trials to learn from. */
  sampleRelative(study: Study, _trial: FrozenTrial, space: SearchSpace): ParamValues {
    return space.size === 0 ? new Map() : this.#sample(study, space) ?? new Map();
  }

  /** Draws one parameter, at random as long as there are few trials. */
  sampleIndependent(study: Study, trial: FrozenTrial, name: string, distribution: Distribution): ParamValue {
    const drawn = this.#sample(study, new Map([[name, distribution]]), (count) => {
      const { multivariate, warnIndependentSampling, nStartupTrials } = this.#options;
      if (!multivariate || !warnIndependentSampling || count < Math.max(nStartupTrials, 1)) return;
      study.log.warning(
        `The parameter '${name}' of trial#${trial.number} is drawn on its own and not together with the others, ` +
          "because not every trial has it. Set warn_independent_sampling to false if that is intended.",
      );
    });
    // Not by `??`: a choice may be null.
    return drawn === undefined
      ? this.#startup.sampleIndependent(study, trial, name, distribution)
      : drawn.get(name)!;
  }

  /** The best of some points drawn from the density of good trials; `undefined` where there are too few trials. */
  #sample(
    study: Study,
    space: SearchSpace,
    notice?: (count: number) => void,
  ): ReadonlyMap<string, ParamValue> | undefined {
    const o = this.#options;
    const observed = observe(study, [...space.keys()], o);
    const count = observed.scores.length;
    notice?.(count);
    if (count < o.nStartupTrials) return undefined;
    const { below, above } = splitObservations(observed.scores, Math.min(o.gamma(count), count));
    const weights = study.isMultiObjective ? weightsBelow(observed, below) : undefined;
    const good = new ParzenEstimator(observationsOf(observed, below), space, o, weights);
    const rest = new ParzenEstimator(observationsOf(observed, above), space, o);
    const samples = good.sample(this.#random, o.nEiCandidates);
    const goodLogs = good.logPdf(samples);
    const restLogs = rest.logPdf(samples);
    const best = argmax(goodLogs.map((value, i) => value - restLogs[i]!));
    return new Map([...space].map(([name, distribution]) => {
      return [name, toExternal(distribution, samples.get(name)![best]!)];
    }));
  }
}

function defaultGamma(n: number): number {
  return Math.min(Math.ceil(0.1 * n), 25);
}

/** Trials that keep their full weight. */
const RECENT = 25;

function defaultWeights(n: number): number[] {
  if (n < RECENT) return new Array<number>(n).fill(1);
  const ramp = linspace(1 / n, 1, n - RECENT);
  return [...ramp, ...new Array<number>(RECENT).fill(1)];
}

function linspace(from: number, to: number, count: number): number[] {
  const step = (to - from) / (count - 1);
  return Array.from(
    { length: count },
    (_, i) => i > 0 && i === count - 1 ? to : count > 1 ? i * step + from : from,
  );
}
