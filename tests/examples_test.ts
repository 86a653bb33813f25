import assert from "node:assert/strict";
import { trainMnist } from "../examples/mnist_loop.ts";
import { run } from "../examples/mnist_trainer.ts";

Deno.test("examples/mnist_loop.ts learns digits from a tenth of the images", async () => {
  const accuracy = await trainMnist({ trainImages: 6400 });
  assert.ok(accuracy > 0.85, `accuracy ${accuracy}`);
});

Deno.test("examples/mnist_trainer.ts trains, saves its best weights and tests them", async () => {
  const outputDir = await Deno.makeTempDir({ prefix: "fulgur_example_" });
  const results = await run({ maxEpochs: 1, limit: 0.05, outputDir });
  assert.ok(results["test/accuracy"]! > 0.6, JSON.stringify(results));
  const files = [...Deno.readDirSync(`${outputDir}/checkpoints`)].map((f) => f.name).sort();
  assert.ok(files.includes("last.ckpt"), files.join());
  await Deno.remove(outputDir, { recursive: true });
});
