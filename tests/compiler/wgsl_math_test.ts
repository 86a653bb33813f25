import assert from "node:assert/strict";
import * as e from "../../core/compiler/expr.ts";
import { evaluate } from "../../core/compiler/evaluate.ts";
import type { Expr, Operand, ScalarType } from "../../core/compiler/expr.ts";
import type { MapKernel } from "../../core/compiler/kernel.ts";
import type { DType } from "../../core/runtime/dtype.ts";
import { openWebGpu } from "../../core/runtime/webgpu/device.ts";
import { type Contents, gpuTest, HAS_ADAPTER, runOnDevice, seeded, stored } from "../support/gpu_kernels.ts";

const device = HAS_ADAPTER ? await openWebGpu() : null!;
if (HAS_ADAPTER) Deno.test.afterAll(() => device.close());

/** Evaluates an expression of up to two inputs at many points on the device. */
async function onDevice(value: Expr, inputs: readonly Contents[]): Promise<Float64Array> {
  const count = inputs[0]!.values.length;
  const dtype: DType = value.type;
  const kernel: MapKernel = {
    kind: "map",
    label: value.op,
    space: [count],
    loads: inputs.map(({ dtype }, slot) => ({
      slot,
      dtype,
      strides: [1],
      offset: 0,
      mask: null,
      indirect: null,
    })),
    stores: [{ slot: inputs.length, dtype, strides: [1], offset: 0, value }],
  };
  const results = await runOnDevice(device, kernel, [...inputs, stored(dtype, new Array(count).fill(0))]);
  return results[inputs.length]!;
}

const WORD = new DataView(new ArrayBuffer(4));

/** The f32 with these bits. */
function fromBits(bits: number): number {
  WORD.setUint32(0, bits);
  return WORD.getFloat32(0);
}

/** Distance between neighbouring f32 values near `x`. */
function ulpAt(x: number): number {
  const magnitude = Math.max(Math.abs(x), 2 ** -126);
  return 2 ** (Math.floor(Math.log2(magnitude)) - 23);
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
  Infinity,
  -Infinity,
  NaN,
  1e-40,
  -1e-40,
  3.4e38,
  -3.4e38,
  1e-30,
  1e30,
];

/** Points of an interval: its ends, evenly spread ones, and ones spread over all magnitudes. */
function pointsOf(low: number, high: number, random: () => number): number[] {
  const points = EDGES.filter((x) => !(x < low) && !(x > high));
  for (let i = 0; i < 6000; i++) points.push(Math.fround(low + (high - low) * random()));
  for (let i = 0; i < 2000; i++) {
    const x = fromBits(Math.floor(random() * 2 ** 32));
    if (x >= low && x <= high) points.push(x);
  }
  return points.map(Math.fround);
}

/** The largest error in units of the last place; results that must be exact count as infinitely wrong. */
function worstUlps(
  value: Expr,
  inputs: readonly Contents[],
  actual: Float64Array,
): { ulps: number; at: string } {
  let worst = { ulps: 0, at: "" };
  actual.forEach((got, i) => {
    const exact = evaluate(value, (leaf) => inputs[leaf.value]!.values[i]!);
    const rounded = Math.fround(exact);
    // Subnormal results may be flushed, and the last finite value may round to infinity.
    const fine = Object.is(got, rounded) || got === rounded ||
      (Math.abs(exact) < 2 ** -126 && Math.abs(got) <= 2 ** -126);
    if (fine) return;
    const ulps = Number.isFinite(rounded) && Number.isFinite(got)
      ? Math.abs(got - exact) / ulpAt(exact)
      : Infinity;
    if (ulps > worst.ulps) {
      worst = {
        ulps,
        at: `${value.op}(${inputs.map(({ values }) => values[i]).join(", ")}) is ${got}, not ${exact}`,
      };
    }
  });
  return worst;
}

type Unary = (x: Operand) => Expr;

