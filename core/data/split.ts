import { DataError } from "../errors.ts";
import { number, optional, required, takeOptions } from "../options.ts";
import { Pcg64 } from "./pcg64.ts";

/** Options of `Dataset.trainTestSplit`. */
export interface TrainTestSplitOptions {
  /** Rows of the test part: a fraction below 1, or a count. @default what `trainSize` leaves, else 0.25 */
  readonly testSize?: number | null;
  /** Rows of the train part: a fraction below 1, or a count. @default what the test part leaves */
  readonly trainSize?: number | null;
  /** Whether rows are put into a random order first. @default true */
  readonly shuffle?: boolean;
  /** Seed of the order; without one, the order differs from run to run. @default null */
  readonly seed?: number | null;
}

/** Row numbers of the two parts. */
export interface TrainTestRows {
  readonly train: Int32Array;
  readonly test: Int32Array;
}

/**
 * Splits 0 … `count` - 1 as Hugging Face's `Dataset.train_test_split` does: a test fraction is rounded up, a train
 * fraction down; the test part is the head of numpy's permutation, the train part follows.
 *
 * @throws {DataError} where the parts are empty or larger than the data.
 *
 * @example
 * ```ts
 * import { trainTestRows } from "./split.ts";
 * const { train, test } = trainTestRows(10, { testSize: 0.2, seed: 42 });
 * console.assert(test.join() === "5,6" && train.length === 8);
 * ```
 */
export function trainTestRows(count: number, options: TrainTestSplitOptions = {}): TrainTestRows {
  const o = takeOptions<TrainTestSplitOptions>("data.trainTestSplit", options, {
    testSize: optional(number(required)),
    trainSize: optional(number(required)),
    shuffle: true,
    seed: optional(number(required, { min: 0, integer: true })),
  });
  const testSize = o.testSize ?? (o.trainSize === null ? 0.25 : null);
  const given = rowsOf("testSize", testSize, count, Math.ceil);
  const trainGiven = rowsOf("trainSize", o.trainSize, count, Math.floor);
  const test = given ?? count - trainGiven!;
  const train = trainGiven ?? count - test;
  if (train <= 0 || test < 0 || train + test > count) {
    throw new DataError(`${count} rows cannot give ${train} train and ${test} test rows`, {
      where: `data.trainTestSplit with testSize = ${o.testSize}, trainSize = ${o.trainSize}`,
      fix: "make the parts smaller, or give more rows",
    });
  }
  if (!o.shuffle) {
    const order = Int32Array.from({ length: count }, (_, i) => i);
    return { train: order.subarray(0, train), test: order.subarray(train, train + test) };
  }
  const order = permutation(count, o.seed);
  return { test: order.slice(0, test), train: order.slice(test, test + train) };
}

/** A random order of 0 … `count` - 1 in numpy's way; without a seed it differs from run to run. */
export function permutation(count: number, seed: number | null): Int32Array {
  return new Pcg64(seed ?? crypto.getRandomValues(new Uint32Array(1))[0]!).permutation(count);
}

function rowsOf(
  name: string,
  size: number | null,
  count: number,
  round: (x: number) => number,
): number | null {
  if (size === null) return null;
  const fraction = !Number.isInteger(size);
  if (!(size > 0) || (fraction ? size >= 1 : size >= count)) {
    throw new DataError(`${name} = ${size} does not fit ${count} rows`, {
      where: "data.trainTestSplit",
      fix: `give a fraction between 0 and 1, or a count from 1 to ${Math.max(1, count - 1)}`,
    });
  }
  return fraction ? round(size * count) : size;
}

/**
 * Rows that a split expression names, such as `train[:10%]` or `train+test[-5:]`, in Hugging Face's syntax with
 * its default rounding.
 *
 * @param sizes Rows of each split there is.
 * @throws {DataError} for an unknown split, listing those there are, or an expression that is none.
 *
 * @example
 * ```ts
 * import { parseSplit } from "./split.ts";
 * const [part] = parseSplit("train[25%:75%]", { train: 8 });
 * console.assert(part!.split === "train" && part!.from === 2 && part!.to === 6);
 * ```
 */
export function parseSplit(
  text: string,
  sizes: Readonly<Record<string, number>>,
): { split: string; from: number; to: number }[] {
  if (text === "all") return Object.entries(sizes).map(([split, to]) => ({ split, from: 0, to }));
  return text.split("+").map((part) => {
    const match = /^\s*([\w.-]+)\s*(?:\[\s*(-?\d+)?(%?)\s*:\s*(-?\d+)?(%?)\s*\])?\s*$/.exec(part);
    if (match === null) {
      throw new DataError(`Split "${part}" is no split expression`, {
        where: `split "${text}"`,
        fix: 'write "train", "train[:100]", "train[10%:20%]", or several joined by "+"',
      });
    }
    const [, split, from, fromPercent, to, toPercent] = match;
    const size = sizes[split!];
    if (size === undefined || !Object.hasOwn(sizes, split!)) throw unknownSplit(split!, Object.keys(sizes));
    const rows = (value: string | undefined, percent: string | undefined, otherwise: number): number => {
      if (value === undefined) return otherwise;
      const count = percent ? Math.round((Number(value) * size) / 100) : Number(value);
      return Math.min(size, Math.max(0, count < 0 ? size + count : count));
    };
    const start = rows(from, fromPercent, 0);
    return { split: split!, from: start, to: Math.max(start, rows(to, toPercent, size)) };
  });
}

/** The error for a split that is not there. */
export function unknownSplit(split: string, known: readonly string[]): DataError {
  return new DataError(
    `Unknown split "${split}". Should be one of [${known.map((name) => `'${name}'`).join(", ")}]`,
    { fix: `ask for ${known.join(" or ")}` },
  );
}
