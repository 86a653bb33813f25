import type { Batch } from "../batch.ts";
import type { Tensor } from "../tensor/mod.ts";
import type { LoggedMetric } from "./log_entry.ts";
import type { LogOptions, LogValue } from "./log.ts";
import type { HyperParameters, Logger } from "./logger.ts";
import type { LitModule, OptimizerEntry, SchedulerEntry } from "./lit_module_hooks.ts";
import type { Settings } from "./settings.ts";

/** What a call of the trainer does. */
export type Stage = "fit" | "validate" | "test" | "predict";

/** The loop that is running now. */
export type LoopName = "sanity" | "train" | "validate" | "test" | "predict";

/** What a training step returned: `loss` (detached, divided by the accumulated batches) and the keys beside it. */
export type StepOutputs = Batch;

/** A value that callbacks and checkpoints keep: plain JSON data. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A run as its hooks see it: where it stands, what it knows, what they may ask of it. */
export interface Run {
  /** What was asked of the trainer. */
  readonly stage: Stage;
  /** The loop that is running. */
  readonly loop: LoopName;
  /** The trainer's settings, limits and defaults worked out. */
  readonly settings: Settings;
  /** The module that is trained or tested. */
  readonly module: LitModule;
  /** The optimizers, in a fit. */
  readonly optimizers: readonly OptimizerEntry[];
  /** The learning-rate schedulers, in a fit. */
  readonly schedulers: readonly SchedulerEntry[];
  /** All callbacks, in the order they are called. */
  readonly callbacks: readonly Callback[];
  /** Where numbers go. */
  readonly loggers: readonly Logger[];
  /** One line about the device, as it names itself. */
  readonly device: string;
  /** Completed epochs: 0 during the first one, through its end hooks. */
  readonly currentEpoch: number;
  /** Optimizer steps taken. */
  readonly globalStep: number;
  /** Batches that led to an optimizer step: the x axis of loggers. */
  readonly loggedStep: number;
  /** The index of the batch within the running loop. */
  readonly batchIdx: number;
  /** How many batches the running loop has in all. */
  readonly totalBatches: number;
  /** How many batches each loop has: 0 where it does not run. */
  readonly batches: Readonly<Record<Exclude<LoopName, "predict">, number>>;
  /** The checkpoint this run started from, or `null` for a fresh run. */
  readonly checkpointPath: string | null;
  /** Where the run writes: the first logger's folder, or the trainer's default folder. */
  readonly logDir: string;
  /** Whether the run was asked to stop. */
  readonly shouldStop: boolean;
  /** Every metric read so far, by name; step values lag until {@linkcode Run.readMetrics}. */
  readonly callbackMetrics: Readonly<Record<string, number>>;
  /** The metrics that asked for a place on the progress bar. */
  readonly progressBarMetrics: Readonly<Record<string, number>>;
  /**
   * Records a value under a name, as Lightning's `self.log`.
   *
   * A tensor stays on the device until the log interval or the epoch's end.
   *
   * @throws {MisconfigurationError} inside hooks that cannot log, or where two calls disagree about a name.
   */
  log(name: string, value: LogValue, options?: LogOptions): void;
  /** Records values under their names, all with the same options, as Lightning's `self.log_dict`. */
  logDict(values: Readonly<Record<string, LogValue>>, options?: LogOptions): void;
  /**
   * The value over the epoch so far of a name that was logged with `onEpoch`, still on the device where it is kept
   * there; `null` where nothing was logged.
   */
  epochValue(name: string): Tensor | number | null;
  /** Sends numbers straight to the loggers, without an `epoch` column. */
  logToLoggers(metrics: Readonly<Record<string, number>>, step: number): Promise<void>;
  /** Sends the run's configuration to the loggers. */
  logHyperparams(params: HyperParameters): Promise<void>;
  /** Waits for the device and brings {@linkcode Run.callbackMetrics} up to the last batch. */
  readMetrics(): Promise<Readonly<Record<string, number>>>;
  /** Waits for the device and brings {@linkcode Run.progressBarMetrics} up to now: means over the epoch so far. */
  readProgress(): Promise<void>;
  /** Which way the metric of this name improves, as what logged it declared; `null` where nobody said. */
  direction(name: string): "min" | "max" | null;
  /** Asks the run to stop after this batch; the reason is shown once. */
  stop(reason: string): void;
  /** Writes a checkpoint; the file appears whole or not at all. */
  saveCheckpoint(path: string, options?: { readonly weightsOnly?: boolean }): Promise<void>;
  /** Shows a line to the user without breaking a live display. */
  print(text: string): void;
  /** Replaces what prints lines, so that a live display can make room; returns the earlier one. */
  setPrinter(printer: (text: string) => void): (text: string) => void;
}

