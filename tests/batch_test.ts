import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { callNamed } from "../core/batch.ts";
import { instantiate } from "../core/config/instantiate.ts";
import { loadText } from "../core/config/load.ts";
import * as library from "../mod.ts";

await library.init({ accelerator: "cpu" });

const { CriterionsComposition, CrossEntropyLoss } = library.losses;
const { MetricsComposition, MeanMetric, Accuracy } = library.metrics;
const { WrapTransform } = library.transforms;

const ce = { ce: new CrossEntropyLoss() };
const accuracy = { accuracy: new Accuracy({ task: "multiclass", numClasses: 3 }) };
const batch = { output: library.tensor([[1, 2, 3]]), label: library.tensor([2], { dtype: "i32" }) };

Deno.test("CriterionsComposition names an input that a loss has not, and the one that is meant", () => {
  throws(
    () =>
      new CriterionsComposition({ criterions: ce, mapping: { ce: { output: "input", label: "targets" } } }),
    {
      name: "OptionError",
      message: 'CrossEntropyLoss has no input "targets": it takes input, target\n' +
        '  where: losses.CriterionsComposition.mapping.ce\n  fix: did you mean "target"?',
    },
  );
});

Deno.test("CriterionsComposition names an input that a mapping leaves out", () => {
  throws(() => new CriterionsComposition({ criterions: ce, mapping: { ce: { output: "input" } } }), {
    message: 'CrossEntropyLoss needs the input "target", which the mapping does not give\n' +
      "  where: losses.CriterionsComposition.mapping.ce\n" +
      "  fix: map a batch key to it: {batch_key: target}; it takes input, target, and mapped are input",
  });
});

Deno.test("CriterionsComposition says that there is no mapping where the batch lacks a loss's own names", () => {
  throws(() => new CriterionsComposition({ criterions: ce }).forward(batch), {
    name: "DataError",
    message: 'CrossEntropyLoss has no mapping, and the batch has no key "input"\n  where: criterions.ce\n' +
      "  fix: write mapping.ce: {batch_key: input, …}; the batch has output, label",
  });
});

Deno.test("CriterionsComposition without a mapping takes a loss's own names from the batch", async () => {
  const criterions = new CriterionsComposition({ criterions: ce });
  const losses = criterions.forward({ input: batch.output, target: batch.label, other: 1 });
  ok(await losses["ce"]!.item() < 1);
});

Deno.test("CriterionsComposition weighs each loss by 1 where weights are null, as in Python", () => {
  const criterions = { a: new CrossEntropyLoss(), b: new CrossEntropyLoss() };
  deepStrictEqual(new CriterionsComposition({ criterions, weights: null }).weights, { a: 1, b: 1 });
  deepStrictEqual(new CriterionsComposition({ criterions }).weights, { a: 0.5, b: 0.5 });
});

Deno.test("MetricsComposition names a wrong input, a missing one, a missing mapping and the metrics there are", () => {
  const make = (mapping: Record<string, Record<string, string>>) => () =>
    new MetricsComposition({ metrics: accuracy, mapping });
  throws(
    make({ accuracy: { prediction: "pred", label: "target" } }),
    /^OptionError: Accuracy has no input "pred"/,
  );
  throws(make({ accuracy: { prediction: "preds" } }), /Accuracy needs the input "target"/);
  throws(
    make({ acuracy: {} }),
    /has no metric "acuracy".*\n.*did you mean "accuracy"\? The metrics are accuracy/,
  );
  throws(
    () => new MetricsComposition({ metrics: accuracy }).update(batch),
    /Accuracy has no mapping, and the batch has no key "preds"\n {2}where: metrics.accuracy\n.*mapping.accuracy/,
  );
});

Deno.test("MetricsComposition leaves out an input that a metric does not need", async () => {
  const metrics = new MetricsComposition({
    metrics: { mean: new MeanMetric() },
    mapping: { mean: { x: "value" } },
  });
  metrics.update({ x: library.tensor([1, 3]) });
  strictEqual(await metrics.compute()["mean"]!.item(), 2);
});

Deno.test("WrapTransform names an input that its transform has not", () => {
  const transform = new CrossEntropyLoss() as never;
  throws(() => new WrapTransform({ transform, mapping: { output: "inputs", label: "target" } }), {
    message: 'CrossEntropyLoss has no input "inputs": it takes input, target\n' +
      '  where: transforms.WrapTransform\n  fix: did you mean "input"?',
  });
});

Deno.test("WrapTransform gives names beside a function's inputs as options", async () => {
  const transform = library.ops.argmax as never;
  const wrapped = new WrapTransform({
    transform,
    mapping: { output: "input" },
    transformKwargs: { dim: 1 },
    newKey: "y",
  });
  deepStrictEqual([...await (wrapped.forward(batch)["y"] as library.Tensor).data()], [2]);
});

Deno.test("callNamed() names a missing input of a function", () => {
  const minus = Object.assign(function minus(a: number, b: number) {
    return a - b;
  }, { inputs: ["a", "b"] });
  throws(() => callNamed(minus, { a: 1 }, "here"), {
    name: "DataError",
    message: 'minus needs the input "b", which the mapping does not give\n  where: here\n' +
      "  fix: map a batch key to it: {batch_key: b}; it takes a, b, and mapped are a",
  });
  throws(() => callNamed(minus, {}, "here"), /minus needs the input "a".*\n.*\n.*nothing is mapped/);
  throws(() => callNamed(minus, { a: 1, bb: 2 }, "here"), /minus has no input "bb": it takes a, b/);
});

Deno.test("instantiate() points at the mapping with a wrong name", async () => {
  const yaml = "_target_: ml_core.models.utils.CriterionsComposition\n" +
    "criterions:\n  ce: {_target_: torch.nn.CrossEntropyLoss}\nmapping:\n  ce: {output: input, label: targets}\n";
  const error = await instantiate(loadText(yaml, "configs/model/net.yaml"), { library }).catch((e: Error) =>
    e
  ) as Error;
  strictEqual(
    error.message,
    'CrossEntropyLoss has no input "targets": it takes input, target\n' +
      "  where: set in configs/model/net.yaml:4:1\n    4 | mapping:\n      | ^\n" +
      '  fix: did you mean "target"?',
  );
});

Deno.test("instantiate() names _partial_ where a function is called without any of its inputs", async () => {
  const yaml = "_target_: torch.argmax\ndim: 1\n";
  const error = await instantiate(loadText(yaml, "configs/model/net.yaml"), { library }).catch((e: Error) =>
    e
  ) as Error;
  strictEqual(
    error.message,
    "'torch.argmax' is called without its input \"input\"\n" +
      "  where: configs/model/net.yaml:1:11\n    1 | _target_: torch.argmax\n      |           ^\n" +
      "  fix: add _partial_: true, so that whoever uses the function gives it input",
  );
});
