import { count, list, optional, type OptionDefaults, record, required, text } from "../options.ts";
import { SUBMITIT_DEFAULTS, type SubmititOptions } from "./submitit_options.ts";

/** The options of `hydra/launcher=submitit_slurm`: parameters of `sbatch`, and how jobs are run. */
export interface SubmititSlurmOptions extends SubmititOptions {
  /** @default null */
  partition?: string | null;
  /** @default null */
  qos?: string | null;
  /** @default null */
  comment?: string | null;
  /** @default null */
  constraint?: string | null;
  /** @default null */
  exclude?: string | null;
  /** @default null */
  gres?: string | null;
  /** Has a meaning together with `gpusPerTask`. @default null */
  cpusPerGpu?: number | null;
  /** @default null */
  gpusPerTask?: number | null;
  /** Such as `20G`. @default null */
  memPerGpu?: string | null;
  /** Such as `500M`. @default null */
  memPerCpu?: string | null;
  /** @default null */
  account?: string | null;
  /** Seconds before the end of its time that a job is asked to stop. @default 120 */
  signalDelayS?: number;
  /** How many times a job may run out of time and be started again; pre-empted jobs always are. @default 0 */
  maxNumTimeout?: number;
  /** Parameters of `sbatch` by name, over all others; `true` writes the name alone. @default {} */
  additionalParameters?: Readonly<Record<string, unknown>>;
  /** Jobs of the array that run at the same time. @default 256 */
  arrayParallelism?: number;
  /** Lines of shell that run before the job. @default null */
  setup?: readonly string[] | null;
  /** Words after `srun`; the plugin takes them as `+hydra.launcher.srun_args=[…]`. @default [] */
  srunArgs?: readonly string[];
}

/** The defaults of {@linkcode SubmititSlurmOptions}. */
export const SLURM_DEFAULTS: OptionDefaults<SubmititSlurmOptions> = {
  ...SUBMITIT_DEFAULTS,
  partition: optional(text(required)),
  qos: optional(text(required)),
  comment: optional(text(required)),
  constraint: optional(text(required)),
  exclude: optional(text(required)),
  gres: optional(text(required)),
  cpusPerGpu: optional(count(required)),
  gpusPerTask: optional(count(required)),
  memPerGpu: optional(text(required)),
  memPerCpu: optional(text(required)),
  account: optional(text(required)),
  signalDelayS: 120,
  maxNumTimeout: 0,
  additionalParameters: record("give parameters of sbatch by name", () => true, {}),
  arrayParallelism: 256,
  setup: optional(list(text(required), required)),
  srunArgs: list(text(required), []),
};
