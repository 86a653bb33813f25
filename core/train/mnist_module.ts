import { type Batch, mapBatch } from "../batch.ts";
import { OptionError } from "../errors.ts";
import { CrossEntropyLoss } from "../losses/mod.ts";
import { Accuracy, MaxMetric, MeanMetric } from "../metrics/mod.ts";
import { Module } from "../nn/mod.ts";
import { argmax } from "../ops/mod.ts";
import { checkedLater, required, showValue, type Taken, takeOptions } from "../options.ts";
import type { Tensor } from "../tensor/mod.ts";
import type { Run } from "./callback.ts";
import type { LitModule, OptimizerConfig, OptimizerEntry, SchedulerLike } from "./lit_module_hooks.ts";

/** Parts of a {@linkcode MNISTLitModule}. */
export interface MNISTLitModuleOptions {
  /** Gives 10 scores for each image. */
  net: Module;
  /** Makes the optimizer: `_partial_: true` in YAML. */
  optimizer: (options: { params: Tensor[] }) => OptimizerEntry;
  /** Makes the scheduler, which watches `val/loss` where it watches anything. @default null */
  scheduler?: ((options: { optimizer: OptimizerEntry }) => SchedulerLike) | null;
  /** Whether to capture the training step and replay it without recording. @default false */
  compile?: boolean;
}

const OWNER = "train.MNISTLitModule";

/** A stage's metrics, which are reset with each of its epochs. */
interface StageMetrics {
  readonly loss: MeanMetric;
  readonly acc: Accuracy;
}

/**
 * A classifier of MNIST's ten digits, as Python's lightning-hydra-template has it.
 *
 * Batches are `{ image, label }`. Each stage logs its mean loss and its accuracy over an epoch (`train/loss`,
 * `train/acc`, `val/loss`, …), a mean in which each batch counts once, and validation the best accuracy so far,
 * `val/acc_best`.
 *
 * @example
 * ```ts
 * import { Flatten, Linear, Sequential } from "../nn/mod.ts";
 * import { Adam } from "../optim/mod.ts";
 * import { MNISTLitModule } from "./mnist_module.ts";
 * const module = new MNISTLitModule({
 *   net: new Sequential(new Flatten(), new Linear({ inFeatures: 784, outFeatures: 10 })),
 *   optimizer: ({ params }) => new Adam({ params, lr: 0.001 }),
 *   scheduler: null,
 *   compile: false,
 * });
 * console.assert(Object.keys(module.stateDict())[0] === "net.1.weight");
 * ```
 */
export class MNISTLitModule extends Module implements LitModule {
  readonly net: Module;
  readonly criterion: CrossEntropyLoss = new CrossEntropyLoss();
  /** Whether the trainer captures the training step and replays it. */
  readonly compile: boolean;
  readonly trainLoss: MeanMetric = new MeanMetric();
  readonly valLoss: MeanMetric = new MeanMetric();
  readonly testLoss: MeanMetric = new MeanMetric();
  readonly trainAcc: Accuracy = digitAccuracy();
  readonly valAcc: Accuracy = digitAccuracy();
  readonly testAcc: Accuracy = digitAccuracy();
  readonly valAccBest: MaxMetric = new MaxMetric();
  readonly #options: Required<MNISTLitModuleOptions>;

  constructor(options: MNISTLitModuleOptions) {
    super();
    const o = takeOptions<MNISTLitModuleOptions>(OWNER, options, {
      net: required,
      optimizer: required,
      scheduler: checkedLater<Taken<MNISTLitModuleOptions>["scheduler"]>(null),
      compile: false,
    });
    check("net", o.net, o.net instanceof Module, "a network, such as nn.SimpleDenseNet");
    check("optimizer", o.optimizer, typeof o.optimizer === "function", "an optimizer with _partial_: true");
    const isScheduler = o.scheduler === null || typeof o.scheduler === "function";
    check("scheduler", o.scheduler, isScheduler, "a scheduler with _partial_: true, or null");
    this.#options = o;
    this.net = o.net;
    this.compile = o.compile;
  }

  /** The scores of images: `[rows, 1, 28, 28] → [rows, 10]`. */
  forward(image: Tensor): Tensor {
    return (this.net as Module & { forward(x: Tensor): Tensor }).forward(image);
  }

  checkBatch(batch: Batch): void {
    if (Object.hasOwn(batch, "label")) this.criterion.check(batch["label"] as Tensor);
  }

  /** Validation before the first epoch leaves nothing behind. */
  onTrainStart(): void {
    for (const metric of [this.valLoss, this.valAcc, this.valAccBest]) metric.reset();
  }

  trainingStep(batch: Batch, _batchIdx: number, run: Run): Tensor {
    return this.#step("train", batch, run, { loss: this.trainLoss, acc: this.trainAcc });
  }

  validationStep(batch: Batch, _batchIdx: number, run: Run): void {
    this.#step("val", batch, run, { loss: this.valLoss, acc: this.valAcc });
  }

  onValidationEpochEnd(run: Run): void {
    this.valAccBest.update(this.valAcc.compute());
    // A value and not the metric, which would be reset with the epoch.
    run.log("val/acc_best", this.valAccBest.compute(), { progBar: true, better: "max" });
  }

  testStep(batch: Batch, _batchIdx: number, run: Run): void {
    this.#step("test", batch, run, { loss: this.testLoss, acc: this.testAcc });
  }

  predictStep(batch: Batch): Tensor {
    return this.forward(inputsOf(batch).image);
  }

  configureOptimizers(): OptimizerConfig {
    const optimizer = this.#options.optimizer({ params: this.parameters() });
    if (this.#options.scheduler === null) return optimizer;
    const scheduler = this.#options.scheduler({ optimizer });
    return { optimizer, lrScheduler: { scheduler, monitor: "val/loss", interval: "epoch", frequency: 1 } };
  }

  #step(stage: string, batch: Batch, run: Run, metrics: StageMetrics): Tensor {
    const { image, label } = inputsOf(batch);
    const scores = this.forward(image);
    const loss = this.criterion.forward(scores, label);
    metrics.loss.update(loss.detach());
    metrics.acc.update(argmax(scores, { dim: 1 }), label);
    const shown = { onStep: false, onEpoch: true, progBar: true };
    run.log(`${stage}/loss`, metrics.loss, { ...shown, better: "min" });
    run.log(`${stage}/acc`, metrics.acc, { ...shown, better: "max" });
    return loss;
  }
}

function digitAccuracy(): Accuracy {
  return new Accuracy({ task: "multiclass", numClasses: 10 });
}

function inputsOf(batch: Batch): { readonly image: Tensor; readonly label: Tensor } {
  return mapBatch(batch, { image: "image", label: "label" }, OWNER) as { image: Tensor; label: Tensor };
}

function check(option: keyof MNISTLitModuleOptions, given: unknown, isFit: boolean, wanted: string): void {
  if (isFit) return;
  throw new OptionError(`${OWNER} cannot use ${option} = ${showValue(given)}`, {
    fix: `give ${wanted}`,
    data: { owner: OWNER, option, known: [option] },
  });
}
