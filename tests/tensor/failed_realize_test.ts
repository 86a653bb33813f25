import assert from "node:assert/strict";
import { ShaderError } from "../../core/errors.ts";
import type { Program } from "../../core/compiler/kernel.ts";
import { mul } from "../../core/compiler/expr.ts";
import { BatchNorm2d } from "../../core/nn/mod.ts";
import { unary } from "../../core/ops/mod.ts";
import { scope, type Tensor, tensor, useDevice, variable } from "../../core/tensor/mod.ts";
import { ReferenceDevice } from "../support/reference_device.ts";

/** An op that the device below has no kernel for. */
const broken = unary("broken", (x) => mul(x, 12345));

/** A device whose compiler refuses every program with the op above in it, and one that refuses to run them. */
function useFailing(when: "compile" | "run"): ReferenceDevice {
  const device = new ReferenceDevice();
  useDevice(device, (_, { kernels, slots, blockBytes }: Program) => {
    const fails = kernels.some((kernel) => JSON.stringify(kernel).includes("12345"));
    const refuse = (): never => {
      throw new ShaderError("No kernel for broken", { where: "broken" });
    };
    if (fails && when === "compile") refuse();
    const loaded = device.load(kernels, slots, blockBytes);
    return fails ? { ...loaded, run: refuse } : loaded;
  });
  return device;
}

const values = async (x: Tensor): Promise<number[]> => [...await x.data()];
const REFUSED = { name: "ShaderError", message: "No kernel for broken\n  where: broken" };

for (const when of ["compile", "run"] as const) {
  Deno.test(`a step that does not ${when} leaves its variables as they were, and later work goes on`, async () => {
    useFailing(when);
    const stats = variable([1, 2]);
    assert.throws(() =>
      scope(() => {
        stats.assign(stats.add(broken(tensor([3, 4]))));
      }), REFUSED);
    assert.deepEqual(await values(tensor([1, 2]).add(1)), [2, 3]);
    assert.deepEqual(await values(stats), [1, 2]);
    stats.assign(stats.add(1));
    assert.deepEqual(await values(stats), [2, 3]);
  });
}

Deno.test("updates beside a value that does not compile are carried out", async () => {
  useFailing("compile");
  const weight = variable([1, 2]);
  weight.assign(weight.mul(10));
  await assert.rejects(() => broken(tensor([1])).data(), REFUSED);
  assert.deepEqual(await values(weight), [10, 20]);
});

Deno.test("a value that does not compile does not stop updates of the memory that it reads", async () => {
  useFailing("compile");
  const weight = variable([1, 2]);
  const bad = broken(weight);
  await assert.rejects(() => bad.data(), REFUSED);
  weight.assign(weight.add(1));
  assert.deepEqual(await values(weight), [2, 3]);
  await assert.rejects(() => bad.data(), REFUSED);
});

Deno.test("what was computed from a dropped update says so", async () => {
  useFailing("compile");
  const stats = variable([1]);
  stats.assign(broken(stats));
  const after = stats.add(1);
  await assert.rejects(() => after.data(), REFUSED);
  await assert.rejects(() => after.data(), {
    name: "FulgurError",
    message: "A value is computed from an update that could not be carried out\n  where: assign\n" +
      "  fix: mend what failed before, and record the step again",
  });
});

Deno.test("a failed step through batch norm does not stop the next one", async () => {
  const device = useFailing("compile");
  const norm = new BatchNorm2d({ numFeatures: 1 });
  const image = tensor([1, 2, 3, 4], { shape: [1, 1, 2, 2] });
  scope(() => norm.forward(image)).dispose();
  const before = device.stats.liveBuffers;
  assert.throws(() => scope(() => norm.forward(broken(image))), REFUSED);
  assert.equal(device.stats.liveBuffers, before);
  scope(() => norm.forward(image)).dispose();
  assert.deepEqual(await values(norm.numBatchesTracked!), [2]);
});
