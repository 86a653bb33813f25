import { MisconfigurationError, OptionError } from "../errors.ts";
import { oneOf, showValue, snakeCase, type Taken } from "../options.ts";
import type { Duration } from "./duration.ts";
import { type BatchLimit, checkLimit } from "./limits.ts";
import type { TrainerOptions } from "./trainer_options.ts";

/** A trainer's options with defaults, `fastDevRun` and `overfitBatches` worked out. */
export interface Settings {
  readonly accelerator: "auto" | "cpu" | "gpu";
  /** Batches of a fast development run, 0 for a real run. */
  readonly fastDevRun: number;
  /** Epochs to train, -1 without limit. */
  readonly maxEpochs: number;
  readonly minEpochs: number;
  /** Optimizer steps to train, -1 without limit. */
  readonly maxSteps: number;
  readonly minSteps: number;
  /** `DD:HH:MM:SS`, or `null`. */
  readonly maxTime: Duration | null;
  readonly limitTrainBatches: BatchLimit;
  readonly limitValBatches: BatchLimit;
  readonly limitTestBatches: BatchLimit;
  readonly limitPredictBatches: BatchLimit;
  readonly overfitBatches: BatchLimit;
  readonly valCheckInterval: BatchLimit;
  readonly checkValEveryNEpoch: number | null;
  /** Batches of the sanity check; Infinity for all. */
  readonly numSanityValSteps: number;
  /** 0 where step values are not logged. */
  readonly logEveryNSteps: number;
  readonly accumulateGradBatches: number;
  /** The limit, or `null` where gradients are not clipped. */
  readonly gradientClipVal: number | null;
  readonly gradientClipAlgorithm: "norm" | "value";
  readonly detectAnomaly: boolean;
  readonly reloadDataloadersEveryNEpochs: number;
  readonly enableCheckpointing: boolean;
  readonly enableProgressBar: boolean;
  readonly enableModelSummary: boolean;
  readonly defaultRootDir: string;
}

/**
 * Checks a trainer's options and works out what they mean together.
 *
 * @throws {MisconfigurationError} for values that cannot work or are not supported.
 */
export function settle(o: Taken<TrainerOptions>): Settings {
  refuseUnsupported(o);
  const fastDevRun = fastDevBatches(o.fastDevRun);
  atLeast("maxSteps", o.maxSteps, -1);
  atLeast("accumulateGradBatches", o.accumulateGradBatches, 1);
  atLeast("reloadDataloadersEveryNEpochs", o.reloadDataloadersEveryNEpochs, 0);
  if (o.checkValEveryNEpoch !== null) atLeast("checkValEveryNEpoch", o.checkValEveryNEpoch, 1);
  if (o.minEpochs !== null) atLeast("minEpochs", o.minEpochs, 0);
  if (o.minSteps !== null) atLeast("minSteps", o.minSteps, -1);
  const maxEpochs = o.maxEpochs ?? (o.maxSteps === -1 && o.maxTime === null ? 1000 : -1);
  atLeast("maxEpochs", maxEpochs, -1);
  const sanity = o.numSanityValSteps ?? 2;
  atLeast("numSanityValSteps", sanity, -1);
  const overfit = checkLimit("overfitBatches", o.overfitBatches);
  const valCheckInterval = checkInterval(o);
  const settings: Settings = {
    accelerator: acceleratorOf(o.accelerator),
    fastDevRun,
    maxEpochs,
    minEpochs: o.minEpochs ?? (o.minSteps === null ? 0 : 1),
    maxSteps: o.maxSteps,
    minSteps: o.minSteps ?? 0,
    maxTime: o.maxTime,
    limitTrainBatches: checkLimit("limitTrainBatches", o.limitTrainBatches),
    limitValBatches: checkLimit("limitValBatches", o.limitValBatches),
    limitTestBatches: checkLimit("limitTestBatches", o.limitTestBatches),
    limitPredictBatches: checkLimit("limitPredictBatches", o.limitPredictBatches),
    overfitBatches: overfit,
    valCheckInterval,
    checkValEveryNEpoch: o.checkValEveryNEpoch,
    numSanityValSteps: sanity === -1 ? Infinity : sanity,
    logEveryNSteps: o.logEveryNSteps ?? 50,
    accumulateGradBatches: o.accumulateGradBatches,
    gradientClipVal: clipValue(o.gradientClipVal),
    gradientClipAlgorithm: clipAlgorithm(o.gradientClipAlgorithm),
    detectAnomaly: o.detectAnomaly,
    reloadDataloadersEveryNEpochs: o.reloadDataloadersEveryNEpochs,
    enableCheckpointing: o.enableCheckpointing ?? true,
    enableProgressBar: o.enableProgressBar ?? true,
    enableModelSummary: o.enableModelSummary ?? true,
    defaultRootDir: o.defaultRootDir ?? ".",
  };
  const shortened = fastDevRun === 0 ? settings : shorten(settings, fastDevRun);
  return overfit === 0 ? shortened : { ...shortened, limitTrainBatches: overfit, limitValBatches: overfit };
}

