import type { DictNode } from "./node.ts";

/** Writes lines to the job's log, as Python's loggers do. */
export interface JobLogger {
  debug(message: string): void;
  info(message: string): void;
  warning(message: string): void;
  error(message: string): void;
  critical(message: string): void;
}

/** What a task function gets beside its config. */
export interface RunContext {
  /** The folder of this job's files, absolute. */
  readonly outputDir: string;
  /** The `hydra` node of the composed config. */
  readonly hydra: DictNode;
  /** A logger by name; its lines go where `hydra.job_logging` says. */
  readonly logger: (name: string) => JobLogger;
  /** Builds what a config describes, with targets looked up in the app's library. */
  readonly instantiate: (config: unknown, kwargs?: Readonly<Record<string, unknown>>) => Promise<unknown>;
  /** Aborted at the first Ctrl-C: the task should finish its step, save, and return. */
  readonly signal: AbortSignal;
}

/** What an app runs: it gets the composed config without `hydra`. */
export type TaskFunction = (config: DictNode, context: RunContext) => unknown;
