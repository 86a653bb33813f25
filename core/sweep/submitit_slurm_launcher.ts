import { dirname, join } from "node:path";
import { JobError } from "../errors.ts";
import { takeOptions } from "../options.ts";
import { pythonStr } from "../config/python_text.ts";
import { select } from "../config/select.ts";
import { formatIds, type QueueFolders, queueFolders } from "./job_paths.ts";
import type { JobTicket } from "./job_process.ts";
import { lastLine } from "./lost_job.ts";
import { checkCounts } from "./plain_options.ts";
import { sbatchScript, scriptPath, slurmId } from "./sbatch_script.ts";
import { shellWord } from "./shell_words.ts";
import { submit } from "./slurm_queue.ts";
import { type SlurmTiming, SlurmWatch } from "./slurm_watch.ts";
import { SLURM_DEFAULTS, type SubmititSlurmOptions } from "./submitit_slurm_options.ts";
import { jobLine, type JobReturn, type LaunchContext, type Launcher } from "./sweeper.ts";
import { removeIfThere, writeWhole } from "./whole_file.ts";

/** A job that was handed in. */
interface QueuedJob {
  readonly ticket: JobTicket;
  readonly id: string;
}

/**
 * Hands all jobs of a batch to Slurm as one array and waits for their results, which come by files on a shared disk.
 *
 * Equals Hydra's submitit launcher 1.2 in its node, log lines, file names and `#SBATCH` lines. Slurm asks a job to stop
 * `signalDelayS` before its time is up, or when others push it aside; where it may, it is queued again and goes on from
 * its checkpoint if its config has a `ckpt_path`. After Ctrl-C this program ends and the jobs go on.
 *
 * @example
 * ```ts
 * import { SubmititSlurmLauncher } from "./submitit_slurm_launcher.ts";
 * console.assert(typeof new SubmititSlurmLauncher({ partition: "gpu" }).launch === "function");
 * ```
 */
export class SubmititSlurmLauncher implements Launcher {
  readonly #options: Required<SubmititSlurmOptions>;
  readonly #timing: SlurmTiming;
  #context: LaunchContext | undefined;

  constructor(options: SubmititSlurmOptions = {}, timing: Partial<SlurmTiming> = {}) {
    const o = takeOptions<SubmititSlurmOptions>("hydra/launcher=submitit_slurm", options, SLURM_DEFAULTS);
    checkCounts("submitit_slurm", {
      timeoutMin: o.timeoutMin,
      tasksPerNode: o.tasksPerNode,
      nodes: o.nodes,
      arrayParallelism: o.arrayParallelism,
    });
    this.#options = { ...o };
    this.#timing = { resultMs: 1000, stateMs: 2000, graceMs: 15_000, ...timing };
  }

  /** Keeps what the sweep works with. */
  setup(context: LaunchContext): void {
    this.#context = context;
  }

