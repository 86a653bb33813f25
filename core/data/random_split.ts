import { DataError } from "../errors.ts";
import { optional, takeOptions } from "../options.ts";
import { defaultGenerator, type Generator } from "../tensor/rng.ts";
import type { Dataset } from "./dataset.ts";
import { generatorRule } from "./sampler.ts";

/** Options of {@linkcode randomSplit}. */
export interface RandomSplitOptions {
  /** Where the order comes from. @default the default generator */
  readonly generator?: Generator | null;
}

/**
 * Parts of a dataset with the given numbers of rows, or shares that add up to 1, in a random order: the same rows as
 * torch's for the same generator.
 *
 * Source: `torch.utils.data.random_split`.
 *
 * @throws {DataError} where the lengths do not add up to the dataset's.
 *
 * @example
 * ```ts
 * import { Generator } from "../tensor/mod.ts";
 * import { Dataset } from "./dataset.ts";
 * import { randomSplit } from "./random_split.ts";
 * const dataset = Dataset.fromColumns({ x: Array.from({ length: 10 }, (_, i) => i) });
 * const [most, rest] = randomSplit(dataset, [0.7, 0.3], { generator: new Generator(1n) });
 * console.assert(most!.length === 7 && rest!.column("x").join() === "3,7,4");
 * ```
 */
export function randomSplit(
  dataset: Dataset,
  lengths: readonly number[],
  options: RandomSplitOptions = {},
): Dataset[] {
  const { generator } = takeOptions<RandomSplitOptions>("data.randomSplit", options, {
    generator: optional(generatorRule()),
  });
  const sizes = rowCounts(dataset.length, lengths);
  const order = (generator ?? defaultGenerator).randperm(dataset.length);
  let from = 0;
  return sizes.map((size) => dataset.select(order.subarray(from, from += size)));
}

/** Rows of each part; of shares, what rounding leaves over goes to the parts in turn. */
function rowCounts(rows: number, lengths: readonly number[]): number[] {
  const sum = lengths.reduce((total, length) => total + length, 0);
  const isShare = sum <= 1 && Math.abs(sum - 1) <= 1e-9;
  const valid = (length: number) => length >= 0 && (isShare || Number.isInteger(length));
  if (!lengths.every(valid) || (!isShare && sum !== rows)) {
    throw new DataError("Sum of input lengths does not equal the length of the input dataset!", {
      where: `data.randomSplit, ${rows} rows into [${lengths.join(", ")}]`,
      fix: `give numbers of rows that add up to ${rows}, or shares that add up to 1`,
    });
  }
  if (!isShare) return [...lengths];
  const sizes = lengths.map((share) => Math.floor(rows * share));
  const left = rows - sizes.reduce((total, size) => total + size, 0);
  for (let i = 0; i < left; i++) sizes[i % sizes.length]!++;
  return sizes;
}
