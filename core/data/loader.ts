import type { Batch } from "../batch.ts";
import { CheckpointError, DataError } from "../errors.ts";
import { isRecord, showValue, type Taken } from "../options.ts";
import { defaultGenerator } from "../tensor/rng.ts";
import { collateBatch, collateSamples, unbatchRows } from "./collate.ts";
import { type DataLoaderOptions, type DataSource, takeLoaderOptions } from "./loader_options.ts";
import { BatchSampler, RandomSampler, type Sampler, SequentialSampler } from "./sampler.ts";
import { WorkerStreams } from "./worker_streams.ts";

/** Where a loader is within an epoch, to continue after a restart; plain data. */
export interface LoaderState {
  /** Batches given out in the current epoch; `null` between epochs. */
  readonly batch: number | null;
  /** The epoch's base seed, in decimal. */
  readonly baseSeed: string | null;
  /** State of the generators when the epoch's order was drawn, and of the loader's own generator now; base64. */
  readonly order: { readonly shared: string; readonly own: string | null } | null;
  readonly generator: string | null;
  /** State of the workers' random streams; base64. */
  readonly workers: readonly string[];
}

interface Epoch {
  readonly baseSeed: bigint;
  batch: number;
  over: boolean;
  order: { shared: Uint8Array; own: Uint8Array | null } | null;
}

/**
 * Gives a dataset's rows in batches, with torch's options, order and random draws.
 *
 * Each iteration draws a base seed; `shuffle` then draws the seed of its order when the first batch is asked for
 * (at once where `numWorkers` is above 0). Iterating is synchronous: tensors are lazy and nothing waits.
 *
 * Source: `torch.utils.data.DataLoader`.
 *
 * @throws {OptionError} for options that contradict each other.
 *
 * @example
 * ```ts
 * import { Dataset } from "./dataset.ts";
 * import { DataLoader } from "./loader.ts";
 * const dataset = Dataset.fromColumns({ x: [1, 2, 3], name: ["a", "b", "c"] });
 * const loader = new DataLoader({ dataset, batchSize: 2 });
 * console.assert([...loader].map((batch) => (batch.name as string[]).join()).join("|") === "a,b|c");
 * ```
 */
export class DataLoader implements Iterable<Batch> {
  readonly dataset: DataSource;
  readonly batchSampler: Iterable<readonly number[]> & { readonly length: number };
  readonly #options: Taken<DataLoaderOptions>;
  #epoch: Epoch | null = null;
  #streams: WorkerStreams | null = null;
  #resume: LoaderState | null = null;

  constructor(options: DataLoaderOptions) {
    const o = takeLoaderOptions("data.DataLoader", options);
    this.#options = o;
    this.dataset = o.dataset;
    this.batchSampler = o.batchSampler ?? new BatchSampler({
      sampler: o.sampler ??
        (o.shuffle
          ? new RandomSampler({ dataSource: o.dataset, generator: o.generator })
          : new SequentialSampler({ dataSource: o.dataset })),
      batchSize: o.batchSize,
      dropLast: o.dropLast,
    });
  }

  /** Batches in an epoch. */
  get length(): number {
    return this.batchSampler.length;
  }

  /** Rows of a batch; `null` where a `batchSampler` decides. */
  get batchSize(): number | null {
    return this.#options.batchSampler === null ? this.#options.batchSize : null;
  }

  /** The order of rows; `null` where a `batchSampler` decides. */
  get sampler(): Sampler | null {
    return this.batchSampler instanceof BatchSampler ? this.batchSampler.sampler : null;
  }

  /** Whether short last batches are left out. */
  get dropLast(): boolean {
    return this.#options.dropLast;
  }

