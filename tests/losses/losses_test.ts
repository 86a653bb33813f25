import assert from "node:assert/strict";
import { OptionError, ShapeError, ValueError } from "../../core/errors.ts";
import * as losses from "../../core/losses/mod.ts";
import { arange, init, type Tensor, tensor } from "../../core/tensor/mod.ts";
import golden from "../golden/losses.json" with { type: "json" };
import { assertGolden, eachDevice, fromGolden } from "../support/tensors.ts";

const constructors = losses as unknown as Record<
  string,
  new (options: object) => { forward(input: Tensor, target: Tensor): Tensor }
>;
const names = [...new Set(golden.losses.map((c) => c.loss))];

for (const name of names) {
  eachDevice(`${name} equals torch forward and backward in every option`, async () => {
    for (const [i, c] of golden.losses.entries()) {
      if (c.loss !== name) continue;
      const label = `case ${i} ${JSON.stringify(c.options)}`;
      const input = fromGolden(c.input).requiresGrad_();
      const loss = new constructors[name]!(c.options).forward(input, fromGolden(c.target));
      await assertGolden(loss, c.output, label);
      loss.backward(fromGolden(c.gradient));
      await assertGolden(input.grad!, c.inputGrad, `gradient of ${label}`);
    }
  });
}

Deno.test("CrossEntropyLoss names a label outside the classes that is on the host", () => {
  const input = tensor([[1, 2, 3], [1, 0, -2]]);
  const target = tensor([2, 3], { dtype: "i32" });
  assert.throws(() => new losses.CrossEntropyLoss().forward(input, target), (error: unknown) => {
    assert.ok(error instanceof ValueError);
    assert.equal(
      error.message,
      "Label 3 at position 1 is outside the 3 classes\n  where: losses.CrossEntropyLoss\n" +
        "  fix: labels are 0 to 2, or -100 for samples to ignore; check the dataset's labels and the model's output size",
    );
    return true;
  });
});

eachDevice("CrossEntropyLoss is NaN for a label outside the classes that only the device knows", async () => {
  const input = tensor([[1, 2, 3], [1, 0, -2]]);
  const computed = arange(2).add(2);
  const loss = new losses.CrossEntropyLoss({ reduction: "none" }).forward(input, computed);
  const values = await loss.data();
  assert.ok(Math.abs(values[0]! - 0.4076059) < 1e-6);
  assert.ok(Number.isNaN(values[1]));
});

Deno.test("CrossEntropyLoss refuses float labels, labels of another shape and wrong options", () => {
  const input = tensor([[1, 2, 3]]);
  assert.throws(() => losses.nllLoss(input, tensor([1])), { name: "DTypeError" });
  assert.throws(() => losses.crossEntropy(input, tensor([1, 2], { dtype: "i32" })), ShapeError);
  assert.throws(() => new losses.CrossEntropyLoss({ labelSmoothing: 2 }), OptionError);
  assert.throws(
    () => losses.crossEntropy(input, tensor([1], { dtype: "i32" }), { weight: [1, 2] }),
    ShapeError,
  );
  assert.throws(() => new losses.CrossEntropyLoss({ reduction: "max" as "mean" }), OptionError);
});

Deno.test("MSELoss refuses to broadcast its target", () => {
  assert.throws(() => new losses.MSELoss().forward(tensor([1, 2]), tensor([[1], [2]])), ShapeError);
});

eachDevice("CriterionsComposition weighs unnamed losses by their number", async () => {
  const criterions = new losses.CriterionsComposition({
    criterions: { a: new losses.MSELoss(), b: new losses.L1Loss() },
    mapping: { a: { output: "input", label: "target" }, b: { output: "input", label: "target" } },
    weights: { a: 2 },
  });
  const batch = { output: tensor([1, 2]), label: tensor([1, 4]), other: "kept" };
  const result = criterions.forward(batch);
  assert.deepEqual(Object.keys(result), ["a", "b", "total"]);
  assert.equal(await result["total"]!.item(), 2 * 2 + 0.5 * 1);
});

eachDevice("CriterionsComposition.check() finds a label outside the classes without computing", async () => {
  const criterions = new losses.CriterionsComposition({
    criterions: { ce: new losses.CrossEntropyLoss(), mse: new losses.MSELoss() },
    mapping: { ce: { output: "input", label: "target" }, mse: { output: "input", wanted: "target" } },
  });
  const labels = (...values: number[]) => tensor(values, { dtype: "i32" });
  const batch = { output: tensor([[1, 2, 3]]), label: labels(1), wanted: tensor([[1, 2, 3]]) };
  await criterions.forward(batch)["total"]!.item();
  criterions.check({ label: labels(-100) });
  assert.throws(() => criterions.check({ label: labels(3) }), ValueError);
});

Deno.test("CriterionsComposition names a batch key that is not there, and lists the keys", async () => {
  await init({ accelerator: "cpu" });
  const criterions = new losses.CriterionsComposition({
    criterions: { ce: new losses.CrossEntropyLoss() },
    mapping: { ce: { outputs: "input", label: "target" } },
  });
  assert.throws(() => criterions.forward({ output: tensor([1]), label: tensor([1]) }), (error: unknown) => {
    assert.equal(
      String(error),
      'DataError: Batch has no key "outputs", which the mapping gives to "input"\n  where: criterions.ce\n' +
        '  fix: did you mean "output"? The batch has output, label',
    );
    return true;
  });
});

Deno.test("CriterionsComposition refuses names that fit no criterion, and one called total", () => {
  const mse = new losses.MSELoss();
  const compose = (options: Partial<losses.CriterionsCompositionOptions>) => () =>
    new losses.CriterionsComposition({ criterions: { mse }, ...options });
  assert.throws(compose({ mapping: { mes: {} } }), OptionError);
  assert.throws(compose({ weights: { other: 1 } }), OptionError);
  assert.throws(compose({ criterions: { total: mse } }), OptionError);
  assert.throws(compose({ criterions: {} }), OptionError);
});
