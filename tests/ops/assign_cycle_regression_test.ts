import assert from "node:assert/strict";
import { scope, tensor, variable } from "../../core/tensor/mod.ts";
import { eachDevice } from "../support/tensors.ts";

eachDevice("assigns whose values read each other's old memory are planned", async () => {
  const [v, m, q] = [variable([1, 2]), variable([0, 0]), variable([0, 0])];
  const x = tensor([1, 1]);
  scope(() => {
    const g = x.add(v.mul(0.5));
    const m1 = m.add(g);
    const q1 = q.add(g.square());
    m.assign(m1);
    q.assign(q1);
    v.assign(v.sub(m1.div(q1)));
  });
  assert.deepEqual([...await m.data()], [1.5, 2]);
  assert.deepEqual([...await q.data()], [2.25, 4]);
  assert.deepEqual([...await v.data()], [Math.fround(1 - Math.fround(1.5 / 2.25)), 1.5]);
});
