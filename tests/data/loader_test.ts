import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { Dataset } from "../../core/data/dataset.ts";
import { DataLoader } from "../../core/data/loader.ts";
import type { DataLoaderOptions } from "../../core/data/loader_options.ts";
import { SequentialSampler } from "../../core/data/sampler.ts";
import type { Tensor } from "../../core/tensor/mod.ts";
import { defaultGenerator, Generator } from "../../core/tensor/rng.ts";
import { manualSeed } from "../../core/tensor/seed.ts";
import { golden, type LoaderCase } from "./golden.ts";
import { hostElements } from "./host.ts";

/** Rows 0 … n - 1; where it draws, each row draws one random number too, as a random transform does. */
function source(n: number, draw = false): Dataset {
  const dataset = Dataset.fromColumns({ i: Int32Array.from({ length: n }, (_, i) => i) });
  if (!draw) return dataset;
  return dataset.withTransform((batch) => {
    const rows = hostElements(batch.i);
    return { ...batch, r: rows.map(() => String(defaultGenerator.uniform(1)[0])) };
  });
}

interface Seen {
  readonly i: number[];
  readonly r?: number[];
}

function epoch(loader: DataLoader): Seen[] {
  return [...loader].map((batch) => {
    const i = hostElements(batch.i);
    return batch.r === undefined ? { i } : { i, r: (batch.r as string[]).map(Number) };
  });
}

function loaderOf(
  { n, draw, own, options }: LoaderCase,
): { loader: DataLoader; generator: Generator | null } {
  const generator = own ? new Generator(3) : null;
  const loader = new DataLoader({ dataset: source(n, draw), generator, ...options } as DataLoaderOptions);
  return { loader, generator };
}

for (const found of golden.loaders) {
  Deno.test(`DataLoader gives torch's batches and draws: ${found.name}`, () => {
    manualSeed(77);
    const { loader } = loaderOf(found);
    for (const expected of found.epochs) deepStrictEqual(epoch(loader), expected);
    deepStrictEqual(defaultGenerator.randint(0, 2 ** 20, 3), found.after);
  });

  Deno.test(`DataLoader continues a saved epoch with no new draws: ${found.name}`, () => {
    manualSeed(77);
    const first = loaderOf(found);
    const [expected] = found.epochs;
    const start = first.loader[Symbol.iterator]();
    start.next();
    const saved = JSON.parse(JSON.stringify(first.loader.state()));
    const defaults = defaultGenerator.state();

    manualSeed(1);
    defaultGenerator.setState(defaults);
    const second = loaderOf(found);
    second.loader.loadState(saved);
    deepStrictEqual(epoch(second.loader), expected!.slice(1));
    for (const next of found.epochs.slice(1)) deepStrictEqual(epoch(second.loader), next);
    deepStrictEqual(defaultGenerator.randint(0, 2 ** 20, 3), found.after);
  });
}

Deno.test("DataLoader draws in torch's order where training and validation take turns", () => {
  manualSeed(123);
  const train = new DataLoader({ dataset: source(9), batchSize: 3, shuffle: true });
  const val = new DataLoader({ dataset: source(4), batchSize: 2 });
  const seen: unknown[] = [];
  for (let round = 0; round < 2; round++) {
    seen.push(epoch(train).map(({ i }) => i));
    seen.push([...defaultGenerator.uniform(2)]);
    epoch(val);
  }
  deepStrictEqual(seen, golden.fit_order);
});

Deno.test("DataLoader.state says that an epoch left early is over", () => {
  const loader = new DataLoader({ dataset: source(9), batchSize: 2 });
  for (const _ of loader) break;
  strictEqual(loader.state().batch, null);
});

Deno.test("DataLoader.withSampler gives the same rows in another order", () => {
  const dataset = source(5);
  const shuffled = new DataLoader({ dataset, batchSize: 2, shuffle: true });
  const loader = shuffled.withSampler(new SequentialSampler({ dataSource: dataset }));
  deepStrictEqual(epoch(loader), [{ i: [0, 1] }, { i: [2, 3] }, { i: [4] }]);
});

