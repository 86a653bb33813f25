import type { Batch } from "../batch.ts";
import { MisconfigurationError } from "../errors.ts";
import type { Metric, MetricsComposition } from "../metrics/mod.ts";
import { hasMethods, like, optional, required, takeOptions, text } from "../options.ts";
import { noGrad, type Tensor } from "../tensor/mod.ts";
import type { Callback, Run, StepOutputs } from "../train/callback.ts";
import { BestMetricTrackerCallback, BestValidation } from "./best_metric_tracker.ts";

/** What to measure, and what decides which weights are best. */
export interface MetricsCallbackOptions {
  /** The metrics, and how they read the step's outputs. @default null */
  metrics?: MetricsComposition | null;
  /** The metric, without its stage, whose best validation value is `val/best`. @default null: `val/total` */
  trackedMetricName?: string | null;
}

type StageName = "train" | "val" | "test";

/**
 * Computes metrics in training, validation and test, and logs the best validation value as `val/best`.
 *
 * Each stage has metric objects of its own. (The Python template shares them between stages, so that there `val/…`
 * pools training batches; its text says otherwise.) The best value is kept in checkpoints, so a resumed run goes on
 * from it.
 *
 * @throws {MisconfigurationError} where the tracked metric is not among the metrics.
 *
 * @example
 * ```ts
 * import { MetricsCallback } from "./metrics_callback.ts";
 * const callback = new MetricsCallback({ trackedMetricName: null });
 * console.assert(callback.direction === "min");
 * ```
 */
export class MetricsCallback implements Callback {
  readonly #metrics: MetricsComposition | null;
  readonly #tracked: string | null;
  #stages: Readonly<Record<StageName, MetricsComposition>> | null = null;
  readonly #best: BestValidation;
  #keepsBest = true;

  constructor(options: MetricsCallbackOptions = {}) {
    const o = takeOptions<MetricsCallbackOptions>("callbacks.MetricsCallback", options, {
      metrics: optional(like<MetricsComposition>(
        "give a metrics.MetricsComposition",
        (value) => hasMethods(value, "update", "compute", "reset", "clone"),
      )),
      trackedMetricName: optional(text(required)),
    });
    this.#metrics = o.metrics;
    this.#tracked = o.trackedMetricName;
    this.#best = new BestValidation("MetricsCallback", o.trackedMetricName, () => this.direction);
    const names = Object.keys(o.metrics?.metrics ?? {});
    if (this.#tracked !== null && !names.includes(this.#tracked)) {
      throw new MisconfigurationError(
        `MetricsCallback tracks "${this.#tracked}", which is not among its metrics`,
        {
          where: "callbacks.MetricsCallback.tracked_metric_name",
          fix: names.length === 0
            ? "give it metrics, or track nothing"
            : `the metrics are ${names.join(", ")}`,
          data: {
            owner: "callbacks.MetricsCallback",
            option: "trackedMetricName",
            known: ["metrics", "trackedMetricName"],
          },
        },
      );
    }
  }

  /** Which way the tracked value improves. */
  get direction(): "min" | "max" {
    return this.#tracked === null ? "min" : betterOf(this.#metrics!.metrics[this.#tracked]!);
  }

  /** Which way one of the metrics improves; null for a name that is none of them. */
  directionOf(name: string): "min" | "max" | null {
    const metrics = this.#metrics?.metrics ?? {};
    return Object.hasOwn(metrics, name) ? betterOf(metrics[name]!) : null;
  }

  setup(run: Run): void {
    // A tracker beside it says what is best.
    this.#keepsBest = !run.callbacks.some((callback) => callback instanceof BestMetricTrackerCallback);
    if (this.#keepsBest) this.#best.setup(run);
    if (this.#metrics !== null) {
      this.#stages ??= {
        train: this.#metrics.clone(),
        val: this.#metrics.clone(),
        test: this.#metrics.clone(),
      };
    }
  }

  onTrainStart(run: Run): void {
    this.#best.start(run);
  }

  onTrainBatchEnd(run: Run, outputs: StepOutputs): void {
    this.#update(run, "train", outputs);
  }

  onValidationBatchEnd(run: Run, outputs: StepOutputs): void {
    this.#update(run, "val", outputs);
  }

  onTestBatchEnd(run: Run, outputs: StepOutputs): void {
    this.#update(run, "test", outputs);
  }

  onValidationEpochEnd(run: Run): void {
    if (this.#keepsBest) this.#best.update(run);
  }

  stateTensors(): Readonly<Record<string, Tensor>> {
    return this.#best.stateTensors();
  }

  loggedMetrics(): Readonly<Record<string, Metric>> {
    // Only training metrics are half full when a checkpoint is written in mid-epoch.
    const train = Object.entries(this.#stages?.train.metrics ?? {});
    return Object.fromEntries(train.map(([name, metric]) => [`train.${name}`, metric]));
  }

  #update(run: Run, stage: StageName, outputs: Batch): void {
    const metrics = this.#stages?.[stage];
    if (metrics === undefined) return;
    noGrad(() => metrics.update(outputs));
    for (const [name, metric] of Object.entries(metrics.metrics)) {
      run.log(`${stage}/${name}`, metric, {
        onStep: false,
        onEpoch: true,
        progBar: true,
        better: betterOf(metric),
      });
    }
  }
}

function betterOf(metric: Metric): "min" | "max" {
  return metric.higherIsBetter === false ? "min" : "max";
}
