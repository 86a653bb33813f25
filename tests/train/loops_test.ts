import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import golden from "../golden/train.json" with { type: "json" };
import type { Batch } from "../../core/batch.ts";
import {
  BestMetricTrackerCallback,
  EarlyStopping,
  MetricsCallback,
  ModelCheckpoint,
  Timer,
} from "../../core/callbacks/mod.ts";
import { DataLoader, Dataset } from "../../core/data/mod.ts";
import { CriterionsComposition, MSELoss } from "../../core/losses/mod.ts";
import { MeanSquaredError, MetricsComposition } from "../../core/metrics/mod.ts";
import { Linear } from "../../core/nn/mod.ts";
import { SGD } from "../../core/optim/mod.ts";
import { defaultGenerator, manualSeed, type Tensor, tensor } from "../../core/tensor/mod.ts";
import type { Callback, Run } from "../../core/train/callback.ts";
import { readCheckpoint } from "../../core/train/checkpoint.ts";
import { BaseLitModule } from "../../core/train/lit_module.ts";
import { BaseTrainer } from "../../core/train/trainer.ts";
import type { TrainerOptions } from "../../core/train/trainer_options.ts";
import { batchesOf, lineBatches, ToyModule, weightsOf } from "../support/toy.ts";
import { tempFolder } from "../support/temp_folder.ts";

function quiet(options: TrainerOptions = {}): BaseTrainer {
  const trainer = new BaseTrainer({ maxEpochs: 1, accelerator: "cpu", ...options });
  trainer.run.setPrinter(() => {});
  return trainer;
}

/** The rows that each epoch saw, in order, of ten rows in batches of four. */
async function orders(withVal: boolean): Promise<number[][]> {
  const dataset = Dataset.fromColumns({ x: Array.from({ length: 10 }, (_, row) => [row]) });
  manualSeed(7);
  const seen: number[][] = [];
  class Module extends ToyModule {
    readonly one = new Linear({ inFeatures: 1, outFeatures: 1 });
    override trainingStep(batch: Batch, batchIdx: number): Tensor {
      if (batchIdx === 0) seen.push([]);
      const { x } = batch as { x: Tensor };
      pending.push([seen.length - 1, x.data()]);
      return this.one.forward(x.to("f32")).sum();
    }
    override validationStep(): void {}
  }
  const pending: [number, Promise<ArrayLike<number>>][] = [];
  const module = new Module();
  // The golden run draws one layer's weights, as torch's Linear(1, 1) does, after seeding.
  manualSeed(7);
  new Linear({ inFeatures: 1, outFeatures: 1 });
  await quiet({ maxEpochs: 3 }).fit(module, {
    trainDataloaders: new DataLoader({ dataset, batchSize: 4, shuffle: true }),
    valDataloaders: withVal ? new DataLoader({ dataset, batchSize: 4 }) : null,
  });
  for (const [epoch, rows] of pending) seen[epoch]!.push(...Array.from(await rows));
  return seen;
}

Deno.test("Trainer.fit visits rows in the order of torch's DataLoader under Lightning", async () => {
  deepStrictEqual(await orders(false), golden.orders.withoutVal);
});

Deno.test("Trainer.fit with validation visits rows in the order of torch's DataLoader under Lightning", async () => {
  deepStrictEqual(await orders(true), golden.orders.withVal);
});

Deno.test("Trainer.fit leaves random numbers and metrics as they were after the sanity check", async () => {
  const seen: unknown[] = [];
  const spy: Callback = {
    onSanityCheckStart() {
      defaultGenerator.seed(11);
    },
    onValidationBatchEnd(run) {
      if (run.loop === "sanity") defaultGenerator.u32();
    },
    onTrainStart(run) {
      seen.push({ ...run.callbackMetrics }, defaultGenerator.u32());
    },
  };
  defaultGenerator.seed(5);
  const next = defaultGenerator.clone().u32();
  const module = new ToyModule();
  defaultGenerator.seed(5);
  await quiet({ callbacks: [spy] }).fit(module, {
    trainDataloaders: lineBatches(1),
    valDataloaders: lineBatches(3),
  });
  deepStrictEqual(seen, [{}, next]);
});

Deno.test("Trainer.fit with trainingStep returning null skips the batch and counts its step", async () => {
  const backward: number[] = [];
  class Skipping extends ToyModule {
    override trainingStep(batch: Batch, batchIdx: number, run: Run): Tensor | Batch | null {
      return batchIdx % 2 === 1 ? null : super.trainingStep(batch, batchIdx, run);
    }
    onBeforeBackward(run: Run): void {
      backward.push(run.batchIdx);
    }
  }
  const trainer = quiet();
  const said: string[] = [];
  trainer.run.setPrinter((text) => said.push(text));
  await trainer.fit(new Skipping(), { trainDataloaders: lineBatches(4) });
  deepStrictEqual(backward, [0, 2]);
  strictEqual(trainer.globalStep, 4);
  strictEqual(said.filter((text) => text.includes("`training_step` returned null")).length, 1);
});

