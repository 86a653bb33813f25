import { MisconfigurationError } from "../errors.ts";

/** How values logged in one epoch become one. */
export type Reduction = "mean" | "sum" | "min" | "max";

/** How a value is logged, as in Lightning's `self.log`. */
export interface LogOptions {
  /** Sends the value of single batches. @default true in training hooks */
  readonly onStep?: boolean | undefined;
  /** Sends one value per epoch. @default true in evaluation and epoch hooks */
  readonly onEpoch?: boolean | undefined;
  /** Shows the value on the progress bar. @default false */
  readonly progBar?: boolean | undefined;
  /** Sends the value to the loggers. @default true */
  readonly logger?: boolean | undefined;
  /** How an epoch's values become one; `mean` weighs by batch size. @default "mean" */
  readonly reduceFx?: Reduction | undefined;
  /** Items behind the value. @default the first tensor of the batch says it */
  readonly batchSize?: number | undefined;
  /** With several loaders, whether the name ends in `/dataloader_idx_i`. @default true */
  readonly addDataloaderIdx?: boolean | undefined;
  /** Which way the value improves, for `mode: auto`. @default what a metric object declares */
  readonly better?: "min" | "max" | undefined;
}

/** The options of one name, defaults filled in. */
export interface LogRule {
  readonly onStep: boolean;
  readonly onEpoch: boolean;
  readonly progBar: boolean;
  readonly logger: boolean;
  readonly reduceFx: Reduction;
  readonly better: "min" | "max" | null;
}

const TRAINING_BATCH = [
  "trainingStep",
  "onTrainBatchStart",
  "onTrainBatchEnd",
  "onBeforeZeroGrad",
  "onBeforeBackward",
  "onAfterBackward",
  "onBeforeOptimizerStep",
];
const EVALUATION_BATCH = [
  "validationStep",
  "testStep",
  "onValidationBatchStart",
  "onValidationBatchEnd",
  "onTestBatchStart",
  "onTestBatchEnd",
];
const EPOCH = ["Train", "Validation", "Test"].flatMap((stage) => [
  `on${stage}Start`,
  `on${stage}EpochStart`,
  `on${stage}EpochEnd`,
]);

/** Whether a hook belongs to a single batch. */
export function isBatchHook(hook: string): boolean {
  return TRAINING_BATCH.includes(hook) || EVALUATION_BATCH.includes(hook);
}

/**
 * Fills in what Lightning assumes for a hook.
 *
 * @param hook The hook that is running: `trainingStep`, `onValidationEpochEnd`.
 * @throws {MisconfigurationError} in hooks that cannot log, and for options that contradict the hook.
 *
 * @example
 * ```ts
 * import { logRule } from "./log_rules.ts";
 * console.assert(logRule("trainingStep", "loss", {}).onStep && logRule("validationStep", "loss", {}).onEpoch);
 * ```
 */
export function logRule(hook: string, name: string, options: LogOptions): LogRule {
  const where = `log("${name}") in ${hook || "no hook"}`;
  const training = TRAINING_BATCH.includes(hook);
  if (!training && !EVALUATION_BATCH.includes(hook) && !EPOCH.includes(hook)) {
    throw new MisconfigurationError(`You can't log() inside ${hook || "code outside of a hook"}`, {
      where,
      fix: "log in a step, in a batch hook, or in an epoch hook of train, validation or test",
    });
  }
  if (EPOCH.includes(hook) && options.onStep === true) {
    throw new MisconfigurationError(`You can't log(onStep: true) inside ${hook}`, {
      where,
      fix: "leave onStep out: the hook runs once an epoch",
    });
  }
  const onStep = options.onStep ?? training;
  const onEpoch = options.onEpoch ?? !training;
  if (!onStep && !onEpoch) {
    throw new MisconfigurationError("log(onStep: false, onEpoch: false) would be useless", {
      where,
      fix: "set one of them",
    });
  }
  if (name.includes("/dataloader_idx_")) {
    throw new MisconfigurationError(
      `The name "${name}" holds "/dataloader_idx_", which is added for each loader`,
      {
        where,
        fix: "choose another name",
      },
    );
  }
  const reduceFx = options.reduceFx ?? "mean";
  if (!["mean", "sum", "min", "max"].includes(reduceFx)) {
    throw new MisconfigurationError(`log(reduceFx: ${String(reduceFx)}) is not supported`, {
      where,
      fix: 'valid: "mean", "sum", "min", "max"',
    });
  }
  return {
    onStep,
    onEpoch,
    progBar: options.progBar ?? false,
    logger: options.logger ?? true,
    reduceFx,
    better: options.better ?? null,
  };
}
