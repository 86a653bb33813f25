/** How a run ended, for {@linkcode Logger.finalize}. */
export type FinalStatus = "success" | "failed";

/**
 * Nested plain data that describes a run: numbers, words, lists and mappings; a float such as `1.0` is a `Float`, whose
 * `value` is the number.
 */
export type HyperParameters = Readonly<Record<string, unknown>>;

/** Where numbers of a run are written: a file, a tracking server. */
export interface Logger {
  /** What the runs of one project share, such as `lightning_logs`; empty where there is none. */
  readonly name: string;
  /** What tells this run from the others, such as `version_0`. */
  readonly version: string;
  /** The folder that all runs of this logger lie in, if it writes files. */
  readonly saveDir: string | null;
  /** The folder of this run, if it writes files. */
  readonly logDir: string | null;
  /**
   * Takes one row of numbers.
   *
   * @param metrics Names to numbers; `epoch` is among them unless a callback logs directly.
   * @param step The row's place on the x axis.
   */
  logMetrics(metrics: Readonly<Record<string, number>>, step: number): void | Promise<void>;
  /** Takes what the run was configured with. */
  logHyperparams(params: HyperParameters): void | Promise<void>;
  /** Writes what was taken so far. */
  save(): void | Promise<void>;
  /** Ends the run. */
  finalize(status: FinalStatus): void | Promise<void>;
}
