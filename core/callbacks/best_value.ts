import { MisconfigurationError } from "../errors.ts";
import { choice, required, type Rule, takeOptions, text } from "../options.ts";
import type { Run } from "../train/callback.ts";

/** Which way a metric improves; `"auto"` asks the run, where the loss or metric that logged the value declared it. */
export type Mode = "min" | "max" | "auto";

/** What is watched, and what counts as better. */
export interface BestValueOptions {
  /** The name of a logged metric. */
  readonly monitor: string;
  /** @default "min" */
  readonly mode?: Mode;
  /** Changes no larger than this are no improvement. @default 0 */
  readonly minDelta?: number;
}

/**
 * Whether `value` is better than `than`.
 *
 * @example
 * ```ts
 * import { isBetter } from "./best_value.ts";
 * console.assert(isBetter("min", 1, 2) && !isBetter("max", 1, 2));
 * ```
 */
export function isBetter(mode: "min" | "max", value: number, than: number): boolean {
  return mode === "min" ? value < than : value > than;
}

/** The direction that a mode means in a run: declared by what logged the metric, else smaller is better. */
export function resolveMode(mode: Mode, monitor: string | null, run: Run): "min" | "max" {
  if (mode !== "auto") return mode;
  return (monitor === null ? null : run.direction(monitor)) ?? "min";
}

/** The option `mode`. */
export const MODE: Rule<Mode> = choice<Mode>("min", ["min", "max", "auto"]);

/**
 * A metric of the run.
 *
 * @throws {MisconfigurationError} where it was not logged; the error lists what was.
 */
export function monitored(run: Run, monitor: string, owner: string): number {
  const value = run.callbackMetrics[monitor];
  if (value !== undefined) return value;
  const names = Object.keys(run.callbackMetrics);
  throw new MisconfigurationError(`${owner} monitors "${monitor}", which was not logged`, {
    where: owner,
    fix: names.length === 0
      ? "log it in a step, or check that validation runs"
      : `logged are ${names.join(", ")}`,
  });
}

/** The best value of a metric so far: the one rule of improvement that callbacks share. */
export class BestValue {
  readonly monitor: string;
  readonly #mode: Mode;
  readonly #minDelta: number;
  #best: number | null = null;

  constructor({ monitor, mode, minDelta }: BestValueOptions) {
    const o = takeOptions<BestValueOptions>(
      "callbacks.BestValue",
      { monitor, mode, minDelta } as BestValueOptions,
      {
        monitor: text(required),
        mode: MODE,
        minDelta: 0,
      },
    );
    this.monitor = o.monitor;
    this.#mode = o.mode;
    this.#minDelta = Math.abs(o.minDelta);
  }

  /** The best value so far, or `null` before the first. */
  get best(): number | null {
    return this.#best;
  }

  /** Sets the best value, as when a run is resumed. */
  restore(best: number | null): void {
    this.#best = best;
  }

  /** Whether the value improves on the best so far by more than `minDelta`; remembers it if so. */
  update(value: number, run: Run): boolean {
    const mode = resolveMode(this.#mode, this.monitor, run);
    const shifted = mode === "min" ? value + this.#minDelta : value - this.#minDelta;
    const improved = isBetter(mode, shifted, this.#best ?? (mode === "min" ? Infinity : -Infinity));
    if (improved) this.#best = value;
    return improved;
  }

  /** Whether a value is better than a fixed threshold. */
  beats(value: number, threshold: number, run: Run): boolean {
    return isBetter(resolveMode(this.#mode, this.monitor, run), value, threshold);
  }
}
