import { deepStrictEqual, rejects, strictEqual, throws } from "node:assert/strict";
import { ModelCheckpoint } from "../../core/callbacks/model_checkpoint.ts";
import type { ModelCheckpointOptions } from "../../core/callbacks/model_checkpoint_options.ts";
import { FakeRun } from "../support/fake_run.ts";
import { tempFolder } from "../support/temp_folder.ts";

/** Runs epochs of two steps with a value each; returns the files left, and the callback. */
async function epochs(
  options: ModelCheckpointOptions,
  values: readonly number[],
  prepare: (folder: string) => void = () => {},
): Promise<{ files: string[]; callback: ModelCheckpoint; run: FakeRun; folder: string }> {
  const folder = await tempFolder();
  prepare(folder);
  const callback = new ModelCheckpoint({ dirpath: folder, ...options });
  const run = new FakeRun();
  callback.setup(run, "fit");
  for (const value of values) {
    run.globalStep += 2;
    run.callbackMetrics = { "val/x": value };
    await callback.onTrainEpochEnd(run);
    run.currentEpoch += 1;
  }
  const files = [...Deno.readDirSync(folder)].map((entry) => entry.name).sort();
  return { files, callback, run, folder };
}

Deno.test("ModelCheckpoint keeps the first best file and the last one", async () => {
  const options = {
    monitor: "val/x",
    saveLast: true,
    filename: "epoch_{epoch:03d}",
    autoInsertMetricName: false,
  };
  const { files, callback } = await epochs(options, [3, 2, 2, 4]);
  deepStrictEqual(files, ["epoch_001.ckpt", "last.ckpt"]);
  strictEqual(callback.bestModelScore, 2);
});

Deno.test("ModelCheckpoint keeps the best two by name and value", async () => {
  const options = {
    monitor: "val/x",
    saveTopK: 2,
    filename: "{epoch}-{val/x:.2f}",
    autoInsertMetricName: false,
  };
  const { files } = await epochs(options, [3, 2, 1, 4]);
  deepStrictEqual(files, ["1-2.00.ckpt", "2-1.00.ckpt"]);
});

Deno.test("ModelCheckpoint numbers files whose names collide", async () => {
  const { files, callback } = await epochs({ monitor: "val/x", saveTopK: -1, filename: "same" }, [
    3,
    2,
    1,
    4,
  ]);
  deepStrictEqual(files, ["same-v1.ckpt", "same-v2.ckpt", "same-v3.ckpt", "same.ckpt"]);
  strictEqual(callback.bestModelPath.endsWith("same-v2.ckpt"), true);
});

Deno.test("ModelCheckpoint without a monitor keeps the newest file", async () => {
  const { files, callback } = await epochs({}, [1, 2]);
  deepStrictEqual(files, ["epoch=1-step=4.ckpt"]);
  strictEqual(callback.bestModelPath.endsWith("epoch=1-step=4.ckpt"), true);
});

Deno.test("ModelCheckpoint with saveTopK -1 and no monitor keeps every file", async () => {
  deepStrictEqual((await epochs({ saveTopK: -1 }, [1, 2])).files, [
    "epoch=0-step=2.ckpt",
    "epoch=1-step=4.ckpt",
  ]);
});

Deno.test("ModelCheckpoint ranks NaN behind every number", async () => {
  deepStrictEqual((await epochs({ monitor: "val/x" }, [NaN, 2])).files, ["epoch=1-step=4.ckpt"]);
});

Deno.test("ModelCheckpoint with saveTopK 0 writes nothing", async () => {
  deepStrictEqual((await epochs({ saveTopK: 0 }, [1])).files, []);
});

Deno.test("ModelCheckpoint writes 0 for a metric that the name asks for in vain", async () => {
  deepStrictEqual((await epochs({ filename: "{epoch}-{nothing}" }, [1])).files, ["epoch=0-nothing=0.ckpt"]);
});

Deno.test("ModelCheckpoint makes a folder of a metric name with a slash", async () => {
  const { files, folder } = await epochs({ filename: "{val/x:.1f}" }, [1]);
  deepStrictEqual(files, ["val"]);
  strictEqual(Deno.statSync(`${folder}/val/x=1.0.ckpt`).isFile, true);
});

Deno.test("ModelCheckpoint with saveLast link points last.ckpt at the newest file", async () => {
  const { folder } = await epochs({ saveLast: "link" }, [1, 2]);
  strictEqual(await Deno.readLink(`${folder}/last.ckpt`), "epoch=1-step=4.ckpt");
});

