import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { Dataset } from "../../core/data/dataset.ts";
import { parseSplit, trainTestRows } from "../../core/data/split.ts";
import { golden, orderDigest } from "./golden.ts";

for (const { n, options, lengths, train, test, sha256 } of golden.splits) {
  Deno.test(`trainTestRows() splits ${n} rows by ${JSON.stringify(options)} as Hugging Face does`, () => {
    const rows = trainTestRows(n, { seed: 42, ...options });
    deepStrictEqual([rows.train.length, rows.test.length], lengths);
    deepStrictEqual([...rows.train.subarray(0, 12)], train);
    deepStrictEqual([...rows.test.subarray(0, 12)], test);
    strictEqual(orderDigest([...rows.train, ...rows.test]), sha256);
  });
}

Deno.test("Dataset.trainTestSplit gives MNIST's validation rows of the Python template", () => {
  const dataset = Dataset.fromColumns({ i: Int32Array.from({ length: 60000 }, (_, i) => i) });
  const { train, test } = dataset.trainTestSplit({ testSize: 0.1, seed: 42 });
  deepStrictEqual(test.take(6).column("i"), [3493, 57546, 8815, 19332, 15566, 22963]);
  deepStrictEqual(train.take(4).column("i"), [7364, 27815, 33881, 57983]);
});

Deno.test("trainTestRows() differs from run to run without a seed", () => {
  const order = (): string => trainTestRows(1000).test.join();
  strictEqual(order() === order(), false);
});

Deno.test("trainTestRows() refuses a fraction of 1", () => {
  throws(() => trainTestRows(10, { testSize: 1.5 }), {
    name: "DataError",
    message: [
      "testSize = 1.5 does not fit 10 rows",
      "  where: data.trainTestSplit",
      "  fix: give a fraction between 0 and 1, or a count from 1 to 9",
    ].join("\n"),
  });
});

Deno.test("trainTestRows() refuses parts that overlap", () => {
  throws(() => trainTestRows(10, { testSize: 6, trainSize: 6 }), {
    message: [
      "10 rows cannot give 6 train and 6 test rows",
      "  where: data.trainTestSplit with testSize = 6, trainSize = 6",
      "  fix: make the parts smaller, or give more rows",
    ].join("\n"),
  });
});

for (
  const [text, expected] of [
    ["train", [["train", 0, 8]]],
    ["train[:3]", [["train", 0, 3]]],
    ["train[-2:]", [["train", 6, 8]]],
    ["train[25%:75%]", [["train", 2, 6]]],
    ["train[:10%]", [["train", 0, 1]]],
    ["train[2:4]+test", [["train", 2, 4], ["test", 0, 3]]],
    ["all", [["train", 0, 8], ["test", 0, 3]]],
    ["train[6:2]", [["train", 6, 6]]],
  ] as const
) {
  Deno.test(`parseSplit() reads ${text}`, () => {
    const parts = parseSplit(text, { train: 8, test: 3 });
    deepStrictEqual(parts.map(({ split, from, to }) => [split, from, to]), expected);
  });
}

Deno.test("parseSplit() lists the splits there are for an unknown one", () => {
  throws(() => parseSplit("foo", { train: 8, test: 3 }), {
    name: "DataError",
    message: `Unknown split "foo". Should be one of ['train', 'test']\n  fix: ask for train or test`,
  });
});

Deno.test("parseSplit() refuses what is no split expression", () => {
  throws(() => parseSplit("train[1-2]", { train: 8 }), {
    message: [
      'Split "train[1-2]" is no split expression',
      '  where: split "train[1-2]"',
      '  fix: write "train", "train[:100]", "train[10%:20%]", or several joined by "+"',
    ].join("\n"),
  });
});