for (
  const [name, f, low, high, limit] of [
    ["exp", e.exp, -100, 88.7, 2.5],
    ["exp2", e.exp2, -140, 127.9, 2.5],
    ["expm1", e.expm1, -100, 88.7, 2.5],
    ["log", e.log, -1, 3.4e38, 2.5],
    ["log (near one)", e.log, 0.4, 2.2, 2.5],
    ["log2", e.log2, -1, 3.4e38, 2.5],
    ["log2 (near one)", e.log2, 0.4, 2.2, 2.5],
    ["log1p", e.log1p, -1.5, 1e6, 2.5],
    ["log1p (near zero)", e.log1p, -0.3, 0.3, 2.5],
    ["tanh", e.tanh, -12, 12, 2.5],
    ["erf", e.erf, -6, 6, 2.5],
    ["erfinv", e.erfinv, -1.2, 1.2, 4],
    ["sin", e.sin, -100, 100, 2.5],
    ["cos", e.cos, -100, 100, 2.5],
    ["sin (to 10,000)", e.sin, -1e4, 1e4, 2.5],
    ["cos (to 10,000)", e.cos, -1e4, 1e4, 2.5],
    ["sin (of any size)", e.sin, -3.4e38, 3.4e38, 2.5],
    ["cos (of any size)", e.cos, -3.4e38, 3.4e38, 2.5],
    ["asin", e.asin, -1.1, 1.1, 2.5],
    ["atan", e.atan, -Infinity, Infinity, 2.6],
    ["atan (small)", e.atan, -3, 3, 2.6],
    ["sqrt", e.sqrt, -1, 3.4e38, 2.5],
  ] as const satisfies readonly (readonly [string, Unary, number, number, number])[]
) {
  gpuTest(`${name} is within ${limit} ulp of the exact value on a GPU, edges included`, async () => {
    const [from, to] = [Math.max(low, -3.4e38), Math.min(high, 3.4e38)];
    const inputs = [stored("f32", pointsOf(from, to, seeded(41)))];
    const value = f(e.input(0));
    const { ulps, at } = worstUlps(value, inputs, await onDevice(value, inputs));
    assert.ok(ulps <= limit, `${ulps.toFixed(2)} ulp: ${at}`);
  });
}

gpuTest("pow is within 2.5 ulp of the exact value on a GPU", async () => {
  const random = seeded(42);
  const count = 8000;
  const bases = Array.from(
    { length: count },
    (_, i) => i % 3 === 0 ? random() * 2 : Math.exp(random() * 40 - 20),
  );
  const exponents = Array.from({ length: count }, () => random() * 8 - 4);
  const inputs = [stored("f32", bases), stored("f32", exponents)];
  const value = e.pow(e.input(0), e.input(1));
  const { ulps, at } = worstUlps(value, inputs, await onDevice(value, inputs));
  assert.ok(ulps <= 2.5, `${ulps.toFixed(2)} ulp: ${at}`);
});

for (const [name, f] of [["pow", e.pow], ["atan2", e.atan2], ["max", e.max], ["min", e.min]] as const) {
  gpuTest(`${name} treats zeros, infinities and NaN as torch does on a GPU`, async () => {
    const special = [0, -0, 1, -1, 2, -2, 3, -3, 0.5, -0.5, Infinity, -Infinity, NaN];
    const pairs = special.flatMap((a) => special.map((b) => [a, b] as const));
    const inputs = [stored("f32", pairs.map(([a]) => a)), stored("f32", pairs.map(([, b]) => b))];
    const value = f(e.input(0), e.input(1));
    const actual = await onDevice(value, inputs);
    pairs.forEach(([a, b], i) => {
      // torch's pow(-1, ±∞) is 1, as C's; JavaScript says NaN.
      const minusOne = name === "pow" && a === -1 && Math.abs(b) === Infinity;
      const exact = minusOne ? 1 : evaluate(value, (leaf) => leaf.value === 0 ? a : b);
      const got = actual[i]!;
      const near = Number.isNaN(exact)
        ? Number.isNaN(got)
        : got === exact || Math.abs(got - exact) <= 3 * ulpAt(exact);
      assert.ok(near, `${name}(${a}, ${b}) is ${got}, not ${exact}`);
    });
  });
}

gpuTest("comparisons, isNaN and casts see NaN on a GPU", async () => {
  const x = e.input(0);
  const inputs = [stored("f32", [NaN, 1, -1, 0, -0, Infinity, 1e-45])];
  const cases: readonly Expr[] = [
    e.isNaN(x),
    e.lt(x, 1),
    e.le(x, 1),
    e.eq(x, x),
    e.ne(x, x),
    e.cast(x, "bool"),
    e.cast(e.lt(x, 0), "i32"),
  ];
  for (const value of cases) {
    const actual = await onDevice(value, inputs);
    const expected = inputs[0]!.values.map((v) => evaluate(value, () => v));
    assert.deepEqual([...actual], [...expected], value.op);
  }
});

gpuTest("constants of any value reach a GPU unharmed", async () => {
  const inputs = [stored("f32", [1, 2])];
  for (const value of [Infinity, -Infinity, 3.4028234663852886e38, 1e-45, -0, 0.1, -2.5e-7]) {
    const actual = await onDevice(e.select(e.lt(e.input(0), 2), value, e.input(0)), inputs);
    const flushed = Math.abs(value) < 2 ** -126 && actual[0] === 0;
    assert.ok(Object.is(actual[0], Math.fround(value)) || flushed, `${value} became ${actual[0]}`);
  }
  const nan = await onDevice(e.add(e.input(0), NaN), inputs);
  assert.ok(nan.every(Number.isNaN));
});

