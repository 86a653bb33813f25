/** What an error says beyond its first line. */
export interface ErrorDetails {
  /** Where it happened: an op, a module path, or `file:line:column` of a config value. */
  readonly where?: string | undefined;
  /** What to type or change instead. */
  readonly fix?: string | undefined;
  /** The error that led to this one. */
  readonly cause?: unknown;
}

/**
 * The root of every error that Fulgur throws on purpose.
 *
 * The message has up to three lines: what happened (with the values received), where, and how to mend it.
 *
 * @example
 * ```ts
 * import { FulgurError } from "./errors.ts";
 * const error = new FulgurError("Batch has no key \"label\"", { where: "losses.ce", fix: "keys are image, target" });
 * console.assert(error.message.includes("fix: keys are image, target"));
 * ```
 */
export class FulgurError extends Error {
  override name = "FulgurError";
  /** The first line: what happened. */
  readonly what: string;
  /** Where it happened, if known. */
  readonly where: string | undefined;
  /** How to mend it, if known. */
  readonly fix: string | undefined;

  constructor(what: string, details: ErrorDetails = {}) {
    const { where, fix, cause } = details;
    const lines = [what];
    if (where !== undefined) lines.push(`  where: ${where}`);
    if (fix !== undefined) lines.push(`  fix: ${fix}`);
    super(lines.join("\n"), cause === undefined ? undefined : { cause });
    this.what = what;
    this.where = where;
    this.fix = fix;
  }
}

/** Shapes do not fit an op or a layer. */
export class ShapeError extends FulgurError {
  override name = "ShapeError";
}

/** An op does not take this dtype, or dtypes do not fit together. */
export class DTypeError extends FulgurError {
  override name = "DTypeError";
}

/** A device is missing, lost, or out of memory. */
export class DeviceError extends FulgurError {
  override name = "DeviceError";
}

/** A shader does not compile or lacks a declaration that a specialisation names. */
export class ShaderError extends FulgurError {
  override name = "ShaderError";
}

/** A value is wrong where a computation needs another: an index out of range, a label outside the classes, a NaN. */
export class ValueError extends FulgurError {
  override name = "ValueError";
}

/** A dataset, a batch key or a data file is missing or malformed. */
export class DataError extends FulgurError {
  override name = "DataError";
}

/** A checkpoint is missing, truncated or does not fit the model. */
export class CheckpointError extends FulgurError {
  override name = "CheckpointError";
}

/** The config, an override or the command line is wrong. */
export class ConfigError extends FulgurError {
  override name = "ConfigError";
}

/** A job in a process of its own was killed, ran out of time, left no result, or returned what no file can carry. */
export class JobError extends FulgurError {
  override name = "JobError";
}

/** Data of an {@linkcode OptionError}. */
export interface OptionErrorData {
  /** The function or class that was given the option, such as `optim.Adam`. */
  readonly owner: string;
  /** The option's name as it was written. */
  readonly option: string;
  /** Every option that the owner takes, in TypeScript case. */
  readonly known: readonly string[];
  /** Where the option is unknown: what its owner takes, with defaults, in order. */
  readonly table?: Readonly<Record<string, unknown>> | undefined;
}

/** An option is unknown, missing or has a value that its owner cannot use. */
export class OptionError extends FulgurError {
  override name = "OptionError";
  readonly data: OptionErrorData | undefined;

  constructor(what: string, details: ErrorDetails & { readonly data?: OptionErrorData } = {}) {
    super(what, details);
    this.data = details.data;
  }
}

/** The trainer, a callback or a logger is set up in a way that cannot work. */
export class MisconfigurationError extends OptionError {
  override name = "MisconfigurationError";
}

/**
 * The candidate nearest to `word` by edit distance, or `undefined` where none is near.
 *
 * @example
 * ```ts
 * import { nearest } from "./errors.ts";
 * console.assert(nearest("weight_decy", ["lr", "weight_decay"]) === "weight_decay");
 * ```
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    // Two short words that share nothing are not near.
    if (distance >= Math.max(word.length, candidate.length)) continue;
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** How many letters must be changed, left out, put in, or swapped with their neighbour. */
export function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitution = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swaps = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      const swap = swaps ? before[j - 2]! + 1 : Infinity;
      row.push(Math.min(substitution, previous[j]! + 1, row[j - 1]! + 1, swap));
    }
    [before, previous] = [previous, row];
  }
  return previous[b.length]!;
}
