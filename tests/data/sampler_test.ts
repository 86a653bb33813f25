import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { BatchSampler, RandomSampler, SequentialSampler } from "../../core/data/sampler.ts";
import { defaultGenerator, Generator } from "../../core/tensor/rng.ts";
import { manualSeed } from "../../core/tensor/seed.ts";
import { golden } from "./golden.ts";

const rows = (length: number): { length: number } => ({ length });

function order(name: string): number[] {
  return golden.samplers.find((found) => found.name === name)!.order!;
}

function drawn(name: string): number[] {
  return golden.samplers.find((found) => found.name === name)!.u32!;
}

Deno.test("RandomSampler draws torch's orders of two epochs from the default generator, and no more", () => {
  manualSeed(5);
  const sampler = new RandomSampler({ dataSource: rows(70) });
  deepStrictEqual([...sampler], order("random"));
  deepStrictEqual([...sampler], order("random, second epoch"));
  deepStrictEqual(defaultGenerator.randint(0, 2 ** 20, 3), drawn("state after"));
});

for (
  const [numSamples, name, after] of [
    [30, "generator, 30 of 7", "generator after"],
    [14, "generator, exactly 14 of 7", "generator after a whole number"],
  ] as const
) {
  Deno.test(`RandomSampler gives ${numSamples} of 7 rows from a generator as torch does`, () => {
    const generator = new Generator(9);
    deepStrictEqual([...new RandomSampler({ dataSource: rows(7), numSamples, generator })], order(name));
    deepStrictEqual(generator.randint(0, 2 ** 20, 3), drawn(after));
  });
}

Deno.test("RandomSampler with replacement draws torch's rows", () => {
  const generator = new Generator(9);
  const sampler = new RandomSampler({ dataSource: rows(50), replacement: true, numSamples: 70, generator });
  deepStrictEqual([...sampler], order("replacement"));
});

Deno.test("RandomSampler refuses an empty dataset", () => {
  throws(() => new RandomSampler({ dataSource: rows(0) }), {
    name: "OptionError",
    message: [
      "data.RandomSampler cannot draw 0 rows",
      "  fix: give a dataset that has rows, and numSamples of 1 or more",
    ].join("\n"),
  });
});

Deno.test("BatchSampler keeps a short last batch, or drops it", () => {
  const sampler = new SequentialSampler({ dataSource: rows(10) });
  const kept = new BatchSampler({ sampler, batchSize: 4, dropLast: false });
  const dropped = new BatchSampler({ sampler, batchSize: 4, dropLast: true });
  deepStrictEqual([...kept], order("batches"));
  deepStrictEqual([...dropped], order("batches, drop_last"));
  strictEqual(kept.length, 3);
  strictEqual(dropped.length, 2);
});
