import { MisconfigurationError } from "../errors.ts";
import { showValue, snakeCase } from "../options.ts";

/** How much of a loader to use: a whole number counts batches, a fraction in [0, 1] is a share of them. */
export type BatchLimit = number | WholeShare;

/**
 * All batches, written as Python's `1.0`.
 *
 * JavaScript cannot tell `1.0` from `1`, and Lightning can: `1` is one batch, `1.0` is all. YAML keeps the
 * difference and passes this word for `1.0`; in TypeScript it is the default, so it is seldom written.
 */
export type WholeShare = "all";

/** An option that holds a {@linkcode BatchLimit}. */
export type LimitOption =
  | "limitTrainBatches"
  | "limitValBatches"
  | "limitTestBatches"
  | "limitPredictBatches"
  | "overfitBatches";

/**
 * Checks a limit and brings `1.0` and numbers above 1 to one form.
 *
 * @throws {MisconfigurationError} for a negative number or a fraction above 1.
 *
 * @example
 * ```ts
 * import { checkLimit } from "./limits.ts";
 * console.assert(checkLimit("limitValBatches", 0.5) === 0.5 && checkLimit("limitValBatches", "all") === "all");
 * ```
 */
export function checkLimit(option: LimitOption, value: unknown): BatchLimit {
  if (value === "all" || value === null || value === undefined) return "all";
  const valid = typeof value === "number" && value >= 0 && (value < 1 || Number.isInteger(value));
  if (valid) return value;
  const name = snakeCase(option);
  throw new MisconfigurationError(
    `You have passed invalid value ${
      typeof value === "string" ? value : showValue(value)
    } for ${name}, it has to be in [0.0, 1.0] or an int`,
    {
      where: `Trainer.${name}`,
      fix: "give a share of the batches such as 0.25, or a number of batches such as 10",
      data: { owner: "Trainer", option, known: [option] },
    },
  );
}

/**
 * How many of a loader's batches to use: a share is rounded down, a count is cut to the loader's length.
 *
 * @param batches The loader's length in batches.
 * @param loader The loader's name in an error: `train_dataloader`.
 * @throws {MisconfigurationError} where a share of a loader that is not empty comes to no batch.
 *
 * @example
 * ```ts
 * import { limitBatches } from "./limits.ts";
 * console.assert(limitBatches("limitTrainBatches", 0.35, 10, "train_dataloader") === 3);
 * ```
 */
export function limitBatches(
  option: LimitOption,
  limit: BatchLimit,
  batches: number,
  loader: string,
): number {
  if (limit === "all") return batches;
  if (limit === 0 || Number.isInteger(limit)) return Math.min(limit, batches);
  if (!Number.isFinite(batches)) {
    throw new MisconfigurationError(
      `${snakeCase(option)}=${limit} is a share, but the ${loader} has no length`,
      {
        where: `Trainer.${snakeCase(option)}`,
        fix: "give a number of batches",
      },
    );
  }
  const used = Math.floor(batches * limit);
  if (used === 0 && batches > 0) {
    const least = Math.ceil(1000 / batches) / 1000;
    throw new MisconfigurationError(
      `You requested to check ${limit} of the \`${loader}\` but ${limit} * ${batches} < 1`,
      { where: `Trainer.${snakeCase(option)}`, fix: `try at least ${snakeCase(option)}=${least}` },
    );
  }
  return used;
}

/**
 * Whether callbacks take an interval of validation for a whole epoch, and so have their turn at its end: Python, where
 * `1 == 1.0`, has no other name for a validation after every batch.
 */
export function countsAsWhole(interval: BatchLimit): boolean {
  return interval === "all" || interval === 1;
}

/**
 * After how many batches validation runs within an epoch of `batches` batches.
 *
 * A fraction is a share of the epoch (at least one batch); a whole number counts batches, across epochs where
 * `acrossEpochs` says so.
 *
 * @throws {MisconfigurationError} where the count is more than an epoch has.
 */
export function validationInterval(interval: BatchLimit, batches: number, acrossEpochs: boolean): number {
  if (interval === "all") return Math.max(1, batches);
  if (!Number.isInteger(interval)) return Math.max(1, Math.floor(batches * interval));
  if (interval > batches && !acrossEpochs) {
    throw new MisconfigurationError(
      `val_check_interval=${interval} is more than the ${batches} training batches of an epoch`,
      {
        where: "Trainer.val_check_interval",
        fix:
          "lower it, set check_val_every_n_epoch=null to count batches across epochs, or limit_val_batches=0 " +
          "to validate never",
      },
    );
  }
  return interval;
}
