import { count, number, optional, type OptionDefaults, required, text } from "../options.ts";

/** The options that all launchers of submitit have. */
export interface SubmititOptions {
  /** Where logs and results go; `%j` stands for a job's id. */
  submititFolder?: string;
  /** Minutes that a job may take. @default 60 */
  timeoutMin?: number;
  /** @default null */
  cpusPerTask?: number | null;
  /** @default null */
  gpusPerNode?: number | null;
  /** Processes of a job on each node; the first speaks for all. @default 1 */
  tasksPerNode?: number;
  /** Gigabytes of memory on each node. @default null */
  memGb?: number | null;
  /** @default 1 */
  nodes?: number;
  /** The job's name in the queue. @default the app's name */
  name?: string | null;
  /** Whether errors go into the same file as the rest of the output. @default false */
  stderrToStdout?: boolean;
}

/** The defaults of {@linkcode SubmititOptions}. */
export const SUBMITIT_DEFAULTS: OptionDefaults<SubmititOptions> = {
  submititFolder: ".submitit/%j",
  timeoutMin: 60,
  cpusPerTask: optional(count(required)),
  gpusPerNode: optional(count(required)),
  tasksPerNode: 1,
  memGb: optional(number(required)),
  nodes: 1,
  name: optional(text(required)),
  stderrToStdout: false,
};
