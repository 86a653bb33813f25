import { join, resolve } from "node:path";
import { JobError } from "../errors.ts";
import { number, optional, required, takeOptions, text } from "../options.ts";
import { pythonStr } from "../config/python_text.ts";
import { Float } from "../config/scalar.ts";
import { select } from "../config/select.ts";
import { runChild } from "./child_job.ts";
import type { JobTicket } from "./job_process.ts";
import { withoutResult } from "./lost_job.ts";
import { refuseIgnored, unusable } from "./plain_options.ts";
import { allOf, RunningJobs } from "./running_jobs.ts";
import { jobLine, type JobReturn, type LaunchContext, type Launcher } from "./sweeper.ts";
import { removeIfThere } from "./whole_file.ts";

/** The options of `hydra/launcher=joblib`. */
export interface JoblibLauncherOptions {
  /** Jobs at the same time: -1 for one per processor, -2 for one fewer, and so on. @default -1 */
  nJobs?: number;
  /** Jobs are always processes: `null` or `loky`. @default null */
  backend?: string | null;
  /** @default "processes" */
  prefer?: string;
  /** Jobs share no memory: `null`. @default null */
  require?: string | null;
  /** Above 0, a line is logged as each job ends. @default 0 */
  verbose?: number;
  /** Seconds that a job may take; it is then asked to stop, and fails. @default null */
  timeout?: number | null;
  /** A job is started when there is room for it: `2*n_jobs`. @default "2*n_jobs" */
  preDispatch?: string;
  /** Each job has a process of its own: `auto` or `1`. @default "auto" */
  batchSize?: string;
  /** Nothing is handed over by files: `null`. @default null */
  tempFolder?: string | null;
  /** As `tempFolder`. @default null */
  maxNbytes?: string | null;
  /** As `tempFolder`: `r`. @default "r" */
  mmapMode?: string;
}

/**
 * Runs jobs side by side, each in a process of its own that ends with this one; results come in the jobs' order.
 *
 * Equals Hydra's joblib launcher 1.2 in its node, its log lines and its jobs' ids (`<name>_<n>`). Options of joblib's
 * own workings that have no meaning here are taken at their defaults and refused otherwise.
 *
 * @example
 * ```ts
 * import { JoblibLauncher } from "./joblib_launcher.ts";
 * console.assert(typeof new JoblibLauncher({ nJobs: 2 }).launch === "function");
 * ```
 */
export class JoblibLauncher implements Launcher {
  readonly #options: Required<JoblibLauncherOptions>;
  #context: LaunchContext | undefined;

  constructor(options: JoblibLauncherOptions = {}) {
    const o = takeOptions<JoblibLauncherOptions>("hydra/launcher=joblib", options, {
      nJobs: -1,
      backend: optional(text(required)),
      prefer: "processes",
      require: optional(text(required)),
      verbose: 0,
      timeout: optional(number(required)),
      preDispatch: "2*n_jobs",
      batchSize: "auto",
      tempFolder: optional(text(required)),
      maxNbytes: optional(text(required)),
      mmapMode: "r",
    });
    const files = "jobs are told by a file which job they are, and hand over no arrays";
    refuseIgnored("joblib", {
      backend: { value: o.backend, allowed: [null, "loky"], why: "jobs are processes" },
      prefer: { value: o.prefer, allowed: ["processes"], why: "jobs are processes" },
      require: { value: o.require, allowed: [null], why: "jobs are processes, which share no memory" },
      preDispatch: {
        value: o.preDispatch,
        allowed: ["2*n_jobs"],
        why: "a job starts when there is room for it",
      },
      batchSize: { value: o.batchSize, allowed: ["auto", "1"], why: "each job has a process of its own" },
      tempFolder: { value: o.tempFolder, allowed: [null], why: files },
      maxNbytes: { value: o.maxNbytes, allowed: [null], why: files },
      mmapMode: { value: o.mmapMode, allowed: ["r"], why: files },
    });
    if (!Number.isInteger(o.nJobs) || o.nJobs === 0) {
      throw unusable("joblib", "nJobs", o.nJobs, "give a positive number, or -1 for all processors");
    }
    if (o.timeout !== null && !(o.timeout > 0)) {
      throw unusable("joblib", "timeout", o.timeout, "give a positive number of seconds, or null");
    }
    this.#options = { ...o };
  }

  /** Keeps what the sweep works with. */
  setup(context: LaunchContext): void {
    this.#context = context;
  }