/** Python's names of graphics processors all mean WebGPU here. */
function acceleratorOf(given: unknown): Settings["accelerator"] {
  if (given === "cuda" || given === "mps") return "gpu";
  if (given !== "tpu") return oneOf("Trainer", "accelerator", given, ["auto", "cpu", "gpu"]);
  // No misspelt cpu.
  throw new OptionError('Trainer cannot use accelerator = "tpu"', {
    fix: "valid: auto, cpu, gpu",
    data: { owner: "Trainer", option: "accelerator", known: ["accelerator"] },
  });
}

/** Batches of a fast development run: a number, or true for one. */
function fastDevBatches(value: unknown): number {
  if (typeof value === "boolean") return Number(value);
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw misconfigured(
    "fastDevRun",
    `fast_dev_run=${showValue(value)} cannot be used`,
    "give true or false, or a number of batches from 0 up",
  );
}

/** A fast development run: a few batches of everything, once, and no sanity check. */
function shorten(settings: Settings, batches: number): Settings {
  return {
    ...settings,
    limitTrainBatches: batches,
    limitValBatches: batches,
    limitTestBatches: batches,
    limitPredictBatches: batches,
    maxSteps: batches,
    maxEpochs: 1,
    numSanityValSteps: 0,
    valCheckInterval: "all",
    checkValEveryNEpoch: 1,
  };
}

function checkInterval(o: Taken<TrainerOptions>): BatchLimit {
  if (o.valCheckInterval === null) return "all";
  const interval = o.valCheckInterval;
  if (o.checkValEveryNEpoch === null && (typeof interval !== "number" || !Number.isInteger(interval))) {
    throw misconfigured(
      "valCheckInterval",
      `check_val_every_n_epoch=null counts batches across epochs, but val_check_interval is ${
        showValue(interval)
      }`,
      "give val_check_interval a whole number of batches",
    );
  }
  if (interval === "all") return interval;
  const valid = typeof interval === "number" && interval > 0 && (interval < 1 || Number.isInteger(interval));
  if (valid) return interval;
  throw misconfigured(
    "valCheckInterval",
    `val_check_interval=${showValue(interval)} is neither a share of an epoch nor a number of batches`,
    "give a share such as 0.25, or a number of batches such as 100",
  );
}

function clipValue(value: number | null): number | null {
  if (value === null) return null;
  if (typeof value !== "number") {
    throw misconfigured(
      "gradientClipVal",
      `gradient_clip_val should be a number, got ${showValue(value)}`,
      "give a number such as 0.5, or null for no clipping",
    );
  }
  return value > 0 ? value : null;
}

function clipAlgorithm(value: string | null): "norm" | "value" {
  if (value === null || value === "norm" || value === "value") return value ?? "norm";
  throw misconfigured(
    "gradientClipAlgorithm",
    `gradient_clip_algorithm ${showValue(value)} is invalid`,
    'valid: "norm", "value"',
  );
}

function atLeast(option: keyof TrainerOptions, value: unknown, least: number): void {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= least) return;
  const name = snakeCase(option);
  throw misconfigured(
    option,
    `${name}=${showValue(value)} cannot be used`,
    `give a whole number from ${least} up`,
  );
}

/** What an option must be for this trainer to support it, and how to say so. */
interface Support {
  readonly option: keyof TrainerOptions;
  readonly values: readonly unknown[];
  readonly says: string;
}

const SUPPORTED: readonly Support[] = [
  { option: "strategy", values: ["auto", "single_device"], says: "one process: auto, single_device" },
  { option: "devices", values: ["auto", 1, "1", -1, "-1"], says: "one device: 1" },
  { option: "numNodes", values: [1], says: "one machine: 1" },
  { option: "precision", values: [null, 32, "32", "32-true"], says: "32-bit floats: 32" },
  { option: "benchmark", values: [null, false, true], says: "true, false" },
  { option: "barebones", values: [false], says: "false" },
  { option: "syncBatchnorm", values: [false, true], says: "true, false" },
  { option: "modelRegistry", values: [null], says: "null" },
  { option: "deterministic", values: [null, false, true, "warn"], says: "true, false, warn" },
  { option: "inferenceMode", values: [true, false], says: "true, false" },
  { option: "useDistributedSampler", values: [true, false], says: "true, false" },
  { option: "enableAutologHparams", values: [true, false], says: "true, false" },
];

function refuseUnsupported(o: Taken<TrainerOptions>): void {
  for (const { option, values, says } of SUPPORTED) {
    if (values.includes(o[option])) continue;
    if (option === "devices" && Array.isArray(o.devices) && o.devices.join() === "0") continue;
    const value = showValue(o[option]);
    throw misconfigured(
      option,
      `Trainer does not support ${snakeCase(option)}=${value}`,
      `supported: ${says}`,
    );
  }
  if (o.plugins !== null && o.plugins.length > 0) {
    throw misconfigured("plugins", "Trainer does not support plugins", "leave plugins out");
  }
}

function misconfigured(option: keyof TrainerOptions, what: string, fix: string): MisconfigurationError {
  return new MisconfigurationError(what, {
    where: `Trainer.${snakeCase(option)}`,
    fix,
    data: { owner: "Trainer", option, known: [option] },
  });
}