/** What a hook returns: nothing, or a promise that the run waits for. */
export type HookResult = void | Promise<void>;

/**
 * Code that runs at named places of a run; every hook is optional.
 *
 * Hooks of a batch run inside the batch's scope: up to their first `await` they may record tensor work, which joins the
 * step's own submit. What an asynchronous one was given, and what it made until then, is freed when its promise settles;
 * `keep()` lets a tensor live on.
 *
 * @example
 * ```ts
 * import type { Callback } from "./callback.ts";
 * const epochs: Callback = { onTrainEpochStart: (run) => run.print(`epoch ${run.currentEpoch}`) };
 * console.assert(epochs.onFitStart === undefined);
 * ```
 */
export interface Callback {
  /** The key of its state in a checkpoint; the class name where absent. */
  readonly stateKey?: string;
  /** Whether its `onTrainEpochEnd` runs after the module's and with the epoch's values read, as EarlyStopping's. */
  readonly monitors?: boolean;
  /** What a checkpoint keeps for it, or `null` for nothing. */
  state?(): Json;
  /** Restores what `state` returned. */
  loadState?(state: Json): void;
  /** Tensors that a checkpoint keeps for it, such as the state of its metrics. */
  stateTensors?(): Readonly<Record<string, Tensor>>;
  /**
   * Metric objects that the callback logs and does not have as plain properties, by names of its own: a resumed run
   * goes on with what they have seen.
   */
  loggedMetrics?(): Readonly<Record<string, LoggedMetric>>;
  /** Adds plain data of its own to a checkpoint that is being written. */
  onSaveCheckpoint?(run: Run, checkpoint: Record<string, Json>): HookResult;
  /** Gets what the hooks of the run that wrote the checkpoint added. */
  onLoadCheckpoint?(run: Run, checkpoint: Readonly<Record<string, Json>>): HookResult;
  /** Before a stage begins. */
  setup?(run: Run, stage: Stage): HookResult;
  /** After a stage has ended. */
  teardown?(run: Run, stage: Stage): HookResult;
  /** When a fit begins: the optimizers are made. */
  onFitStart?(run: Run): HookResult;
  /** When a fit has ended. */
  onFitEnd?(run: Run): HookResult;
  /** Before the validation batches that are tried before training. */
  onSanityCheckStart?(run: Run): HookResult;
  /** After the validation batches that are tried before training. */
  onSanityCheckEnd?(run: Run): HookResult;
  /** Before the first training epoch. */
  onTrainStart?(run: Run): HookResult;
  /** After the last training epoch. */
  onTrainEnd?(run: Run): HookResult;
  /** Before an epoch's first batch. */
  onTrainEpochStart?(run: Run): HookResult;
  /** After an epoch's last batch and its validation. */
  onTrainEpochEnd?(run: Run): HookResult;
  /** Before a training step. */
  onTrainBatchStart?(run: Run, batch: Batch, batchIdx: number): HookResult;
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
  /** When the run ends with an error, an interruption included. */
  onException?(run: Run, error: unknown): HookResult;
}

/** A callback that writes checkpoints; the trainer calls these last and asks them for the best file. */
export interface CheckpointCallback extends Callback {
  /** The best file so far, or an empty string. */
  readonly bestModelPath: string;
  /** The score of the best file, if one is monitored. */
  readonly bestModelScore: number | null;
  /** The newest `last` file, or an empty string. */
  readonly lastModelPath: string;
}

/** Whether a callback writes checkpoints. */
export function isCheckpointCallback(callback: Callback): callback is CheckpointCallback {
  return "bestModelPath" in callback;
}

/** The key under which a checkpoint keeps a callback's state. */
export function stateKeyOf(callback: Callback): string {
  return callback.stateKey ?? (callback.constructor === Object ? "Callback" : callback.constructor.name);
}

/** A state key as Lightning writes it: `EarlyStopping{'monitor': 'val/x', 'mode': 'min'}`. */
export function pythonStateKey(name: string, fields: Readonly<Record<string, Json>>): string {
  const parts = Object.entries(fields).map(([key, value]) => `'${key}': ${pythonLiteral(value)}`);
  return `${name}{${parts.join(", ")}}`;
}

function pythonLiteral(value: Json): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  return typeof value === "string" ? `'${value}'` : String(value);
}
