import { OptionError, ValueError } from "../../errors.ts";
import {
  choice,
  count,
  isRecord,
  like,
  list,
  number,
  oneOf,
  optional,
  record,
  required,
  type Taken,
  takeOptions,
} from "../../options.ts";
import { RandomState } from "../numeric/random_state.ts";
import type { Distribution, ParamValue, SearchSpace } from "../study/distribution.ts";
import { type FrozenTrial, lastReport, type TrialState } from "../study/frozen_trial.ts";
import type { Study } from "../study/study.ts";
import { CMA } from "./cma.ts";
import { cmaText, parseCma } from "./cma_pickle.ts";
import type { CmaOptions } from "./evolution.ts";
import { IntersectionSpace } from "./intersection_space.ts";
import { RandomSampler } from "./random_sampler.ts";
import { type ParamValues, type Sampler, samplerRule } from "./sampler.ts";
import { SepCMA } from "./sep_cma.ts";
import { SpaceTransform } from "./space_transform.ts";
import { warmStart } from "./warm_start.ts";

const OPTIMIZER_KEY = "cma:optimizer";
const RESTARTS_KEY = "cma:n_restarts";
/** Optuna's databases take texts of 2046 characters. */
const LONGEST_TEXT = 2045;
const LEAST_SIGMA = 1e-10;

/** What {@linkcode CmaEsSampler} takes. */
export interface CmaEsSamplerOptions {
  /** Equal seeds draw equal values; null for a new one each time. @default null */
  seed?: number | null;
  /** Where to begin: a value for each numerical parameter. @default null, the middle */
  x0?: Readonly<Record<string, ParamValue>> | null;
  /** How far to look at first, in the scale of the parameters. @default null, a sixth of the narrowest range */
  sigma0?: number | null;
  /** Trials that are drawn by the other sampler first. @default 1 */
  nStartupTrials?: number;
  /** Draws choices and what not every trial has. @default null, a RandomSampler of the same seed */
  independentSampler?: Sampler | null;
  /** Whether to warn where it does. @default true */
  warnIndependentSampling?: boolean;
  /** Whether pruned trials count, with the last value that they reported. @default false */
  considerPrunedTrials?: boolean;
  /** `ipop` to begin anew with more trials per generation where the search has ended. @default null */
  restartStrategy?: "ipop" | null;
  /** How many times as many trials. @default 2 */
  incPopsize?: number;
  /** Whether the covariance is diagonal; see the class. @default false */
  useSeparableCma?: boolean;
  /** Trials of a similar study to begin from. @default null */
  sourceTrials?: readonly FrozenTrial[] | null;
}

/**
 * CMA-ES: a normal distribution that moves to where trials are good. It draws all numerical parameters together, and
 * at least two; choices and what not every trial has are drawn by another sampler.
 *
 * Source: Hansen 2016, Auger and Hansen 2005 (`ipop`); `optuna.samplers.CmaEsSampler` of Optuna 2.10.1 on cmaes 0.13.1,
 * whose values equal seeds draw to about 9 digits. Eigenvectors get LAPACK's signs; with variances more than a thousand
 * times apart a sign can hang on the last bit, in Optuna between processors too. The state is kept in the study as
 * Optuna keeps it, so either can go on. With `useSeparableCma` Optuna 2.10.1 looks for that state under another name
 * than it writes and so begins anew with every trial; the trials here are the same.
 *
 * @throws {OptionError} where options exclude each other.
 *
 * @example
 * ```ts
 * import { createStudy } from "../study/study.ts";
 * import { CmaEsSampler } from "./cmaes_sampler.ts";
 * const study = createStudy({ sampler: new CmaEsSampler({ seed: 1 }) });
 * study.optimize((trial) => {
 *   return trial.suggestFloat("x", -5, 5) ** 2 + (trial.suggestFloat("y", -5, 5) - 1) ** 2;
 * }, { nTrials: 150 });
 * console.assert(study.bestTrial.values![0]! < 0.01);
 * ```
 */
export class CmaEsSampler implements Sampler {
  readonly #options: Taken<CmaEsSamplerOptions>;
  readonly #random: RandomState;
  readonly #independent: Sampler;
  readonly #space = new IntersectionSpace(false);
  #warns: boolean;

