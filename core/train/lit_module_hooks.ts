import type { Batch } from "../batch.ts";
import type { StoredTensor, Tensor } from "../tensor/mod.ts";
import type { Callback, HookResult, Json, Run, Stage, StepOutputs } from "./callback.ts";
import type { LoggedMetric } from "./log_entry.ts";

/** A group of parameters that share options, as an optimizer holds it. */
export interface ParamGroup {
  /** Learning rate. */
  lr: number;
  /** The learning rate before any scheduler. */
  initialLr?: number;
}

/** What the trainer asks of an optimizer; `optim.Adam` and the others are such. */
export interface OptimizerEntry {
  /** The groups; a scheduler changes their `lr`. */
  readonly paramGroups: readonly ParamGroup[];
  /** Changes the parameters. */
  step(): void;
  /** Forgets every gradient. */
  zeroGrad(): void;
  /** Everything needed to continue: numbers, and tensors anywhere among them. */
  stateDict(): unknown;
  /** Continues from what `stateDict` gave. */
  loadStateDict(state: never): void;
}

/** What the trainer asks of a scheduler; `optim.StepLR` and the others are such. */
export interface SchedulerLike {
  /** One step; ReduceLROnPlateau takes the monitored value. */
  step(metric?: number): void;
  /** Everything needed to continue, as plain data. */
  stateDict(): unknown;
  /** Continues from what `stateDict` gave. */
  loadStateDict(state: never): void;
}

/** A scheduler and when it steps. */
export interface SchedulerEntry {
  /** The scheduler itself. */
  readonly scheduler: SchedulerLike;
  /** When it steps. @default "epoch" */
  readonly interval: "epoch" | "step";
  /** Steps every so many intervals. @default 1 */
  readonly frequency: number;
  /** The metric that a plateau scheduler watches. */
  readonly monitor: string | null;
  /** Whether a missing monitored metric is an error. @default true */
  readonly strict: boolean;
  /** Whether the scheduler takes a metric. */
  readonly reduceOnPlateau: boolean;
  /** The name that LearningRateMonitor shows instead of the optimizer's. */
  readonly name: string | null;
}

/** A scheduler as `configureOptimizers` may give it. */
export type SchedulerConfig =
  | SchedulerLike
  | (Partial<Omit<SchedulerEntry, "interval">> & {
    readonly scheduler: SchedulerLike;
    /** `"epoch"` or `"step"`; a word of a plain object, which TypeScript takes for any text. @default "epoch" */
    readonly interval?: string;
  });

/** An optimizer with its scheduler. `lr_scheduler`, as Python writes it, is taken as well. */
export interface OptimizerSetup {
  /** The optimizer itself. */
  readonly optimizer: OptimizerEntry;
  /** @default null */
  readonly lrScheduler?: SchedulerConfig | null;
  /** The metric that a plateau scheduler watches, where the scheduler itself names none. @default null */
  readonly monitor?: string | null;
}

/**
 * What `configureOptimizers` may return: an optimizer, an optimizer with its scheduler, `[optimizer]`, or
 * `[[optimizer], [scheduler]]`; `null` trains nothing.
 */
export type OptimizerConfig =
  | OptimizerEntry
  | OptimizerSetup
  | readonly (OptimizerEntry | OptimizerSetup)[]
  | readonly (readonly (OptimizerEntry | SchedulerConfig)[])[]
  | null;

/** What a training step may return: the loss, a record that holds it as `loss`, or `null` to skip the batch. */
export type StepResult = Tensor | Batch | null;

/** What the trainer asks of any module; every `nn.Module` is such. */
export interface TrainableModule {
  /** Whether it is in training mode. */
  readonly training: boolean;
  /** Switches training mode for it and everything inside. */
  train(mode?: boolean): unknown;
  /** It and everything inside, by dotted name; its own name is empty. */
  namedModules(): Iterable<readonly [string, TrainableModule]>;
  /** Its parameters, by torch's names. */
  namedParameters(): Iterable<readonly [string, Tensor]>;
  /** Parameters and buffers, by torch's names. */
  stateDict(): Readonly<Record<string, Tensor>>;
  /** Copies values into parameters and buffers. */
  loadStateDict(state: Readonly<Record<string, StoredTensor>>): unknown;
}