const WHOLE: Readonly<Record<"i32" | "u32", readonly number[]>> = {
  i32: [0, 1, -1, 7, -7, 3, -3, 100, -100, 2147483647, -2147483648],
  u32: [0, 1, 7, 3, 100, 255, 65535, 4294967295],
};

for (const type of ["i32", "u32"] as const satisfies readonly ScalarType[]) {
  gpuTest(`${type} arithmetic wraps, divides and shifts on a GPU as the interpreter does`, async () => {
    const pairs = WHOLE[type].flatMap((a) => WHOLE[type].map((b) => [a, b] as const));
    const divisible = pairs.filter(([a, b]) => b !== 0 && !(a === -2147483648 && b === -1));
    const shifts = pairs.filter(([, b]) => b >= 0 && b < 32);
    const [x, y] = [e.input(0, type), e.input(1, type)];
    const cases: readonly (readonly [Expr, readonly (readonly [number, number])[]])[] = [
      [e.add(x, y), pairs],
      [e.sub(x, y), pairs],
      [e.mul(x, y), pairs],
      [e.max(x, y), pairs],
      [e.min(x, y), pairs],
      [e.and(x, y), pairs],
      [e.or(x, y), pairs],
      [e.xor(x, y), pairs],
      [e.not(x), pairs],
      [e.neg(x), pairs],
      [e.lt(x, y), pairs],
      [e.eq(x, y), pairs],
      [e.div(x, y), divisible],
      [e.rem(x, y), divisible],
      [e.shl(x, y), shifts],
      [e.shr(x, y), shifts],
      [e.cast(x, "f32"), pairs],
      [e.bitcast(x, "f32"), pairs.filter(([a]) => !Number.isNaN(evaluate(e.bitcast(x, "f32"), () => a)))],
    ];
    for (const [value, points] of cases) {
      const inputs = [stored(type, points.map(([a]) => a)), stored(type, points.map(([, b]) => b))];
      const actual = await onDevice(value, inputs);
      points.forEach(([a, b], i) => {
        const exact = evaluate(value, (leaf) => leaf.value === 0 ? a : b);
        const wanted = value.type === "f32" ? Math.fround(exact) : exact;
        const flushed = value.type === "f32" && Math.abs(wanted) < 2 ** -126 && actual[i] === 0;
        assert.ok(actual[i] === wanted || flushed, `${value.op}(${a}, ${b}) is ${actual[i]}, not ${wanted}`);
      });
    }
  });
}

gpuTest("rem of f32 has the sign of the dividend on a GPU", async () => {
  const pairs = [[5.5, 2], [-5.5, 2], [5.5, -2], [1e6, 0.7], [3, Infinity], [0, 3], [6, 3], [1, 0]] as const;
  const inputs = [stored("f32", pairs.map(([a]) => a)), stored("f32", pairs.map(([, b]) => b))];
  const value = e.rem(e.input(0), e.input(1));
  const actual = await onDevice(value, inputs);
  inputs[0]!.values.forEach((a, i) => {
    const exact = a % inputs[1]!.values[i]!;
    assert.ok(
      Object.is(actual[i], exact) || Math.abs(actual[i]! - exact) < 1e-6,
      `${a} % ${pairs[i]![1]}: ${actual[i]}`,
    );
  });
});

gpuTest("rint rounds halves to even on a GPU, floor, ceil and trunc as usual", async () => {
  const inputs = [stored("f32", [0.5, 1.5, 2.5, -0.5, -1.5, 2.4, -2.6, 8388609, 0])];
  for (const f of [e.rint, e.floor, e.ceil, e.trunc]) {
    const value = f(e.input(0));
    const actual = await onDevice(value, inputs);
    const expected = inputs[0]!.values.map((v) => evaluate(value, () => v));
    actual.forEach((v, i) => assert.equal(v, expected[i]! + 0 === 0 ? v === 0 ? v : 0 : expected[i]));
  }
});

gpuTest("philox gives the published check vectors' stream on a GPU", async () => {
  const u32 = (i: number): Expr => e.constant(i, "u32");
  const element = stored("u32", [0, 1, 2, 3, 4, 5, 1000003, 4294967295]);
  const first = await onDevice(e.philox(e.input(0, "u32"), u32(0), u32(0), u32(0)), [element]);
  assert.deepEqual([...first.slice(0, 4)], [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8]);
  const value = e.philox(e.input(0, "u32"), u32(7), u32(0xa4093822), u32(0x299f31d0));
  const actual = await onDevice(value, [element]);
  assert.deepEqual([...actual], [...element.values.map((v) => evaluate(value, () => v))]);
});
