import assert from "node:assert/strict";
import * as ops from "../../core/ops/mod.ts";
import { tensor } from "../../core/tensor/mod.ts";
import { eachDevice } from "../support/tensors.ts";

const SMALLEST = -(2 ** 31);

eachDevice("whole numbers divided by 0 give 0, and so do their remainders", async () => {
  for (const dtype of ["i32", "u32", "u8"] as const) {
    const x = tensor([7, 0, 200], { dtype });
    const zero = tensor([0, 0, 0], { dtype });
    for (const op of [ops.floorDivide, ops.remainder, ops.fmod]) {
      assert.deepEqual([...await op(x, zero).data()], [0, 0, 0], dtype);
      assert.deepEqual([...await op(x, 0).data()], [0, 0, 0], dtype);
    }
  }
});

eachDevice("the smallest whole number divided by -1 wraps around", async () => {
  const x = tensor([SMALLEST, -5], { dtype: "i32" });
  for (const divisor of [-1, tensor([-1, -1], { dtype: "i32" })]) {
    assert.deepEqual([...await ops.floorDivide(x, divisor).data()], [SMALLEST, 5]);
    assert.deepEqual([...await ops.remainder(x, divisor).data()], [0, 0]);
    assert.deepEqual([...await ops.fmod(x, divisor).data()], [0, 0]);
  }
});

eachDevice("negative floats wrap around as bytes and unsigned numbers", async () => {
  const x = tensor([-1, -1.9, -200, 255.9, 3e9]);
  assert.deepEqual([...await x.to("u32").data()], [2 ** 32 - 1, 2 ** 32 - 1, 2 ** 32 - 200, 255, 3e9]);
  assert.deepEqual([...await x.to("u8").data()], [255, 255, 56, 255, 3e9 % 256]);
});

eachDevice("floats that no whole number holds become the smallest i32, and 0 as bytes", async () => {
  const x = tensor([NaN, Infinity, -Infinity, 1e10, -1e10, 2 ** 31, -(2 ** 31)]);
  assert.deepEqual([...await x.to("i32").data()], new Array(7).fill(SMALLEST));
  assert.deepEqual([...await x.to("u8").data()], new Array(7).fill(0));
});
