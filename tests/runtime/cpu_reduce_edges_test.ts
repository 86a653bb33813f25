import assert from "node:assert/strict";
import { acc, div, exp, type Expr, input, mul, sub } from "../../core/compiler/expr.ts";
import type { Accumulator, Combine, Load, ReduceKernel, Store } from "../../core/compiler/kernel.ts";
import { lowerCpu } from "../../core/compiler/wasm/lower.ts";
import { openCpu } from "../../core/runtime/cpu/device.ts";
import type { DType } from "../../core/runtime/dtype.ts";
import { packedStrides } from "../../core/runtime/layout.ts";
import { assertKernel, elements, runOnDevice } from "../support/kernel_runner.ts";
import { randomNumbers } from "../support/random_kernels.ts";

const device = await openCpu({ threads: 1, blas: "off" });
const TRAITS = { fusedMultiplyAdd: true, blas: false };

function loadOf(slot: number, strides: readonly number[], dtype: DType = "f32"): Load {
  return { slot, dtype, strides, offset: 0, mask: null, indirect: null };
}

function storeOf(slot: number, strides: readonly number[], value: Expr): Store {
  const dtype: DType = value.type;
  return { slot, dtype, strides, offset: 0, value };
}

/** A reduction of one packed tensor whose kept axes come first. */
function reduction(
  kept: readonly number[],
  reduced: readonly number[],
  phases: readonly (readonly Accumulator[])[],
  results: readonly Expr[],
  elementStores: readonly Store[] = [],
  dtype: DType = "f32",
): ReduceKernel {
  return {
    kind: "reduce",
    label: `reduce ${kept} by ${reduced}`,
    kept,
    reduced,
    loads: [loadOf(0, packedStrides([...kept, ...reduced]), dtype)],
    phases,
    stores: results.map((value, i) => storeOf(1 + i, packedStrides(kept), value)),
    elementStores,
  };
}

function random(count: number, low: number, high: number): Float32Array {
  const next = randomNumbers(3);
  return Float32Array.from({ length: count }, () => low + (high - low) * next());
}

/** One result of a row of values. */
async function single(combine: Combine, values: number[], type: "f32" | "i32" = "f32"): Promise<number> {
  const result = acc(0, combine.startsWith("arg") ? "i32" : type);
  const kernel = reduction([], [values.length], [[{ combine, value: input(0, type) }]], [result], [], type);
  const buffers = [elements(type, values), elements(result.type, [77])];
  return (await runOnDevice(device, lowerCpu(kernel, TRAITS), buffers))[1]![0]!;
}

/** The same result with lanes along kept points: a column of four equal columns. */
async function column(combine: Combine, values: number[]): Promise<number[]> {
  const result = acc(0, combine.startsWith("arg") ? "i32" : "f32");
  const kernel: ReduceKernel = {
    ...reduction([4], [values.length], [[{ combine, value: input(0) }]], [result]),
    loads: [loadOf(0, [1, 4])],
  };
  const buffers = [elements("f32", values.flatMap((v) => [v, v, v, v])), elements(result.type, [7, 7, 7, 7])];
  return [...(await runOnDevice(device, lowerCpu(kernel, TRAITS), buffers))[1]!];
}

for (
  const [combine, values, expected] of [
    ["max", [1, NaN, 3, 2, 9], NaN],
    ["min", [1, 2, 3, 2, NaN], NaN],
    ["argmax", [1, 5, 3, 5, 2, 5], 1],
    ["argmin", [4, 1, 3, 1, 2, 1, 1, 1], 1],
    ["argmax", [1, 5, NaN, 9, 2, NaN], 2],
    ["argmin", [1, 5, 3, -9, 2, 1, 1, NaN], 7],
    ["argmax", [-Infinity, -Infinity, -Infinity], 0],
    ["argmin", [Infinity, Infinity, 3, Infinity, 3], 2],
    ["sum", [], 0],
    ["prod", [], 1],
    ["prod", [2, -3, 0.5, 4, 1, 7], -84],
    ["max", [-5, -2, -9], -2],
    ["sum", [3], 3],
  ] as const
) {
  Deno.test(`lowerCpu() gives ${combine} of [${values}] as ${expected}, across and down`, async () => {
    assert.equal(await single(combine, [...values]), expected);
    assert.deepEqual(await column(combine, [...values]), [expected, expected, expected, expected]);
  });
}

