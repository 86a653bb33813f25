import { dirname, join } from "node:path";
import { JobError } from "../errors.ts";
import { takeOptions } from "../options.ts";
import { pythonStr } from "../config/python_text.ts";
import { select } from "../config/select.ts";
import { formatIds, type QueueFolders, queueFolders } from "./job_paths.ts";
import type { JobCommand, JobTicket } from "./job_process.ts";
import { lastLine, withoutResult } from "./lost_job.ts";
import { checkCounts, refuseIgnored } from "./plain_options.ts";
import { allOf, RunningJobs, send } from "./running_jobs.ts";
import { shellWord } from "./shell_words.ts";
import { SUBMITIT_DEFAULTS, type SubmititOptions } from "./submitit_options.ts";
import { jobLine, type JobReturn, type LaunchContext, type Launcher } from "./sweeper.ts";
import { removeIfThere } from "./whole_file.ts";

/** Submitit's own choices for its local queue. */
const SIGNAL_DELAY_MS = 30_000;
const RESTARTS = 3;
/** The exit code of a job that is to be started again. */
const RESTART_CODE = 144;
/** How long after its time a job is ended that did not end itself. */
const GRACE_MS = 5_000;

interface TaskEnd {
  readonly code: number;
  readonly signal: string | null;
  /** What the shell complained about before the job's process began. */
  readonly complaint: string;
  /** Whether it was ended because it did not end itself in time. */
  readonly isTooLong: boolean;
}

/**
 * Runs all jobs of a batch at once, each in a process that outlives this program: output and result go to files below
 * `submititFolder`.
 *
 * Equals Hydra's submitit launcher 1.2 with submitit's local queue in its node, log lines, file names and ids. 30
 * seconds before its time is up a job is asked to stop; while this program is there it may start again 3 times, from
 * its checkpoint where its config has a `ckpt_path`. A machine has no queue to ask for processors or memory: those
 * options are refused.
 *
 * @example
 * ```ts
 * import { SubmititLocalLauncher } from "./submitit_local_launcher.ts";
 * console.assert(typeof new SubmititLocalLauncher({ timeoutMin: 5 }).launch === "function");
 * ```
 */
export class SubmititLocalLauncher implements Launcher {
  readonly #options: Required<SubmititOptions>;
  #context: LaunchContext | undefined;

  constructor(options: SubmititOptions = {}) {
    const o = takeOptions<SubmititOptions>("hydra/launcher=submitit_local", options, SUBMITIT_DEFAULTS);
    const why = "nothing shares out this machine; a queue does, as of hydra/launcher=submitit_slurm";
    refuseIgnored("submitit_local", {
      cpusPerTask: { value: o.cpusPerTask, allowed: [null], why },
      gpusPerNode: { value: o.gpusPerNode, allowed: [null], why },
      memGb: { value: o.memGb, allowed: [null], why },
      nodes: { value: o.nodes, allowed: [1], why: "jobs run on this machine" },
    });
    checkCounts("submitit_local", { timeoutMin: o.timeoutMin, tasksPerNode: o.tasksPerNode });
    this.#options = { ...o };
  }

  /** @throws {OptionError} for a name of its own, which no queue is there to show. */
  setup(context: LaunchContext): void {
    const { name } = this.#options;
    const own = pythonStr(select(context.config, "hydra.job.name"));
    const why = "there is no queue to show it";
    refuseIgnored("submitit_local", { name: { value: name, allowed: [own, null], why } });
    this.#context = context;
  }

