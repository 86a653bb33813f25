import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { Linear, Module } from "../../core/nn/mod.ts";
import { argmax } from "../../core/ops/mod.ts";
import { type Tensor, tensor } from "../../core/tensor/mod.ts";
import { ComposeTransform, RenameTransform, WrapTransform } from "../../core/transforms/mod.ts";

const minus = Object.assign((a: number, b: number): number => a - b, { inputs: ["a", "b"] });

Deno.test("ComposeTransform merges what each part gives, in order, and leaves the batch given as it is", () => {
  const transform = new ComposeTransform({
    first: (batch) => ({ y: (batch.x as number) + 1 }),
    second: { forward: (batch) => ({ x: (batch.y as number) * 10 }) },
  });
  const batch = { x: 1 };
  deepStrictEqual(transform.forward(batch), { x: 20, y: 2 });
  deepStrictEqual(batch, { x: 1 });
  deepStrictEqual(transform.names, ["first", "second"]);
});

Deno.test("ComposeTransform names a part that is no transform", () => {
  throws(() => new ComposeTransform({ network: { input_size: 3 } as never }), {
    name: "OptionError",
    message: [
      'transforms.ComposeTransform cannot use "network": it is no transform',
      "  fix: give a function from batch to batch, or an object with forward(batch)",
    ].join("\n"),
  });
});

Deno.test("WrapTransform maps batch keys to arguments and stores the result", () => {
  const wrap = new WrapTransform({ transform: minus, mapping: { y: "b", x: "a" }, newKey: "z" });
  deepStrictEqual(wrap.forward({ x: 5, y: 3 }), { x: 5, y: 3, z: 2 });
});

Deno.test("WrapTransform adds transform_kwargs to the mapped arguments", () => {
  const options = { transform: minus, mapping: { x: "a" }, transform_kwargs: { b: 1 }, new_key: "z" };
  strictEqual(new WrapTransform(options as never).forward({ x: 5 }).z, 4);
});

Deno.test("WrapTransform merges a dictionary where there is no new_key", () => {
  const both = Object.assign((x: number) => ({ half: x / 2, twice: x * 2 }), { inputs: ["x"] });
  deepStrictEqual(new WrapTransform({ transform: both, mapping: { n: "x" } }).forward({ n: 4 }), {
    n: 4,
    half: 2,
    twice: 8,
  });
});

Deno.test("WrapTransform gives every batch key under its own name without a mapping", () => {
  deepStrictEqual(new WrapTransform({ transform: minus, newKey: "c" }).forward({ b: 1, a: 3 }), {
    b: 1,
    a: 3,
    c: 2,
  });
});

Deno.test("WrapTransform calls an op by its argument names", async () => {
  const wrap = new WrapTransform({
    transform: argmax,
    mapping: { output: "input" },
    transformKwargs: { dim: -1 },
    newKey: "prediction",
  });
  const { prediction } = wrap.forward({ output: tensor([[1, 3, 2], [5, 1, 1]]) });
  deepStrictEqual([...await (prediction as Tensor).data()], [1, 0]);
});

for (
  const [title, call, message] of [
    [
      "WrapTransform lists the batch's keys for a mapped one that is not there",
      () =>
        new WrapTransform({ transform: minus, mapping: { img: "a", y: "b" }, newKey: "z" }).forward({
          image: 1,
          y: 2,
        }),
      [
        'Batch has no key "img", which the mapping gives to "a"',
        '  where: transforms.WrapTransform "z"',
        '  fix: did you mean "image"? The batch has image, y',
      ],
    ],
    [
      "WrapTransform refuses an argument that is given twice",
      () => new WrapTransform({ transform: minus, mapping: { x: "a" }, transformKwargs: { a: 1 } }),
      [
        'transforms.WrapTransform is given the argument "a" twice',
        "  fix: name it in mapping or in transform_kwargs, not in both",
      ],
    ],
    [
      "WrapTransform refuses a result that is no dictionary without new_key",
      () => new WrapTransform({ transform: minus, mapping: { x: "a", y: "b" } }).forward({ x: 1, y: 2 }),
      [
        "A wrapped transform without new_key gave no dictionary",
        "  where: transforms.WrapTransform",
        "  fix: set new_key, or return an object of batch values",
      ],
    ],
    [
      "RenameTransform lists the batch's keys for one that is not there",
      () => new RenameTransform({ mapping: { old: "new" } }).forward({ odl: 1 }),
      [
        'Batch has no key "old", which the mapping gives to "new"',
        "  where: transforms.RenameTransform",
        '  fix: did you mean "odl"? The batch has odl',
      ],
    ],
  ] as const
) {
  Deno.test(title, () => throws(call, { message: message.join("\n") }));
}

Deno.test("RenameTransform gives the renamed keys only, from a mapping or from options", () => {
  deepStrictEqual(new RenameTransform({ old: "fresh" }).forward({ old: 1, rest: 2 }), { fresh: 1 });
  deepStrictEqual(new RenameTransform({ mapping: { old: "fresh" } }).forward({ old: 1 }), { fresh: 1 });
});

Deno.test("ComposeTransform and WrapTransform put a network under the template's state-dict name", () => {
  class Net extends Module {
    readonly model = new Linear({ inFeatures: 2, outFeatures: 1 });
    forward(x: Tensor): Tensor {
      return this.model.forward(x);
    }
  }
  class LitModule extends Module {
    readonly forwardFn = new ComposeTransform({
      network: new WrapTransform({ transform: new Net(), mapping: { image: "x" }, newKey: "output" }),
      argmax: new WrapTransform({ transform: argmax, mapping: { output: "input" }, newKey: "prediction" }),
    });
    forward(batch: Record<string, unknown>): Record<string, unknown> {
      return this.forwardFn.forward(batch);
    }
  }
  deepStrictEqual(Object.keys(new LitModule().stateDict()), [
    "forward_fn.transforms.network.transform.model.weight",
    "forward_fn.transforms.network.transform.model.bias",
  ]);
});
