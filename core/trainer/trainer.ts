import { BaseTrainer, type TrainerOptions } from "../train/mod.ts";
import { STANDARD_PARTS } from "./standard_parts.ts";

/**
 * Trains, validates, tests and predicts: Lightning's `Trainer`.
 *
 * It adds a progress bar, a model summary, a ModelCheckpoint and a CSVLogger where none is given; `enableProgressBar`,
 * `enableModelSummary`, `enableCheckpointing` and `logger: false` switch them off.
 *
 * @throws {MisconfigurationError} for options that cannot work together, or are not supported.
 *
 * @example
 * ```ts
 * import { Trainer } from "./trainer.ts";
 * const trainer = new Trainer({ maxEpochs: 3, accelerator: "cpu", logger: false });
 * console.assert(trainer.checkpointCallback !== null);
 * ```
 */
export class Trainer extends BaseTrainer {
  constructor(options: TrainerOptions = {}) {
    super(options, STANDARD_PARTS);
  }
}
