import assert from "node:assert/strict";
import { add, bitcast, cast, constant, exp, input, mul, scalar, select } from "../../core/compiler/expr.ts";
import type { Expr } from "../../core/compiler/expr.ts";
import type { Load, MapKernel, Store } from "../../core/compiler/kernel.ts";
import { type DType, DTYPES, f16ToNumber, numberToF16 } from "../../core/runtime/dtype.ts";
import { packedStrides } from "../../core/runtime/layout.ts";
import { openWebGpu } from "../../core/runtime/webgpu/device.ts";
import {
  assertAsReference,
  gpuTest,
  HAS_ADAPTER,
  randomContents,
  runOnDevice,
  seeded,
  stored,
} from "../support/gpu_kernels.ts";

const device = HAS_ADAPTER ? await openWebGpu() : null!;
const wordsOnly = HAS_ADAPTER ? await openWebGpu({ f16: false }) : null!;
if (HAS_ADAPTER) {
  Deno.test.afterAll(async () => {
    await device.close();
    await wordsOnly.close();
  });
}

const load = (slot: number, strides: readonly number[], more: Partial<Load> = {}): Load => ({
  slot,
  dtype: "f32",
  strides,
  offset: 0,
  mask: null,
  indirect: null,
  ...more,
});
const store = (slot: number, strides: readonly number[], value: Expr, more: Partial<Store> = {}): Store => ({
  slot,
  dtype: "f32",
  strides,
  offset: 0,
  value,
  ...more,
});
const map = (space: readonly number[], loads: readonly Load[], stores: readonly Store[]): MapKernel => ({
  kind: "map",
  label: `map ${space}`,
  space,
  loads,
  stores,
});

const x = input(0);
const y = input(1);

for (const count of [1, 3, 4, 7, 64, 1023, 1024, 20_006]) {
  gpuTest(`lowerGpu computes a packed map of ${count} elements and leaves what follows alone`, async () => {
    const random = seeded(count);
    const kernel = map([count], [load(0, [1]), load(1, [1])], [store(2, [1], add(mul(x, 2), y))]);
    await assertAsReference(device, kernel, [
      randomContents("f32", count, random),
      randomContents("f32", count, random),
      randomContents("f32", count + 5, random),
    ]);
  });
}

gpuTest("lowerGpu computes a map without axes", async () => {
  const kernel = map([], [load(0, [])], [store(1, [], exp(x))]);
  await assertAsReference(device, kernel, [stored("f32", [1.5]), stored("f32", [0])]);
});

gpuTest("lowerGpu launches nothing for an empty map", async () => {
  const kernel = map([0, 4], [load(0, [4, 1])], [store(1, [4, 1], x)]);
  await assertAsReference(device, kernel, [stored("f32", [7]), stored("f32", [8])]);
});

gpuTest("lowerGpu computes broadcast rows and columns", async () => {
  const random = seeded(1);
  for (const [rows, columns] of [[5, 8], [6, 7], [3, 1]] as const) {
    const kernel = map([rows, columns], [load(0, [columns, 1]), load(1, [0, 1]), load(2, [1, 0])], [
      store(3, [columns, 1], add(mul(x, y), input(2))),
    ]);
    await assertAsReference(device, kernel, [
      randomContents("f32", rows * columns, random),
      randomContents("f32", columns, random),
      randomContents("f32", rows, random),
      randomContents("f32", rows * columns, random),
    ]);
  }
});

gpuTest("lowerGpu computes transposed, flipped and stepped loads and stores", async () => {
  const random = seeded(2);
  const kernel = map([3, 5, 8], [
    load(0, [8, 24, 1]),
    load(0, [1, -3, 15], { offset: 12 }),
    load(1, [80, 16, 2], { offset: 1 }),
  ], [store(2, [1, 24, 3], add(add(x, y), input(2)))]);
  await assertAsReference(device, kernel, [
    randomContents("f32", 120, random),
    randomContents("f32", 240, random),
    randomContents("f32", 120, random),
  ]);
});

gpuTest("lowerGpu reads zero outside a mask on inner and outer axes", async () => {
  const random = seeded(3);
  const kernel = map([4, 6, 8], [load(0, [24, 6, 1], { offset: -7, mask: [[0, 4], [1, 5], [1, 7]] })], [
    store(1, [48, 8, 1], add(x, 1)),
  ]);
  await assertAsReference(device, kernel, [
    randomContents("f32", 96, random),
    randomContents("f32", 192, random),
  ]);
});

