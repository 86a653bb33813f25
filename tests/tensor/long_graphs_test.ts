import assert from "node:assert/strict";
import { nn, ops, optim } from "../../mod.ts";
import { currentDevice, scope, tensor, variable } from "../../core/tensor/mod.ts";
import { eachDevice } from "../support/tensors.ts";

eachDevice("a chain of 10,000 elementwise ops is computed and differentiated", async () => {
  const w = variable([1], { requiresGrad: true });
  let x = w.mul(1);
  for (let i = 0; i < 10_000; i++) x = x.add(1);
  x.sum().backward();
  assert.equal((await x.data())[0], 10_001);
  assert.equal((await w.grad!.data())[0], 1);
});

eachDevice("a chain of 10,000 ops that an update reads ends with its scope", async () => {
  const w = variable([1]);
  scope(() => {
    let x = w.add(0);
    for (let i = 0; i < 10_000; i++) x = x.add(1);
    w.assign(x);
  });
  assert.equal((await w.data())[0], 10_001);
});

eachDevice("a training loop without a scope is carried out in pieces", async () => {
  const net = new nn.Linear({ inFeatures: 1, outFeatures: 1, bias: false });
  net.weight.assign(tensor([[0]]));
  const optimizer = new optim.SGD({ params: net.parameters(), lr: 0.5 });
  const before = currentDevice().stats.submits;
  for (let i = 0; i < 500; i++) {
    optimizer.zeroGrad();
    ops.square(net.forward(tensor([[1]])).sub(1)).sum().mul(0.1).backward();
    optimizer.step();
  }
  assert.ok(Math.abs((await net.weight.data())[0]! - 1) < 1e-5);
  assert.ok(currentDevice().stats.submits - before >= 15);
});