Deno.test("ModelCheckpoint leaves a last.ckpt of another run alone", async () => {
  const { files } = await epochs(
    { saveLast: true, saveTopK: 0 },
    [1],
    (folder) => Deno.writeTextFileSync(`${folder}/last.ckpt`, "foreign"),
  );
  deepStrictEqual(files, ["last-v1.ckpt", "last.ckpt"]);
});

Deno.test("ModelCheckpoint saves every so many steps and once per step", async () => {
  const folder = await tempFolder();
  const callback = new ModelCheckpoint({ dirpath: folder, everyNTrainSteps: 2, saveTopK: -1 });
  const run = new FakeRun();
  callback.setup(run, "fit");
  for (run.globalStep = 1; run.globalStep <= 5; run.globalStep++) await callback.onTrainBatchEnd(run);
  await callback.onTrainEpochEnd(run);
  deepStrictEqual(run.saved.map((path) => path.slice(folder.length + 1)), [
    "epoch=0-step=2.ckpt",
    "epoch=0-step=4.ckpt",
  ]);
});

Deno.test("ModelCheckpoint waits for validation where the step has no value of the metric yet", async () => {
  const folder = await tempFolder();
  const callback = new ModelCheckpoint({ dirpath: folder, everyNTrainSteps: 1, monitor: "val/x" });
  const run = new FakeRun();
  callback.setup(run, "fit");
  run.globalStep = 1;
  await callback.onTrainBatchEnd(run);
  strictEqual(run.saved.length, 0);
  run.callbackMetrics = { "val/x": 1 };
  await callback.onValidationEnd(run);
  strictEqual(run.saved.length, 1);
});

Deno.test("ModelCheckpoint saves nothing in a fast development run or the sanity check", async () => {
  const callback = new ModelCheckpoint({ dirpath: await tempFolder() });
  const fast = new FakeRun({ fastDevRun: 1 });
  fast.globalStep = 1;
  await callback.onTrainEpochEnd(fast);
  const sanity = new FakeRun();
  sanity.loop = "sanity";
  await callback.onValidationEnd(sanity);
  deepStrictEqual([fast.saved, sanity.saved, callback.bestModelPath], [[], [], ""]);
});

Deno.test("ModelCheckpoint without the monitored metric after validation names those logged", async () => {
  const callback = new ModelCheckpoint({ dirpath: await tempFolder(), monitor: "val/y" });
  const run = new FakeRun();
  run.globalStep = 1;
  run.callbackMetrics = { "val/x": 1 };
  await callback.onValidationEnd(run);
  await rejects(() => callback.onTrainEpochEnd(run), {
    message: [
      'ModelCheckpoint monitors "val/y", which was not logged',
      "  where: callbacks.ModelCheckpoint",
      "  fix: logged are val/x",
    ].join("\n"),
  });
});

Deno.test("ModelCheckpoint refuses to rank files without a metric", () => {
  throws(
    () => new ModelCheckpoint({ saveTopK: 2 }),
    /save_top_k=2 ranks files by a metric, but monitor is null/,
  );
});

Deno.test("ModelCheckpoint refuses two triggers", () => {
  throws(() => new ModelCheckpoint({ everyNEpochs: 1, everyNTrainSteps: 1 }), /exclude each other/);
});

Deno.test("ModelCheckpoint goes on ranking after its state is restored", async () => {
  const options = { monitor: "val/x", filename: "{epoch}" };
  const { callback, folder, run } = await epochs(options, [3, 2]);
  const resumed = new ModelCheckpoint({ dirpath: folder, ...options });
  resumed.loadState(callback.state());
  run.globalStep += 2;
  run.callbackMetrics = { "val/x": 2.5 };
  await resumed.onTrainEpochEnd(run);
  strictEqual(resumed.bestModelScore, 2);
  run.globalStep += 2;
  run.callbackMetrics = { "val/x": 1 };
  await resumed.onTrainEpochEnd(run);
  deepStrictEqual([...Deno.readDirSync(folder)].map((entry) => entry.name), ["epoch=2.ckpt"]);
});

Deno.test("ModelCheckpoint never removes the file that training was resumed from", async () => {
  const { callback, folder, run } = await epochs({}, [1]);
  run.checkpointPath = `${folder}/epoch=0-step=2.ckpt`;
  run.globalStep += 2;
  await callback.onTrainEpochEnd(run);
  strictEqual([...Deno.readDirSync(folder)].length, 2);
});

Deno.test("ModelCheckpoint has Lightning's state key", () => {
  strictEqual(
    new ModelCheckpoint({ monitor: "val/x", mode: "min" }).stateKey,
    "ModelCheckpoint{'monitor': 'val/x', 'mode': 'min', 'every_n_train_steps': 0, 'every_n_epochs': 1, 'train_time_interval': None}",
  );
});
