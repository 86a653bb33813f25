import type { Composition, ConfigLoader } from "../config/config_loader.ts";
import type { DictNode } from "../config/node.ts";
import type { JobLogger, RunContext } from "../config/run_context.ts";
import type { JobProcesses } from "./job_process.ts";

/** How a job ended. */
export type JobStatus = "unknown" | "completed" | "failed";

/** What a job left behind. */
export interface JobReturn {
  /** The job's task overrides as text. */
  readonly overrides: readonly string[];
  /** The job's config, without `hydra`. */
  readonly config: DictNode;
  /** The job's `hydra` node, under the key `hydra`. */
  readonly hydraConfig: DictNode;
  /** The folder that the job ran in. */
  readonly workingDir: string;
  /** The app's name. */
  readonly taskName: string;
  readonly status: JobStatus;
  /** What the task returned; `undefined` where it failed. */
  readonly returnValue: unknown;
  /** What the task threw, where it failed. */
  readonly error: unknown;
}

/** What sweepers and launchers work with. */
export interface SweepContext {
  /** The master config of the sweep, `hydra` included. */
  readonly config: DictNode;
  readonly loader: ConfigLoader;
  /** Hydra's own log. */
  readonly log: JobLogger;
  /** Shows a warning on the error stream, beside the log. */
  warn(message: string): void;
  /** Starts jobs as `hydra/launcher` says. */
  readonly launcher: Launcher;
  /**
   * Composes a job of the sweep: Hydra's overrides of the master config, then the job's own.
   *
   * @throws {ConfigError} as composing does.
   */
  loadJob(overrides: readonly string[]): Composition;
  /** Runs a composed job in this process and tells how it ended; a failing job does not throw. */
  runJob(job: Composition, index: number): Promise<JobReturn>;
  /** Builds what a config describes, with targets looked up in the app's library. */
  readonly instantiate: RunContext["instantiate"];
  /** Reports a failed job as the app does, and throws what it threw. */
  rethrow(job: JobReturn): never;
}

/** What launchers work with. */
export interface LaunchContext extends Omit<SweepContext, "launcher"> {
  /** Aborted at the first Ctrl-C: jobs should finish their step, save, and return; no more are started. */
  readonly signal: AbortSignal;
  /** Runs jobs in processes of their own. */
  readonly processes: JobProcesses;
}

/** Starts a batch of jobs. */
export interface Launcher {
  setup(context: LaunchContext): void;
  /** Runs jobs, each given by its overrides, numbered from `firstIndex`. */
  launch(jobs: readonly (readonly string[])[], firstIndex: number): Promise<JobReturn[]>;
}

/** Turns override texts that may hold sweeps into jobs and launches them. */
export interface Sweeper {
  setup(context: SweepContext): void;
  /** @param args The task overrides of the command line. */
  sweep(args: readonly string[]): Promise<unknown>;
}

/** How launchers list a job: its number and overrides, Hydra's own left out. */
export function jobLine(num: number, overrides: readonly string[]): string {
  return `\t#${num} : ${overrides.filter((override) => !override.startsWith("hydra.")).join(" ")}`;
}