Deno.test("DataLoader collates the samples of a dataset of one's own", async () => {
  const dataset = { length: 3, at: (i: number) => ({ x: [i, i + 1], name: `row ${i}` }) };
  const [first, last] = new DataLoader({ dataset, batchSize: 2 });
  const x = first!.x as Tensor;
  deepStrictEqual([[...x.shape], [...await x.data()]], [[2, 2], [0, 1, 1, 2]]);
  deepStrictEqual(last!.name, ["row 2"]);
});

Deno.test("DataLoader refuses samples that are no rows, unless a collateFn takes them", () => {
  const rows = [{ x: 1 }, undefined, [2, 3]];
  const dataset = { length: 3, at: (i: number) => rows[i] as unknown as Record<string, unknown> };
  throws(() => [...new DataLoader({ dataset, batchSize: 2 })], {
    name: "DataError",
    message: "The dataset's at(1) gave undefined, which is no row\n  where: data.DataLoader\n" +
      "  fix: return an object of named values, such as { image, label }, or give a collateFn",
  });
  throws(() => [...new DataLoader({ dataset, batchSize: 1 })], /at\(1\) gave undefined/);
  const loader = new DataLoader({ dataset, batchSize: 3, collateFn: (all) => ({ count: all.length }) });
  deepStrictEqual([...loader], [{ count: 3 }]);
});

Deno.test("DataLoader hands samples to collateFn", () => {
  const dataset = Dataset.fromColumns({ name: ["a", "b", "c"] });
  const collateFn = (samples: Record<string, unknown>[]): Record<string, unknown> => ({
    names: samples.map((sample) => sample.name).join("+"),
  });
  const loader = new DataLoader({ dataset, batchSize: 2, collateFn });
  deepStrictEqual([...loader].map((batch) => batch.names), ["a+b", "c"]);
});

for (
  const [options, message] of [
    [
      { batch_size: 0 },
      "data.DataLoader cannot use batch_size = 0\n  fix: give a whole number of at least 1",
    ],
    [
      { persistent_workers: true },
      "data.DataLoader: persistent_workers needs num_workers above 0\n" +
      "  fix: set num_workers, or leave persistent_workers out",
    ],
    [
      { prefetch_factor: 2 },
      "data.DataLoader: prefetch_factor = 2 needs num_workers above 0 and a positive value\n" +
      "  fix: set num_workers, or leave prefetch_factor out",
    ],
    [
      { batch_sampler: [[0]], shuffle: true },
      "data.DataLoader: batch_sampler excludes batch_size, shuffle, sampler and drop_last\n" +
      "  fix: leave them out; the batch sampler says the rows of each batch",
    ],
    [
      { sampler: [0], shuffle: true },
      "data.DataLoader: sampler excludes shuffle\n  fix: leave shuffle out; the sampler says the order",
    ],
    [
      { batch_sizes: 3 },
      'data.DataLoader has no option "batch_sizes"\n  fix: did you mean "batch_size"? It takes dataset, ' +
      "batch_size, shuffle, sampler, batch_sampler, num_workers, collate_fn, pin_memory, drop_last, " +
      "generator, prefetch_factor, persistent_workers",
    ],
  ] as const
) {
  Deno.test(`DataLoader refuses ${JSON.stringify(options)}`, () => {
    const given = { dataset: source(3), ...options } as unknown as DataLoaderOptions;
    throws(() => new DataLoader(given), { name: "OptionError", message });
  });
}

Deno.test("DataLoader.loadState refuses the place of a loader with other workers", () => {
  const one = new DataLoader({ dataset: source(6), numWorkers: 2 });
  one[Symbol.iterator]().next();
  const other = new DataLoader({ dataset: source(6), numWorkers: 3 });
  throws(() => other.loadState(one.state()), {
    name: "CheckpointError",
    message: [
      "The saved place in the data is of a loader with other options",
      "  where: batch 1 with 2 workers; this loader has 6 batches and 3 workers",
      "  fix: resume with the data options of the interrupted run",
    ].join("\n"),
  });
});
