import assert from "node:assert/strict";
import * as e from "../../core/compiler/expr.ts";
import type { Expr } from "../../core/compiler/expr.ts";
import type { MapKernel } from "../../core/compiler/kernel.ts";
import { disguised } from "../../core/compiler/wgsl/cancel.ts";
import { openWebGpu } from "../../core/runtime/webgpu/device.ts";
import { gpuTest, HAS_ADAPTER, runOnDevice, stored } from "../support/gpu_kernels.ts";

const device = HAS_ADAPTER ? await openWebGpu() : null!;
if (HAS_ADAPTER) Deno.test.afterAll(() => device.close());

const SPECIAL = [NaN, Infinity, -Infinity, 0, -0, 1, -2.5, 1e8, 3e38, -3e38, 1e-30];
const PAIRS = SPECIAL.flatMap((a) => SPECIAL.map((b) => [a, b] as const));
const round = Math.fround;

/** Computes an expression of two inputs for all pairs of special values. */
async function onPairs(value: Expr): Promise<Float64Array> {
  const packed = { dtype: "f32", strides: [1], offset: 0 } as const;
  const kernel: MapKernel = {
    kind: "map",
    label: value.op,
    space: [PAIRS.length],
    loads: [0, 1].map((slot) => ({ ...packed, slot, mask: null, indirect: null })),
    stores: [{ ...packed, slot: 2, dtype: value.type, value }],
  };
  const slots = [0, 1].map((side) => stored("f32", PAIRS.map((pair) => pair[side]!)));
  return (await runOnDevice(device, kernel, [...slots, stored(value.type, PAIRS.map(() => 0))]))[2]!;
}

const x = e.input(0);
const y = e.input(1);
const f32 = (value: boolean): number => value ? 1 : 0;
const flag = e.cast(e.lt(y, 0), "f32");

for (
  const [name, value, expected] of [
    ["x - x", e.sub(x, x), (a) => a - a],
    ["x + (-x)", e.add(x, e.neg(x)), (a) => a - a],
    ["(x + y) - x", e.sub(e.add(x, y), x), (a, b) => round(round(a + b) - a)],
    ["(x - y) + y", e.add(e.sub(x, y), y), (a, b) => round(round(a - b) + b)],
    ["x - (x - y)", e.sub(x, e.sub(x, y)), (a, b) => round(a - round(a - b))],
    ["(x - y) + 1", e.add(e.sub(x, y), 1), (a, b) => round(round(a - b) + 1)],
    ["(x · y) · 1e-30", e.mul(e.mul(x, y), 1e-30), (a, b) => round(round(a * b) * round(1e-30))],
    ["x · y + x · y", e.add(e.mul(x, y), e.mul(x, y)), (a, b) => round(2 * round(a * b))],
    [
      "x · y + x · (y + 1e38)",
      e.add(e.mul(x, y), e.mul(x, e.add(y, 1e38))),
      (a, b) => round(round(a * b) + round(a * round(b + round(1e38)))),
    ],
    ["(x · y + x · y) - x · y", e.sub(e.add(e.mul(x, y), e.mul(x, y)), e.mul(x, y)), (a, b) => {
      const product = round(a * b);
      return round(round(product + product) - product);
    }],
    ["0 where y < 0, times x", e.mul(e.mul(flag, 0), x), (a) => 0 * a],
    ["|x²| - x²", e.sub(e.abs(e.square(x)), e.square(x)), (a) => round(a * a) - round(a * a)],
    ["|√x| · |√x|", e.square(e.abs(e.sqrt(x))), (a) => round(round(Math.sqrt(a)) ** 2)],
    ["x · (1 / 0)", e.mul(x, e.div(1, 0)), (a) => a * Infinity],
    ["x + 0 / 0", e.add(x, e.div(0, 0)), () => NaN],
    ["x - max(x, x)", e.sub(x, e.max(x, x)), (a) => a - a],
    ["2x - 2x", e.sub(e.mul(x, 2), e.mul(x, 2)), (a) => round(a * 2) - round(a * 2)],
    ["x · 0", e.mul(x, 0), (a) => a * 0],
    ["0 · x + y", e.fma(0, x, y), (a, b) => a * 0 + b],
    ["0 / x", e.div(0, x), (a) => 0 / a],
    ["x / 0", e.div(x, 0), (a) => a / 0],
    ["-0 · x", e.mul(e.constant(-0), x), (a) => -0 * a],
    ["x / x", e.div(x, x), (a) => a / a],
    ["(x · y) / x", e.div(e.mul(x, y), x), (a, b) => round(round(a * b) / a)],
    ["(x / y) · y", e.mul(e.div(x, y), y), (a, b) => round(round(a / b) * b)],
    ["√x · √x", e.square(e.sqrt(x)), (a) => round(round(Math.sqrt(a)) ** 2)],
    ["x where y < 0, by product", e.mul(x, flag), (a, b) => a * f32(b < 0)],
    ["y > 0 ? 0 : 2, times x", e.mul(e.select(e.lt(0, y), 0, 2), x), (a, b) => round(a * (b > 0 ? 0 : 2))],
    ["(x + 1e8) - 1e8", e.sub(e.add(x, 1e8), 1e8), (a) => round(round(a + 1e8) - 1e8)],
    [
      "1e-30 x · 1e-30 · 1e30",
      e.mul(e.mul(e.mul(x, 1e-30), 1e-30), 1e30),
      (a) => tiny(tiny(a, -30), -30) * 1e30,
    ],
    ["x = x", e.cast(e.eq(x, x), "f32"), (a) => f32(a === a)],
    ["x < x + 1", e.cast(e.lt(x, e.add(x, 1)), "f32"), (a) => f32(a < round(a + 1))],
    ["x + y = x", e.cast(e.eq(e.add(x, y), x), "f32"), (a, b) => f32(round(a + b) === a)],
    ["x + 0", e.div(1, e.add(x, 0)), (a) => round(1 / (a + 0))],
  ] as const satisfies readonly (readonly [string, Expr, (a: number, b: number) => number])[]
) {
  gpuTest(`${name} keeps NaN, infinities and its roundings on a GPU`, async () => {
    const actual = await onPairs(value);
    PAIRS.forEach((pair, i) => {
      const [a, b] = pair.map(round) as [number, number];
      const wanted = (expected as (a: number, b: number) => number)(a, b);
      const got = actual[i]!;
      const near = Number.isFinite(wanted) && Math.abs(got - wanted) <= 3e-7 * Math.abs(wanted);
      assert.ok(
        near || got === wanted || (got !== got && wanted !== wanted),
        `(${pair}): ${got}, not ${wanted}`,
      );
    });
  });
}

/** A product with a power of ten, flushed below the normal numbers as devices may. */
function tiny(value: number, power: number): number {
  const product = round(value * round(Number(`1e${power}`)));
  return Math.abs(product) < 2 ** -126 ? 0 * product : product;
}

Deno.test("disguised() leaves operations alone in which nothing cancels", () => {
  for (const plain of [e.add(x, x), e.square(x), e.mul(e.square(x), x), e.add(e.mul(x, 2), 1), e.sub(x, y)]) {
    assert.equal(disguised(plain), -1);
  }
});
