import { MisconfigurationError } from "../errors.ts";
import {
  choice,
  count,
  either,
  flag,
  optional,
  required,
  type Taken,
  takeOptions,
  text,
  unsupported,
} from "../options.ts";
import { type Duration, durationRule } from "../train/duration.ts";
import { MODE, type Mode } from "./best_value.ts";

/** What to save, when and under which name. */
export interface ModelCheckpointOptions {
  /** The folder. @default `checkpoints` in the run's log folder */
  dirpath?: string | null;
  /** The file's name without `.ckpt`, such as `epoch_{epoch:03d}`. @default `{epoch}-{step}` */
  filename?: string | null;
  /** The metric that ranks files; `null` keeps the newest. @default null */
  monitor?: string | null;
  /** Shows a line at each save. @default false */
  verbose?: boolean;
  /** Also writes `last.ckpt` at each save; `"link"` makes it a link to the newest file. @default false */
  saveLast?: boolean | "link" | null;
  /** How many of the best files to keep; -1 keeps all, 0 none. @default 1 */
  saveTopK?: number;
  /** Leaves out optimizer, scheduler and callback states: enough to test, not to resume. @default false */
  saveWeightsOnly?: boolean;
  /** Which way the metric improves; `"auto"` asks what logged it. @default "min" */
  mode?: Mode;
  /** Writes `name=value` for each metric in the name, not the value alone. @default true */
  autoInsertMetricName?: boolean;
  /** Saves every so many optimizer steps. @default null */
  everyNTrainSteps?: number | null;
  /** Saves when this time has passed, as `"DD:HH:MM:SS"`. @default null */
  trainTimeInterval?: Duration | null;
  /** Saves every so many epochs. @default 1 where no other trigger is given */
  everyNEpochs?: number | null;
  /** Saves at the end of training epochs (true) or of validation (false). @default null: as validation is set */
  saveOnTrainEpochEnd?: boolean | null;
  /** Whether an existing file gets a sibling `-v1` instead of being replaced. @default true */
  enableVersionCounter?: boolean;
}

/** Checked options of a ModelCheckpoint; triggers that are off are 0 or `null`. */
export type CheckpointPlan = Taken<ModelCheckpointOptions> & {
  readonly everyNTrainSteps: number;
  readonly everyNEpochs: number;
};

/**
 * Checks the options together.
 *
 * @throws {MisconfigurationError} for more than one trigger, or a ranking without a metric.
 */
export function planCheckpoints(options: ModelCheckpointOptions): CheckpointPlan {
  const o = takeOptions<ModelCheckpointOptions>("callbacks.ModelCheckpoint", options, {
    dirpath: optional(text(required)),
    filename: optional(text(required)),
    monitor: optional(text(required)),
    verbose: false,
    saveLast: optional(either(flag(required), choice("link", ["link"]))),
    saveTopK: count(1, -1),
    saveOnException: unsupported(false),
    saveWeightsOnly: false,
    mode: MODE,
    autoInsertMetricName: true,
    everyNTrainSteps: optional(count(required)),
    trainTimeInterval: optional(durationRule()),
    everyNEpochs: optional(count(required)),
    saveOnTrainEpochEnd: optional(flag(required)),
    enableVersionCounter: true,
  });
  if (o.monitor === null && o.saveTopK > 1) {
    throw invalid(
      "save_top_k",
      `save_top_k=${o.saveTopK} ranks files by a metric, but monitor is null`,
      "name a metric in monitor, or set save_top_k to -1, 0 or 1",
    );
  }
  const triggers =
    [o.everyNTrainSteps, o.everyNEpochs].filter((value) => value !== null && value > 0).length +
    (o.trainTimeInterval === null ? 0 : 1);
  if (triggers > 1) {
    throw invalid(
      "every_n_train_steps",
      "every_n_train_steps, every_n_epochs and train_time_interval exclude each other",
      "keep one of them",
    );
  }
  const none = o.everyNTrainSteps === null && o.everyNEpochs === null && o.trainTimeInterval === null;
  return { ...o, everyNTrainSteps: o.everyNTrainSteps ?? 0, everyNEpochs: none ? 1 : o.everyNEpochs ?? 0 };
}

function invalid(option: string, what: string, fix: string): MisconfigurationError {
  const owner = "callbacks.ModelCheckpoint";
  return new MisconfigurationError(what, { where: owner, fix, data: { owner, option, known: [option] } });
}
