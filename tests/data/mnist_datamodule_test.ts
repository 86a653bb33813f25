import { deepStrictEqual, rejects, strictEqual, throws } from "node:assert/strict";
import { MNISTDataModule } from "../../core/data/mnist_datamodule.ts";
import { MNIST_SHA256, mnistPackageFolder, readMnist } from "../../core/data/sources/mnist.ts";
import { init, type Tensor } from "../../core/tensor/mod.ts";
import { tempFolder } from "../support/temp_folder.ts";

await init({ accelerator: "cpu" });

/** A data folder in which torchvision has put MNIST. */
async function dataDir(): Promise<string> {
  const folder = await tempFolder();
  const files = await mnistPackageFolder();
  await Deno.mkdir(`${folder}/MNIST/raw`, { recursive: true });
  for (const name of Object.keys(MNIST_SHA256)) {
    await Deno.symlink(`${files}/${name}`, `${folder}/MNIST/raw/${name}`);
  }
  return folder;
}

/** A module that is set up without a word: its files are in its folder. */
async function ready(options: ConstructorParameters<typeof MNISTDataModule>[0] = {}) {
  const data = new MNISTDataModule({ dataDir: await dataDir(), ...options });
  await data.prepareData();
  await data.setup("fit");
  return data;
}

Deno.test("MNISTDataModule trains, validates and tests on the rows that torch's generator of seed 42 draws", async () => {
  const data = await ready();
  deepStrictEqual([data.dataTrain, data.dataVal, data.dataTest].map(({ length }) => length), [
    55_000,
    5_000,
    10_000,
  ]);
  // Row numbers as torch gives them: randperm(70000, generator=torch.Generator().manual_seed(42)).
  const rows = [
    [37542, 64941, 23546, 30182, 19690, 46550],
    [60299, 50121, 56048],
    [5724, 53196, 58660],
  ];
  const dict = await readMnist(await mnistPackageFolder());
  const labels = [...dict.get("train").column("label"), ...dict.get("test").column("label")];
  for (const [i, part] of [data.dataTrain, data.dataVal, data.dataTest].entries()) {
    deepStrictEqual(part.column("label").slice(0, rows[i]!.length), rows[i]!.map((row) => labels[row]));
  }
});

Deno.test("MNISTDataModule gives normalised images with their labels, in an order of its own for training", async () => {
  const data = await ready({ batchSize: 32, trainValTestSplit: [0.5, 0.25, 0.25] });
  const [batch] = data.testDataloader();
  const { image, label } = batch as { image: Tensor; label: Tensor };
  deepStrictEqual([image.shape, image.dtype, label.shape], [[32, 1, 28, 28], "f32", [32]]);
  const values = await image.data();
  const black = Math.fround((0 - 0.1307) / 0.3081);
  strictEqual(Math.abs(values[0]! - black) < 1e-6, true);
  strictEqual(Math.max(...values) <= (1 - 0.1307) / 0.3081 + 1e-5, true);
  strictEqual(data.trainDataloader().length, Math.ceil(35_000 / 32));
  const drawn =
    async () => [...await (data.trainDataloader()[Symbol.iterator]().next().value!.label as Tensor).data()];
  const [first, second] = [await drawn(), await drawn()];
  strictEqual(first.join() === second.join(), false);
});

Deno.test("MNISTDataModule continues in mid-epoch where a checkpoint was made", async () => {
  const split = [300, 100, 69_600];
  const [data, resumed] = [
    await ready({ trainValTestSplit: split }),
    await ready({ trainValTestSplit: split }),
  ];
  const batches = data.trainDataloader()[Symbol.iterator]();
  batches.next();
  resumed.loadState(data.state());
  const rest = [...resumed.trainDataloader()];
  strictEqual(rest.length, 4);
  const next = batches.next().value!.label as Tensor;
  deepStrictEqual([...await (rest[0]!.label as Tensor).data()], [...await next.data()]);
});

Deno.test("MNISTDataModule refuses batches that devices cannot share, and splits of another size", async () => {
  const data = new MNISTDataModule({ batchSize: 50 });
  await rejects(
    () => data.setup("fit", { worldSize: 4 }),
    /Batch size \(50\) is not divisible by the number of devices \(4\)\./,
  );
  throws(
    () => new MNISTDataModule({ trainValTestSplit: [60_000, 5_000, 10_000] }),
    /cannot split 70000 rows into \[60000, 5000, 10000\][^]*add up to 70000, or shares that add up to 1/,
  );
  throws(() => data.dataTrain, /The data are not set up/);
});