  /** A loader of the same rows and options in another order, such as a `SequentialSampler`. */
  withSampler(sampler: Sampler): DataLoader {
    return new DataLoader({ ...this.#options, batchSampler: null, shuffle: false, sampler });
  }

  /** One epoch of batches; after {@linkcode loadState}, the rest of the interrupted one. */
  [Symbol.iterator](): Iterator<Batch> & Iterable<Batch> {
    const resume = this.#resume;
    this.#resume = null;
    if (resume !== null) return this.#resumed(resume);
    const { generator, numWorkers, persistentWorkers } = this.#options;
    const kept = persistentWorkers && this.#streams !== null;
    // persistent workers were seeded at the first iteration; torch draws no further base seed for them
    const baseSeed = kept ? this.#epoch?.baseSeed ?? 0n : (generator ?? defaultGenerator).random64();
    if (numWorkers > 0 && !kept) this.#streams = WorkerStreams.seeded(baseSeed, numWorkers);
    const epoch: Epoch = { baseSeed, batch: 0, over: false, order: null };
    this.#epoch = epoch;
    const batches = this.#ordered(epoch);
    if (numWorkers === 0) return this.#batches(epoch, batches);
    // torch's workers are handed their first rows when the iteration is made, so the order is drawn now
    const first = batches.next();
    return this.#batches(epoch, chain(first, batches));
  }

  /** Where the loader is; give it to {@linkcode loadState} of a loader with the same options. */
  state(): LoaderState {
    const epoch = this.#epoch;
    const open = epoch !== null && !epoch.over;
    const order = open ? epoch.order : null;
    return {
      batch: open ? epoch.batch : null,
      baseSeed: epoch === null ? null : String(epoch.baseSeed),
      order: order === null
        ? null
        : { shared: order.shared.toBase64(), own: order.own === null ? null : order.own.toBase64() },
      generator: this.#options.generator?.state().toBase64() ?? null,
      workers: this.#streams?.states().map((state) => state.toBase64()) ?? [],
    };
  }

  /**
   * Makes the next iteration continue where a saved one was: the same remaining batches, and no new draws.
   *
   * @throws {CheckpointError} where the state is of a loader with other options.
   */
  loadState(state: LoaderState): void {
    const { numWorkers, generator } = this.#options;
    const seeded = state.workers.length === 0
      ? state.baseSeed === null || numWorkers === 0
      : state.workers.length === numWorkers;
    if (!seeded || (state.generator === null) !== (generator === null) || (state.batch ?? 0) > this.length) {
      throw new CheckpointError("The saved place in the data is of a loader with other options", {
        where:
          `batch ${state.batch} with ${state.workers.length} workers; this loader has ${this.length} batches and ${numWorkers} workers`,
        fix: "resume with the data options of the interrupted run",
      });
    }
    this.#streams = state.workers.length === 0
      ? null
      : WorkerStreams.restored(state.workers.map((s) => Uint8Array.fromBase64(s)));
    if (state.generator !== null) generator!.setState(Uint8Array.fromBase64(state.generator));
    this.#epoch = state.baseSeed === null
      ? null
      : { baseSeed: BigInt(state.baseSeed), batch: 0, over: true, order: null };
    this.#resume = state.batch === null ? null : state;
  }

  #resumed(state: LoaderState): Iterator<Batch> & Iterable<Batch> {
    const epoch: Epoch = {
      baseSeed: BigInt(state.baseSeed ?? 0),
      batch: state.batch ?? 0,
      over: false,
      order: null,
    };
    this.#epoch = epoch;
    if (state.order === null) return this.#batches(epoch, this.#ordered(epoch));
    const { generator } = this.#options;
    const now = defaultGenerator.state();
    epoch.order = {
      shared: Uint8Array.fromBase64(state.order.shared),
      own: state.order.own === null ? null : Uint8Array.fromBase64(state.order.own),
    };
    defaultGenerator.setState(epoch.order.shared);
    if (epoch.order.own !== null) generator?.setState(epoch.order.own);
    try {
      const rest = [...this.batchSampler].slice(epoch.batch);
      return this.#batches(epoch, rest[Symbol.iterator]());
    } finally {
      // the loader's own generator stays where a whole epoch's order leaves it
      defaultGenerator.setState(now);
    }
  }

  *#ordered(epoch: Epoch): IterableIterator<readonly number[]> {
    epoch.order = { shared: defaultGenerator.state(), own: this.#options.generator?.state() ?? null };
    yield* this.batchSampler;
  }

  *#batches(epoch: Epoch, rows: Iterable<readonly number[]>): IterableIterator<Batch> {
    try {
      for (const indices of rows) {
        const batch = this.#streams === null
          ? this.#fetch(indices)
          : this.#streams.run(epoch.batch, () => this.#fetch(indices));
        epoch.batch++;
        yield batch;
      }
    } finally {
      epoch.over = true;
    }
  }

  #fetch(indices: readonly number[]): Batch {
    const { dataset, collateFn } = this.#options;
    if (dataset.fetch === undefined) {
      const samples = indices.map((index) => dataset.at(index));
      if (collateFn !== null) return collateFn(samples);
      samples.forEach((sample, i) => requireRow(sample, indices[i]!));
      return collateSamples(samples);
    }
    const batch = dataset.fetch(indices);
    return collateFn === null ? collateBatch(batch) : collateFn(unbatchRows(batch, indices.length));
  }
}

function requireRow(sample: unknown, index: number): void {
  if (isRecord(sample)) return;
  throw new DataError(`The dataset's at(${index}) gave ${showValue(sample)}, which is no row`, {
    where: "data.DataLoader",
    fix: "return an object of named values, such as { image, label }, or give a collateFn",
  });
}

function* chain<T>(first: IteratorResult<T>, rest: Iterable<T>): IterableIterator<T> {
  if (first.done) return;
  yield first.value;
  yield* rest;
}
