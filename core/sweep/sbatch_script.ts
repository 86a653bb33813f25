import { pythonStr } from "../config/python_text.ts";
import { formatIds, type QueueFolders } from "./job_paths.ts";
import { shellWord } from "./shell_words.ts";
import type { SubmititSlurmOptions } from "./submitit_slurm_options.ts";

/** What a script is made of. */
export interface ScriptParts {
  readonly options: Required<SubmititSlurmOptions>;
  readonly folders: QueueFolders;
  /** How many jobs: several make an array. */
  readonly jobs: number;
  /** Lines before the command, such as variables that it reads. */
  readonly exports: readonly string[];
  /** The words that each task runs. */
  readonly command: readonly string[];
}

/**
 * The script that `sbatch` is given: the same parameters, in the same order, as submitit 1.5 writes.
 *
 * Slurm fills in the ids of the log files: of an array `%A_%a`, of one job `%j`.
 */
export function sbatchScript({ options, folders, jobs, exports, command }: ScriptParts): string {
  const id = jobs > 1 ? "%A_%a" : "%j";
  const named = (file: string): string => file.replaceAll("%j", id);
  const [stdout, stderr] = [named(folders.stdout), named(folders.stderr)];
  const first = (file: string): string => file.replaceAll("%t", "0");
  const parameters: Record<string, unknown> = {
    job_name: options.name,
    partition: options.partition,
    time: options.timeoutMin,
    nodes: options.nodes,
    ntasks_per_node: options.tasksPerNode,
    cpus_per_task: options.cpusPerTask,
    cpus_per_gpu: options.cpusPerGpu,
    gpus_per_node: options.gpusPerNode,
    gpus_per_task: options.gpusPerTask,
    qos: options.qos,
    mem: options.memGb === null ? null : memoryText(options.memGb),
    mem_per_gpu: options.memPerGpu,
    mem_per_cpu: options.memPerCpu,
    comment: options.comment,
    constraint: options.constraint,
    exclude: options.exclude,
    account: options.account,
    gres: options.gres,
    wckey: "submitit",
    signal: `USR2@${options.signalDelayS}`,
    array: jobs > 1 ? `0-${jobs - 1}%${Math.min(jobs, options.arrayParallelism)}` : null,
    output: first(stdout),
    error: options.stderrToStdout ? null : first(stderr),
    "open-mode": "append",
  };
  const given = Object.entries(parameters).filter(([, value]) => value !== null);
  const all = new Map([...given, ...Object.entries(options.additionalParameters)]);
  const lines = [...all].sort(([a], [b]) => a < b ? -1 : 1).map(([name, value]) => parameter(name, value));
  const errors = options.stderrToStdout ? [] : ["--error", stderr];
  const srun = ["srun", "--unbuffered", "--output", stdout, ...errors, ...options.srunArgs];
  return [
    "#!/bin/bash",
    "",
    "# Parameters",
    ...lines,
    ...options.setup === null ? [] : ["", "# setup", ...options.setup],
    "",
    "# command",
    "export SUBMITIT_EXECUTOR=slurm",
    ...exports,
    [...srun, ...command].map(shellWord).join(" "),
    "",
  ].join("\n");
}

function parameter(name: string, value: unknown): string {
  const flag = `#SBATCH --${name.replaceAll("_", "-")}`;
  return value === true ? flag : `${flag}=${shellWord(pythonStr(value))}`;
}

function memoryText(gigabytes: number): string {
  return Number.isInteger(gigabytes) ? `${gigabytes}GB` : `${Math.trunc(gigabytes * 1024)}MB`;
}

/** The id of a job by its place in the batch. */
export function slurmId(handedIn: string, place: number, jobs: number): string {
  return jobs > 1 ? `${handedIn}_${place}` : handedIn;
}

/** Where the script of a batch is kept: one for an array. @throws {OptionError} as {@linkcode formatIds} does. */
export function scriptPath(folders: QueueFolders, handedIn: string): string {
  return formatIds(folders.script, handedIn);
}
