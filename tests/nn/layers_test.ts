import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import * as nn from "../../core/nn/mod.ts";
import { manualSeed, type Tensor } from "../../core/tensor/mod.ts";
import golden from "../golden/nn.json" with { type: "json" };
import { assertGolden, eachDevice, fromGolden, type GoldenTensor } from "../support/tensors.ts";

type Case = (typeof golden.layers)[number];
type Unary = nn.Module & { forward(x: Tensor): Tensor };

function build(c: Case): Unary {
  manualSeed(c.seed);
  const constructors = nn as unknown as Record<string, new (options: object) => Unary>;
  return new constructors[c.layer]!(c.options);
}

const label = (c: Case): string => `${c.layer} ${JSON.stringify(c.options)}`;

Deno.test("nn layers start from torch's values under torch's names", async () => {
  for (const c of golden.layers) {
    const state = build(c).stateDict();
    const expected = c.init as unknown as Record<string, GoldenTensor>;
    assert.deepEqual(Object.keys(state), Object.keys(expected), label(c));
    for (const [name, value] of Object.entries(expected)) {
      assert.deepEqual([...(await state[name]!.data())], value.values, `${label(c)} ${name}`);
    }
  }
});

for (const c of golden.layers) {
  const after = c.evalAfter > 0 ? ` in evaluation after ${c.evalAfter} batches` : "";
  eachDevice(`${label(c)} equals torch forward and backward${after}`, async () => {
    const layer = build(c);
    for (const batch of c.warmup) layer.forward(fromGolden(batch));
    if (c.evalAfter > 0) layer.eval();
    const x = fromGolden(c.input);
    if (c.inputGrad !== null) x.requiresGrad_();
    const y = layer.forward(x);
    await assertGolden(y, c.output, "output");
    y.backward(fromGolden(c.gradient));
    if (c.inputGrad !== null) await assertGolden(x.grad!, c.inputGrad, "input gradient");
    const parameters = Object.fromEntries(layer.namedParameters());
    for (const [name, grad] of Object.entries(c.grads as unknown as Record<string, GoldenTensor>)) {
      await assertGolden(parameters[name]!.grad!, grad, `gradient of ${name}`);
    }
    const state = layer.stateDict();
    for (const [name, value] of Object.entries(c.after as unknown as Record<string, GoldenTensor>)) {
      await assertGolden(state[name]!, value, `${name} afterwards`);
    }
  });
}

Deno.test("nn.init draws torch's values", () => {
  const functions: Record<string, (shape: readonly number[], options: object) => Float32Array> = {
    kaiming_uniform_: nn.kaimingUniform,
    kaiming_normal_: nn.kaimingNormal,
    xavier_uniform_: nn.xavierUniform,
    xavier_normal_: nn.xavierNormal,
  };
  for (const c of golden.inits) {
    manualSeed(3);
    const values = functions[c.name]!(c.shape, c.options);
    assert.deepEqual([...values.subarray(0, 6)], c.first, c.name);
    assert.equal(createHash("sha256").update(values).digest("hex"), c.sha256, c.name);
  }
});

Deno.test("Linear draws the anchor of seed 12345", async () => {
  manualSeed(12345);
  const { weight } = new nn.Linear({ inFeatures: 784, outFeatures: 128 });
  const rounded = Array.from((await weight.data()).subarray(0, 4), (v) => v.toFixed(7));
  assert.deepEqual(rounded, ["0.0344084", "0.0271148", "0.0351531", "-0.0027809"]);
});
