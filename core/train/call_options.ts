import {
  checkedLater,
  flag,
  isRecord,
  like,
  optional,
  type OptionDefaults,
  required,
  type Taken,
  takeOptions,
  text,
  unsupported,
} from "../options.ts";
import type { BatchSource, BatchSources, DataModuleLike } from "./loaders.ts";

/** Data and starting point of a fit. */
export interface FitOptions {
  /** Gives the loaders; or give them yourself. */
  readonly datamodule?: DataModuleLike | null;
  readonly trainDataloaders?: BatchSource | null;
  readonly valDataloaders?: BatchSources | null;
  /** A checkpoint to continue from: a path, `"best"` or `"last"`. */
  readonly ckptPath?: string | null;
  /** Asks the run to stop after the present step and to save a checkpoint. */
  readonly signal?: AbortSignal | null;
}

/** Data and weights of an evaluation. */
export interface EvaluateOptions {
  readonly datamodule?: DataModuleLike | null;
  readonly dataloaders?: BatchSources | null;
  /** Weights to load first: a path, `"best"` or `"last"`. */
  readonly ckptPath?: string | null;
  /** Whether to show the table of results. @default true */
  readonly verbose?: boolean;
  readonly signal?: AbortSignal | null;
}

/** Data and weights of a prediction. */
export interface PredictOptions extends Omit<EvaluateOptions, "verbose"> {
  /** Whether to keep what the batches gave. @default true */
  readonly returnPredictions?: boolean;
}

const SIGNAL = optional(
  like<AbortSignal>("give the signal of an AbortController", (value) => value instanceof AbortSignal),
);
const DATAMODULE = optional(
  like<DataModuleLike>("give a data.DataModule (loaders go into options of their own)", isRecord),
);
const LOADERS = checkedLater<BatchSources | null>(null);

const FIT: OptionDefaults<FitOptions> = {
  trainDataloaders: checkedLater<BatchSource | null>(null),
  valDataloaders: LOADERS,
  datamodule: DATAMODULE,
  ckptPath: optional(text(required)),
  weightsOnly: unsupported(null, true, false),
  signal: SIGNAL,
};

/** Checks the options of `fit`. */
export function takeFitOptions(options: FitOptions): Taken<FitOptions> {
  return takeOptions("Trainer.fit", options, FIT);
}

const EVALUATE: OptionDefaults<EvaluateOptions> = {
  dataloaders: LOADERS,
  ckptPath: optional(text(required)),
  verbose: flag(true),
  datamodule: DATAMODULE,
  weightsOnly: unsupported(null, true, false),
  signal: SIGNAL,
};

/** Checks the options of `validate` and `test`. */
export function takeEvaluateOptions(stage: string, options: EvaluateOptions): Taken<EvaluateOptions> {
  return takeOptions(`Trainer.${stage}`, options, EVALUATE);
}

const PREDICT: OptionDefaults<PredictOptions> = {
  dataloaders: LOADERS,
  datamodule: DATAMODULE,
  returnPredictions: flag(true),
  ckptPath: optional(text(required)),
  weightsOnly: unsupported(null, true, false),
  signal: SIGNAL,
};

/** Checks the options of `predict`. */
export function takePredictOptions(options: PredictOptions): Taken<PredictOptions> {
  return takeOptions("Trainer.predict", options, PREDICT);
}
