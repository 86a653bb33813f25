import { OptionError } from "../errors.ts";
import { count, flag, hasMethods, like, optional, required, type Rule, takeOptions } from "../options.ts";
import { defaultGenerator, Generator } from "../tensor/rng.ts";

/** Gives row numbers in the order in which an epoch visits them. */
export interface Sampler extends Iterable<number> {
  /** How many row numbers an epoch has. */
  readonly length: number;
}

/** Anything with a number of rows. */
export interface Sized {
  readonly length: number;
}

const SIZED = like<Sized>(
  "give a dataset",
  (value) => typeof (value as Partial<Sized> | null)?.length === "number" && typeof value !== "string",
);

/** An option that is a sampler. */
export function samplerRule(): Rule<Sampler> {
  return like<Sampler>(
    "give a sampler: an object with a length that iterates over row numbers",
    (value) =>
      typeof value === "object" && hasMethods(value, Symbol.iterator) &&
      typeof (value as Sampler).length === "number",
  );
}

/** An option that is a random generator. */
export function generatorRule(): Rule<Generator> {
  return like<Generator>("give a Generator", (value) => value instanceof Generator);
}

/** Options of {@linkcode SequentialSampler}. */
export interface SequentialSamplerOptions {
  /** What is sampled. */
  readonly dataSource: Sized;
}

/** Rows in their order; draws no random number. Source: `torch.utils.data.SequentialSampler`. */
export class SequentialSampler implements Sampler {
  readonly #source: Sized;

  constructor(options: SequentialSamplerOptions) {
    this.#source = takeOptions<SequentialSamplerOptions>("data.SequentialSampler", options, {
      dataSource: SIZED,
    }).dataSource;
  }

  get length(): number {
    return this.#source.length;
  }

  *[Symbol.iterator](): IterableIterator<number> {
    for (let i = 0; i < this.#source.length; i++) yield i;
  }
}

/** Options of {@linkcode RandomSampler}. */
export interface RandomSamplerOptions {
  /** What is sampled. */
  readonly dataSource: Sized;
  /** Whether a row may come more than once. @default false */
  readonly replacement?: boolean;
  /** Row numbers in an epoch. @default the number of rows */
  readonly numSamples?: number | null;
  /** Where the order comes from. @default a fresh generator, seeded by a draw of the default one */
  readonly generator?: Generator | null;
}

/**
 * Rows in a random order, the same as torch's for the same generator: without a `generator`, the first row asked
 * for draws a seed from the default generator.
 *
 * Source: `torch.utils.data.RandomSampler`.
 *
 * @throws {OptionError} where `numSamples` is not a positive integer.
 */
export class RandomSampler implements Sampler {
  readonly length: number;
  readonly #source: Sized;
  readonly #replacement: boolean;
  readonly #generator: Generator | null;

  constructor(options: RandomSamplerOptions) {
    const o = takeOptions<RandomSamplerOptions>("data.RandomSampler", options, {
      dataSource: SIZED,
      replacement: false,
      numSamples: optional(count(required, 1)),
      generator: optional(generatorRule()),
    });
    this.length = o.numSamples ?? o.dataSource.length;
    if (!Number.isInteger(this.length) || this.length <= 0) {
      throw new OptionError(`data.RandomSampler cannot draw ${this.length} rows`, {
        fix: "give a dataset that has rows, and numSamples of 1 or more",
        data: { owner: "data.RandomSampler", option: "numSamples", known: ["numSamples"] },
      });
    }
    this.#source = o.dataSource;
    this.#replacement = o.replacement;
    this.#generator = o.generator;
  }

  *[Symbol.iterator](): IterableIterator<number> {
    const generator = this.#generator ?? new Generator(defaultGenerator.random64());
    const rows = this.#source.length;
    if (this.#replacement) {
      // torch draws blocks of 32, so a generator given by the caller moves on by whole blocks
      for (let left = this.length; left > 0; left -= 32) {
        yield* generator.randint(0, rows, Math.min(32, left));
      }
      return;
    }
    for (let whole = Math.floor(this.length / rows); whole > 0; whole--) yield* generator.randperm(rows);
    // torch draws one more order even where nothing of it is used
    yield* generator.randperm(rows).subarray(0, this.length % rows);
  }
}

/** Options of {@linkcode BatchSampler}. */
export interface BatchSamplerOptions {
  /** Gives single row numbers. */
  readonly sampler: Sampler;
  /** Rows of a batch. */
  readonly batchSize: number;
  /** Whether a last batch with fewer rows is left out. */
  readonly dropLast: boolean;
}

/** Groups a sampler's row numbers into batches. Source: `torch.utils.data.BatchSampler`. */
export class BatchSampler implements Iterable<number[]> {
  readonly sampler: Sampler;
  readonly batchSize: number;
  readonly dropLast: boolean;

  /** @throws {OptionError} where `batchSize` is not a positive integer. */
  constructor(options: BatchSamplerOptions) {
    const o = takeOptions<BatchSamplerOptions>("data.BatchSampler", options, {
      sampler: samplerRule(),
      batchSize: count(required, 1),
      dropLast: flag(required),
    });
    this.sampler = o.sampler;
    this.batchSize = o.batchSize;
    this.dropLast = o.dropLast;
  }

  /** Batches in an epoch. */
  get length(): number {
    const batches = this.sampler.length / this.batchSize;
    return this.dropLast ? Math.floor(batches) : Math.ceil(batches);
  }

  *[Symbol.iterator](): IterableIterator<number[]> {
    let batch: number[] = [];
    for (const row of this.sampler) {
      batch.push(row);
      if (batch.length === this.batchSize) {
        yield batch;
        batch = [];
      }
    }
    if (batch.length > 0 && !this.dropLast) yield batch;
  }
}
