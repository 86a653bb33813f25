import assert from "node:assert/strict";
import { acc, cast, input } from "../../core/compiler/expr.ts";
import type { Load, MapKernel, MatmulKernel, ReduceKernel } from "../../core/compiler/kernel.ts";
import { openWebGpu } from "../../core/runtime/webgpu/device.ts";
import { gpuTest, HAS_ADAPTER, runOnDevice, stored } from "../support/gpu_kernels.ts";

const device = HAS_ADAPTER ? await openWebGpu() : null!;
if (HAS_ADAPTER) Deno.test.afterAll(() => device.close());

const load = (slot: number, strides: readonly number[], more: Partial<Load> = {}): Load => ({
  slot,
  dtype: "f32",
  strides,
  offset: 0,
  mask: null,
  indirect: null,
  ...more,
});

// Software adapters end an invocation after 65,535 loop trips without an error: a lost trip would show in the count.
for (const [kept, reduced] of [[64, 300_001], [100, 70_000], [1, 4_000_000]] as const) {
  gpuTest(`lowerGpu adds all of ${reduced} elements for each of ${kept} points`, async () => {
    const kernel: ReduceKernel = {
      kind: "reduce",
      label: "long sum",
      kept: [kept],
      reduced: [reduced],
      loads: [load(0, [0, 0])],
      phases: [[{ combine: "sum", value: input(0) }]],
      stores: [{ slot: 1, dtype: "f32", strides: [1], offset: 0, value: acc(0) }],
      elementStores: [],
    };
    const slots = [stored("f32", [1]), stored("f32", new Array(kept).fill(0))];
    const [, counts] = await runOnDevice(device, kernel, slots);
    assert.deepEqual([...counts!], new Array(kept).fill(reduced));
  });
}

gpuTest("lowerGpu adds all products of a matrix product with 200,001 terms", async () => {
  const k = 200_001;
  const kernel: MatmulKernel = {
    kind: "matmul",
    label: "long product",
    batch: [],
    m: 2,
    n: 3,
    k,
    a: load(0, [0, 0]),
    b: load(0, [0, 0]),
    loads: [],
    stores: [{ slot: 1, dtype: "f32", strides: [3, 1], offset: 0, value: acc(0) }],
  };
  const [, sums] = await runOnDevice(device, kernel, [
    stored("f32", [1]),
    stored("f32", new Array(6).fill(0)),
  ]);
  assert.deepEqual([...sums!], new Array(6).fill(k));
});

gpuTest("lowerGpu reaches every point of a map with more workgroups than one dimension takes", async () => {
  const rows = 2_200_003;
  const kernel: MapKernel = {
    kind: "map",
    label: "many points",
    space: [rows, 3],
    loads: [load(-1, [3, 1], { dtype: "i32" })],
    stores: [{ slot: 0, dtype: "u8", strides: [1, rows], offset: 0, value: cast(input(0, "i32"), "u32") }],
  };
  const [bytes] = await runOnDevice(device, kernel, [{ dtype: "u8", values: new Float64Array(rows * 3) }]);
  let wrong = 0;
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < 3; c++) if (bytes![c * rows + r] !== (3 * r + c & 255)) wrong++;
  }
  assert.equal(wrong, 0);
});

gpuTest("lowerGpu numbers points beyond 2²⁴ exactly", async () => {
  const [rows, columns] = [1_700_003, 10];
  const kernel: MapKernel = {
    kind: "map",
    label: "points beyond 2^24",
    space: [rows, columns],
    loads: [load(-1, [columns, 1], { dtype: "i32" })],
    // Every row writes its last element: a wrong quotient would show.
    stores: [{ slot: 0, dtype: "i32", strides: [1, 0], offset: 0, value: input(0, "i32") }],
  };
  const [firsts] = await runOnDevice(device, kernel, [{ dtype: "i32", values: new Float64Array(rows) }]);
  let wrong = 0;
  for (let r = 0; r < rows; r++) if (Math.floor(firsts![r]! / columns) !== r) wrong++;
  assert.equal(wrong, 0);
});
