import assert from "node:assert/strict";
import golden from "../golden/print.json" with { type: "json" };
import * as optim from "../../core/optim/mod.ts";
import { variable } from "../../core/tensor/mod.ts";

const parameter = () => variable([0, 0], { requiresGrad: true });

Deno.test("Optimizer prints its groups as torch does", () => {
  const adam = new optim.Adam({ params: [parameter(), parameter()], lr: 0.01 });
  const sgd = new optim.SGD({
    params: [{ params: [parameter()], lr: 0.5 }, { params: [parameter()] }],
    lr: 1e-5,
    momentum: 0.9,
  });
  for (const [index, optimizer] of [adam, sgd].entries()) {
    assert.equal(String(optimizer), golden.optimizers[index]!.text);
    assert.equal(Deno.inspect(optimizer), golden.optimizers[index]!.text);
  }
});
