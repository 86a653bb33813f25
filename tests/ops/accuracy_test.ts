import assert from "node:assert/strict";
import * as ops from "../../core/ops/mod.ts";
import { tensor } from "../../core/tensor/mod.ts";
import { seeded } from "../support/gpu_kernels.ts";
import { eachDevice } from "../support/tensors.ts";

/** Distance between neighbouring f32 values near `x`. */
function ulpAt(x: number): number {
  return 2 ** (Math.floor(Math.log2(Math.max(Math.abs(x), 2 ** -126))) - 23);
}

const random = seeded(13);
const spread = (count: number, value: () => number): Float32Array =>
  Float32Array.from({ length: count }, value);
const angles = spread(4000, () => (random() < 0.5 ? -1 : 1) * Math.exp(random() * 88));
const fractions = spread(4000, (): number => 2 * random() - 1);
const nearOne = spread(1000, (): number => 1 - Math.exp(-17 * random()));

for (
  const [name, exact, points, limit] of [
    ["sin", Math.sin, angles, 2.5],
    ["cos", Math.cos, angles, 2.5],
    ["tan", Math.tan, angles, 5],
    ["acos", Math.acos, fractions, 3],
    ["acos", Math.acos, nearOne, 3],
  ] as const
) {
  const [low, high] = [Math.min(...points), Math.max(...points)].map((x) => x.toPrecision(2));
  eachDevice(`${name}() is within ${limit} ulp from ${low} to ${high}`, async () => {
    const actual = await ops[name](tensor(points)).data();
    points.forEach((x, i) => {
      const ulps = Math.abs(actual[i]! - exact(x)) / ulpAt(exact(x));
      assert.ok(ulps <= limit, `${name}(${x}) is ${actual[i]}, ${ulps.toFixed(1)} ulp from ${exact(x)}`);
    });
  });
}
