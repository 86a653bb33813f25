import assert from "node:assert/strict";
import * as losses from "../../core/losses/mod.ts";
import * as nn from "../../core/nn/mod.ts";
import { arange, type Tensor, tensor, variable, zeros } from "../../core/tensor/mod.ts";

const FLOATS = 'it takes floats: cast with x.to("f32"), or add transforms.ToTensor for images';

Deno.test("layers refuse whole numbers with the path of the module", () => {
  const net = new nn.Sequential(
    new nn.Conv2d({ inChannels: 1, outChannels: 2, kernelSize: 3 }),
    new nn.BatchNorm2d({ numFeatures: 2 }),
    new nn.SiLU(),
    new nn.Flatten(),
    new nn.Linear({ inFeatures: 4, outFeatures: 1 }),
  );
  net.parameters();
  const image = zeros([1, 1, 8, 8], { dtype: "u8" });
  const layers = net.modules().slice(1) as (nn.Module & { forward(x: Tensor): Tensor })[];
  const messages: readonly (readonly [index: number, input: Tensor, message: string])[] = [
    [0, image, `conv2d of dtypes u8, f32 and f32\n  where: 0 (nn.Conv2d)\n  fix: ${FLOATS}`],
    [
      1,
      zeros([1, 2, 3, 3], { dtype: "i32" }),
      `BatchNorm2d of dtype i32\n  where: 1 (nn.BatchNorm2d)\n  fix: ${FLOATS}`,
    ],
    [2, image, `silu of dtype u8\n  where: 2 (nn.SiLU)\n  fix: ${FLOATS}`],
    [
      4,
      zeros([1, 4], { dtype: "i32" }),
      `linear of dtypes i32, f32 and f32\n  where: 4 (nn.Linear)\n  fix: ${FLOATS}`,
    ],
  ];
  for (const [index, input, message] of messages) {
    assert.throws(() => layers[index]!.forward(input), { name: "DTypeError", message });
  }
  assert.throws(() => net.forward(image), { name: "DTypeError", message: messages[0]![2] });
});

Deno.test("losses refuse the dtypes that torch refuses", () => {
  assert.throws(() => new losses.BCEWithLogitsLoss().forward(zeros([2]), zeros([2], { dtype: "i32" })), {
    name: "DTypeError",
    message:
      'input has dtype f32, target i32\n  where: losses.BCEWithLogitsLoss\n  fix: cast to floats: input.to("f32"), target.to("f32")',
  });
});

Deno.test("CrossEntropyLoss refuses an ignoreIndex that could be a class beside probabilities", () => {
  const loss = new losses.CrossEntropyLoss({ ignoreIndex: 1 });
  assert.throws(() => loss.forward(zeros([2, 3]), zeros([2, 3])), {
    name: "OptionError",
    message:
      "losses.CrossEntropyLoss cannot use ignoreIndex = 1 with probabilities\n  fix: leave ignoreIndex out, or give class labels as the target: i32 or u8",
  });
});

Deno.test("Embedding refuses an index outside its table where it is on the host, else takes the nearest row", async () => {
  const layer = new nn.Embedding({ numEmbeddings: 3, embeddingDim: 1 });
  assert.throws(() => layer.forward(tensor([0, 3], { dtype: "i32" })), {
    name: "ValueError",
    message: "Index 3 at position 1 is outside the 3 rows\n  where: nn.Embedding\n  fix: indices are 0 to 2",
  });
  assert.throws(() => layer.forward(tensor(new Int32Array([-1]))), { name: "ValueError" });
  const rows = await layer.weight.data();
  assert.deepEqual([...await layer.forward(arange(5).sub(1)).data()], [
    rows[0],
    rows[0],
    rows[1],
    rows[2],
    rows[2],
  ]);
});

Deno.test("Embedding goes by what was assigned to its index, not by what the variable started from", async () => {
  const layer = new nn.Embedding({ numEmbeddings: 3, embeddingDim: 1 });
  const index = variable(new Int32Array([9]));
  index.assign(tensor([1], { dtype: "i32" }));
  assert.deepEqual([...await layer.forward(index).data()], [(await layer.weight.data())[1]]);
});
