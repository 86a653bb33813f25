import assert from "node:assert/strict";
import { evaluate } from "../../core/compiler/evaluate.ts";
import * as e from "../../core/compiler/expr.ts";
import type { Expr } from "../../core/compiler/expr.ts";
import type { MapKernel } from "../../core/compiler/kernel.ts";
import { openWebGpu } from "../../core/runtime/webgpu/device.ts";
import { gpuTest, HAS_ADAPTER, runOnDevice, seeded, stored } from "../support/gpu_kernels.ts";

const device = HAS_ADAPTER ? await openWebGpu() : null!;
if (HAS_ADAPTER) Deno.test.afterAll(() => device.close());

/** Nothing that overflows in a few steps: fused multiply-add may pass over an overflow between them. */
const SPECIAL = [NaN, Infinity, -Infinity, 0, 1, -2.5, 8];
const CONSTANTS = [0, 1, 2, 0.5, -1, 3, Infinity];
const POINTS = SPECIAL.flatMap((x) => SPECIAL.flatMap((y) => SPECIAL.map((z) => [x, y, z])));

/** Random expressions over three inputs; parts occur several times, so that there is something to cancel. */
class Generator {
  readonly #random: () => number;
  readonly #parts: Expr[] = [];

  constructor(seed: number) {
    this.#random = seeded(seed);
  }

  #pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.#random() * from.length)]!;
  }

  value(depth: number): Expr {
    const random = this.#random();
    if (depth === 0 || random < 0.1) {
      return this.#random() < 0.75 ? e.input(this.#pick([0, 1, 2])) : e.constant(this.#pick(CONSTANTS));
    }
    if (this.#parts.length > 0 && random < 0.4) return this.#pick(this.#parts);
    const less = depth - 1;
    const made = this.#pick<() => Expr>([
      () => e.add(this.value(less), this.value(less)),
      () => e.sub(this.value(less), this.value(less)),
      () => e.mul(this.value(less), this.value(less)),
      () => e.div(this.value(less), this.value(less)),
      () => e.neg(this.value(less)),
      () => e.abs(this.value(less)),
      () => e.square(this.value(less)),
      () => e.select(this.#condition(less), this.value(less), this.value(less)),
      () => e.mul(e.cast(this.#condition(less), "f32"), this.value(less)),
    ])();
    this.#parts.push(made);
    return made;
  }

  #condition(depth: number): Expr {
    const [a, b] = [this.value(depth), this.value(depth)];
    return this.#pick([e.lt(a, b), e.le(a, b), e.eq(a, b), e.not(e.lt(a, b)), e.isNaN(a)]);
  }
}

/** Infinities and NaN as such; all finite values count as equal. */
function kind(value: number): string {
  return Number.isFinite(value) ? "finite" : String(value);
}

gpuTest("expressions of NaN, infinities and zeros are what IEEE says on a GPU", async () => {
  const generator = new Generator(3);
  const packed = { dtype: "f32", strides: [1], offset: 0 } as const;
  const slots = [0, 1, 2].map((axis) => stored("f32", POINTS.map((point) => point[axis]!)));
  const empty = stored("f32", POINTS.map(() => 0));
  for (let round = 0; round < 40; round++) {
    const values = [4, 4, 3, 3].map((depth) => generator.value(depth));
    const kernel: MapKernel = {
      kind: "map",
      label: "special",
      space: [POINTS.length],
      loads: [0, 1, 2].map((slot) => ({ ...packed, slot, mask: null, indirect: null })),
      stores: values.map((value, i) => ({ ...packed, slot: 3 + i, value })),
    };
    const results = await runOnDevice(device, kernel, [...slots, ...values.map(() => empty)]);
    values.forEach((value, i) =>
      POINTS.forEach((point, at) => {
        const exact = evaluate(value, (leaf) => point[leaf.value]!);
        const got = results[3 + i]![at]!;
        assert.equal(kind(got), kind(exact), `${value.op} of kernel ${round} at ${point}: ${got}`);
      })
    );
  }
});