  /** Runs the jobs, all at the same time. */
  async launch(jobs: readonly (readonly string[])[], firstIndex: number): Promise<JobReturn[]> {
    const { config, log, signal } = this.#context!;
    log.info(`Submitit 'local' sweep output dir : ${pythonStr(select(config, "hydra.sweep.dir"))}`);
    const folders = queueFolders(this.#options.submititFolder);
    const running = new RunningJobs(signal);
    const batch = crypto.randomUUID();
    for (const [i, overrides] of jobs.entries()) log.info(jobLine(firstIndex + i, overrides));
    try {
      const results = await allOf(jobs.map((overrides, i) => {
        const num = firstIndex + i;
        const file = join(folders.shared, `${batch}_${num}.json`);
        return this.#run(overrides, num, folders, file, jobs.length, running);
      }));
      signal.throwIfAborted();
      return results;
    } finally {
      running.close();
    }
  }

  async #run(
    overrides: readonly string[],
    num: number,
    folders: QueueFolders,
    file: string,
    jobs: number,
    running: RunningJobs,
  ): Promise<JobReturn> {
    const { processes } = this.#context!;
    const { timeoutMin, tasksPerNode } = this.#options;
    const limit = { timeoutMs: timeoutMin * 60_000, signalDelayMs: SIGNAL_DELAY_MS, restarts: RESTARTS };
    const ticket: JobTicket = {
      overrides,
      num,
      id: "%j",
      resultFile: folders.result,
      host: "local",
      limit,
    };
    processes.issue(ticket, file);
    const command = processes.command(file, jobs * tasksPerNode);
    let id: string | undefined;
    let ends: readonly TaskEnd[];
    do {
      const tasks: Promise<TaskEnd>[] = [];
      for (let task = 0; task < tasksPerNode; task++) {
        const child = startTask(command, folders, this.#options, task, id);
        id ??= String(child.pid);
        tasks.push(running.during(child, ended(child, limit.timeoutMs + GRACE_MS)));
      }
      ends = await Promise.all(tasks);
    } while (ends.some(({ code }) => code === RESTART_CODE));
    removeIfThere(file);
    const returns = ends.map((end, task) => {
      return processes.collect(ticket, id!, formatIds(folders.result, id!, task)) ??
        processes.lost(ticket, id!, lost(num, end, formatIds(folders.stderr, id!, task)));
    });
    return returns.find(({ status }) => status === "failed") ?? returns[0]!;
  }
}

/** Starts one process of a job; its shell becomes the job, so that the job's id is the process's. */
function startTask(
  command: JobCommand,
  folders: QueueFolders,
  options: Required<SubmititOptions>,
  task: number,
  id: string | undefined,
): Deno.ChildProcess {
  const path = (file: string): string => {
    // Checks the tags, too.
    const named = formatIds(file, id ?? "0", task);
    if (id !== undefined) return shellWord(named);
    return file.replaceAll("%t", String(task)).split(/%[jA]/).map(shellWord).join("$$");
  };
  const errors = options.stderrToStdout ? "2>&1" : `2>>${path(folders.stderr)}`;
  // Set in any case: a job that is started by another job must not take that one's id.
  const script =
    `export SUBMITIT_LOCAL_JOB_ID=${id ?? "$$"} && mkdir -p ${path(dirname(folders.stdout))} && ` +
    `exec "$@" >>${path(folders.stdout)} ${errors}`;
  try {
    return new Deno.Command("sh", {
      args: ["-c", script, "sh", command.program, ...command.args],
      cwd: command.cwd,
      env: {
        ...command.env,
        SUBMITIT_EXECUTOR: "local",
        SUBMITIT_LOCAL_NTASKS: String(options.tasksPerNode),
        SUBMITIT_LOCAL_JOB_NUM_NODES: "1",
        SUBMITIT_LOCAL_NODEID: "0",
        SUBMITIT_LOCAL_LOCALID: String(task),
        SUBMITIT_LOCAL_GLOBALID: String(task),
      },
      stdin: "null",
      stdout: "null",
      stderr: "piped",
      detached: true,
    }).spawn();
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new JobError("There is no shell here that could start jobs", {
      where: "hydra/launcher=submitit_local, sh",
      fix: "choose hydra/launcher=joblib",
      cause,
    });
  }
}

async function ended(child: Deno.ChildProcess, limitMs: number): Promise<TaskEnd> {
  let isTooLong = false;
  const timer = setTimeout(() => {
    isTooLong = true;
    send(child, "SIGKILL");
  }, limitMs);
  try {
    const [{ code, signal }, complaint] = await Promise.all([child.status, child.stderr.text()]);
    return { code, signal, complaint: complaint.trim(), isTooLong };
  } finally {
    clearTimeout(timer);
  }
}

function lost(num: number, end: TaskEnd, log: string): JobError {
  if (end.isTooLong) {
    return new JobError(`Job #${num} ran out of time and did not stop`, {
      where: log,
      fix: "raise hydra.launcher.timeout_min",
    });
  }
  const { what, fix } = withoutResult(num, end);
  const said = end.complaint || lastLine(log);
  if (said !== "") return new JobError(what, { where: log, fix: `it wrote last: ${said}` });
  const isFull = end.signal === null && end.code !== 0;
  return new JobError(what, { where: log, fix: isFull ? "it wrote nothing: is the disk full?" : fix });
}