Deno.test("Trainer.fit ends an epoch's batches where onTrainBatchStart returns -1", async () => {
  class Short extends ToyModule {
    onTrainBatchStart(_run: Run, _batch: Batch, batchIdx: number): number {
      return batchIdx === 2 ? -1 : 0;
    }
  }
  const trainer = quiet({ maxEpochs: 2 });
  await trainer.fit(new Short(), { trainDataloaders: lineBatches(5) });
  strictEqual(trainer.globalStep, 4);
});

Deno.test("Trainer.fit with min_epochs goes on although EarlyStopping asks to stop", async () => {
  class Constant extends ToyModule {
    override validationStep(_batch: Batch, _batchIdx: number, run: Run): void {
      run.log("val/x", 1);
    }
  }
  const callbacks = [new EarlyStopping({ monitor: "val/x", patience: 1 })];
  const trainer = quiet({ minEpochs: 5, maxEpochs: 50, callbacks });
  await trainer.fit(new Constant(), { trainDataloaders: lineBatches(1), valDataloaders: lineBatches(1) });
  strictEqual(trainer.currentEpoch, 5);
});

Deno.test("Trainer.fit stops within an epoch when a Timer's time is up", async () => {
  let now = 0;
  const timer = new Timer({ duration: "00:00:00:01" }, () => now);
  const clock: Callback = {
    onTrainBatchStart() {
      now += 400;
    },
  };
  const trainer = quiet({ maxEpochs: 5, callbacks: [clock, timer] });
  await trainer.fit(new ToyModule(), { trainDataloaders: lineBatches(10) });
  strictEqual(trainer.globalStep, 3);
});

Deno.test("Trainer.predict gives what each batch gave, and nothing where it is not to be kept", async () => {
  const data = batchesOf((index) => ({ x: tensor([[index, 1]]) }), 2);
  const predictions = await quiet().predict(new ToyModule(), { dataloaders: data });
  strictEqual(predictions!.length, 2);
  strictEqual((await (predictions![0] as Tensor).data()).length, 1);
  strictEqual(await quiet().predict(new ToyModule(), { dataloaders: data, returnPredictions: false }), null);
});

Deno.test("Trainer.fit writes weights under torch's names and Lightning's state keys", async () => {
  const folder = await tempFolder();
  const callbacks = [
    new EarlyStopping({ monitor: "train/loss", mode: "min" }),
    new ModelCheckpoint({ dirpath: folder, filename: "it" }),
  ];
  const module = new ToyModule();
  await quiet({ callbacks }).fit(module, { trainDataloaders: lineBatches(2) });
  const { weights, content } = await readCheckpoint(`${folder}/it.ckpt`);
  deepStrictEqual(Object.keys(weights).sort(), ["layer.bias", "layer.weight"]);
  deepStrictEqual(Object.values(weights).flatMap(({ data }) => [...data]).length, 3);
  deepStrictEqual(Object.keys(content!.callbacks).map((key) => key.slice(0, key.indexOf("{"))), [
    "EarlyStopping",
    "ModelCheckpoint",
  ]);
  deepStrictEqual([content!.loop.epoch, content!.loop.globalStep, content!.loop.phase], [0, 2, "ending"]);
});

Deno.test("Trainer refuses two callbacks that keep their state under one key", async () => {
  const twins = () => [new EarlyStopping({ monitor: "x" }), new EarlyStopping({ monitor: "x" })];
  await rejects(
    async () => await quiet({ callbacks: twins() }).fit(new ToyModule()),
    /two callbacks keep their state under the key EarlyStopping/,
  );
});

Deno.test("Trainer.fit names what is missing to train", async () => {
  await rejects(() => quiet().fit(new ToyModule()), /fit\(\) was given no training data/);
  class Stepless extends ToyModule {
    override trainingStep = undefined as unknown as ToyModule["trainingStep"];
  }
  await rejects(
    () => quiet().fit(new Stepless(), { trainDataloaders: lineBatches(1) }),
    /No trainingStep\(\) method is defined/,
  );
});