gpuTest("lowerGpu gathers through an index that is clamped into range", async () => {
  const random = seeded(4);
  const kernel = map([6, 8], [
    load(0, [1, 0], { dtype: "i32" }),
    load(1, [0, 1], { indirect: { load: 0, stride: 8, size: 10 } }),
  ], [store(2, [8, 1], y)]);
  await assertAsReference(device, kernel, [
    stored("i32", [3, -1, 9, 12, 0, 5]),
    randomContents("f32", 80, random),
    randomContents("f32", 48, random),
  ]);
});

gpuTest("lowerGpu counts with loads that read no memory", async () => {
  const kernel = map([4, 6], [load(-1, [10, -2], { dtype: "i32", offset: 3 })], [
    store(0, [6, 1], cast(input(0, "i32"), "f32")),
    store(1, [6, 1], input(0, "i32"), { dtype: "i32" }),
  ]);
  await assertAsReference(device, kernel, [
    stored("f32", new Array(24).fill(0)),
    stored("i32", new Array(24).fill(0)),
  ]);
});

gpuTest("lowerGpu works in place and writes several outputs", async () => {
  const random = seeded(5);
  const kernel = map([100], [load(0, [1]), load(1, [1])], [
    store(0, [1], add(x, y)),
    store(1, [1], mul(x, y)),
    store(2, [1], select(bitcast(x, "u32").type === "u32" ? cast(x, "bool") : constant(0, "bool"), x, y)),
  ]);
  await assertAsReference(device, kernel, [
    randomContents("f32", 100, random),
    randomContents("f32", 100, random),
    randomContents("f32", 100, random),
  ]);
});

gpuTest("lowerGpu reads new values of dynamic scalars at each run", async () => {
  const kernel = map([9], [load(0, [1])], [store(1, [1], add(mul(x, scalar(1)), scalar(0)))]);
  for (const values of [[1, 2], [3, -4.5]]) {
    await assertAsReference(device, kernel, [
      stored("f32", [1, 2, 3, 4, 5, 6, 7, 8, 9]),
      stored("f32", new Array(9).fill(0)),
    ], values);
  }
});

const asF32 = (dtype: DType): Expr => {
  if (dtype === "f32" || dtype === "f16") return x;
  return cast(input(0, dtype === "bool" ? "bool" : dtype === "i32" ? "i32" : "u32"), "f32");
};
const fromF32 = (dtype: DType): Expr => {
  if (dtype === "f32" || dtype === "f16") return y;
  return cast(y, dtype === "bool" ? "bool" : dtype === "i32" ? "i32" : "u32");
};

const KINDS = [
  ...DTYPES.map((dtype) => [dtype, device, ""] as const),
  ["f16", wordsOnly, " packed in words"] as const,
];

for (const [dtype, device, how] of KINDS) {
  for (
    const [what, space, strides, offset] of [
      ["packed", [70], [1], 0],
      ["packed in rows", [5, 12], [12, 1], 0],
      ["misaligned", [30], [1], 3],
      ["transposed", [6, 10], [1, 6], 0],
      ["stepped", [20], [3], 1],
    ] as const
  ) {
    gpuTest(`lowerGpu loads and stores ${dtype} elements${how} ${what}`, async () => {
      const random = seeded(7);
      const count = 3 * space.reduce((a, b) => a * b, 1) + 4;
      const even = packedStrides(space);
      const kernel = map(space, [load(0, strides, { dtype, offset }), load(1, even)], [
        store(2, even, asF32(dtype)),
        store(3, strides, fromF32(dtype), { dtype, offset }),
      ]);
      const whole = (): number => Math.floor(random() * 100);
      await assertAsReference(device, kernel, [
        randomContents(dtype, count, random),
        stored("f32", Array.from({ length: count }, dtype === "f16" ? random : whole)),
        stored("f32", new Array(count).fill(0)),
        randomContents(dtype, count, random),
      ]);
    });
  }
}

gpuTest(
  "lowerGpu rounds f32 to the nearest f16 with and without native f16, infinities and NaN included",
  async () => {
    const values = [
      0,
      -0,
      1,
      -1.0009765625,
      65504,
      65519,
      65520,
      1e9,
      -1e9,
      6e-8,
      2.9e-8,
      1e-10,
      NaN,
      Infinity,
      2049,
      2051,
    ];
    const kernel = map([16], [load(0, [1])], [store(1, [1], x, { dtype: "f16" })]);
    const expected = values.map((value) => f16ToNumber(numberToF16(value)));
    for (const which of [device, wordsOnly]) {
      const slots = [stored("f32", values), stored("f16", new Array(16).fill(0))];
      const [, actual] = await runOnDevice(which, kernel, slots);
      assert.deepEqual([...actual!], expected);
    }
  },
);