  constructor(options: CmaEsSamplerOptions = {}) {
    const o = takeOptions<CmaEsSamplerOptions>("sweep.CmaEsSampler", options, {
      seed: optional(count(required)),
      x0: optional(
        record<ParamValue>("give a number for each parameter", (value) => typeof value === "number"),
      ),
      sigma0: optional(number(required)),
      nStartupTrials: 1,
      independentSampler: optional(samplerRule),
      warnIndependentSampling: true,
      considerPrunedTrials: false,
      restartStrategy: optional(choice<"ipop">(required, ["ipop"])),
      incPopsize: 2,
      useSeparableCma: false,
      sourceTrials: optional(list(like<FrozenTrial>("give a trial", isRecord), required)),
    });
    oneOf("sweep.CmaEsSampler", "restart_strategy", o.restartStrategy, ["ipop", null]);
    if (o.sourceTrials !== null && (o.x0 !== null || o.sigma0 !== null)) {
      throw excluded("source_trials", "x0 or sigma0");
    }
    if (o.sourceTrials !== null && o.useSeparableCma) throw excluded("source_trials", "use_separable_cma");
    this.#options = o;
    this.#random = new RandomState(o.seed);
    this.#independent = o.independentSampler ?? new RandomSampler({ seed: o.seed });
    this.#warns = o.warnIndependentSampling;
  }