  /** Hands the jobs in and waits for them. */
  async launch(jobs: readonly (readonly string[])[], firstIndex: number): Promise<JobReturn[]> {
    const { config, log, signal } = this.#context!;
    log.info(`Submitit 'slurm' sweep output dir : ${pythonStr(select(config, "hydra.sweep.dir"))}`);
    for (const [i, overrides] of jobs.entries()) log.info(jobLine(firstIndex + i, overrides));
    if (this.#options.cpusPerGpu !== null && this.#options.gpusPerTask === null) {
      log.warning("cpus_per_gpu needs gpus_per_task: Slurm cannot tell which GPUs are meant");
    }
    const folders = queueFolders(this.#options.submititFolder);
    const tickets = jobs.map((overrides, i) => this.#ticket(overrides, firstIndex + i, folders));
    const handedIn = await this.#handIn(tickets, folders);
    const queued = tickets.map((ticket, i) => ({ ticket, id: slurmId(handedIn, i, jobs.length) }));
    try {
      return await this.#results(handedIn, queued, folders);
    } catch (error) {
      if (signal.aborted) {
        log.info(`The jobs go on: "squeue -j ${handedIn}" shows them, "scancel ${handedIn}" ends them`);
      }
      throw error;
    }
  }

  #ticket(overrides: readonly string[], num: number, folders: QueueFolders): JobTicket {
    const { timeoutMin, signalDelayS, maxNumTimeout } = this.#options;
    return {
      overrides,
      num,
      id: "%j",
      resultFile: folders.result,
      host: "slurm",
      limit: {
        timeoutMs: timeoutMin * 60_000,
        signalDelayMs: signalDelayS * 1000,
        restarts: maxNumTimeout,
      },
    };
  }

  /** Writes the tickets and the script, and gives the script to Slurm. */
  async #handIn(tickets: readonly JobTicket[], folders: QueueFolders): Promise<string> {
    const { processes, config } = this.#context!;
    const batch = join(folders.shared, crypto.randomUUID());
    const { program, args, env } = processes.command(join(batch, "0.json"), 1);
    // The place in the array says which ticket a job has.
    const place = tickets.length > 1 ? '/"$SLURM_ARRAY_TASK_ID".json' : "/0.json";
    const exports = Object.keys(env).map((name) => `export ${name}=${shellWord(batch)}${place}`);
    const options = {
      ...this.#options,
      name: this.#options.name ?? pythonStr(select(config, "hydra.job.name")),
    };
    const script = join(batch, "submission.sh");
    const jobs = tickets.length;
    const text = sbatchScript({ options, folders, jobs, exports, command: [program, ...args] });
    let handedIn: string;
    try {
      for (const [i, ticket] of tickets.entries()) processes.issue(ticket, join(batch, `${i}.json`));
      writeWhole(script, text);
      handedIn = await submit(script);
    } catch (error) {
      removeIfThere(batch);
      throw error;
    }
    // Slurm opens the logs of a job in folders that must be there when it starts.
    for (let i = 0; i < jobs; i++) {
      const log = formatIds(folders.stdout, slurmId(handedIn, i, jobs));
      Deno.mkdirSync(dirname(log), { recursive: true });
    }
    const kept = scriptPath(folders, handedIn);
    Deno.mkdirSync(dirname(kept), { recursive: true });
    Deno.renameSync(script, kept);
    return handedIn;
  }

  async #results(
    handedIn: string,
    queued: readonly QueuedJob[],
    folders: QueueFolders,
  ): Promise<JobReturn[]> {
    const { log, processes, signal } = this.#context!;
    const watch = new SlurmWatch(handedIn, this.#timing, (message) => log.warning(message));
    const returns = new Map<QueuedJob, JobReturn>();
    for (;;) {
      for (const job of queued) {
        if (returns.has(job)) continue;
        if (watch.mayHaveEnded(job.id)) lookAgain(dirname(formatIds(folders.result, job.id)));
        const found = this.#collect(job);
        if (found !== undefined) returns.set(job, found);
      }
      const open = queued.filter((job) => !returns.has(job));
      if (open.length === 0) return queued.map((job) => returns.get(job)!);
      const states = await watch.lost(open.map(({ id }) => id));
      for (const job of open) {
        const state = states.get(job.id);
        if (state === undefined) continue;
        // It may have come while Slurm was asked.
        const found = this.#collect(job) ??
          processes.lost(job.ticket, job.id, lost(job, state, folders));
        returns.set(job, found);
      }
      await pause(this.#timing.resultMs, signal);
    }
  }

  /** What all tasks of a job returned, once they have: the first that failed, or what the first task returned. */
  #collect({ ticket, id }: QueuedJob): JobReturn | undefined {
    const { nodes, tasksPerNode } = this.#options;
    const returns: JobReturn[] = [];
    for (let task = 0; task < nodes * tasksPerNode; task++) {
      const found = this.#context!.processes.collect(ticket, id, formatIds(ticket.resultFile, id, task));
      if (found === undefined) return undefined;
      returns.push(found);
    }
    return returns.find(({ status }) => status === "failed") ?? returns[0];
  }
}

function lost({ ticket, id }: QueuedJob, state: string, folders: QueueFolders): JobError {
  const log = formatIds(folders.stderr, id);
  const said = lastLine(log);
  return new JobError(`Slurm ended job #${ticket.num} (${id}) as ${state}, and it left no result`, {
    where: log,
    fix: said === "" ? `sacct -j ${id} says more` : `it wrote last: ${said}`,
  });
}

/** A network file system may take a minute to notice another machine's file; a change to the folder makes it look. */
function lookAgain(folder: string): void {
  try {
    const { mode } = Deno.statSync(folder);
    if (mode !== null) Deno.chmodSync(folder, mode & 0o7777);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied)) {
      throw error;
    }
  }
}

/** Waits, unless Ctrl-C ends the wait. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    if (signal.aborted) return reject(signal.reason);
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal.addEventListener("abort", stop, { once: true });
  });
}