/**
 * A module that says how it is trained: Lightning's `LightningModule`, written as a class that extends `nn.Module`.
 *
 * Steps are synchronous: they record tensor work in the step's scope. `trainingStep` and `configureOptimizers` are
 * needed to fit; the other steps where their loop is to run. A step may declare what its batches hold, as below;
 * `never` in the list of steps is what lets it.
 *
 * @example
 * ```ts
 * import { Linear, Module } from "../nn/mod.ts";
 * import { mseLoss } from "../losses/mod.ts";
 * import { Adam } from "../optim/mod.ts";
 * import type { Tensor } from "../tensor/mod.ts";
 * import type { Run } from "./callback.ts";
 * import type { LitModule } from "./lit_module_hooks.ts";
 * type Points = { x: Tensor; y: Tensor };
 *
 * class Line extends Module implements LitModule {
 *   layer = new Linear({ inFeatures: 1, outFeatures: 1 });
 *   forward(x: Tensor): Tensor {
 *     return this.layer.forward(x);
 *   }
 *   trainingStep(batch: Points, _batchIdx: number, run: Run): Tensor {
 *     const loss = mseLoss(this.forward(batch.x), batch.y);
 *     run.log("train/loss", loss);
 *     return loss;
 *   }
 *   configureOptimizers() {
 *     return new Adam({ params: this.parameters(), lr: 0.01 });
 *   }
 * }
 * const line: LitModule = new Line();
 * console.assert(line.training);
 * ```
 */
