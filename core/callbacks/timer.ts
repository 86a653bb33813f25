import { choice, optional, takeOptions } from "../options.ts";
import type { Callback, Json, Run } from "../train/callback.ts";
import { type Duration, durationRule, formatDuration, parseDuration } from "../train/duration.ts";

/** How long to train. */
export interface TimerOptions {
  /** The time, as `"DD:HH:MM:SS"`; `null` only measures. @default null */
  duration?: Duration | null;
  /** Where the time is checked: after batches or after epochs. @default "step" */
  interval?: "step" | "epoch";
  /** Shows a line when the time is up. @default true */
  verbose?: boolean;
}

/**
 * Stops training when its time is up; the time already trained is kept in checkpoints.
 *
 * @example
 * ```ts
 * import { Timer } from "./timer.ts";
 * const timer = new Timer({ duration: "00:00:30:00" });
 * console.assert(timer.elapsedMs() === 0);
 * ```
 */
export class Timer implements Callback {
  readonly #durationMs: number | null;
  readonly #interval: "step" | "epoch";
  readonly #verbose: boolean;
  #startedAtMs: number | null = null;
  #earlierMs = 0;
  #now: () => number;

  /** @param now The clock, in milliseconds; tests give their own. */
  constructor(options: TimerOptions = {}, now: () => number = () => performance.now()) {
    const o = takeOptions<TimerOptions>("callbacks.Timer", options, {
      duration: optional(durationRule()),
      interval: choice("step", ["step", "epoch"]),
      verbose: true,
    });
    this.#durationMs = o.duration === null ? null : parseDuration(o.duration, "callbacks.Timer");
    this.#interval = o.interval;
    this.#verbose = o.verbose;
    this.#now = now;
  }

  /** The time trained so far, in milliseconds, earlier parts of a resumed run included. */
  elapsedMs(): number {
    return this.#earlierMs + (this.#startedAtMs === null ? 0 : this.#now() - this.#startedAtMs);
  }

  onTrainStart(): void {
    this.#startedAtMs = this.#now();
  }

  onTrainBatchEnd(run: Run): void {
    if (this.#interval === "step") this.#check(run);
  }

  onTrainEpochEnd(run: Run): void {
    if (this.#interval === "epoch") this.#check(run);
  }

  onTrainEnd(): void {
    this.#earlierMs = this.elapsedMs();
    this.#startedAtMs = null;
  }

  #check(run: Run): void {
    if (this.#durationMs === null || this.elapsedMs() < this.#durationMs || run.shouldStop) return;
    const text = `Time limit reached. Elapsed time is ${formatDuration(this.elapsedMs())}.`;
    run.stop(this.#verbose ? `${text} Signaling Trainer to stop.` : "");
  }

  state(): Json {
    return { elapsedMs: this.elapsedMs() };
  }

  loadState(state: Json): void {
    this.#earlierMs = Number((state as { elapsedMs?: number }).elapsedMs ?? 0);
  }
}
