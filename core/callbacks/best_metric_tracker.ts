import { MisconfigurationError } from "../errors.ts";
import { maximum, minimum, where } from "../ops/mod.ts";
import { optional, required, takeOptions, text } from "../options.ts";
import { full, noGrad, Tensor, tensor, variable } from "../tensor/mod.ts";
import type { Callback, Run } from "../train/callback.ts";
import { BaseLitModule } from "../train/lit_module.ts";

/** Which way a value improves. */
export type Direction = "min" | "max";

/** The best value so far of a metric in validation, logged as `val/best`; kept in checkpoints. */
export class BestValidation {
  readonly #owner: string;
  readonly #tracked: string | null;
  readonly #direction: () => Direction;
  #best: Tensor | null = null;

  /** @param tracked A metric without its stage; null is `total`, the loss. */
  constructor(owner: string, tracked: string | null, direction: () => Direction) {
    this.#owner = owner;
    this.#tracked = tracked;
    this.#direction = direction;
  }

  get #worst(): number {
    return this.#direction() === "min" ? Infinity : -Infinity;
  }

  /** Makes room for the value, and tells the module what is tracked. */
  setup(run: Run): void {
    this.#best ??= variable(Float32Array.of(this.#worst), { shape: [] });
    if (this.#tracked !== null && run.module instanceof BaseLitModule) {
      run.module.trackedMetric = { name: this.#tracked, better: this.#direction() };
    }
  }

  /** Begins anew, except in a run that goes on from a checkpoint. */
  start(run: Run): void {
    if (run.checkpointPath === null) this.#best?.assign(full([], this.#worst));
  }

  /** Takes the epoch's value in and logs the best. */
  update(run: Run): void {
    if (run.stage !== "fit" || run.loop === "sanity") return;
    const name = `val/${this.#tracked ?? "total"}`;
    const value = run.epochValue(name);
    if (value === null) {
      throw new MisconfigurationError(`${this.#owner} tracks "${name}", which was not logged`, {
        where: `callbacks.${this.#owner}`,
        fix: "log it in validationStep(), or name a metric of MetricsCallback in tracked_metric_name",
      });
    }
    const best = this.#best!;
    const better = this.#direction();
    noGrad(() => {
      const now = value instanceof Tensor ? value.to("f32").reshape([]) : tensor(value);
      const improved = better === "min" ? minimum(best, now) : maximum(best, now);
      // A NaN is passed over, as torchmetrics' MinMetric and MaxMetric do.
      best.assign(where(now.eq(now), improved, best));
    });
    run.log("val/best", best, { onEpoch: true, progBar: true, better });
  }

  /** What a checkpoint keeps. */
  stateTensors(): Readonly<Record<string, Tensor>> {
    return this.#best === null ? {} : { best: this.#best };
  }
}

/** What decides which weights are best. */
export interface BestMetricTrackerCallbackOptions {
  /** The metric, without its stage, whose best validation value is `val/best`. @default null: `val/total` */
  trackedMetricName?: string | null;
}

/**
 * Logs the best validation value of a metric as `val/best`: what `MetricsCallback` does by itself, for configs that
 * keep the two apart. Beside it `MetricsCallback` leaves `val/best` alone; it stands in front of this one.
 *
 * Which way the metric improves is what the `MetricsCallback` that has it says; for a metric that the module itself
 * logs, larger is better. The loss (`null`) is better where it is smaller.
 *
 * @example
 * ```ts
 * import { BestMetricTrackerCallback } from "./best_metric_tracker.ts";
 * console.assert(new BestMetricTrackerCallback({ trackedMetricName: "accuracy" }).direction === "max");
 * ```
 */
export class BestMetricTrackerCallback implements Callback {
  readonly #best: BestValidation;
  /** Which way the tracked value improves. */
  direction: Direction;
  readonly #tracked: string | null;

  constructor(options: BestMetricTrackerCallbackOptions = {}) {
    const { trackedMetricName } = takeOptions<BestMetricTrackerCallbackOptions>(
      "callbacks.BestMetricTrackerCallback",
      options,
      { trackedMetricName: optional(text(required)) },
    );
    this.#tracked = trackedMetricName;
    this.direction = trackedMetricName === null ? "min" : "max";
    this.#best = new BestValidation("BestMetricTrackerCallback", trackedMetricName, () => this.direction);
  }

  setup(run: Run): void {
    for (const callback of run.callbacks) {
      if (this.#tracked !== null && measures(callback)) {
        this.direction = callback.directionOf(this.#tracked) ?? this.direction;
      }
    }
    this.#best.setup(run);
  }

  onTrainStart(run: Run): void {
    this.#best.start(run);
  }

  onValidationEpochEnd(run: Run): void {
    this.#best.update(run);
  }

  stateTensors(): Readonly<Record<string, Tensor>> {
    return this.#best.stateTensors();
  }
}

function measures(
  callback: Callback,
): callback is Callback & { directionOf(name: string): Direction | null } {
  return "directionOf" in callback;
}
