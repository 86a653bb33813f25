import assert from "node:assert/strict";
import * as e from "../../core/compiler/expr.ts";
import type { MapKernel } from "../../core/compiler/kernel.ts";
import { lowerCpu } from "../../core/compiler/wasm/lower.ts";
import { openCpu } from "../../core/runtime/cpu/device.ts";
import { type DType, f16ToNumber, numberToF16 } from "../../core/runtime/dtype.ts";
import { assertKernel, elements, runOnDevice } from "../support/kernel_runner.ts";

const device = await openCpu({ threads: 1, blas: "off" });
const TRAITS = { fusedMultiplyAdd: true, blas: false };
const EXACT = { absolute: 0, relative: 0 };
/** The exact value rounded once. */
const ROUNDED = { absolute: 0, relative: 2 ** -24 };

const STORED: Readonly<Record<e.ScalarType, DType>> = { f32: "f32", i32: "i32", u32: "u32", bool: "bool" };
const LOADED: Readonly<Record<DType, e.ScalarType>> = {
  f32: "f32",
  f16: "f32",
  i32: "i32",
  u32: "u32",
  u8: "u32",
  bool: "bool",
};

/** A kernel that computes an expression of packed inputs. */
function mapOf(
  value: e.Expr,
  inputs: readonly DType[],
  count: number,
  output: DType = STORED[value.type],
): MapKernel {
  const at = { strides: [1], offset: 0 };
  return {
    kind: "map",
    label: value.op,
    space: [count],
    loads: inputs.map((dtype, slot) => ({ ...at, slot, dtype, mask: null, indirect: null })),
    stores: [{ ...at, slot: inputs.length, dtype: output, value }],
  };
}

/** Checks an expression of all pairs of values against the reference, to the last bit. */
async function checkPairs(value: e.Expr, dtype: DType, values: readonly number[]): Promise<void> {
  const pairs = values.flatMap((a) => values.map((b) => [a, b] as const));
  const output = STORED[value.type];
  const buffers = [0, 1].map((side) => elements(dtype, pairs.map((p) => p[side]!)));
  buffers.push(elements(output, pairs.map(() => 0)));
  const kernel = mapOf(value, [dtype, dtype], pairs.length);
  await assertKernel(device, lowerCpu(kernel, TRAITS), kernel, buffers, output === "f32" ? ROUNDED : EXACT);
}

const [a, b] = [e.input(0, "i32"), e.input(1, "i32")];
const [u, v] = [e.input(0, "u32"), e.input(1, "u32")];
const [x, y] = [e.input(0), e.input(1)];
const INTEGERS = [0, 1, -1, 2, -2, 7, -7, 100, 65535, -65536, 2 ** 31 - 1, -(2 ** 31) + 1];
const NATURALS = [0, 1, 2, 7, 255, 65536, 2 ** 31, 2 ** 32 - 1];
const FLOATS = [0, -0, 0.5, -0.5, 1.5, 2.5, -2.5, 3.7, -3.7, 1e9, -1e9, 3e38, Infinity, -Infinity, NaN];

for (const name of ["add", "sub", "mul", "min", "max", "and", "or", "xor", "lt", "le", "eq"] as const) {
  Deno.test(`render() computes ${name} of i32 and u32 values exactly`, async () => {
    await checkPairs(e[name](a, b), "i32", INTEGERS);
    await checkPairs(e[name](u, v), "u32", NATURALS);
  });
}

for (const name of ["div", "rem"] as const) {
  Deno.test(`render() truncates ${name} of integers towards zero`, async () => {
    await checkPairs(e[name](a, e.select(e.eq(b, 0), e.constant(3, "i32"), b)), "i32", INTEGERS);
    await checkPairs(e[name](u, e.select(e.eq(v, 0), e.constant(3, "u32"), v)), "u32", NATURALS);
  });
}

Deno.test("render() survives an integer division by zero", async () => {
  const buffers = [elements("i32", [1, 2]), elements("i32", [0, 1]), elements("i32", [0, 0])];
  const results = await runOnDevice(device, lowerCpu(mapOf(e.div(a, b), ["i32", "i32"], 2), TRAITS), buffers);
  assert.equal(results[2]![1], 2);
});

for (const name of ["shl", "shr"] as const) {
  Deno.test(`render() computes ${name} by constant and by varying amounts`, async () => {
    for (const [value, amount] of [[a, b], [u, v]] as const) {
      const type = value.type as "i32" | "u32";
      const amounts = e.and(amount, e.constant(31, type));
      await checkPairs(e[name](value, amounts), type, type === "i32" ? INTEGERS : NATURALS);
      await checkPairs(
        e.add(e[name](value, e.constant(5, type)), amount),
        type,
        type === "i32" ? INTEGERS : NATURALS,
      );
    }
  });
}

