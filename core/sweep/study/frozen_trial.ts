import type { ParamValue, SearchSpace } from "./distribution.ts";

/** Whether a study wants a value to be small or large. */
export type Direction = "minimize" | "maximize";

/** How far a trial is: `waiting` is one that was asked for in advance. */
export type TrialState = "running" | "complete" | "pruned" | "fail" | "waiting";

/** What a study knows of one trial. */
export interface FrozenTrial {
  /** Unique in the storage. */
  readonly id: number;
  /** Counts from 0 within the study. */
  readonly number: number;
  readonly state: TrialState;
  /** One value per direction; of a pruned trial the last one it reported; null where there is none. */
  readonly values: readonly number[] | null;
  /** Values by the parameter's name, in the order in which they were drawn. */
  readonly params: ReadonlyMap<string, ParamValue>;
  readonly distributions: SearchSpace;
  /** What was reported on the way, by step. */
  readonly intermediateValues: ReadonlyMap<number, number>;
  readonly userAttrs: ReadonlyMap<string, unknown>;
  /** What samplers keep with the trial. */
  readonly systemAttrs: ReadonlyMap<string, unknown>;
  readonly datetimeStart: Date | null;
  readonly datetimeComplete: Date | null;
}

/** Whether a trial has ended, in whatever way. */
export function isFinished({ state }: FrozenTrial): boolean {
  return state !== "running" && state !== "waiting";
}

/** The last value that a trial reported, with its step. */
export function lastReport({ intermediateValues }: FrozenTrial): { step: number; value: number } | undefined {
  if (intermediateValues.size === 0) return undefined;
  const step = Math.max(...intermediateValues.keys());
  return { step, value: intermediateValues.get(step)! };
}
