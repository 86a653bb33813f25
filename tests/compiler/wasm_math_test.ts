import assert from "node:assert/strict";
import { evaluate } from "../../core/compiler/evaluate.ts";
import * as e from "../../core/compiler/expr.ts";
import type { Load, MapKernel } from "../../core/compiler/kernel.ts";
import { lowerCpu } from "../../core/compiler/wasm/lower.ts";
import { openCpu } from "../../core/runtime/cpu/device.ts";
import { elements, runOnDevice } from "../support/kernel_runner.ts";
import { randomNumbers } from "../support/random_kernels.ts";

const device = await openCpu({ threads: 1 });
const COUNT = 50_000;

function packed(slot: number, dtype: "f32" | "u32" = "f32"): Load {
  return { slot, dtype, strides: [1], offset: 0, mask: null, indirect: null };
}

/** Runs an f32 expression of `input(0)` and `input(1)` over arrays. */
async function compute(
  value: e.Expr,
  x: Float32Array,
  y: Float32Array,
  fused: boolean,
): Promise<Float64Array> {
  const kernel: MapKernel = {
    kind: "map",
    label: value.op,
    space: [x.length],
    loads: [packed(0), packed(1)],
    stores: [{ ...packed(2), value }],
  };
  const buffers = [elements("f32", x), elements("f32", y), elements("f32", new Float32Array(x.length))];
  const launches = lowerCpu(kernel, { fusedMultiplyAdd: fused, blas: false });
  return (await runOnDevice(device, launches, buffers))[2]!;
}

/** Distance in units of the last place of the exact value's f32. */
function ulps(got: number, exact: number): number {
  if (Object.is(got, exact) || (Number.isNaN(got) && Number.isNaN(exact))) return 0;
  const rounded = Math.fround(exact);
  if (got === rounded) return 0;
  if (!Number.isFinite(rounded) || !Number.isFinite(got)) return Infinity;
  const exponent = Math.max(-126, Math.floor(Math.log2(Math.max(Math.abs(exact), 2 ** -140))));
  return Math.abs(got - exact) / 2 ** (exponent - 23);
}

interface Accuracy {
  readonly name: string;
  readonly value: e.Expr;
  readonly low: number;
  readonly high: number;
  /** Whether arguments are spread evenly over magnitudes rather than over the interval. */
  readonly logarithmic?: boolean;
  readonly most?: number;
}

const x = e.input(0);
const y = e.input(1);
const CASES: readonly Accuracy[] = [
  { name: "exp", value: e.exp(x), low: -103, high: 88.7 },
  { name: "exp2", value: e.exp2(x), low: -126, high: 127.9 },
  { name: "expm1", value: e.expm1(x), low: -20, high: 88.7 },
  { name: "expm1", value: e.expm1(x), low: 1e-20, high: 1, logarithmic: true },
  { name: "log", value: e.log(x), low: 1e-44, high: 3e38, logarithmic: true },
  { name: "log", value: e.log(x), low: 0.5, high: 2 },
  { name: "log2", value: e.log2(x), low: 1e-44, high: 3e38, logarithmic: true },
  { name: "log2", value: e.log2(x), low: 0.5, high: 2 },
  { name: "log1p", value: e.log1p(x), low: -0.999, high: 10 },
  { name: "log1p", value: e.log1p(x), low: 1e-20, high: 1e20, logarithmic: true },
  { name: "tanh", value: e.tanh(x), low: -10, high: 10 },
  { name: "tanh", value: e.tanh(x), low: 1e-20, high: 1, logarithmic: true },
  { name: "erf", value: e.erf(x), low: -5, high: 5 },
  { name: "erf", value: e.erf(x), low: 1e-20, high: 1, logarithmic: true },
  { name: "erfinv", value: e.erfinv(x), low: -0.9999, high: 0.9999, most: 4 },
  { name: "sin", value: e.sin(x), low: -1000, high: 1000 },
  { name: "sin", value: e.sin(x), low: 1e-20, high: 1e6, logarithmic: true },
  { name: "sin", value: e.sin(x), low: 1e5, high: 3.4e38, logarithmic: true },
  { name: "cos", value: e.cos(x), low: -1000, high: 1000 },
  { name: "cos", value: e.cos(x), low: 1e-20, high: 1e6, logarithmic: true },
  { name: "cos", value: e.cos(x), low: 1e5, high: 3.4e38, logarithmic: true },
  { name: "asin", value: e.asin(x), low: -1, high: 1 },
  { name: "atan", value: e.atan(x), low: -20, high: 20 },
  { name: "atan", value: e.atan(x), low: 1e-20, high: 1e20, logarithmic: true },
  { name: "atan2", value: e.atan2(x, y), low: -10, high: 10, most: 3 },
  { name: "pow", value: e.pow(x, y), low: 1e-3, high: 50 },
  { name: "pow", value: e.pow(x, e.mul(y, 0.25)), low: 1e-30, high: 1e30, logarithmic: true },
];

