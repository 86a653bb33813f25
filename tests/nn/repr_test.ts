import assert from "node:assert/strict";
import golden from "../golden/print.json" with { type: "json" };
import * as nn from "../../core/nn/mod.ts";
import type { Tensor } from "../../core/tensor/mod.ts";

type Layers = Readonly<Record<string, new (options: Record<string, unknown>) => nn.Module>>;

Deno.test("Module prints the options of every layer as torch does", () => {
  for (const { name, options, text } of golden.modules) {
    const layer = new (nn as unknown as Layers)[name]!(options);
    assert.equal(String(layer), text);
    assert.equal(Deno.inspect(layer), text);
  }
});

Deno.test("Module prints what is inside as torch does", () => {
  const linear = (inFeatures: number, outFeatures: number) => new nn.Linear({ inFeatures, outFeatures });
  const relu = new nn.ReLU();
  const nests = {
    sequential: new nn.Sequential(linear(2, 8), relu, linear(8, 2), relu),
    nested: new nn.Sequential(new nn.Sequential(linear(2, 2)), new nn.Sequential()),
    list: new nn.ModuleList<nn.Module>([linear(2, 2), linear(2, 2), new nn.ReLU(), linear(2, 2)]),
    dict: new nn.ModuleDict({ left: new nn.ReLU(), right: new nn.Sequential(new nn.Tanh()) }),
    empty: new nn.ModuleList(),
  };
  const texts = Object.fromEntries(Object.entries(nests).map(([name, module]) => [name, String(module)]));
  assert.deepEqual(texts, golden.nests);
});

Deno.test("Module of a class of one's own prints its parts and its extraRepr", () => {
  class Net extends nn.Module {
    readonly firstLayer = new nn.ReLU();
    forward(x: Tensor): Tensor {
      return this.firstLayer.forward(x);
    }
    override extraRepr(): string {
      return "width=3";
    }
  }
  assert.equal(String(new Net()), "Net(\n  width=3\n  (first_layer): ReLU()\n)");
});
