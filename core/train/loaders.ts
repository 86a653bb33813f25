import type { Batch } from "../batch.ts";
import { DataLoader, type LoaderState } from "../data/loader.ts";
import { SequentialSampler } from "../data/sampler.ts";
import { MisconfigurationError } from "../errors.ts";
import { isRecord, showValue } from "../options.ts";
import { Tensor } from "../tensor/mod.ts";
import type { Stage } from "./callback.ts";

/** What a trainer takes batches from: a `DataLoader`, or a plain array of batches. */
export interface BatchSource extends Iterable<Batch> {
  /** Batches in an epoch. */
  readonly length: number;
  /** Where it is within an epoch, for a checkpoint. */
  state?(): LoaderState;
  /** Makes the next iteration continue there. */
  loadState?(state: LoaderState): void;
}

/** One source or several. */
export type BatchSources = BatchSource | readonly BatchSource[];

/** What a trainer asks of a data module; every `data.DataModule` is such. */
export interface DataModuleLike {
  prepareData?(): void | Promise<void>;
  setup?(stage: Stage): void | Promise<void>;
  teardown?(stage: Stage): void | Promise<void>;
  trainDataloader?(): BatchSource | Promise<BatchSource>;
  valDataloader?(): BatchSources | Promise<BatchSources>;
  testDataloader?(): BatchSources | Promise<BatchSources>;
  predictDataloader?(): BatchSources | Promise<BatchSources>;
  /** Changes a batch before the module sees it; where the datamodule has it, the module's own is not called. */
  onBeforeBatchTransfer?(batch: Batch): Batch;
  onAfterBatchTransfer?(batch: Batch): Batch;
}

/**
 * Sources as a list; an array of batches is one source.
 *
 * @param option What gave them, for the error: `valDataloaders`.
 * @throws {MisconfigurationError} for what gives no batches.
 */
export function sourceList(sources: BatchSources | null | undefined, option: string): readonly BatchSource[] {
  if (sources === null || sources === undefined) return [];
  const list = Array.isArray(sources) && isSource(sources[0]) ? sources as readonly BatchSource[] : [sources];
  return list.map((source) => requireSource(source, option));
}

/**
 * Refuses what gives no batches.
 *
 * @param option What gave it, for the error: `trainDataloaders`.
 * @throws {MisconfigurationError} for what cannot be iterated more than once, or has no length.
 */
export function requireSource(source: unknown, option: string): BatchSource {
  if (isSource(source) && typeof (source as BatchSource).length === "number") return source as BatchSource;
  const isBatch = isRecord(source) && Object.values(source).some((value) => value instanceof Tensor);
  throw new MisconfigurationError(`${option} gave ${showValue(source)}, which is no loader`, {
    where: `Trainer, ${option}`,
    fix: isBatch
      ? "put the batch into a list: [batch]"
      : "give a data.DataLoader, a list of batches, or an object that can be iterated and has a length",
  });
}

function isSource(value: unknown): boolean {
  return typeof value === "object" && value !== null && Symbol.iterator in value && "length" in value;
}

/** A source that gives its rows in their own order, for `overfit_batches`; one that does so already is returned. */
export function unshuffled(source: BatchSource): BatchSource {
  if (!(source instanceof DataLoader) || source.sampler === null) return source;
  if (source.sampler instanceof SequentialSampler) return source;
  return source.withSampler(new SequentialSampler({ dataSource: source.dataset }));
}

/**
 * How many items a batch holds: the first dimension of its first tensor, 1 for a 0-d one.
 *
 * @throws {MisconfigurationError} where the batch holds no tensor.
 */
export function batchSizeOf(batch: Batch | null): number {
  const found = batch === null ? null : firstTensor(batch);
  if (found !== null) return found.shape[0] ?? 1;
  throw new MisconfigurationError("The batch holds no tensor that tells its size", {
    where: "log()",
    fix: "give log() a batchSize, or log with onEpoch: false",
  });
}

function firstTensor(value: unknown): Tensor | null {
  if (value instanceof Tensor) return value;
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return null;
  for (const part of Object.values(value)) {
    const found = firstTensor(part);
    if (found !== null) return found;
  }
  return null;
}
