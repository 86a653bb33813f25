import type { Batch } from "../batch.ts";
import { OptionError } from "../errors.ts";
import {
  count,
  flag,
  hasMethods,
  like,
  number,
  optional,
  required,
  type Taken,
  takeOptions,
  unsupported,
} from "../options.ts";
import type { Generator } from "../tensor/rng.ts";
import type { Row } from "./dataset.ts";
import { generatorRule, type Sampler, samplerRule } from "./sampler.ts";

/** What a loader reads: rows one by one, or many at once where there is a `fetch`. */
export interface DataSource {
  /** Number of rows. */
  readonly length: number;
  /** One sample. */
  at(index: number): Row;
  /** Many samples as columns; the loader prefers it. */
  fetch?(indices: ArrayLike<number>): Batch;
}

/** Options of {@linkcode DataLoader}: torch's. */
export interface DataLoaderOptions {
  /** Where samples come from: a `Dataset`, or anything with `length` and `at`. */
  readonly dataset: DataSource;
  /** Rows of a batch. @default 1 */
  readonly batchSize?: number;
  /** Whether each epoch visits the rows in a new random order. @default false */
  readonly shuffle?: boolean | null;
  /** The order of rows, in place of `shuffle`. @default null */
  readonly sampler?: Sampler | null;
  /** The rows of each batch, in place of `batchSize`, `shuffle`, `sampler` and `dropLast`. @default null */
  readonly batchSampler?: (Iterable<readonly number[]> & { readonly length: number }) | null;
  /** Whether a last batch with fewer rows is left out. @default false */
  readonly dropLast?: boolean;
  /** Where seeds and orders come from. @default the default generator */
  readonly generator?: Generator | null;
  /** Makes a batch of samples. @default torch's `default_collate` */
  readonly collateFn?: ((samples: Row[]) => Batch) | null;
  /**
   * How many random streams the transforms draw from, as torch's worker processes do; 0 draws from the default
   * generator. Batches are gathered in bulk within this process: no worker is started. @default 0
   */
  readonly numWorkers?: number;
  /** Whether the random streams live on from epoch to epoch, in place of a new base seed each. @default false */
  readonly persistentWorkers?: boolean;
  /** Has no effect on results here, as in torch: batches are handed to the device without a staging copy. @default false */
  readonly pinMemory?: boolean;
  /** Has no effect on results here, as in torch: it says how far ahead worker processes run. @default null */
  readonly prefetchFactor?: number | null;
}

/**
 * Options with torch's defaults, checked against each other.
 *
 * @throws {OptionError} where they contradict each other, in torch's cases.
 */
export function takeLoaderOptions(owner: string, options: DataLoaderOptions): Taken<DataLoaderOptions> {
  const o = takeOptions<DataLoaderOptions>(owner, options, {
    dataset: like<DataSource>(
      "give a dataset: an object with length and at(index)",
      (value) => hasMethods(value, "at") && typeof (value as DataSource).length === "number",
    ),
    batchSize: count(1, 1),
    shuffle: optional(flag(false), false),
    sampler: optional(samplerRule()),
    batchSampler: optional(like<Iterable<readonly number[]> & { readonly length: number }>(
      "give a sampler of batches: an object with a length that iterates over lists of row numbers",
      samplerRule().admits,
    )),
    numWorkers: number(0, { min: 0, max: 4096, integer: true }),
    collateFn: optional(
      like<(samples: Row[]) => Batch>("give a function", (value) => typeof value === "function"),
    ),
    pinMemory: false,
    dropLast: false,
    timeout: unsupported(0),
    workerInitFn: unsupported(null),
    multiprocessingContext: unsupported(null, "fork", "spawn", "forkserver"),
    generator: optional(generatorRule()),
    prefetchFactor: optional(count(required, 1)),
    persistentWorkers: false,
    pinMemoryDevice: unsupported(""),
    inOrder: unsupported(true),
  });
  const refuse = (option: string, what: string, fix: string): OptionError =>
    new OptionError(`${owner}: ${what}`, { fix, data: { owner, option, known: Object.keys(o) } });
  if (o.sampler !== null && o.shuffle) {
    throw refuse("sampler", "sampler excludes shuffle", "leave shuffle out; the sampler says the order");
  }
  if (o.batchSampler !== null && (o.batchSize !== 1 || o.shuffle || o.sampler !== null || o.dropLast)) {
    throw refuse(
      "batchSampler",
      "batch_sampler excludes batch_size, shuffle, sampler and drop_last",
      "leave them out; the batch sampler says the rows of each batch",
    );
  }
  if (o.persistentWorkers && o.numWorkers === 0) {
    throw refuse(
      "persistentWorkers",
      "persistent_workers needs num_workers above 0",
      "set num_workers, or leave persistent_workers out",
    );
  }
  if (o.prefetchFactor !== null && o.numWorkers === 0) {
    throw refuse(
      "prefetchFactor",
      `prefetch_factor = ${o.prefetchFactor} needs num_workers above 0 and a positive value`,
      "set num_workers, or leave prefetch_factor out",
    );
  }
  return o;
}
