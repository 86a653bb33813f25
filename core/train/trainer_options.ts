import {
  checkedLater,
  count,
  either,
  flag,
  hasMethods,
  isRecord,
  like,
  optional,
  type OptionDefaults,
  required,
  type Taken,
  text,
} from "../options.ts";
import type { Callback } from "./callback.ts";
import { type Duration, durationRule } from "./duration.ts";
import type { BatchLimit } from "./limits.ts";
import type { Logger } from "./logger.ts";
import type { Profiler } from "./profiler.ts";

/**
 * What a trainer can be told: Lightning's options, in either spelling.
 *
 * Options that this trainer does not support accept only the value that says "off"; anything else is refused.
 */
export interface TrainerOptions {
  /** `"cpu"`, `"gpu"` (WebGPU; also `"cuda"`, `"mps"`) or `"auto"`, which takes WebGPU only on a hardware adapter. @default "auto" */
  accelerator?: "auto" | "cpu" | "gpu" | "cuda" | "mps";
  /** How processes share the work; one process is supported: `"auto"`, `"single_device"`. @default "auto" */
  strategy?: string;
  /** How many devices: 1. @default "auto" */
  devices?: number | string | readonly number[];
  /** How many machines: 1. @default 1 */
  numNodes?: number;
  /** Arithmetic: 32-bit floats (`32`, `"32"`, `"32-true"`). @default "32-true" */
  precision?: number | string | null;
  /** Where numbers go: one logger or several; `true` adds a CSVLogger, `false` none. @default true */
  logger?: Logger | readonly Logger[] | boolean | null;
  /** Code that runs at named places. @default [] */
  callbacks?: Callback | readonly Callback[] | null;
  /** Runs this many batches of each loop and nothing else; `true` is 1. @default false */
  fastDevRun?: boolean | number;
  /** Epochs to train, -1 without limit. @default 1000, or -1 where max_steps or max_time is given */
  maxEpochs?: number | null;
  /** Epochs to train even when a callback asks to stop. @default 0 */
  minEpochs?: number | null;
  /** Optimizer steps to train, -1 without limit. @default -1 */
  maxSteps?: number;
  /** Optimizer steps to train even when a callback asks to stop. @default null */
  minSteps?: number | null;
  /** Time to train, as `"DD:HH:MM:SS"`. @default null */
  maxTime?: Duration | null;
  /** How much of the training batches to use. @default "all" */
  limitTrainBatches?: BatchLimit | null;
  /** How much of the validation batches to use. @default "all" */
  limitValBatches?: BatchLimit | null;
  /** How much of the test batches to use. @default "all" */
  limitTestBatches?: BatchLimit | null;
  /** How much of the batches to predict. @default "all" */
  limitPredictBatches?: BatchLimit | null;
  /** Trains on this many (or this share of) unshuffled batches, to see whether the model can learn. @default 0 */
  overfitBatches?: BatchLimit;
  /** How often to validate: a share of an epoch, or a number of batches. @default "all", once an epoch */
  valCheckInterval?: BatchLimit | null;
  /** Validates every so many epochs; `null` counts `valCheckInterval`, which is as many batches as an epoch has where it is left out, across epochs. @default 1 */
  checkValEveryNEpoch?: number | null;
  /** Validation batches to try before training, -1 for all. @default 2 */
  numSanityValSteps?: number | null;
  /** Steps between rows of step values in the loggers. @default 50 */
  logEveryNSteps?: number | null;
  /** Whether to add a ModelCheckpoint where there is none. @default true */
  enableCheckpointing?: boolean | null;
  /** Whether to add a progress bar where there is none. @default true */
  enableProgressBar?: boolean | null;
  /** Whether to add a model summary where there is none. @default true */
  enableModelSummary?: boolean | null;
  /** Batches whose gradients are added up before a step. @default 1 */
  accumulateGradBatches?: number;
  /** The largest gradient norm (or value) to allow. @default null */
  gradientClipVal?: number | null;
  /** What `gradientClipVal` limits: the norm over all parameters, or each value. @default "norm" */
  gradientClipAlgorithm?: "norm" | "value" | null;
  /** Results are the same on every run whatever this says. @default null */
  deterministic?: boolean | "warn" | null;
  /** Changes nothing: there is no choice of kernels at run time. @default null */
  benchmark?: boolean | null;
  /** Whether evaluation records no gradients, which it never does. @default true */
  inferenceMode?: boolean;
  /** With one device there is nothing to distribute, so either value means the same. @default true */
  useDistributedSampler?: boolean;
  /** Measures the run: `"simple"`, a profiler, or none. @default null */
  profiler?: Profiler | string | null;
  /** Stops at the first NaN or infinity in a loss or a gradient and names the op. @default false */
  detectAnomaly?: boolean;
  /** Turns off everything that costs time: not supported. @default false */
  barebones?: boolean;
  /** Plugins: not supported. @default null */
  plugins?: null | readonly never[];
  /** BatchNorm over several devices; with one device either value means the same. @default false */
  syncBatchnorm?: boolean;
  /** Makes new loaders every so many epochs, 0 for never. @default 0 */
  reloadDataloadersEveryNEpochs?: number;
  /** Where files go that no callback or logger places. @default the current folder */
  defaultRootDir?: string | null;
  /** Whether a logger is given the module's hyperparameters; modules here hold none. @default true */
  enableAutologHparams?: boolean;
  /** A model registry: not supported. @default null */
  modelRegistry?: string | null;
}

