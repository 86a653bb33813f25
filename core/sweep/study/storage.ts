import type { Distribution } from "./distribution.ts";
import type { Direction, FrozenTrial, TrialState } from "./frozen_trial.ts";

/** Where one study keeps its trials. */
export interface StudyStorage {
  readonly studyName: string;
  readonly directions: readonly Direction[];
  /** All trials by number; what is in it changes as trials go on. */
  readonly trials: readonly FrozenTrial[];
  /** What samplers keep with the study. */
  readonly systemAttrs: ReadonlyMap<string, unknown>;
  readonly userAttrs: ReadonlyMap<string, unknown>;

  /** Reads what other processes have written since. */
  sync(): void;
  /** Adds a trial; a waiting one has no start yet. */
  createTrial(state: "running" | "waiting"): FrozenTrial;
  /** Starts a waiting trial; false where another process has started it meanwhile. */
  start(trial: FrozenTrial): boolean;
  /**
   * Keeps what was drawn.
   *
   * @param internal The internal value of the parameter.
   * @throws {ValueError} where the study has the parameter with a distribution of another kind.
   */
  setParam(trial: FrozenTrial, name: string, internal: number, distribution: Distribution): void;
  setIntermediateValue(trial: FrozenTrial, step: number, value: number): void;
  setUserAttr(trial: FrozenTrial, key: string, value: unknown): void;
  setSystemAttr(trial: FrozenTrial, key: string, value: unknown): void;
  /** Ends a trial. */
  finish(trial: FrozenTrial, state: TrialState, values: readonly number[] | null): void;
  setStudyUserAttr(key: string, value: unknown): void;
  setStudySystemAttr(key: string, value: unknown): void;
  /** The completed trial with the best value of the only direction. */
  bestTrial(): FrozenTrial | undefined;
  /** Lets go of files. */
  close(): void;
}
