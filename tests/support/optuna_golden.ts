import type { Direction, TrialState } from "../../core/sweep/study/frozen_trial.ts";

/** A value as the golden file has it. */
type Json = null | boolean | number | string;

/** One trial of an optimisation by the real library. */
export interface GoldenTrial {
  readonly params: Readonly<Record<string, Json>>;
  readonly values?: readonly number[];
  readonly state?: "FAIL" | "PRUNED";
  /** Steps and values reported before the trial was pruned; null stands for NaN. */
  readonly reports?: readonly (readonly [number, number | null])[];
}

/** One optimisation by the real library. */
export interface GoldenStudy {
  readonly name: string;
  readonly sampler: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly directions: readonly Direction[];
  readonly jobs: number;
  readonly space: Readonly<Record<string, string>>;
  readonly trials: readonly GoldenTrial[];
  readonly best: number | readonly number[];
}

/** One run of an app under the real plugin. */
export interface GoldenRun {
  readonly code: number;
  /** Lines of Hydra's log. */
  readonly log: readonly string[];
  /** What each job returned, `"throw"` for one that threw. */
  readonly returns: readonly unknown[];
  /** `overrides.yaml` of each job. */
  readonly overrides: readonly string[];
  /** `optimization_results.yaml`, if there is one. */
  readonly results: string | null;
}

/** A sweep of an app; a second run goes on with the first one's study. */
export interface GoldenSweep {
  readonly name: string;
  readonly args: readonly string[];
  readonly files: Readonly<Record<string, string>>;
  /** Whether the order of jobs is random. */
  readonly unordered?: boolean;
  readonly runs: readonly GoldenRun[];
}

/** A study in a file, and how the real library goes on with it. */
export interface GoldenStored {
  readonly name: string;
  readonly sampler: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly directions: readonly Direction[];
  /** What fills the file's tables. */
  readonly statements: readonly string[];
  readonly enqueued: Readonly<Record<string, number>>;
  readonly space: Readonly<Record<string, string>>;
  readonly trials: readonly {
    readonly number: number;
    readonly state: string;
    readonly values: readonly number[] | null;
    readonly params: Readonly<Record<string, Json>>;
  }[];
  readonly best: { readonly number: number; readonly params: readonly string[] } | null;
}

/** Numbers of numpy and scipy. */
export interface GoldenNumbers {
  readonly streams: readonly {
    readonly seed: number;
    readonly rand: readonly number[];
    readonly randn: readonly number[];
    readonly randint: readonly number[];
    readonly uniform: readonly number[];
    readonly choice: readonly number[];
  }[];
  readonly sorts: readonly (readonly [readonly number[], readonly number[]])[];
  readonly sums: readonly (readonly [readonly number[], number])[];
  readonly eigen: readonly (readonly [number[][], number[], number[][]])[];
  readonly truncated: readonly {
    readonly seed: number;
    readonly mean: number;
    readonly sigma: number;
    readonly value: number;
  }[];
  readonly normal: Readonly<Record<"erf" | "log_cdf" | "quantile", readonly (readonly [number, number])[]>>;
}

/** What `make_optuna.py` wrote. */
export interface OptunaGolden {
  readonly numbers: readonly [GoldenNumbers];
  readonly studies: readonly GoldenStudy[];
  readonly configs: readonly { readonly args: readonly string[]; readonly text: string }[];
  readonly sweeps: readonly GoldenSweep[];
  readonly storage: readonly GoldenStored[];
}

/** The checked-in cases. */
export const optunaGolden: OptunaGolden = JSON.parse(
  Deno.readTextFileSync(new URL("../golden/optuna.json", import.meta.url)),
);

/** The state's name here. */
export function stateOf({ state }: GoldenTrial): TrialState {
  return state === undefined ? "complete" : state === "FAIL" ? "fail" : "pruned";
}

/** Floats pass through logarithms, error functions and matrices, which round differently here; all else is exact. */
const FLOAT_TOLERANCE = 1e-9;

/** Whether two texts are equal, floats in them to within {@linkcode FLOAT_TOLERANCE}. */
export function isSameText(text: string, wanted: string): boolean {
  const number = /-?\d+(?:\.\d+(?:e[-+]\d+)?|e[-+]\d+)/g;
  if (text.replace(number, "#") !== wanted.replace(number, "#")) return false;
  const numbers = (from: string): number[] => (from.match(number) ?? []).map(Number);
  const other = numbers(wanted);
  return numbers(text).every((value, i) => isSameFloat(value, other[i]!));
}

/** Whether two floats are equal to within {@linkcode FLOAT_TOLERANCE}. */
export function isSameFloat(value: number, wanted: number): boolean {
  return value === wanted || Math.abs(value - wanted) <= FLOAT_TOLERANCE * Math.abs(wanted);
}