for (const name of ["add", "sub", "mul", "min", "max", "lt", "le", "eq"] as const) {
  Deno.test(`render() computes ${name} of floats with NaN and infinities as IEEE says`, async () => {
    const inRange = FLOATS.filter((f) => Math.abs(f) < 1e38 || !Number.isFinite(f));
    await checkPairs(
      e[name](x, y),
      "f32",
      inRange,
    );
  });
}

for (const name of ["neg", "abs", "floor", "ceil", "trunc", "rint"] as const) {
  Deno.test(`render() computes ${name} of floats exactly, halves to even`, async () => {
    await checkPairs(e[name](x), "f32", FLOATS);
  });
}

Deno.test("render() tests for NaN and lets select ignore the side not taken", async () => {
  await checkPairs(e.isNaN(x), "f32", FLOATS);
  await checkPairs(e.select(e.isNaN(x), 1, x), "f32", FLOATS);
});

Deno.test("render() casts between all types", async () => {
  const near = FLOATS.filter((f) => Math.abs(f) < 2 ** 31);
  await checkPairs(e.cast(x, "i32"), "f32", near);
  await checkPairs(e.cast(x, "u32"), "f32", near.filter((f) => f >= 0));
  await checkPairs(e.cast(x, "bool"), "f32", FLOATS);
  await checkPairs(e.cast(a, "f32"), "i32", INTEGERS.filter((n) => Math.abs(n) < 2 ** 24));
  await checkPairs(e.cast(u, "f32"), "u32", NATURALS.filter((n) => n !== 2 ** 32 - 1));
  await checkPairs(e.cast(a, "bool"), "i32", INTEGERS);
  await checkPairs(e.cast(a, "u32"), "i32", INTEGERS);
  const flag = e.input(0, "bool");
  await checkPairs(e.cast(flag, "f32"), "bool", [0, 1]);
  await checkPairs(e.cast(flag, "i32"), "bool", [0, 1]);
  await checkPairs(e.not(flag), "bool", [0, 1]);
});

Deno.test("render() keeps bits in a bitcast", async () => {
  await checkPairs(e.bitcast(x, "u32"), "f32", FLOATS.filter((f) => !Number.isNaN(f)));
  await checkPairs(e.bitcast(u, "f32"), "u32", NATURALS.filter((n) => n < 2 ** 31));
});

Deno.test("render() widens every f16 value exactly and stores it back", async () => {
  const halves = Float64Array.from({ length: 65536 }, (_, bits) => f16ToNumber(bits));
  const kernel = mapOf(e.input(0), ["f16"], halves.length, "f16");
  const buffers = [{ dtype: "f16", values: halves } as const, elements("f16", new Float64Array(65536))];
  const results = await runOnDevice(device, lowerCpu(kernel, TRAITS), buffers);
  assert.deepEqual(results[1], halves);
});

Deno.test("render() rounds f32 to f16 to nearest even, subnormals and overflow included", async () => {
  const values: number[] = [
    65504,
    65519.99,
    65520,
    1e9,
    -1e9,
    2 ** -24,
    2 ** -25,
    2 ** -25 * 1.0001,
    NaN,
    Infinity,
  ];
  for (let bits = 0; bits < 0x7c00; bits += 37) {
    const low = f16ToNumber(bits);
    const high = f16ToNumber(bits + 1);
    values.push(low, (low + high) / 2, low + (high - low) * 0.4999, -(low + (high - low) * 0.5001));
  }
  const exact = Float32Array.from(values);
  const kernel = mapOf(e.input(0), ["f32"], exact.length, "f16");
  const buffers = [elements("f32", exact), elements("f16", new Float64Array(exact.length))];
  const results = await runOnDevice(device, lowerCpu(kernel, TRAITS), buffers);
  assert.deepEqual(results[1], Float64Array.from(exact, (value) => f16ToNumber(numberToF16(value))));
});

for (const dtype of ["u8", "bool", "f16", "i32", "u32", "f32"] as const) {
  for (const count of [1, 3, 4, 5, 16, 19]) {
    Deno.test(`lowerCpu() copies ${count} ${dtype} elements and nothing beyond`, async () => {
      const values = Array.from({ length: count + 5 }, (_, i) => dtype === "bool" ? i % 2 : i + 3);
      const kernel = mapOf(e.input(0, LOADED[dtype]), [dtype], count, dtype);
      const buffers = [elements(dtype, values), elements(dtype, values.map(() => 1))];
      await assertKernel(device, lowerCpu(kernel, TRAITS), kernel, buffers, EXACT);
    });
  }
}
