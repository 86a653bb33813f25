import { ValueError } from "../../errors.ts";
import { pythonRepr, pythonTypeName } from "../../config/python_text.ts";
import { float, plain } from "../../config/scalar.ts";
import type { ParamValues, Sampler } from "../samplers/sampler.ts";
import {
  categorical,
  contains,
  discreteUniform,
  type Distribution,
  intLogUniform,
  intUniform,
  isParamValue,
  isSingle,
  logUniform,
  type ParamValue,
  type SearchSpace,
  singleValue,
  toInternal,
  uniform,
} from "./distribution.ts";
import { checkCompatible } from "./distribution_json.ts";
import type { FrozenTrial } from "./frozen_trial.ts";
import type { Study } from "./study.ts";

/** How {@linkcode Trial.suggestFloat} and {@linkcode Trial.suggestInt} draw. */
export interface SuggestOptions {
  /** Only every `step`-th number from `low` on. @default 1 for integers, none for floats */
  readonly step?: number | null;
  /** Whether to draw evenly in the logarithm; not together with a step. @default false */
  readonly log?: boolean;
}

/**
 * A running trial: asks the study's sampler for parameters. A name asked for twice gives the same value.
 *
 * @example
 * ```ts
 * import { createStudy } from "./study.ts";
 * import { RandomSampler } from "../samplers/random_sampler.ts";
 * const trial = createStudy({ sampler: new RandomSampler({ seed: 1 }) }).ask();
 * console.assert(trial.suggestFloat("x", 0, 1) === 0.417022004702574);
 * console.assert(trial.suggestInt("layers", 1, 3) === 3);
 * console.assert(trial.suggestCategorical("act", ["relu", "gelu"]) === "gelu");
 * ```
 */
export class Trial {
  readonly #study: Study;
  readonly #record: FrozenTrial;
  readonly #relativeSpace: SearchSpace;
  readonly #relativeParams: ParamValues;

  /** Made by {@linkcode Study.ask}. */
  constructor(study: Study, record: FrozenTrial) {
    this.#study = study;
    this.#record = record;
    const { sampler } = study;
    this.#relativeSpace = sampler.inferRelativeSearchSpace?.(study, record) ?? new Map();
    this.#relativeParams = sampler.sampleRelative?.(study, record, this.#relativeSpace) ?? new Map();
  }

  /** Counts from 0 within the study. */
  get number(): number {
    return this.#record.number;
  }

  /** What the study knows of this trial. */
  get frozen(): FrozenTrial {
    return this.#record;
  }

  /** What was drawn so far, by name. */
  get params(): Readonly<Record<string, unknown>> {
    return Object.fromEntries([...this.#record.params].map(([name, value]) => [name, plain(value)]));
  }

  /** What {@linkcode setUserAttr} kept. */
  get userAttrs(): Readonly<Record<string, unknown>> {
    return Object.fromEntries(this.#record.userAttrs);
  }

  /**
   * A float of [low, high), or of [low, high] with a step.
   *
   * @throws {ValueError} where the range is empty, or a step is given together with `log`.
   */
  suggestFloat(name: string, low: number, high: number, options: SuggestOptions = {}): number {
    const { step = null, log = false } = options;
    if (step !== null && log) throw stepAndLog(name, step);
    const distribution = step !== null
      ? discreteUniform(low, high, step)
      : log
      ? logUniform(low, high)
      : uniform(low, high);
    return Number(this.suggest(name, distribution));
  }

  /**
   * An integer of [low, high], both ends included.
   *
   * @throws {ValueError} where the range is empty or not of integers, or a step is given together with `log`.
   */
  suggestInt(name: string, low: number, high: number, options: SuggestOptions = {}): number {
    const { log = false } = options;
    const step = options.step ?? 1;
    if (step !== 1 && log) throw stepAndLog(name, step);
    return Number(this.suggest(name, log ? intLogUniform(low, high) : intUniform(low, high, step)));
  }

  /**
   * One of the choices.
   *
   * @throws {ValueError} where there are none, or other ones than in earlier trials.
   */
  suggestCategorical<T extends ParamValue>(name: string, choices: readonly T[]): T {
    const wrong = choices.find((choice) => !isParamValue(choice));
    if (wrong !== undefined) {
      throw new ValueError(
        `A choice must be text, a number, a boolean or null, not ${pythonTypeName(wrong)}`,
        {
          where: `parameter "${name}"`,
          fix: "choose among names and look the objects up by them",
        },
      );
    }
    return this.suggest(name, categorical(choices)) as T;
  }

  /** A value of a distribution. */
  suggest(name: string, distribution: Distribution): ParamValue {
    const { storage } = this.#study;
    const known = this.#record.distributions.get(name);
    if (known !== undefined) {
      checkCompatible(name, known, distribution);
      return this.#record.params.get(name)!;
    }
    const value = this.#draw(name, distribution, this.#study.sampler);
    storage.setParam(this.#record, name, toInternal(distribution, value), distribution);
    return value;
  }

  /**
   * Keeps the value that the objective has at a step.
   *
   * @throws {ValueError} for a study of several objectives, a negative step, or a value that is no number.
   */
  report(value: number, step: number): void {
    const where = `trial ${this.number}`;
    if (this.#study.directions.length > 1) {
      throw new ValueError("Trial.report is not supported for multi-objective optimization", { where });
    }
    if (typeof value !== "number") {
      throw new ValueError(`A reported value must be a number, not ${pythonRepr(value)}`, { where });
    }
    if (!(Number.isInteger(step) && step >= 0)) {
      throw new ValueError(`The step of a report must be an integer of 0 or more, not ${step}`, { where });
    }
    if (this.#record.intermediateValues.has(step)) {
      this.#study.log.warning(`The reported value is ignored because step ${step} is already reported.`);
      return;
    }
    this.#study.storage.setIntermediateValue(this.#record, step, value);
  }

  /** Keeps something with the trial; it must be JSON. */
  setUserAttr(key: string, value: unknown): void {
    this.#study.storage.setUserAttr(this.#record, key, value);
  }

  #draw(name: string, distribution: Distribution, sampler: Sampler): ParamValue {
    const fixed = this.#fixed(name, distribution);
    if (fixed !== undefined) return fixed;
    if (isSingle(distribution)) return singleValue(distribution);
    const relative = this.#relativeParams.get(name);
    if (relative !== undefined) {
      checkCompatible(name, this.#relativeSpace.get(name) ?? distribution, distribution);
      // The bounds may have moved since the sampler last saw them.
      if (contains(distribution, toInternal(distribution, relative))) return relative;
    }
    return sampler.sampleIndependent(this.#study, this.#record, name, distribution);
  }

  /** The value that somebody asked for in advance. */
  #fixed(name: string, distribution: Distribution): ParamValue | undefined {
    const all = this.#record.systemAttrs.get("fixed_params") as Record<string, ParamValue> | undefined;
    if (all === undefined || !Object.hasOwn(all, name)) return undefined;
    const value = all[name]!;
    const isFloating = distribution.name === "UniformDistribution" ||
      distribution.name === "LogUniformDistribution" || distribution.name === "DiscreteUniformDistribution";
    if (contains(distribution, toInternal(distribution, value))) {
      return isFloating ? float(Number(value)) : value;
    }
    this.#study.log.warning(
      `Fixed parameter '${name}' with value ${pythonRepr(value)} is out of range, so it is drawn.`,
    );
    return undefined;
  }
}

function stepAndLog(name: string, step: number): ValueError {
  return new ValueError(`A step (${step}) cannot be used together with log`, {
    where: `parameter "${name}"`,
    fix: "leave one of them out",
  });
}