Deno.test("lowerCpu() reduces integers without going through floats", async () => {
  assert.equal(await single("sum", [2 ** 30, 2 ** 30 - 1, 1, 1, -5], "i32"), 2 ** 31 - 4);
  assert.equal(await single("max", [-(2 ** 31), -7, -8], "i32"), -7);
  assert.equal(await single("argmin", [16777217, 16777216, 16777218], "i32"), 1);
});

for (const count of [4095, 4096, 4097, 65535, 70001, 1 << 20]) {
  Deno.test(`lowerCpu() sums ${count} numbers within 3e-7 of the exact sum`, async () => {
    const values = random(count, 0, 1);
    let exact = 0;
    for (const v of values) exact += v;
    const off = Math.abs(await single("sum", [...values]) - exact) / exact;
    assert.ok(off <= 3e-7, `${off}`);
  });
}

Deno.test("lowerCpu() sums long columns within 3e-7 of the exact sums", async () => {
  const [rows, columns] = [50_000, 21];
  const values = random(rows * columns, 0, 1);
  const kernel: ReduceKernel = {
    ...reduction([columns], [rows], [[{ combine: "sum", value: input(0) }]], [acc(0)]),
    loads: [loadOf(0, [1, columns])],
  };
  const buffers = [elements("f32", values), elements("f32", new Float32Array(columns))];
  await assertKernel(device, lowerCpu(kernel, TRAITS), kernel, buffers, { absolute: 0, relative: 3e-7 });
});

Deno.test("lowerCpu() combines large reductions in parts, several accumulators at once", async () => {
  const values = random(3 * 70_003, -1, 1);
  const one = input(0);
  const phases: Accumulator[][] = [[
    { combine: "sum", value: mul(one, one) },
    { combine: "max", value: one },
    { combine: "min", value: one },
  ]];
  const kernel = reduction([3], [70_003], phases, [acc(0), acc(1), acc(2)]);
  assert.equal(lowerCpu(kernel, TRAITS).length, 2);
  const results = [0, 1, 2].map(() => elements("f32", [0, 0, 0]));
  const closeness = { absolute: 0, relative: 3e-7 };
  await assertKernel(
    device,
    lowerCpu(kernel, TRAITS),
    kernel,
    [elements("f32", values), ...results],
    closeness,
  );
});

for (const [rows, columns] of [[64, 10], [7, 3], [5, 1000], [3, 4099]] as const) {
  Deno.test(`lowerCpu() computes softmax of ${rows} rows of ${columns} in phases`, async () => {
    const shifted = exp(sub(input(0), acc(0)));
    const phases: Accumulator[][] = [
      [{ combine: "max", value: input(0) }],
      [{ combine: "sum", value: shifted }],
    ];
    const outputs = [storeOf(1, [columns, 1], div(shifted, acc(1)))];
    const kernel = reduction([rows], [columns], phases, [], outputs);
    const buffers = [
      elements("f32", random(rows * columns, -20, 20)),
      elements("f32", new Float32Array(rows * columns)),
    ];
    await assertKernel(device, lowerCpu(kernel, TRAITS), kernel, buffers, { absolute: 1e-9, relative: 2e-6 });
  });
}

Deno.test("lowerCpu() reduces long columns in parts, sums and extremes at once", async () => {
  const [rows, columns] = [3001, 70];
  const phases: Accumulator[][] = [[
    { combine: "sum", value: input(0) },
    { combine: "max", value: input(0) },
  ]];
  const kernel: ReduceKernel = {
    ...reduction([columns], [rows], phases, [acc(0), mul(acc(1), 2)]),
    loads: [loadOf(0, [1, columns])],
  };
  assert.equal(lowerCpu(kernel, TRAITS).length, 2);
  const results = [0, 1].map(() => elements("f32", new Float32Array(columns)));
  const buffers = [elements("f32", random(rows * columns, 0, 1)), ...results];
  await assertKernel(device, lowerCpu(kernel, TRAITS), kernel, buffers, { absolute: 0, relative: 3e-7 });
});
