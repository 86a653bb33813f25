import { JobError } from "../errors.ts";
import { elementText } from "../config/override_value.ts";
import { formatIds } from "../sweep/job_paths.ts";
import { type IssuedTicket, writeTicket } from "./job_ticket.ts";
import { type JobEnd, writeResult } from "./job_result.ts";

/** What a local queue reads as "start me again": submitit's word for it. */
export const RESTART_CODE = 144;

/** Who asked a job to stop. */
type Stop = "interrupt" | "orphaned" | "queue";

/** Ids that a queue gives to a job's process through its environment. */
export interface JobIds {
  readonly job: string;
  /** The number of the process among those of the job; 0 speaks for all. */
  readonly task: number;
}

/** The process of one job: what tells it to stop, and how it says that it has ended. */
export class JobChild {
  readonly #ticket: IssuedTicket;
  readonly #file: string;
  readonly #abort: AbortController;
  readonly #ids: JobIds;
  readonly #startedAt = Date.now();
  #stop: Stop | undefined;

  /**
   * @param file The ticket's file: a job that starts again finds there what to do.
   * @param abort Aborted where the job is to stop after its step.
   */
  constructor(ticket: IssuedTicket, file: string, abort: AbortController) {
    this.#ticket = ticket;
    this.#file = file;
    this.#abort = abort;
    this.#ids = idsOf(ticket);
  }

  /** `hydra.job.id`. */
  get id(): string {
    return formatIds(this.#ticket.id, this.#ids.job);
  }

  /** Listens to Ctrl-C, to the queue's signal, and to the end of the parent. Ends with the process. */
  listen(): void {
    const interrupt = (): void => {
      // Without a listener, the second signal ends the process even in the middle of a long computation.
      Deno.removeSignalListener("SIGINT", interrupt);
      this.#ask("interrupt");
    };
    Deno.addSignalListener("SIGINT", interrupt);
    if (this.#ticket.host === "parent") return void this.#untilOrphaned();
    Deno.addSignalListener("SIGUSR2", () => this.#ask("queue"));
    // Slurm sends it beside its own signal, before it takes the job away.
    if (this.#ticket.host === "slurm") Deno.addSignalListener("SIGTERM", () => {});
    if (this.#ticket.host === "local") this.#keepTime();
  }

  /** The parent holds the other end of this process's input and writes nothing to it. */
  async #untilOrphaned(): Promise<void> {
    for await (const _ of Deno.stdin.readable);
    // A parent that was asked to stop and is gone now was told to end at once.
    if (this.#stop === "interrupt") Deno.exit(130);
    this.#ask("orphaned");
  }

  /** A local queue has nobody else to keep the time once the program that started the job is gone. */
  #keepTime(): void {
    const { limit } = this.#ticket;
    if (limit === undefined) return;
    setTimeout(() => this.#ask("queue"), Math.max(0, limit.timeoutMs - limit.signalDelayMs));
    setTimeout(() => {
      this.#write(this.#failed(tooLong(this.#ticket)));
      Deno.exit(1);
    }, limit.timeoutMs);
  }

  #ask(stop: Stop): void {
    this.#stop ??= stop;
    this.#abort.abort();
  }

  /**
   * Tells how the job ended, or asks the queue to start it again where it ran out of time and may.
   *
   * @param canResume Whether the job's config has a `ckpt_path` to go on from.
   * @returns The process's exit code.
   */
  finish(end: JobEnd, canResume: boolean): number {
    if (this.#stop === undefined) return this.#write(end).status === "completed" ? 0 : 1;
    if (this.#stop !== "queue") {
      // A task may return early when it is asked to stop: what it returns then is no result.
      const isCut = end.status === "completed";
      this.#write(isCut ? this.#failed(new JobError(`Job #${this.#ticket.num} was interrupted`), end) : end);
      return 130;
    }
    if (this.#ids.task !== 0) return 1;
    try {
      return this.#startAgain(end, canResume);
    } catch (error) {
      this.#write(this.#failed(error, end));
      return 1;
    }
  }

  #startAgain(end: JobEnd, canResume: boolean): number {
    const { limit, allOverrides, host } = this.#ticket;
    const restarts = (limit?.restarts ?? 0) - (this.#isOutOfTime() ? 1 : 0);
    if (restarts < 0) throw tooLong(this.#ticket);
    const checkpoint = (end.error as { readonly checkpointPath?: unknown } | undefined)?.checkpointPath;
    const resumes = canResume && typeof checkpoint === "string";
    writeTicket(this.#file, {
      ...this.#ticket,
      allOverrides: resumes ? [...allOverrides, `ckpt_path=${elementText(checkpoint)}`] : allOverrides,
      limit: { ...limit!, restarts },
    });
    if (host === "slurm") requeue(this.#ids.job);
    return RESTART_CODE;
  }

  /** Slurm sends the same signal for a job that others push aside; that costs no restart. */
  #isOutOfTime(): boolean {
    const timeoutMs = this.#ticket.limit?.timeoutMs ?? 0;
    return Date.now() - this.#startedAt >= Math.min(0.8 * timeoutMs, timeoutMs - 10 * 60_000);
  }

  #write(end: JobEnd): JobEnd {
    return writeResult(formatIds(this.#ticket.resultFile, this.#ids.job, this.#ids.task), end);
  }

  #failed(error: unknown, end?: JobEnd): JobEnd {
    const { workingDir, outputDir } = end ?? { workingDir: Deno.cwd(), outputDir: "" };
    return { status: "failed", returnValue: undefined, error, workingDir, outputDir };
  }
}

/** The error of a job whose time is up. */
function tooLong({ limit, num }: IssuedTicket): JobError {
  const minutes = (limit?.timeoutMs ?? 0) / 60_000;
  return new JobError(`Job #${num} ran out of time: it had ${minutes} min`, {
    where: "hydra.launcher.timeout_min",
    fix: "raise it, or hydra.launcher.max_num_timeout where the job can go on from its checkpoint",
  });
}

function idsOf(ticket: IssuedTicket): JobIds {
  const env = Deno.env;
  switch (ticket.host) {
    case "parent":
      return { job: ticket.id, task: 0 };
    case "local": {
      const job = env.get("SUBMITIT_LOCAL_JOB_ID") ?? String(Deno.pid);
      return { job, task: Number(env.get("SUBMITIT_LOCAL_GLOBALID") ?? 0) };
    }
    case "slurm": {
      const array = env.get("SLURM_ARRAY_JOB_ID");
      const job = array === undefined
        ? env.get("SLURM_JOB_ID")
        : `${array}_${env.get("SLURM_ARRAY_TASK_ID")}`;
      if (job !== undefined) return { job, task: Number(env.get("SLURM_PROCID") ?? 0) };
      throw new JobError("The job has no id: SLURM_JOB_ID is not set", {
        fix: "the script that sbatch was given is run by Slurm only",
      });
    }
    default:
      return ticket.host satisfies never;
  }
}

function requeue(job: string): void {
  const { success, stderr } = new Deno.Command("scontrol", { args: ["requeue", job] }).outputSync();
  if (success) return;
  throw new JobError(`Slurm did not take job ${job} back into its queue`, {
    where: "scontrol requeue",
    fix: new TextDecoder().decode(stderr).trim() || undefined,
  });
}
