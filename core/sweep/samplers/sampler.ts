import { hasMethods, like, type Rule } from "../../options.ts";
import type { Distribution, ParamValue, SearchSpace } from "../study/distribution.ts";
import type { FrozenTrial, TrialState } from "../study/frozen_trial.ts";
import type { Study } from "../study/study.ts";

/** Values by the parameter's name. */
export type ParamValues = ReadonlyMap<string, ParamValue>;

/**
 * What draws the parameters of trials. Some are drawn together when a trial begins (*relative*), the others one by one
 * as the trial asks for them (*independent*).
 */
export interface Sampler {
  /** The parameters that {@linkcode sampleRelative} is to draw. @default none */
  inferRelativeSearchSpace?(study: Study, trial: FrozenTrial): SearchSpace;
  /** Draws parameters together. It may leave some out. */
  sampleRelative?(study: Study, trial: FrozenTrial, space: SearchSpace): ParamValues;
  /** Draws one parameter. */
  sampleIndependent(study: Study, trial: FrozenTrial, name: string, distribution: Distribution): ParamValue;
  /** Called when a trial is about to end, before its values are kept. */
  afterTrial?(study: Study, trial: FrozenTrial, state: TrialState, values: readonly number[] | null): void;
}

/** An option that is a sampler. */
export const samplerRule: Rule<Sampler> = like<Sampler>(
  "give a sampler, such as sweep.TPESampler",
  (value) => hasMethods(value, "sampleIndependent"),
);
