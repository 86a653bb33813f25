import { deepStrictEqual, rejects, strictEqual, throws } from "node:assert/strict";
import { BaseDataModule, type BaseDataModuleOptions } from "../../core/data/datamodule.ts";
import { Dataset } from "../../core/data/dataset.ts";
import { DatasetDict } from "../../core/data/dataset_dict.ts";
import { manualSeed } from "../../core/tensor/seed.ts";
import { hostElements } from "./host.ts";

function rows(count: number): Dataset {
  return Dataset.fromColumns({ i: Int32Array.from({ length: count }, (_, i) => i) });
}

function seen(loader: Iterable<Record<string, unknown>>): number[][] {
  return [...loader].map((batch) => hostElements(batch.i));
}

Deno.test("BaseDataModule validates on the template's rows and tests on the split test", async () => {
  const hfDictDataset = new DatasetDict({ train: rows(60000), test: rows(7) });
  const data = new BaseDataModule({ hfDictDataset, batchSize: 64 });
  await data.setup("fit");
  strictEqual(data.dataTrain.length, 54000);
  deepStrictEqual(data.dataVal.take(3).column("i"), [3493, 57546, 8815]);
  strictEqual(data.trainDataloader().length, 844);
  strictEqual(data.valDataloader().length, 94);
  deepStrictEqual(seen(data.testDataloader()), [[0, 1, 2, 3, 4, 5, 6]]);
});

Deno.test("BaseDataModule tests on the validation rows where there is no split test", async () => {
  const data = new BaseDataModule(
    { hfDictDataset: new DatasetDict({ train: rows(10) }), val_ratio: 0.3 } as never,
  );
  await data.setup("test");
  deepStrictEqual(data.dataTest.column("i"), [5, 6, 0]);
});

Deno.test("BaseDataModule shuffles training batches only", async () => {
  manualSeed(0);
  const data = new BaseDataModule({ hfDictDataset: new DatasetDict({ train: rows(40) }), batchSize: 8 });
  await data.setup("fit");
  const order = data.dataTrain.column("i") as number[];
  const shuffled = seen(data.trainDataloader()).flat();
  strictEqual(shuffled.join() === order.join(), false);
  deepStrictEqual([...shuffled].sort((a, b) => a - b), [...order].sort((a, b) => a - b));
  deepStrictEqual(seen(data.valDataloader()).flat(), data.dataVal.column("i"));
});

Deno.test("BaseDataModule gives dataloader options on, in YAML's spelling", async () => {
  const options = { hf_dict_dataset: new DatasetDict({ train: rows(20) }), batch_size: 4, drop_last: true };
  const data = new BaseDataModule(options as unknown as BaseDataModuleOptions);
  await data.setup("fit");
  const loader = data.trainDataloader();
  deepStrictEqual([loader.batchSize, loader.dropLast, loader.length], [4, true, 4]);
  deepStrictEqual(data.hparams, { valRatio: 0.1 });
});

Deno.test("BaseDataModule transforms batches of every split", async () => {
  const transform = (): Record<string, unknown> => ({ seen: ["yes"] });
  const hfDictDataset = new DatasetDict({ train: rows(10), test: rows(1) });
  const data = new BaseDataModule({ hfDictDataset, transform });
  await data.setup("fit");
  for (const loader of [data.trainDataloader(), data.valDataloader(), data.testDataloader()]) {
    deepStrictEqual([...loader][0], { seen: ["yes"] });
  }
});

Deno.test("BaseDataModule shares the batch size out among devices, the same in every stage", async () => {
  const data = new BaseDataModule({ hfDictDataset: new DatasetDict({ train: rows(20) }), batchSize: 8 });
  await data.setup("fit", { worldSize: 2 });
  await data.setup("test", { worldSize: 2 });
  strictEqual(data.trainDataloader().batchSize, 4);
});

Deno.test("BaseDataModule refuses a batch size that devices cannot share", async () => {
  const data = new BaseDataModule({ hfDictDataset: new DatasetDict({ train: rows(20) }), batchSize: 63 });
  await rejects(data.setup("fit", { worldSize: 2 }), {
    name: "MisconfigurationError",
    message: [
      "Batch size (63) is not divisible by the number of devices (2)",
      "  where: data.BaseDataModule.setup",
      "  fix: give a batch_size that is a multiple of 2",
    ].join("\n"),
  });
});

Deno.test("BaseDataModule continues at a saved place in the training data", async () => {
  const make = async (): Promise<BaseDataModule> => {
    const data = new BaseDataModule({ hfDictDataset: new DatasetDict({ train: rows(20) }), batchSize: 5 });
    await data.setup("fit");
    return data;
  };
  manualSeed(4);
  const first = await make();
  const iterator = first.trainDataloader()[Symbol.iterator]();
  iterator.next();
  const saved = JSON.parse(JSON.stringify(first.state()));
  const rest: number[][] = [];
  for (let next = iterator.next(); !next.done; next = iterator.next()) {
    rest.push(hostElements(next.value.i));
  }
  const second = await make();
  second.loadState(saved);
  deepStrictEqual(seen(second.trainDataloader()), rest);
});

for (
  const [options, message] of [
    [
      { shuffle: true },
      'data.BaseDataModule sets "shuffle" of its dataloaders itself\n' +
      "  fix: leave shuffle out: training batches are shuffled, validation and test batches are not",
    ],
    [
      { val_ratio: 1 },
      "data.BaseDataModule cannot split with val_ratio = 1\n  fix: give a number between 0 and 1",
    ],
    [
      { num_worker: 2 },
      'data.BaseDataModule has no option "num_worker"\n  fix: did you mean "num_workers"? It takes hf_dict_dataset, ' +
      "val_ratio, transform, batch_size, sampler, batch_sampler, num_workers, collate_fn, pin_memory, " +
      "drop_last, generator, prefetch_factor, persistent_workers",
    ],
  ] as const
) {
  Deno.test(`BaseDataModule refuses ${Object.keys(options)}: ${message.split("\n")[0]}`, () => {
    const hfDictDataset = new DatasetDict({ train: rows(3) });
    throws(() => new BaseDataModule({ hfDictDataset, ...options } as unknown as BaseDataModuleOptions), {
      name: "OptionError",
      message,
    });
  });
}

Deno.test("BaseDataModule says that it is not set up", () => {
  const data = new BaseDataModule({ hfDictDataset: new DatasetDict({ train: rows(3) }) });
  throws(() => data.trainDataloader(), {
    name: "MisconfigurationError",
    message:
      'The data are not set up\n  where: data.BaseDataModule\n  fix: await dataModule.setup("fit") first; the trainer does',
  });
});

Deno.test("BaseDataModule names its own options beside those of dataloaders", () => {
  throws(() => new BaseDataModule({ hf_dict_dataset: null, val_ration: 0.1 } as never), /needs the option/);
  const hfDictDataset = new DatasetDict({ train: Dataset.fromColumns({ x: [1, 2] }) });
  throws(() => new BaseDataModule({ hfDictDataset, val_ration: 0.1 } as never), {
    message: [
      'data.BaseDataModule has no option "val_ration"',
      '  fix: did you mean "val_ratio"? It takes hf_dict_dataset, val_ratio, transform, batch_size, sampler, ' +
      "batch_sampler, num_workers, collate_fn, pin_memory, drop_last, generator, prefetch_factor, persistent_workers",
    ].join("\n"),
  });
});