  /** Runs the jobs, as many at the same time as `nJobs` says. */
  async launch(jobs: readonly (readonly string[])[], firstIndex: number): Promise<JobReturn[]> {
    const { config, log, signal } = this.#context!;
    const sweepDir = asPath(pythonStr(select(config, "hydra.sweep.dir")));
    log.info(`Joblib.Parallel(${this.#described()}) is launching ${jobs.length} jobs`);
    log.info(`Launching jobs, sweep output dir : ${sweepDir}`);
    for (const [i, overrides] of jobs.entries()) log.info(jobLine(i, overrides));
    const folder = resolve(sweepDir, `.joblib-${Deno.pid}`);
    const running = new RunningJobs(signal, () => removeIfThere(folder));
    const atOnce = Math.min(jobsAtOnce(this.#options.nJobs, navigator.hardwareConcurrency), jobs.length);
    const startedAt = performance.now();
    const results: JobReturn[] = [];
    let next = 0;
    let done = 0;
    const work = async (): Promise<void> => {
      while (next < jobs.length && !signal.aborted) {
        const i = next++;
        const result = results[i] = await this.#run(jobs[i]!, firstIndex + i, folder, atOnce, running);
        done++;
        if (this.#options.verbose > 0) {
          const elapsed = ((performance.now() - startedAt) / 1000).toFixed(1);
          log.info(
            `#${firstIndex + i} ${result.status}, ${done} of ${jobs.length} done | elapsed: ${elapsed}s`,
          );
        }
      }
    };
    try {
      await allOf(Array.from({ length: atOnce }, work));
    } finally {
      running.close();
      removeIfThere(folder);
    }
    signal.throwIfAborted();
    return results;
  }

  async #run(
    overrides: readonly string[],
    num: number,
    folder: string,
    atOnce: number,
    running: RunningJobs,
  ): Promise<JobReturn> {
    const { config, processes } = this.#context!;
    const id = `${pythonStr(select(config, "hydra.job.name"))}_${num}`;
    const ticketFile = join(folder, `${num}_ticket.json`);
    const ticket: JobTicket = {
      overrides,
      num,
      id,
      resultFile: join(folder, `${num}_result.json`),
      host: "parent",
    };
    processes.issue(ticket, ticketFile);
    const { timeout } = this.#options;
    const end = await runChild(processes.command(ticketFile, atOnce), {
      running,
      output: processes.output,
      label: atOnce > 1 ? `#${num} ` : "",
      timeoutMs: timeout === null ? undefined : timeout * 1000,
    });
    if (end.isTooLong) return processes.lost(ticket, id, tooLong(num, timeout!));
    return processes.collect(ticket, id, ticket.resultFile) ??
      processes.lost(ticket, id, withoutResult(num, end));
  }

  /** The options as the plugin logs them. */
  #described(): string {
    const o = this.#options;
    const timeout = o.timeout === null
      ? null
      : Number.isInteger(o.timeout)
      ? new Float(o.timeout)
      : o.timeout;
    const shown: readonly (readonly [string, unknown])[] = [
      ["n_jobs", o.nJobs],
      ["backend", "loky"],
      ["prefer", o.prefer],
      ["require", o.require],
      ["verbose", o.verbose],
      ["timeout", timeout],
      ["pre_dispatch", o.preDispatch],
      ["batch_size", o.batchSize],
      ["temp_folder", o.tempFolder],
      ["max_nbytes", o.maxNbytes],
      ["mmap_mode", o.mmapMode],
    ];
    return shown.map(([name, value]) => `${name}=${pythonStr(value)}`).join(",");
  }
}

/**
 * How many jobs run at the same time.
 *
 * @example
 * ```ts
 * import { jobsAtOnce } from "./joblib_launcher.ts";
 * console.assert(jobsAtOnce(-1, 8) === 8 && jobsAtOnce(-2, 8) === 7 && jobsAtOnce(-20, 8) === 1);
 * ```
 */
export function jobsAtOnce(nJobs: number, processors: number): number {
  return nJobs > 0 ? nJobs : Math.max(1, processors + 1 + nJobs);
}

function tooLong(num: number, seconds: number): JobError {
  return new JobError(`Job #${num} took longer than ${seconds} s and was stopped`, {
    where: "hydra.launcher.timeout",
    fix: "raise it, or null for no limit",
  });
}

/** A path as Python's `pathlib.Path` writes it: without doubled slashes, `.` and a slash at the end. */
function asPath(path: string): string {
  const root = /^\/\/(?!\/)/.test(path) ? "//" : path.startsWith("/") ? "/" : "";
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  return root + parts.join("/") || ".";
}