export interface LitModule extends TrainableModule {
  /** Whether the trainer does the backward pass and steps the optimizer: nothing else is supported. @default true */
  readonly automaticOptimization?: true;
  /** Whether the training step is captured and replayed, where it can be; `docs/training.md` says when. @default false */
  readonly compile?: boolean;
  /** Records the work of a training batch and gives its loss. */
  trainingStep?(batch: never, batchIdx: number, run: Run): StepResult;
  /** Checks host values of a batch that a captured step is about to replay: `trainingStep` will not see it. */
  checkBatch?(batch: Batch): void;
  /** Records the work of a validation batch. */
  validationStep?(batch: never, batchIdx: number, run: Run, dataloaderIdx: number): StepResult | void;
  /** Records the work of a test batch. */
  testStep?(batch: never, batchIdx: number, run: Run, dataloaderIdx: number): StepResult | void;
  /** Gives the prediction for a batch. */
  predictStep?(batch: never, batchIdx: number, run: Run, dataloaderIdx: number): unknown;
  /** Called with the batch to predict, where there is no `predictStep`; otherwise only by the module's own steps. */
  forward?(...inputs: never[]): unknown;
  /** Makes the optimizer, and its scheduler where there is one. */
  configureOptimizers?(run: Run): OptimizerConfig;
  /** Callbacks of the module's own: they take the places of the trainer's callbacks of the same class. */
  configureCallbacks?(): Callback | readonly Callback[];
  /** Fetches what the run needs; before `setup`. */
  prepareData?(run: Run): HookResult;
  /** Before a stage begins. */
  setup?(run: Run, stage: Stage): HookResult;
  /** After a stage has ended. */
  teardown?(run: Run, stage: Stage): HookResult;
  /** Makes parts of the module that wait for `setup`. */
  configureModel?(run: Run): HookResult;
  /** Tensors that a checkpoint keeps beside the weights, such as the state of metrics in mid-epoch. */
  stateTensors?(): Readonly<Record<string, Tensor>>;
  /** Metric objects that the module logs and does not have as plain properties, by names of its own. */
  loggedMetrics?(): Readonly<Record<string, LoggedMetric>>;
  /** Adds plain data of its own to a checkpoint that is being written. */
  onSaveCheckpoint?(run: Run, checkpoint: Record<string, Json>): HookResult;
  /** Gets what the hooks of the run that wrote the checkpoint added. */
  onLoadCheckpoint?(run: Run, checkpoint: Readonly<Record<string, Json>>): HookResult;
  /** Changes a batch as the loader gave it. */
  onBeforeBatchTransfer?(batch: Batch): Batch;
  /** Changes a batch before the step sees it. */
  onAfterBatchTransfer?(batch: Batch): Batch;
  /** Steps the optimizer, after the backward pass and the clipping; by default `optimizer.step()`. */
  optimizerStep?(run: Run, optimizer: OptimizerEntry): void;
  /** Clears the gradients; by default `optimizer.zeroGrad()`. */
  optimizerZeroGrad?(run: Run, optimizer: OptimizerEntry): void;
  /** Runs the backward pass; by default `loss.backward()`. */
  backward?(run: Run, loss: Tensor): void;
  /** Clips gradients; by default as the trainer's options say. */
  configureGradientClipping?(run: Run, optimizer: OptimizerEntry): void;
  /** Steps a scheduler; `metric` is what a plateau scheduler watches. */
  lrSchedulerStep?(run: Run, scheduler: SchedulerLike, metric: number | null): void;
  /** When a fit begins: the optimizers are made. */
  onFitStart?(run: Run): HookResult;
  /** When a fit has ended. */
  onFitEnd?(run: Run): HookResult;
  /** Before the first training epoch. */
  onTrainStart?(run: Run): HookResult;
  /** After the last training epoch. */
  onTrainEnd?(run: Run): HookResult;
  /** Before an epoch's first batch. */
  onTrainEpochStart?(run: Run): HookResult;
  /** After an epoch's last batch and its validation. */
  onTrainEpochEnd?(run: Run): HookResult;
  /** Returning -1 ends the epoch. */
  onTrainBatchStart?(run: Run, batch: Batch, batchIdx: number): number | void;
  /** After a training step and its optimizer step. */
  onTrainBatchEnd?(run: Run, outputs: StepOutputs, batch: Batch, batchIdx: number): HookResult;
  /** Before gradients are cleared. */
  onBeforeZeroGrad?(run: Run): void;
  /** Before the backward pass of a loss. */
  onBeforeBackward?(run: Run, loss: Tensor): void;
  /** After the backward pass. */
  onAfterBackward?(run: Run): void;
  /** Before the gradients are clipped and the optimizer steps. */
  onBeforeOptimizerStep?(run: Run): void;
  /** Before validation within a fit, unless gradients are being accumulated; by default gradients are cleared. */
  onValidationModelZeroGrad?(run: Run): void;
  /** After the module was switched to evaluation for validation. */
  onValidationModelEval?(run: Run): void;
  /** After the module was switched back from validation. */
  onValidationModelTrain?(run: Run): void;
  /** Before validation begins. */
  onValidationStart?(run: Run): HookResult;
  /** After validation has ended. */
  onValidationEnd?(run: Run): HookResult;
  /** Before the first batch of validation. */
  onValidationEpochStart?(run: Run): HookResult;
  /** After the last batch of validation. */
  onValidationEpochEnd?(run: Run): HookResult;
  /** Before a batch of validation. */
  onValidationBatchStart?(run: Run, batch: Batch, batchIdx: number, dataloaderIdx: number): HookResult;
  /** After a batch of validation. */
  onValidationBatchEnd?(
    run: Run,
    outputs: StepOutputs,
    batch: Batch,
    batchIdx: number,
    dataloaderIdx: number,
  ): HookResult;
  /** After the module was switched to evaluation for test. */
  onTestModelEval?(run: Run): void;
  /** After the module was switched back from test. */
  onTestModelTrain?(run: Run): void;
  /** Before test begins. */
  onTestStart?(run: Run): HookResult;
  /** After test has ended. */
  onTestEnd?(run: Run): HookResult;
  /** Before the first batch of test. */
  onTestEpochStart?(run: Run): HookResult;
  /** After the last batch of test. */
  onTestEpochEnd?(run: Run): HookResult;
  /** Before a batch of test. */
  onTestBatchStart?(run: Run, batch: Batch, batchIdx: number, dataloaderIdx: number): HookResult;
  /** After a batch of test. */
  onTestBatchEnd?(
    run: Run,
    outputs: StepOutputs,
    batch: Batch,
    batchIdx: number,
    dataloaderIdx: number,
  ): HookResult;
  /** After the module was switched to evaluation for prediction. */
  onPredictModelEval?(run: Run): void;
  /** After the module was switched back from prediction. */
  onPredictModelTrain?(run: Run): void;
  /** Before prediction begins. */
  onPredictStart?(run: Run): HookResult;
  /** After prediction has ended. */
  onPredictEnd?(run: Run): HookResult;
  /** Before the first batch of prediction. */
  onPredictEpochStart?(run: Run): HookResult;
  /** After the last batch of prediction. */
  onPredictEpochEnd?(run: Run): HookResult;
  /** Before a batch of prediction. */
  onPredictBatchStart?(run: Run, batch: Batch, batchIdx: number, dataloaderIdx: number): HookResult;
  /** After a batch of prediction. */
  onPredictBatchEnd?(
    run: Run,
    outputs: unknown,
    batch: Batch,
    batchIdx: number,
    dataloaderIdx: number,
  ): HookResult;
}

/** A {@linkcode LitModule} as the loops call it: with the batches that loaders give. */
export interface SteppableModule extends LitModule {
  /** See {@linkcode LitModule}. */
  trainingStep?(batch: Batch, batchIdx: number, run: Run): StepResult;
  /** See {@linkcode LitModule}. */
  validationStep?(batch: Batch, batchIdx: number, run: Run, dataloaderIdx: number): StepResult | void;
  /** See {@linkcode LitModule}. */
  testStep?(batch: Batch, batchIdx: number, run: Run, dataloaderIdx: number): StepResult | void;
  /** See {@linkcode LitModule}. */
  predictStep?(batch: Batch, batchIdx: number, run: Run, dataloaderIdx: number): unknown;
}
