import assert from "node:assert/strict";
import { DataError, OptionError } from "../../core/errors.ts";
import * as metrics from "../../core/metrics/mod.ts";
import { capture, currentDevice, init, scope, type Tensor, tensor } from "../../core/tensor/mod.ts";
import golden from "../golden/metrics.json" with { type: "json" };
import { assertGolden, eachDevice, type GoldenTensor, numbers } from "../support/tensors.ts";

type AnyMetric = metrics.Metric<(Tensor | number)[]>;
const constructors = metrics as unknown as Record<string, new (options: object) => AnyMetric>;

interface GoldenValue extends GoldenTensor {
  readonly float: boolean;
}

function toTensor({ shape, float, values }: GoldenValue): Tensor {
  const host = float ? Float32Array.from(numbers(values)) : Int32Array.from(numbers(values));
  return tensor(host, { shape });
}

const TIGHT = { relative: 1e-6, absolute: 1e-6 };
const names = [...new Set(golden.cases.map((c) => c.metric))];

for (const name of names) {
  eachDevice(`${name} equals torchmetrics in every option, per batch and over all`, async () => {
    for (const [i, c] of golden.cases.entries()) {
      if (c.metric !== name) continue;
      const label = `case ${i} ${JSON.stringify(c.options)}`;
      const metric = new constructors[name]!(c.options);
      for (const [j, batch] of (c.batches as unknown as GoldenValue[][]).entries()) {
        const value = scope(() => metric.forward(...batch.map(toTensor)));
        await assertGolden(value, c.forwards[j] as GoldenValue, `${label} batch ${j}`, TIGHT);
      }
      await assertGolden(metric.compute(), c.value as GoldenValue, `${label} value`, TIGHT);
      metric.reset();
      for (const batch of c.batches as unknown as GoldenValue[][]) metric.update(...batch.map(toTensor));
      await assertGolden(metric.compute(), c.value as GoldenValue, `${label} value after reset`, TIGHT);
    }
  });
}

eachDevice("metrics that have seen nothing give torchmetrics' values", async () => {
  for (const [name, expected] of Object.entries(golden.empty)) {
    await assertGolden(new constructors[name]!({}).compute(), expected as GoldenValue, name);
  }
});

eachDevice("Metric.reset() gives the value of a metric that has seen nothing", async () => {
  for (const [name, expected] of Object.entries(golden.empty)) {
    const metric = new constructors[name]!({});
    metric.update(tensor([3, 4]));
    metric.reset();
    await assertGolden(metric.compute(), expected as GoldenValue, name);
  }
});

eachDevice("Metric.update() reads nothing back and compiles nothing new", async () => {
  const accuracy = new metrics.Accuracy({ task: "multiclass", numClasses: 3 });
  const mean = new metrics.MeanMetric();
  const step = (i: number) =>
    scope(() => {
      accuracy.update(tensor([[i, 1, 2]]), tensor([i % 3], { dtype: "i32" }));
      mean.update(i, i + 1);
    });
  for (let i = 0; i < 3; i++) step(i);
  const { readbacks, compiled } = currentDevice().stats;
  for (let i = 3; i < 8; i++) step(i);
  assert.deepEqual([currentDevice().stats.readbacks, currentDevice().stats.compiled], [readbacks, compiled]);
  const weights = [1, 2, 3, 4, 5, 6, 7, 8];
  const expected = weights.reduce((total, w, i) => total + w * i, 0) / weights.reduce((a, b) => a + b);
  assert.equal(await mean.compute().item(), Math.fround(expected));
});

eachDevice("Metric counts the replays of a captured step, and resets after them", async () => {
  const sum = new metrics.SumMetric();
  const step = capture((x: Tensor) => sum.update(x));
  for (let i = 0; i < 2; i++) step(tensor([1, 2]));
  sum.reset();
  assert.equal(sum.updateCount, 0);
  for (let i = 0; i < 3; i++) step(tensor([1, 2]));
  assert.deepEqual([step.replays, sum.updateCount, await sum.compute().item()], [3, 3, 9]);
  sum.reset();
  assert.equal(await sum.compute().item(), 0);
  step.dispose();
});

eachDevice("Metric.clone() copies what was seen and goes on alone", async () => {
  const sum = new metrics.SumMetric();
  sum.update(2);
  const copy = sum.clone();
  sum.update(5);
  copy.update(1);
  assert.deepEqual([await sum.compute().item(), await copy.compute().item()], [7, 3]);
});

