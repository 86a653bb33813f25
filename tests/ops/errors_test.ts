import assert from "node:assert/strict";
import * as ops from "../../core/ops/mod.ts";
import { tensor, zeros } from "../../core/tensor/mod.ts";

const x = zeros([2, 3]);
const index = zeros([2], { dtype: "i32" });

/** What is refused, the kind of error, and its full text. */
const REFUSED: readonly (readonly [record: () => unknown, name: string, message: string])[] = [
  [
    () => ops.add(x, zeros([4])),
    "ShapeError",
    "Shapes [2, 3] and [4] do not broadcast: 3 against 4\n  where: add\n  fix: sizes must be equal or 1, counted from the last axis",
  ],
  [
    () => ops.matmul(x, zeros([4, 5])),
    "ShapeError",
    "matmul of shapes [2, 3] and [4, 5]: 3 against 4\n  where: matmul\n  fix: the last axis of the first must be the second-last of the second",
  ],
  [
    () => ops.matmul(x, tensor(1)),
    "ShapeError",
    "matmul of shapes [2, 3] and []\n  where: matmul\n  fix: both need at least one axis; use mul for numbers",
  ],
  [
    () => ops.matmul(x, zeros([3], { dtype: "i32" })),
    "DTypeError",
    'matmul of dtypes f32 and i32\n  where: matmul\n  fix: it takes floats: cast with x.to("f32"), or add transforms.ToTensor for images',
  ],
  [
    () => ops.linear(x, zeros([4, 5])),
    "ShapeError",
    "linear of an input of shape [2, 3] with a weight of shape [4, 5]\n  where: linear\n  fix: the input's last axis must be 5",
  ],
  [
    () => ops.reshape(x, [4, 2]),
    "ShapeError",
    "A tensor of shape [2, 3] does not reshape to [4, 2]\n  where: reshape\n  fix: it has 6 elements",
  ],
  [
    () => ops.permute(x, [0, 0]),
    "ShapeError",
    "[0,0] is no order of the 2 axes of [2, 3]\n  where: permute\n  fix: name every axis once",
  ],
  [
    () => ops.sum(x, { dim: 2 }),
    "ShapeError",
    "Axis 2 is outside a tensor of rank 2\n  where: sum\n  fix: use -2 to 1",
  ],
  [
    () => ops.sum(x, { dim: [0, -2] }),
    "ShapeError",
    "An axis is named twice in [0,-2]\n  where: sum\n  fix: name each axis once",
  ],
  [
    () => ops.mean(index),
    "DTypeError",
    'mean of dtype i32\n  where: mean\n  fix: it takes floats: cast with x.to("f32"), or add transforms.ToTensor for images',
  ],
  [
    () => ops.max(zeros([0, 3]), { dim: 0 }),
    "ShapeError",
    "max over no elements, of a tensor of shape [0, 3]\n  where: max\n  fix: only sums and products of nothing are defined",
  ],
  [
    () => ops.expandTo(x, [2, 4]),
    "ShapeError",
    "Shapes [2, 3] and [2, 4] do not broadcast: 3 against 4\n  where: expand\n  fix: sizes must be equal or 1, counted from the last axis",
  ],
  [
    () => ops.slice(x, { step: -1 }),
    "OptionError",
    "slice cannot use step = -1\n  where: slice\n  fix: use a whole number ≥ 1; flip() reverses",
  ],
  [
    () => ops.select(x, { index: 5 }),
    "ShapeError",
    "Index 5 is outside axis 0 of [2, 3]\n  where: select\n  fix: use -2 to 1",
  ],
  [
    () => ops.gelu(x, { aproximate: "tanh" } as never),
    "OptionError",
    'ops.gelu has no option "aproximate"\n  fix: did you mean "approximate"? It takes approximate',
  ],
  [
    () => ops.gelu(x, { approximate: "erf" } as never),
    "OptionError",
    'ops.gelu cannot use approximate = "erf"\n  fix: valid: none, tanh',
  ],
  [
    () => ops.softmax(x, {} as never),
    "OptionError",
    'ops.softmax needs the option "dim"\n  fix: it takes dim',
  ],
  [
    () => ops.conv2d(zeros([1, 3, 5, 5]), zeros([2, 4, 3, 3])),
    "ShapeError",
    "conv2d of an input of shape [1, 3, 5, 5] with a weight of shape [2, 4, 3, 3]\n  where: conv2d\n  fix: the input needs 4 channels in axis 1",
  ],
  [
    () => ops.conv2d(zeros([1, 1, 2, 2]), zeros([1, 1, 3, 3])),
    "ShapeError",
    "A kernel of 3×3 does not fit a padded input of 2×2\n  where: conv2d\n  fix: use a smaller kernel, less dilation or more padding",
  ],
  [
    () => ops.conv2d(zeros([1, 1, 5, 5]), zeros([1, 1, 3, 3]), { padding: "same", stride: 2 }),
    "OptionError",
    'conv2d cannot use padding = "same" with a stride\n  where: conv2d\n  fix: use stride 1, or numbers for the padding',
  ],
  [
    () => ops.maxPool2d(x, { kernelSize: 2 }),
    "ShapeError",
    "maxPool2d of an input of shape [2, 3]\n  where: maxPool2d\n  fix: the input must be [N, C, H, W] or [C, H, W]",
  ],
  [
    () => ops.maxPool2d(zeros([1, 1, 4, 4]), { kernelSize: 2, padding: 2 }),
    "ShapeError",
    "maxPool2d with padding 2×2 and a kernel of 2×2\n  where: maxPool2d\n  fix: the padding may be at most half the kernel",
  ],
  [
    () => ops.cat([x, zeros([2, 4])]),
    "ShapeError",
    "cat of shapes [2, 3] and [2, 4] along axis 0\n  where: cat\n  fix: all other axes must have equal sizes",
  ],
  [() => ops.cat([]), "ShapeError", "cat of no tensors\n  where: cat\n  fix: give at least one"],
  [
    () => ops.gather(x, { dim: 1, index: x }),
    "DTypeError",
    'gather with an index of dtype f32\n  where: gather\n  fix: cast it: cast(index, "i32")',
  ],
  [
    () => ops.gather(x, { dim: 1, index: index }),
    "ShapeError",
    "gather of a tensor of shape [2, 3] with an index of shape [2]\n  where: gather\n  fix: the index needs 2 axes, none longer than the tensor's except axis 1",
  ],
  [
    () => ops.gather(x, { dim: 1, index: tensor([[0, 3]], { dtype: "i32" }) }),
    "ValueError",
    "Index 3 at position 1 is outside the 3 positions of axis 1\n  where: gather\n  fix: indices are 0 to 2",
  ],
  [
    () => ops.indexSelect(x, { dim: 0, index: tensor([-1], { dtype: "i32" }) }),
    "ValueError",
    "Index -1 at position 0 is outside the 2 positions of axis 0\n  where: indexSelect\n  fix: indices are 0 to 1",
  ],
  [
    () => ops.bitwiseAnd(x, 1),
    "DTypeError",
    'bitwiseAnd of dtype f32\n  where: bitwiseAnd\n  fix: it takes whole numbers and bool: cast with x.to("i32")',
  ],
  [
    () => ops.conv2d(zeros([1, 1, 3, 3], { dtype: "u8" }), zeros([1, 1, 2, 2])),
    "DTypeError",
    'conv2d of dtypes u8 and f32\n  where: conv2d\n  fix: it takes floats: cast with x.to("f32"), or add transforms.ToTensor for images',
  ],
  [
    () => ops.conv2d(zeros([1, 1, 3, 3]), zeros([1, 1, 2, 2], { dtype: "f16" })),
    "DTypeError",
    'conv2d of dtypes f32 and f16\n  where: conv2d\n  fix: give all of them one dtype: cast with x.to("f32")',
  ],
  [
    () => ops.elu(index, { alpha: 0.5 }),
    "DTypeError",
    'elu of dtype i32\n  where: elu\n  fix: it takes floats: cast with x.to("f32"), or add transforms.ToTensor for images',
  ],
  [
    () => ops.sub(x, tensor(true)),
    "DTypeError",
    'sub of dtypes f32 and bool\n  where: sub\n  fix: it takes numbers: cast with x.to("i32")',
  ],
  [
    () => ops.bitwiseOr(index, 1.5),
    "DTypeError",
    'bitwiseOr of dtypes i32 and 1.5\n  where: bitwiseOr\n  fix: it takes whole numbers and bool: cast with x.to("i32")',
  ],
  [
    () => ops.pow(index, -2),
    "DTypeError",
    'pow of dtype i32 and the negative exponent -2\n  where: pow\n  fix: cast the base with x.to("f32")',
  ],
  [
    () => ops.where(x, 1, 0),
    "DTypeError",
    "where with a condition of dtype f32\n  where: where\n  fix: compare first: x.ne(0)",
  ],
  [
    () => ops.unary("rootOf", ops.expr.sqrt)(index),
    "DTypeError",
    'rootOf of dtype i32: sqrt of values of type i32\n  where: rootOf\n  fix: cast the operands with x.to("f32"), or define the op with result: "float"',
  ],
  [() => ops.add(1, 2), "DTypeError", "add of two numbers\n  where: add\n  fix: make one of them a tensor"],
  [
    () => ops.pad(x, { pad: [1] }),
    "ShapeError",
    "pad of a tensor of rank 2 by [1]\n  where: pad\n  fix: give two whole numbers per axis, the last axis first",
  ],
  [
    () => ops.dropout(x, { p: 1.5 }),
    "OptionError",
    "dropout cannot use p = 1.5\n  where: dropout\n  fix: use a probability from 0 to 1",
  ],
];

for (const [record, name, message] of REFUSED) {
  Deno.test(`an op refuses at the call: ${message.split("\n")[0]}`, () => {
    assert.throws(record, { name, message });
  });
}
