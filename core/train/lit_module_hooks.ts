import type { Batch } from "../batch.ts";
import type { StoredTensor, Tensor } from "../tensor/mod.ts";
import type { HookResult, Run, Stage, StepOutputs } from "./callback.ts";

/** A group of parameters that share options, as an optimizer holds it. */
export interface ParamGroup {
  lr: number;
  initialLr?: number;
}

/** What the trainer asks of an optimizer; `optim.Adam` and the others are such. */
export interface OptimizerEntry {
  readonly paramGroups: readonly ParamGroup[];
  step(): void;
  zeroGrad(): void;
  /** Everything needed to continue: numbers, and tensors anywhere among them. */
  stateDict(): unknown;
  loadStateDict(state: never): void;
}

/** What the trainer asks of a scheduler; `optim.StepLR` and the others are such. */
export interface SchedulerLike {
  /** One step; ReduceLROnPlateau takes the monitored value. */
  step(metric?: number): void;
  /** Everything needed to continue, as plain data. */
  stateDict(): unknown;
  loadStateDict(state: never): void;
}

/** A scheduler and when it steps. */
export interface SchedulerEntry {
  readonly scheduler: SchedulerLike;
  /** @default "epoch" */
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
  | (Partial<SchedulerEntry> & { readonly scheduler: SchedulerLike });

/** What `configureOptimizers` may return; `null` trains nothing. */
export type OptimizerConfig =
  | OptimizerEntry
  | {
    readonly optimizer: OptimizerEntry;
    readonly lrScheduler?: SchedulerConfig | null;
    readonly monitor?: string;
  }
  | readonly OptimizerEntry[]
  | readonly [optimizers: readonly OptimizerEntry[], schedulers: readonly SchedulerConfig[]]
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
 * A module that says how it is trained: Lightning's `LightningModule`.
 *
 * Steps are synchronous: they record tensor work in the step's scope. `trainingStep` and `configureOptimizers` are
 * needed to fit; the other steps where their loop is to run.
 */
export interface LitModule extends TrainableModule {
  /** Whether the training step is captured and replayed. @default false */
  readonly compile?: boolean;
  trainingStep?(batch: Batch, batchIdx: number, run: Run): StepResult;
  /** Checks host values of a batch that a captured step is about to replay: `trainingStep` will not see it. */
  checkBatch?(batch: Batch): void;
  validationStep?(batch: Batch, batchIdx: number, run: Run, dataloaderIdx: number): StepResult | void;
  testStep?(batch: Batch, batchIdx: number, run: Run, dataloaderIdx: number): StepResult | void;
  predictStep?(batch: Batch, batchIdx: number, run: Run, dataloaderIdx: number): unknown;
  /** Used to predict where there is no `predictStep`. */
  forward?(batch: Batch): unknown;
  configureOptimizers?(run: Run): OptimizerConfig;
  prepareData?(run: Run): HookResult;
  setup?(run: Run, stage: Stage): HookResult;
  teardown?(run: Run, stage: Stage): HookResult;
  configureModel?(run: Run): HookResult;
  /** Tensors that a checkpoint keeps beside the weights, such as the state of metrics in mid-epoch. */
  stateTensors?(): Readonly<Record<string, Tensor>>;
  onBeforeBatchTransfer?(batch: Batch): Batch;
  onAfterBatchTransfer?(batch: Batch): Batch;
  optimizerStep?(run: Run, optimizer: OptimizerEntry): void;
  optimizerZeroGrad?(run: Run, optimizer: OptimizerEntry): void;
  backward?(run: Run, loss: Tensor): void;
  configureGradientClipping?(run: Run, optimizer: OptimizerEntry): void;
  lrSchedulerStep?(run: Run, scheduler: SchedulerLike, metric: number | null): void;
  onFitStart?(run: Run): HookResult;
  onFitEnd?(run: Run): HookResult;
  onTrainStart?(run: Run): HookResult;
  onTrainEnd?(run: Run): HookResult;
  onTrainEpochStart?(run: Run): HookResult;
  onTrainEpochEnd?(run: Run): HookResult;
  /** Returning -1 ends the epoch. */
  onTrainBatchStart?(run: Run, batch: Batch, batchIdx: number): number | void;
  onTrainBatchEnd?(run: Run, outputs: StepOutputs, batch: Batch, batchIdx: number): HookResult;
  onBeforeZeroGrad?(run: Run): void;
  onBeforeBackward?(run: Run, loss: Tensor): void;
  onAfterBackward?(run: Run): void;
  onBeforeOptimizerStep?(run: Run): void;
  onValidationModelEval?(run: Run): void;
  onValidationModelTrain?(run: Run): void;
  onValidationStart?(run: Run): HookResult;
  onValidationEnd?(run: Run): HookResult;
  onValidationEpochStart?(run: Run): HookResult;
  onValidationEpochEnd?(run: Run): HookResult;
  onValidationBatchStart?(run: Run, batch: Batch, batchIdx: number, dataloaderIdx: number): HookResult;
  onValidationBatchEnd?(
    run: Run,
    outputs: StepOutputs,
    batch: Batch,
    batchIdx: number,
    dataloaderIdx: number,
  ): HookResult;
  onTestModelEval?(run: Run): void;
  onTestModelTrain?(run: Run): void;
  onTestStart?(run: Run): HookResult;
  onTestEnd?(run: Run): HookResult;
  onTestEpochStart?(run: Run): HookResult;
  onTestEpochEnd?(run: Run): HookResult;
  onTestBatchStart?(run: Run, batch: Batch, batchIdx: number, dataloaderIdx: number): HookResult;
  onTestBatchEnd?(
    run: Run,
    outputs: StepOutputs,
    batch: Batch,
    batchIdx: number,
    dataloaderIdx: number,
  ): HookResult;
  onPredictModelEval?(run: Run): void;
  onPredictModelTrain?(run: Run): void;
  onPredictStart?(run: Run): HookResult;
  onPredictEnd?(run: Run): HookResult;
  onPredictEpochStart?(run: Run): HookResult;
  onPredictEpochEnd?(run: Run): HookResult;
  onPredictBatchStart?(run: Run, batch: Batch, batchIdx: number, dataloaderIdx: number): HookResult;
  onPredictBatchEnd?(
    run: Run,
    outputs: unknown,
    batch: Batch,
    batchIdx: number,
    dataloaderIdx: number,
  ): HookResult;
}
