import type { ContainerNode } from "./node.ts";
import {
  any,
  bool,
  dictOf,
  field,
  floating,
  int,
  listOf,
  optional,
  schema,
  str,
  structured,
} from "./schema.ts";

const TEXT = field(optional(str), null);
const COUNT = field(optional(int), null);

/** `hydra/launcher=joblib`. */
const JOBLIB = schema("JobLibLauncherConf", {
  _target_: field(str, "hydra_plugins.hydra_joblib_launcher.joblib_launcher.JoblibLauncher"),
  n_jobs: field(int, -1),
  backend: TEXT,
  prefer: field(str, "processes"),
  require: TEXT,
  verbose: field(int, 0),
  timeout: field(optional(floating), null),
  pre_dispatch: field(str, "2*n_jobs"),
  batch_size: field(str, "auto"),
  temp_folder: TEXT,
  max_nbytes: TEXT,
  mmap_mode: field(str, "r"),
});

/** What every queue of submitit takes. */
const QUEUE = schema("BaseQueueConf", {
  submitit_folder: field(str, "${hydra.sweep.dir}/.submitit/%j"),
  timeout_min: field(int, 60),
  cpus_per_task: COUNT,
  gpus_per_node: COUNT,
  tasks_per_node: field(int, 1),
  mem_gb: COUNT,
  nodes: field(int, 1),
  name: field(str, "${hydra.job.name}"),
  stderr_to_stdout: field(bool, false),
});

/** `hydra/launcher=submitit_slurm`. */
const SLURM = schema("SlurmQueueConf", {
  _target_: field(str, "hydra_plugins.hydra_submitit_launcher.submitit_launcher.SlurmLauncher"),
  partition: TEXT,
  qos: TEXT,
  comment: TEXT,
  constraint: TEXT,
  exclude: TEXT,
  gres: TEXT,
  cpus_per_gpu: COUNT,
  gpus_per_task: COUNT,
  mem_per_gpu: TEXT,
  mem_per_cpu: TEXT,
  account: TEXT,
  signal_delay_s: field(int, 120),
  max_num_timeout: field(int, 0),
  additional_parameters: field(dictOf(any), {}),
  array_parallelism: field(int, 256),
  setup: field(optional(listOf(str)), null),
}, { extends: QUEUE });

/** `hydra/launcher=submitit_local`. */
const LOCAL = schema("LocalQueueConf", {
  _target_: field(str, "hydra_plugins.hydra_submitit_launcher.submitit_launcher.LocalLauncher"),
}, { extends: QUEUE });

/** The typed configs of the launchers that run each job in a process of its own, by full name. */
export const LAUNCHER_SCHEMAS: readonly (readonly [string, () => ContainerNode])[] = [
  ["hydra/launcher/joblib", () => structured(JOBLIB)],
  ["hydra/launcher/submitit_local", () => structured(LOCAL)],
  ["hydra/launcher/submitit_slurm", () => structured(SLURM)],
];