/** A wired module over given points, with the error as a metric besides a loss. */
function measured(): { module: BaseLitModule; callback: MetricsCallback; metrics: MetricsComposition } {
  manualSeed(4);
  const layer = new Linear({ inFeatures: 2, outFeatures: 1 });
  class Net extends BaseLitModule {
    readonly layer = layer;
  }
  const mapping = (target: string) => ({ output: target, y: "target" });
  const module = new Net({
    forwardFn: (batch) => ({ ...batch, output: layer.forward(batch.x as Tensor) }),
    criterions: new CriterionsComposition({
      criterions: { mse: new MSELoss() },
      mapping: { mse: mapping("input") },
    }),
    optimizer: ({ params }) => new SGD({ params, lr: 0.3 }),
  });
  const metrics = new MetricsComposition({
    metrics: { error: new MeanSquaredError() },
    mapping: { error: mapping("preds") },
  });
  return { module, metrics, callback: new MetricsCallback({ metrics, trackedMetricName: "error" }) };
}

Deno.test("MetricsCallback logs metrics of each stage apart, and the best validation value", async () => {
  const { module, callback } = measured();
  const history: Record<string, number>[] = [];
  const spy: Callback = {
    monitors: true,
    onTrainEpochEnd: (run) => void history.push({ ...run.callbackMetrics }),
  };
  await quiet({ maxEpochs: 4, callbacks: [callback, spy] }).fit(module, {
    trainDataloaders: lineBatches(3),
    valDataloaders: lineBatches(2),
  });
  let best = Infinity;
  for (const metrics of history) {
    best = Math.min(best, metrics["val/error"]!);
    strictEqual(metrics["val/best"], best);
    // Batches of one size, so the mean over batches is the mean over rows; f32 sums differ in their last bits.
    strictEqual(Math.abs(metrics["val/error"]! - metrics["val/mse"]!) < 1e-6, true);
    strictEqual(Math.abs(metrics["train/error"]! - metrics["train/mse"]!) < 1e-5, true);
  }
});

Deno.test("BestMetricTrackerCallback logs the best validation value beside a MetricsCallback", async () => {
  const { module, metrics } = measured();
  const tracker = new BestMetricTrackerCallback({ trackedMetricName: "error" });
  const history: Record<string, number>[] = [];
  const spy: Callback = {
    monitors: true,
    onTrainEpochEnd: (run) => void history.push({ ...run.callbackMetrics }),
  };
  await quiet({ maxEpochs: 3, callbacks: [new MetricsCallback({ metrics }), tracker, spy] }).fit(module, {
    trainDataloaders: lineBatches(3),
    valDataloaders: lineBatches(2),
  });
  strictEqual(tracker.direction, "min");
  deepStrictEqual(module.trackedMetric, { name: "error", better: "min" });
  let best = Infinity;
  for (const logged of history) {
    best = Math.min(best, logged["val/error"]!);
    strictEqual(logged["val/best"], best);
  }
  strictEqual(history.length, 3);
});

Deno.test("BestMetricTrackerCallback refuses a metric that nobody logs", async () => {
  const tracker = new BestMetricTrackerCallback({ trackedMetricName: "accuracy" });
  await rejects(
    () =>
      quiet({ callbacks: [tracker], numSanityValSteps: 0 }).fit(measured().module, {
        trainDataloaders: lineBatches(1),
        valDataloaders: lineBatches(1),
      }),
    /BestMetricTrackerCallback tracks "val\/accuracy", which was not logged/,
  );
});

Deno.test("BaseLitModule means losses over batches, each counted once", async () => {
  const { module } = measured();
  const rows = [1, 3];
  const source = batchesOf((index) => {
    const x = Array.from({ length: rows[index]! }, () => [index, 1]);
    return { x: tensor(x), y: tensor(x.map(() => [index * 10])) };
  }, 2);
  const [metrics] = await quiet().test(module, { dataloaders: source, verbose: false });
  const [w1, w2, b] = await weightsOf(module) as [number, number, number];
  const errors = [0, 1].map((index) => (w1 * index + w2 + b - 10 * index) ** 2);
  strictEqual(Math.abs(metrics!["test/total"]! - (errors[0]! + errors[1]!) / 2) < 1e-4, true);
});

Deno.test("MetricsCallback refuses to track a metric that it does not have", () => {
  const { callback: _callback } = measured();
  let message = "";
  try {
    new MetricsCallback({ trackedMetricName: "accuracy" });
  } catch (error) {
    message = (error as Error).message;
  }
  strictEqual(
    message,
    [
      'MetricsCallback tracks "accuracy", which is not among its metrics',
      "  where: callbacks.MetricsCallback.tracked_metric_name",
      "  fix: give it metrics, or track nothing",
    ].join("\n"),
  );
});