eachDevice("MetricsComposition maps a batch, sorts its names and clones per stage", async () => {
  const composition = new metrics.MetricsComposition({
    metrics: {
      mse: new metrics.MeanSquaredError(),
      accuracy: new metrics.Accuracy({ task: "multiclass", numClasses: 2 }),
    },
    mapping: {
      mse: { output: "preds", wanted: "target" },
      accuracy: { prediction: "preds", label: "target" },
    },
    prefix: "train/",
  });
  const val = composition.clone({ prefix: "val/" });
  const batch = {
    output: tensor([1, 2]),
    wanted: tensor([1, 4]),
    prediction: tensor([1, 0], { dtype: "i32" }),
    label: tensor([1, 1], { dtype: "i32" }),
  };
  const values = composition.forward(batch);
  assert.deepEqual(Object.keys(values), ["train/accuracy", "train/mse"]);
  assert.deepEqual([await values["train/accuracy"]!.item(), await values["train/mse"]!.item()], [0.5, 2]);
  val.update({ ...batch, label: batch.prediction });
  assert.equal(await val.compute()["val/accuracy"]!.item(), 1);
  assert.equal(await composition.compute()["train/accuracy"]!.item(), 0.5);
  assert.equal(val.get("val/mse"), val.get("mse"));
  assert.notEqual(val.get("mse"), composition.get("mse"));
});

Deno.test("MetricsComposition names a batch key that is not there, and a metric that is not", async () => {
  await init({ accelerator: "cpu" });
  const mse = new metrics.MeanSquaredError();
  const composition = new metrics.MetricsComposition({
    metrics: { mse },
    mapping: { mse: { out: "preds", label: "target" } },
  });
  assert.throws(() => composition.update({ output: tensor([1]) }), DataError);
  assert.throws(
    () => new metrics.MetricsComposition({ metrics: { mse }, mapping: { mes: {} } }),
    OptionError,
  );
});

Deno.test("metrics say which way is better", () => {
  assert.equal(new metrics.Accuracy({ task: "binary" }).higherIsBetter, true);
  assert.equal(new metrics.MeanSquaredError().higherIsBetter, false);
  assert.equal(new metrics.MeanMetric().higherIsBetter, null);
});

Deno.test("classification metrics name a missing or impossible option", () => {
  const accuracy = (options: object) => () => new metrics.Accuracy(options as metrics.ClassificationOptions);
  assert.throws(accuracy({ task: "multiclass" }), {
    message: 'metrics.Accuracy needs numClasses for task "multiclass", a whole number of at least 2\n' +
      "  fix: set numClasses",
  });
  assert.throws(accuracy({ task: "multi" }), OptionError);
  assert.throws(accuracy({ task: "multilabel", numClasses: 3 }), OptionError);
  assert.throws(accuracy({ task: "multiclass", num_classes: 3, topK: 4 }), OptionError);
  assert.throws(accuracy({ task: "binary", threshhold: 0.2 }), OptionError);
  assert.throws(() => new metrics.MeanMetric({ nanStrategy: "error" as "warn" }), OptionError);
});

Deno.test("classification metrics refuse inputs that do not fit", () => {
  const accuracy = new metrics.Accuracy({ task: "multiclass", numClasses: 3 });
  const labels = tensor([0, 1], { dtype: "i32" });
  assert.throws(() => accuracy.update(tensor([[1, 2], [1, 2]]), labels), { name: "ShapeError" });
  assert.throws(() => accuracy.update(labels, tensor([0, 1])), { name: "DTypeError" });
  assert.throws(() => accuracy.update(tensor([0.5, 1]), labels), { name: "DTypeError" });
});

eachDevice("Accuracy refuses a target that its task has no class for, as torchmetrics does", () => {
  const labels = () => tensor([0, 1, 7], { dtype: "i32" });
  const wrong: [metrics.ClassificationOptions, number][] = [
    [{ task: "multiclass", numClasses: 5 }, 5],
    [{ task: "multiclass", numClasses: 5, average: "macro" }, 5],
    [{ task: "binary" }, 2],
  ];
  for (const [options, classes] of wrong) {
    assert.throws(() => new metrics.Accuracy(options).update(labels(), labels()), {
      name: "ValueError",
      message: `Label 7 at position 2 is outside the ${classes} classes\n  where: metrics.Accuracy\n` +
        `  fix: labels are 0 to ${classes - 1}; check the dataset's labels and the model's output size`,
    });
  }
  new metrics.Accuracy({ task: "binary", ignoreIndex: 7 }).update(labels(), labels());
});
