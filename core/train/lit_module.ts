import type { Batch } from "../batch.ts";
import type { CriterionsComposition } from "../losses/mod.ts";
import { Module } from "../nn/mod.ts";
import { OptionError } from "../errors.ts";
import { checkedLater, required, showValue, snakeCase, type Taken, takeOptions } from "../options.ts";
import type { Tensor } from "../tensor/mod.ts";
import type { Run } from "./callback.ts";
import type { LitModule, OptimizerConfig, OptimizerEntry, SchedulerLike } from "./lit_module_hooks.ts";

/** Maps a batch to its outputs: a function, or an object with a `forward`, such as `transforms.ComposeTransform`. */
export type ForwardFn = ((batch: Batch) => Batch) | { forward(batch: Batch): Batch };

/** Parts of a {@linkcode BaseLitModule}. */
export interface BaseLitModuleOptions {
  /** Maps a batch to a record of outputs. */
  forwardFn: ForwardFn;
  /** The losses, and how they add up. */
  criterions: CriterionsComposition;
  /** Makes the optimizer: `_partial_: true` in YAML. */
  optimizer: (options: { params: Tensor[] }) => OptimizerEntry;
  /** Makes the scheduler. @default null */
  scheduler?: ((options: { optimizer: OptimizerEntry }) => SchedulerLike) | null;
  /** Whether to capture the training step and replay it without recording. @default false */
  compile?: boolean;
}

/** The metric that decides which weights are best. */
export interface TrackedMetric {
  /** Its name without the stage: `accuracy`. */
  readonly name: string;
  readonly better: "min" | "max";
}

/**
 * A model wired from parts: forward function, losses, optimizer, scheduler.
 *
 * Each step logs every loss and their weighted sum as `train/ce`, `val/total` and so on; an epoch's value is the mean
 * over its batches, each counted once, as in the Python template.
 *
 * @example
 * ```ts
 * import { CriterionsComposition, MSELoss } from "../losses/mod.ts";
 * import { Linear } from "../nn/mod.ts";
 * import { SGD } from "../optim/mod.ts";
 * import { BaseLitModule } from "./lit_module.ts";
 * import type { Tensor } from "../tensor/mod.ts";
 * const layer = new Linear({ inFeatures: 2, outFeatures: 1 });
 * const module = new BaseLitModule({
 *   forwardFn: (batch) => ({ ...batch, output: layer.forward(batch.x as Tensor) }),
 *   criterions: new CriterionsComposition({
 *     criterions: { mse: new MSELoss() },
 *     mapping: { mse: { output: "input", y: "target" } },
 *   }),
 *   optimizer: ({ params }) => new SGD({ params, lr: 0.1 }),
 * });
 * console.assert(module.training);
 * ```
 */
export class BaseLitModule extends Module implements LitModule {
  readonly forwardFn: ForwardFn;
  readonly criterions: CriterionsComposition;
  /** Whether the trainer captures the training step and replays it. */
  readonly compile: boolean;
  /** Set by `MetricsCallback`, before the scheduler is made. */
  trackedMetric: TrackedMetric | null = null;
  readonly #options: Required<BaseLitModuleOptions>;

  constructor(options: BaseLitModuleOptions) {
    super();
    const o = takeOptions<BaseLitModuleOptions>("train.BaseLitModule", options, {
      forwardFn: required,
      criterions: required,
      optimizer: required,
      scheduler: checkedLater<Taken<BaseLitModuleOptions>["scheduler"]>(null),
      compile: false,
    });
    const forwards = (part: unknown): boolean =>
      typeof (part as { forward?: unknown } | null)?.forward === "function";
    const isFunction = (part: unknown): boolean => typeof part === "function";
    check(
      "forwardFn",
      o.forwardFn,
      isFunction(o.forwardFn) || forwards(o.forwardFn),
      "a function or a transform",
    );
    check("criterions", o.criterions, forwards(o.criterions), "a losses.CriterionsComposition");
    check("optimizer", o.optimizer, isFunction(o.optimizer), "an optimizer with _partial_: true");
    const isScheduler = o.scheduler === null || isFunction(o.scheduler);
    check("scheduler", o.scheduler, isScheduler, "a scheduler with _partial_: true, or null");
    this.#options = o;
    this.forwardFn = o.forwardFn;
    this.criterions = o.criterions;
    this.compile = o.compile;
  }

  forward(batch: Batch): Batch {
    return typeof this.forwardFn === "function" ? this.forwardFn(batch) : this.forwardFn.forward(batch);
  }

  checkBatch(batch: Batch): void {
    this.criterions.check(batch);
  }

  trainingStep(batch: Batch, _batchIdx: number, run: Run): Batch {
    return this.#modelStep("train", batch, run);
  }

  validationStep(batch: Batch, _batchIdx: number, run: Run): Batch {
    return this.#modelStep("val", batch, run);
  }

  testStep(batch: Batch, _batchIdx: number, run: Run): Batch {
    return this.#modelStep("test", batch, run);
  }

  #modelStep(stage: string, batch: Batch, run: Run): Batch {
    const outputs = this.forward(batch);
    const losses = this.criterions.forward(outputs);
    for (const [name, loss] of Object.entries(losses)) {
      // A batch size of 1 for every batch: the template's mean counts a short last batch as much as a full one.
      run.log(`${stage}/${name}`, loss, {
        onStep: false,
        onEpoch: true,
        progBar: true,
        batchSize: 1,
        better: "min",
      });
    }
    return { ...outputs, loss: losses.total };
  }

  configureOptimizers(): OptimizerConfig {
    const optimizer = this.#options.optimizer({ params: this.parameters() });
    if (this.#options.scheduler === null) return optimizer;
    const scheduler = this.#options.scheduler({ optimizer });
    return { optimizer, lrScheduler: { scheduler, monitor: this.#monitorFor(scheduler), interval: "epoch" } };
  }

  /**
   * The metric that a plateau scheduler watches.
   *
   * The Python template always takes the tracked metric, so that the default mode "min" lowers the learning rate while
   * accuracy rises. Here the tracked metric is taken only where the scheduler's mode fits its direction.
   */
  #monitorFor(scheduler: SchedulerLike): string {
    const { mode } = scheduler as { mode?: unknown };
    const tracked = this.trackedMetric;
    return tracked !== null && tracked.better === mode ? `val/${tracked.name}` : "val/total";
  }
}

function check(option: keyof BaseLitModuleOptions, given: unknown, isFit: boolean, wanted: string): void {
  if (isFit) return;
  const owner = "train.BaseLitModule";
  throw new OptionError(`${owner} cannot use ${snakeCase(option)} = ${showValue(given)}`, {
    fix: `give ${wanted}`,
    data: { owner, option, known: [option] },
  });
}