type Given = Taken<TrainerOptions>;

const CALLBACK = like<Callback>("give a callback, or a list of callbacks", isRecord);
const LOGGER = like<Logger | boolean>(
  "give true, false or a logger: an object with logMetrics, logHyperparams, save and finalize",
  (value) =>
    typeof value === "boolean" || hasMethods(value, "logMetrics", "logHyperparams", "save", "finalize"),
);
const PROFILER = like<Profiler>(
  "give a profiler: an object with start, stop, summary and teardown",
  (value) => hasMethods(value, "start", "stop", "summary", "teardown"),
);

/** Lightning's defaults; what the settings mean together is checked when they are worked out. */
export const TRAINER_DEFAULTS: OptionDefaults<TrainerOptions> = {
  accelerator: checkedLater<Given["accelerator"]>("auto"),
  strategy: "auto",
  devices: checkedLater<Given["devices"]>("auto"),
  numNodes: checkedLater<Given["numNodes"]>(1),
  precision: checkedLater<Given["precision"]>(null),
  logger: optional(
    like<Logger | readonly Logger[] | boolean>(
      LOGGER.says,
      (value) =>
        LOGGER.admits(value) ||
        (Array.isArray(value) && value.every((one) => typeof one !== "boolean" && LOGGER.admits(one))),
    ),
  ),
  callbacks: optional(
    like<Callback | readonly Callback[]>(
      CALLBACK.says,
      (value) => isRecord(value) || (Array.isArray(value) && value.every(isRecord)),
    ),
  ),
  fastDevRun: checkedLater<Given["fastDevRun"]>(false),
  maxEpochs: checkedLater<Given["maxEpochs"]>(null),
  minEpochs: checkedLater<Given["minEpochs"]>(null),
  maxSteps: checkedLater<Given["maxSteps"]>(-1),
  minSteps: checkedLater<Given["minSteps"]>(null),
  maxTime: optional(durationRule()),
  limitTrainBatches: checkedLater<Given["limitTrainBatches"]>(null),
  limitValBatches: checkedLater<Given["limitValBatches"]>(null),
  limitTestBatches: checkedLater<Given["limitTestBatches"]>(null),
  limitPredictBatches: checkedLater<Given["limitPredictBatches"]>(null),
  overfitBatches: checkedLater<Given["overfitBatches"]>(0),
  valCheckInterval: checkedLater<Given["valCheckInterval"]>(null),
  checkValEveryNEpoch: checkedLater<Given["checkValEveryNEpoch"]>(1),
  numSanityValSteps: checkedLater<Given["numSanityValSteps"]>(null),
  logEveryNSteps: optional(count(required)),
  enableCheckpointing: optional(flag(required)),
  enableProgressBar: optional(flag(required)),
  enableModelSummary: optional(flag(required)),
  accumulateGradBatches: checkedLater<Given["accumulateGradBatches"]>(1),
  gradientClipVal: checkedLater<Given["gradientClipVal"]>(null),
  gradientClipAlgorithm: checkedLater<Given["gradientClipAlgorithm"]>(null),
  deterministic: checkedLater<Given["deterministic"]>(null),
  benchmark: checkedLater<Given["benchmark"]>(null),
  inferenceMode: true,
  useDistributedSampler: true,
  profiler: optional(either(text(required), PROFILER)),
  detectAnomaly: false,
  barebones: false,
  plugins: like<Given["plugins"]>(
    "leave plugins out: they are not supported",
    (value) => value === null || (Array.isArray(value) && value.length === 0),
    null,
  ),
  syncBatchnorm: false,
  reloadDataloadersEveryNEpochs: checkedLater<Given["reloadDataloadersEveryNEpochs"]>(0),
  defaultRootDir: optional(text(required)),
  enableAutologHparams: true,
  modelRegistry: checkedLater<Given["modelRegistry"]>(null),
};