  /** The numerical parameters that every complete trial has had. */
  inferRelativeSearchSpace(study: Study): SearchSpace {
    return new Map([...this.#space.of(study)].filter(([, { name }]) => name !== "CategoricalDistribution"));
  }

  /** Draws the parameters of `space` together. */
  sampleRelative(study: Study, trial: FrozenTrial, space: SearchSpace): ParamValues {
    checkOneObjective(study);
    const trials = this.#completed(study);
    if (space.size === 0 || trials.length < this.#options.nStartupTrials) return new Map();
    if (space.size === 1) return this.#leave(study, "one numerical parameter is too few for it");
    const transform = new SpaceTransform(space);
    let { optimizer, restarts } = this.#restored(trials);
    optimizer ??= this.#begin(transform, study);
    if (optimizer.dimension !== transform.low.length) {
      return this.#leave(study, "the parameters are not those that it began with");
    }
    const generationKey = (): string => {
      return this.#options.restartStrategy === null ? "cma:generation" : `cma:restart_${restarts}:generation`;
    };
    const key = generationKey();
    const born = trials.filter((t) => t.systemAttrs.get(key) === optimizer!.generation);
    if (born.length >= optimizer.populationSize) {
      const sign = study.directions[0] === "maximize" ? -1 : 1;
      optimizer.tell(
        born.slice(0, optimizer.populationSize).map(({ params, values }) => {
          return { point: transform.transform(params), loss: sign * values![0]! };
        }),
      );
      if (this.#options.restartStrategy === "ipop" && optimizer instanceof CMA && optimizer.shouldStop()) {
        restarts++;
        optimizer = this.#begin(transform, study, optimizer.populationSize * this.#options.incPopsize);
      }
      this.#keep(study, trial, optimizer);
    }
    const seed = this.#random.randint(1, 2 ** 16) + trial.number;
    const point = optimizer.ask(new RandomState(seed));
    study.storage.setSystemAttr(trial, generationKey(), optimizer.generation);
    study.storage.setSystemAttr(trial, RESTARTS_KEY, restarts);
    return transform.untransform(point);
  }

  /** Leaves a parameter to the other sampler. */
  sampleIndependent(study: Study, trial: FrozenTrial, name: string, distribution: Distribution): ParamValue {
    checkOneObjective(study);
    if (this.#warns && this.#completed(study).length >= this.#options.nStartupTrials) {
      study.log.warning(
        `The parameter '${name}' of trial#${trial.number} is drawn by ${this.#independent.constructor.name}, because ` +
          "CMA-ES takes neither choices nor parameters that only some trials have. Set warn_independent_sampling to " +
          "false if that is intended.",
      );
    }
    return this.#independent.sampleIndependent(study, trial, name, distribution);
  }

  /** Tells the other sampler. */
  afterTrial(study: Study, trial: FrozenTrial, state: TrialState, values: readonly number[] | null): void {
    this.#independent.afterTrial?.(study, trial, state, values);
  }

  /** Trials that count, pruned ones with what they reported last. */
  #completed(study: Study): FrozenTrial[] {
    return study.trials.flatMap((trial): FrozenTrial[] => {
      if (trial.state === "complete") return [trial];
      if (trial.state !== "pruned" || !this.#options.considerPrunedTrials) return [];
      const report = lastReport(trial);
      return report === undefined ? [] : [{ ...trial, values: [report.value] }];
    });
  }

  #restored(trials: readonly FrozenTrial[]): { optimizer: CMA | SepCMA | undefined; restarts: number } {
    if (this.#options.useSeparableCma) return { optimizer: undefined, restarts: 0 };
    for (const { systemAttrs } of trials.toReversed()) {
      let text = systemAttrs.get(OPTIMIZER_KEY) as string | undefined ?? "";
      for (let i = 0; systemAttrs.has(`${OPTIMIZER_KEY}:${i}`); i++) {
        text += systemAttrs.get(`${OPTIMIZER_KEY}:${i}`);
      }
      if (text === "") continue;
      return { optimizer: parseCma(text), restarts: Number(systemAttrs.get(RESTARTS_KEY) ?? 0) };
    }
    return { optimizer: undefined, restarts: 0 };
  }

  #keep(study: Study, trial: FrozenTrial, optimizer: CMA | SepCMA): void {
    if (!(optimizer instanceof CMA)) return;
    const text = cmaText(optimizer);
    for (let i = 0; i * LONGEST_TEXT < text.length; i++) {
      const part = text.slice(i * LONGEST_TEXT, (i + 1) * LONGEST_TEXT);
      study.storage.setSystemAttr(trial, `${OPTIMIZER_KEY}:${i}`, part);
    }
  }

  /** @param populationSize Given for a restart, which begins anywhere. */
  #begin(transform: SpaceTransform, study: Study, populationSize?: number): CMA | SepCMA {
    const { low, high } = transform;
    const { mean, sigma, ...rest } = this.#start(transform, study, populationSize !== undefined);
    const options = { ...rest, mean, sigma: Math.max(sigma, LEAST_SIGMA), low, high, populationSize };
    // Optuna seeds the strategy here and again before it draws, so only the draw is to be made.
    this.#random.randint(1, 2 ** 31 - 2);
    return this.#options.useSeparableCma ? new SepCMA(options) : new CMA(options);
  }

  #start(
    transform: SpaceTransform,
    study: Study,
    isRandom: boolean,
  ): Pick<CmaOptions, "mean" | "sigma" | "covariance"> {
    const { x0, sigma0, sourceTrials } = this.#options;
    if (sourceTrials !== null) return this.#warm(transform, study, sourceTrials);
    const { low, high } = transform;
    const widths = low.map((from, i) => high[i]! - from);
    const mean = isRandom
      ? low.map((from, i) => from + widths[i]! * this.#random.rand())
      : x0 === null
      ? low.map((from, i) => from + widths[i]! / 2)
      : transform.transform(checkedStart(x0, transform));
    return { mean, sigma: sigma0 ?? Math.min(...widths.map((width) => width / 6)) };
  }

  #warm(
    transform: SpaceTransform,
    study: Study,
    source: readonly FrozenTrial[],
  ): Pick<CmaOptions, "mean" | "sigma" | "covariance"> {
    const sign = study.directions[0] === "maximize" ? -1 : 1;
    const solutions = source.filter(({ state, params }) => {
      const counts = state === "complete" || (state === "pruned" && this.#options.considerPrunedTrials);
      return counts && params.size === transform.names.length &&
        transform.names.every((name) => params.has(name));
    }).map(({ params, values }) => ({ point: transform.transform(params), loss: sign * values![0]! }));
    if (solutions.length < 10) {
      throw new ValueError(
        `CMA-ES needs 10 source trials of the same parameters, and got ${solutions.length}`,
        {
          where: "source_trials",
          fix: `give complete trials with ${transform.names.join(", ")}`,
        },
      );
    }
    return warmStart(solutions);
  }

  #leave(study: Study, why: string): ParamValues {
    study.log.warning(`CMA-ES leaves this trial to ${this.#independent.constructor.name}: ${why}.`);
    this.#warns = false;
    return new Map();
  }
}

function checkedStart(x0: Readonly<Record<string, ParamValue>>, transform: SpaceTransform): ParamValues {
  const missing = transform.names.filter((name) => !Object.hasOwn(x0, name));
  if (missing.length === 0) return new Map(Object.entries(x0));
  throw new ValueError(`x0 has no value for ${missing.join(", ")}`, {
    where: "sweep.CmaEsSampler",
    fix: "give one for every numerical parameter, or leave x0 out",
  });
}

function checkOneObjective(study: Study): void {
  if (!study.isMultiObjective) return;
  throw new ValueError("CmaEsSampler cannot be used for several objectives", {
    where: `directions: ${study.directions.join(", ")}`,
    fix: "use hydra/sweeper/sampler=nsgaii, tpe or motpe, or a single direction",
  });
}

function excluded(option: string, others: string): OptionError {
  return new OptionError(`sweep.CmaEsSampler cannot use ${option} together with ${others}`, {
    fix: "leave one of them out",
  });
}
