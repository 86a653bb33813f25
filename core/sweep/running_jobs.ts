/** A process that can be sent a signal. */
export interface Signalled {
  kill(signal: Deno.Signal): void;
}

/**
 * Processes of jobs that run now. The first Ctrl-C asks each to finish its step and save; the second ends them, and
 * this program with them, at once.
 *
 * They have process groups of their own, so that no signal reaches them twice.
 */
export class RunningJobs {
  readonly #running = new Set<Signalled>();
  readonly #signal: AbortSignal;
  /** Whether the first Ctrl-C has been dealt with: a listener that it adds is called for it, too. */
  #isSecond = false;
  readonly #stop = (): void => {
    for (const job of this.#running) send(job, "SIGINT");
    // At once: between the app's listener and this one the system would end this process, but not the jobs.
    Deno.addSignalListener("SIGINT", this.#end);
    queueMicrotask(() => this.#isSecond = true);
  };
  readonly #end = (): void => {
    if (!this.#isSecond) return;
    for (const job of this.#running) send(job, "SIGKILL");
    this.#tidy();
    Deno.exit(130);
  };

  readonly #tidy: () => void;

  /**
   * @param signal Aborted at the first Ctrl-C.
   * @param tidy Called where this program ends at once.
   */
  constructor(signal: AbortSignal, tidy: () => void = () => {}) {
    this.#signal = signal;
    this.#tidy = tidy;
    signal.addEventListener("abort", this.#stop, { once: true });
  }

  /** Watches over a process while `ended` is open. */
  async during<T>(job: Signalled, ended: Promise<T>): Promise<T> {
    this.#running.add(job);
    try {
      return await ended;
    } finally {
      this.#running.delete(job);
    }
  }

  /** Stops listening. */
  close(): void {
    this.#signal.removeEventListener("abort", this.#stop);
    Deno.removeSignalListener("SIGINT", this.#end);
  }
}

/**
 * Waits for all, then throws what the first that failed has thrown: nothing goes on behind the caller's back.
 *
 * @example
 * ```ts
 * import { allOf } from "./running_jobs.ts";
 * console.assert((await allOf([Promise.resolve(1), 2])).join() === "1,2");
 * ```
 */
export async function allOf<T>(parts: readonly (Promise<T> | T)[]): Promise<T[]> {
  const ends = await Promise.allSettled(parts);
  return ends.map((end) => {
    if (end.status === "rejected") throw end.reason;
    return end.value;
  });
}

/** Sends a signal to a process that may have ended meanwhile. */
export function send(job: Signalled, signal: Deno.Signal): void {
  try {
    job.kill(signal);
  } catch (error) {
    const isGone = error instanceof Deno.errors.NotFound || error instanceof TypeError;
    if (!isGone) throw error;
  }
}
