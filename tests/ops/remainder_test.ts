import assert from "node:assert/strict";
import * as ops from "../../core/ops/mod.ts";
import { tensor } from "../../core/tensor/mod.ts";
import { seeded } from "../support/gpu_kernels.ts";
import { eachDevice } from "../support/tensors.ts";

const WORDS = new Uint32Array(1);
const FLOATS = new Float32Array(WORDS.buffer);

/** An f32 of any magnitude: random bits. */
function anyFloat(random: () => number): number {
  WORDS[0] = Math.floor(random() * 2 ** 32);
  return FLOATS[0]!;
}

eachDevice("fmod() is exact for dividends and divisors of any size", async () => {
  const random = seeded(7);
  const pairs = Array.from({ length: 9000 }, (_, i) => {
    if (i % 3 === 0) return [anyFloat(random), anyFloat(random)];
    const whole = i % 3 === 1;
    const [a, b] = [random() * 2000 - 1000, random() * 20 - 10];
    return whole ? [Math.round(a), Math.round(b)] : [Math.fround(a), Math.fround(b)];
  });
  const [a, b] = [0, 1].map((side) => tensor(Float32Array.from(pairs, (pair) => pair[side]!)));
  const actual = await ops.fmod(a!, b!).data();
  pairs.forEach(([x, y], i) => {
    // JavaScript's operator is C's fmod; in doubles it is exact for f32 values.
    const exact = x! % y!;
    const flushed = Math.abs(exact) < 2 ** -126 && actual[i] === 0;
    assert.ok(Object.is(actual[i], exact) || flushed, `fmod(${x}, ${y}) is ${actual[i]}, not ${exact}`);
  });
});

// Values are torch's.
eachDevice("remainder() and floorDivide() are exact where the quotient cannot be", async () => {
  const a = tensor([12345678, 1, -0.3, 1e10, Infinity, -5, 1e8]);
  const b = tensor([0.1, 0.1, 0.1, 3, 2, Infinity, 7]);
  assert.deepEqual(
    [...await ops.remainder(a, b).data()],
    [0.016035065054893494, 0.09999998658895493, 0.09999999403953552, 1, NaN, Infinity, 2].map(Math.fround),
  );
  assert.deepEqual(
    [...await ops.floorDivide(a, b).data()],
    [123456776, 9, -4, 3333333248, NaN, -1, 14285714].map(Math.fround),
  );
});