for (const fused of [true, false]) {
  for (const c of CASES) {
    const most = c.most ?? 2.5;
    const way = fused ? "relaxed" : "plain";
    Deno.test(`render() computes ${c.name} on ${c.low} … ${c.high} within ${most} ulp, ${way} SIMD`, async () => {
      const random = randomNumbers(7);
      const xs = Float32Array.from(
        { length: COUNT },
        () => c.logarithmic ? c.low * (c.high / c.low) ** random() : c.low + (c.high - c.low) * random(),
      );
      const ys = Float32Array.from({ length: COUNT }, () => random() * 16 - 8);
      const got = await compute(c.value, xs, ys, fused);
      let worst = 0;
      let where = "";
      for (let i = 0; i < COUNT; i++) {
        const exact = evaluate(c.value, (leaf) => leaf.value === 0 ? xs[i]! : ys[i]!);
        const off = ulps(got[i]!, exact);
        if (off > worst) [worst, where] = [off, `at ${xs[i]}, ${ys[i]}: ${got[i]} for ${exact}`];
      }
      assert.ok(worst <= most, `${worst.toFixed(2)} ulp ${where}`);
    });
  }
}

const EDGES = [
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  2,
  -2,
  3,
  -3,
  2 ** -140,
  -(2 ** -140),
  3e38,
  -3e38,
  Infinity,
  -Infinity,
  NaN,
];

for (
  const name of [
    "exp",
    "exp2",
    "expm1",
    "log",
    "log2",
    "log1p",
    "tanh",
    "erf",
    "erfinv",
    "asin",
    "atan",
  ] as const
) {
  Deno.test(`render() gives ${name} its limits at zeros, infinities, NaN and beyond its domain`, async () => {
    const value = e[name](x);
    const xs = Float32Array.from(EDGES);
    const got = await compute(value, xs, xs, true);
    for (const [i, at] of xs.entries()) {
      const exact = evaluate(value, () => at);
      assert.ok(ulps(got[i]!, Math.fround(exact)) <= 4, `${name}(${at}) is ${got[i]}, expected ${exact}`);
    }
  });
}

for (const name of ["pow", "atan2"] as const) {
  Deno.test(`render() gives ${name} its limits at pairs of zeros, infinities and NaN`, async () => {
    const value = e[name](x, y);
    const pairs = EDGES.flatMap((a) => EDGES.map((b) => [a, b] as const));
    const xs = Float32Array.from(pairs, (p) => p[0]);
    const ys = Float32Array.from(pairs, (p) => p[1]);
    const got = await compute(value, xs, ys, true);
    for (const [i, [a, b]] of pairs.entries()) {
      // C and torch give 1 where JavaScript gives NaN.
      const minusOne = name === "pow" && a === -1 && Math.abs(b) === Infinity;
      const exact = minusOne ? 1 : evaluate(value, (leaf) => leaf.value === 0 ? xs[i]! : ys[i]!);
      assert.ok(
        ulps(got[i]!, Math.fround(exact)) <= 4,
        `${name}(${a}, ${b}) is ${got[i]}, expected ${exact}`,
      );
    }
  });
}

Deno.test("render() gives Philox4x32-10 the words of its published vectors", async () => {
  const element = e.input(0, "u32");
  const cases = [
    { call: 0, seed: [0, 0], words: [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8] },
  ] as const;
  for (const { call, seed, words } of cases) {
    const of = (n: number): e.Expr => e.constant(n, "u32");
    const value = e.philox(element, of(call), of(seed[0]), of(seed[1]));
    const kernel: MapKernel = {
      kind: "map",
      label: "philox",
      space: [4],
      loads: [packed(0, "u32")],
      stores: [{ ...packed(1, "u32"), value }],
    };
    const buffers = [elements("u32", [0, 1, 2, 3]), elements("u32", [0, 0, 0, 0])];
    const launches = lowerCpu(kernel, { fusedMultiplyAdd: true, blas: false });
    const got = await runOnDevice(device, launches, buffers);
    assert.deepEqual([...got[1]!], [...words]);
  }
});

Deno.test("render() gives Philox of any element, call and seed as the reference does", async () => {
  const value = e.philox(e.input(0, "u32"), e.scalar(0, "u32"), e.scalar(1, "u32"), e.scalar(2, "u32"));
  const elementsOf = Uint32Array.from({ length: 23 }, (_, i) => i * 0x0932_1107);
  const kernel: MapKernel = {
    kind: "map",
    label: "philox",
    space: [23],
    loads: [packed(0, "u32")],
    stores: [{ ...packed(1, "u32"), value }],
  };
  const scalars = [17, 0x243f6a88, 0x85a308d3];
  const buffers = [elements("u32", elementsOf), elements("u32", new Uint32Array(23))];
  const launches = lowerCpu(kernel, { fusedMultiplyAdd: true, blas: false });
  const got = await runOnDevice(device, launches, buffers, scalars);
  for (const [i, n] of elementsOf.entries()) {
    const exact = evaluate(value, (leaf) => leaf.op === "scalar" ? scalars[leaf.value]! : n);
    assert.equal(got[1]![i], exact);
  }
});
