import { JobError } from "../errors.ts";

/** States after which Slurm does nothing more for a job. */
const ENDED = new Set([
  "BOOT_FAIL",
  "CANCELLED",
  "COMPLETED",
  "DEADLINE",
  "FAILED",
  "NODE_FAIL",
  "OUT_OF_MEMORY",
  "REVOKED",
  "TIMEOUT",
  // What this file calls a job that Slurm has forgotten.
  "GONE",
]);

/** Whether a job in this state will write no more. */
export function hasEnded(state: string): boolean {
  return ENDED.has(state);
}

/**
 * Hands a script in.
 *
 * @returns The id of the job, or of the array.
 * @throws {JobError} where there is no `sbatch`, or it refuses the script.
 */
export async function submit(script: string): Promise<string> {
  const { ok, text, errors } = await call("sbatch", [script]);
  if (!ok) {
    throw new JobError(`sbatch refused the jobs: ${errors || text || "it says no more"}`, {
      where: script,
      fix: "change hydra.launcher.*, whose fields are sbatch's parameters",
    });
  }
  const id = /job (\d+)/.exec(text)?.[1];
  if (id !== undefined) return id;
  throw new JobError(`sbatch named no job: "${text}"`, { where: script });
}

/**
 * The states of the jobs of an array (or of one job), by id: from `sacct`, or from `squeue` on a cluster that keeps no
 * accounts. A job that `squeue` no longer lists is `GONE`.
 *
 * @param jobs The ids that are asked for.
 * @throws {JobError} where neither answers; that may pass.
 */
export async function statesOf(handedIn: string, jobs: readonly string[]): Promise<Map<string, string>> {
  const accounts = await call("sacct", ["-o", "JobID,State,NodeList", "--parsable2", "-j", handedIn]);
  if (accounts.ok) return readAccounts(accounts.text);
  const queue = await call("squeue", ["--noheader", "--format=%i|%T", "--jobs", handedIn]);
  // An id of the past is an error to squeue.
  if (!queue.ok && !/invalid job id/i.test(queue.errors)) {
    throw new JobError(`Slurm does not tell how its jobs are: ${queue.errors || accounts.errors}`);
  }
  const listed = new Map<string, string>();
  for (const line of queue.text.split("\n")) {
    const [id, state] = line.split("|");
    for (const one of expandIds(id!)) listed.set(one, stateName(state ?? ""));
  }
  return new Map(jobs.map((id) => [id, listed.get(id) ?? "GONE"]));
}

/**
 * What `sacct --parsable2` lists: the jobs, without their steps.
 *
 * @example
 * ```ts
 * import { readAccounts } from "./slurm_queue.ts";
 * const states = readAccounts("JobID|State|NodeList\n7_0|CANCELLED by 5|n1\n7_0.batch|CANCELLED|n1\n7_[1-2%4]|PENDING|");
 * console.assert(states.get("7_0") === "CANCELLED" && states.get("7_2") === "PENDING" && states.size === 3);
 * ```
 */
export function readAccounts(text: string): Map<string, string> {
  const [header = "", ...lines] = text.split("\n");
  const columns = header.split("|");
  const [idColumn, stateColumn] = [columns.indexOf("JobID"), columns.indexOf("State")];
  const states = new Map<string, string>();
  for (const line of lines) {
    const cells = line.split("|");
    const id = cells[idColumn];
    if (id === undefined || id === "" || id.includes(".")) continue;
    for (const one of expandIds(id)) states.set(one, stateName(cells[stateColumn] ?? ""));
  }
  return states;
}

/** `CANCELLED by 1000` is the state CANCELLED. */
function stateName(text: string): string {
  return text.trim().split(" ")[0]!.toUpperCase();
}

/** The ids in `12_[0-3,7%2]`; another id stands for itself. */
function expandIds(id: string): string[] {
  const [, array, places] = /^(\d+)_\[([\d,-]+)(?:%\d+)?\]$/.exec(id) ?? [];
  if (places === undefined) return [id];
  return places.split(",").flatMap((range) => {
    const [first, last = first] = range.split("-").map(Number);
    return Array.from({ length: last! - first! + 1 }, (_, i) => `${array}_${first! + i}`);
  });
}

interface Answer {
  readonly ok: boolean;
  readonly text: string;
  readonly errors: string;
}

async function call(program: "sbatch" | "sacct" | "squeue", args: readonly string[]): Promise<Answer> {
  try {
    const { success, stdout, stderr } = await new Deno.Command(program, { args: [...args], stdin: "null" })
      .output();
    const text = (data: Uint8Array): string => new TextDecoder().decode(data).trim();
    return { ok: success, text: text(stdout), errors: text(stderr) };
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    if (program !== "sbatch") return { ok: false, text: "", errors: `there is no ${program} here` };
    throw new JobError("There is no sbatch here: this machine belongs to no Slurm cluster", {
      where: "hydra/launcher=submitit_slurm",
      fix: "start it on a login node of the cluster, or choose hydra/launcher=submitit_local",
      cause,
    });
  }
}
