import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { arange, type DType, eye, full, ones, rand, randn, tensor, zeros } from "../../core/tensor/mod.ts";

Deno.test("tensor() takes each typed array's own dtype, narrowed to 32 bits, and never changes a value silently", async () => {
  const made: readonly (readonly [values: Parameters<typeof tensor>[0], dtype: DType, read: number[]])[] = [
    [new Float64Array([1.5, 300.5]), "f32", [1.5, 300.5]],
    [new Float32Array([1.5]), "f32", [1.5]],
    [new Int8Array([-3]), "i32", [-3]],
    [new Int16Array([-300]), "i32", [-300]],
    [new Int32Array([-70000]), "i32", [-70000]],
    [new Uint8Array([200]), "u8", [200]],
    [new Uint8ClampedArray([200]), "u8", [200]],
    [Buffer.from([7]), "u8", [7]],
    [new Uint16Array([60000]), "i32", [60000]],
    [new Uint32Array([4e9]), "u32", [4e9]],
    [new BigInt64Array([-5n, 2147483647n]), "i32", [-5, 2147483647]],
    [new BigUint64Array([5n]), "i32", [5]],
    [[true, 2], "f32", [1, 2]],
    [[true, false], "bool", [1, 0]],
    [[], "f32", []],
  ];
  for (const [values, dtype, read] of made) {
    const t = tensor(values);
    assert.equal(t.dtype, dtype, String(values));
    assert.deepEqual([...await t.data()], read, String(values));
  }
});

Deno.test("tensor() takes a Uint16Array as raw bits where f16 is asked for", async () => {
  assert.deepEqual([...await tensor(new Uint16Array([0x3c00]), { dtype: "f16" }).data()], [1]);
});

Deno.test("tensors are made under torch's dtype names too", () => {
  assert.equal(tensor([1], { dtype: "torch.int64" as DType }).dtype, "i32");
  assert.equal(zeros([1], { dtype: "float16" as DType }).dtype, "f16");
  assert.equal(zeros([1]).to("uint8" as DType).dtype, "u8");
});

const NUMBERS = "fix: give numbers, booleans, nested arrays of them, or a typed array";
const SIZES = "fix: give a list of whole numbers of at least 0: [2, 3]";
const DTYPES = "fix: valid: f32, i32, u32, f16, u8, bool";

const REFUSED: readonly (readonly [make: () => unknown, name: string, message: string])[] = [
  [
    () => tensor("abc" as never),
    "DTypeError",
    `tensor cannot be made from "abc"\n  where: tensor\n  ${NUMBERS}`,
  ],
  [
    () => tensor(undefined as never),
    "DTypeError",
    `tensor cannot be made from undefined\n  where: tensor\n  ${NUMBERS}`,
  ],
  [
    () => tensor([1, null] as never),
    "DTypeError",
    `tensor cannot be made from null\n  where: tensor\n  ${NUMBERS}`,
  ],
  [
    () => tensor(new DataView(new ArrayBuffer(4)) as never),
    "DTypeError",
    `tensor cannot be made from a DataView\n  where: tensor\n  ${NUMBERS}`,
  ],
  [
    () => tensor(tensor([1]) as never),
    "DTypeError",
    `tensor cannot be made from an object of Tensor\n  where: tensor\n  ${NUMBERS}`,
  ],
  [
    () => tensor([[1], [2, 3], []]),
    "ShapeError",
    "Nested values have rows of different lengths; the first ones give [3, 1]\n  where: tensor\n  fix: give every row the same length",
  ],
  [
    () => tensor([1, [2]]),
    "ShapeError",
    "Nested values have rows of different lengths; the first ones give [2]\n  where: tensor\n  fix: give every row the same length",
  ],
  [
    () => tensor(new BigInt64Array([1n, 2n ** 40n])),
    "ValueError",
    "1099511627776 at position 1 does not fit i32\n  where: tensor\n  fix: whole numbers have 32 bits: use smaller ones, or Float32Array.from(values, Number)",
  ],
  [
    () => tensor([1, 2], { shape: [-1, -2] }),
    "ShapeError",
    `tensor cannot use the shape [-1,-2]\n  where: tensor\n  ${SIZES}`,
  ],
  [
    () => tensor([1], { dtype: "f64" as never }),
    "DTypeError",
    `Unknown dtype "f64"\n  where: tensor\n  ${DTYPES}`,
  ],
  [() => zeros([1], { dtype: "x" as never }), "DTypeError", `Unknown dtype "x"\n  where: zeros\n  ${DTYPES}`],
  [
    () => zeros([1]).to("toString" as never),
    "DTypeError",
    `Unknown dtype "toString"\n  where: cast\n  ${DTYPES}`,
  ],
  [() => zeros([-1, 2]), "ShapeError", `zeros cannot use the shape [-1,2]\n  where: zeros\n  ${SIZES}`],
  [() => ones([1.5]), "ShapeError", `ones cannot use the shape [1.5]\n  where: ones\n  ${SIZES}`],
  [() => full(3 as never, 1), "ShapeError", `full cannot use the shape 3\n  where: full\n  ${SIZES}`],
  [() => rand([-2]), "ShapeError", `rand cannot use the shape [-2]\n  where: rand\n  ${SIZES}`],
  [() => randn([NaN]), "ShapeError", `randn cannot use the shape [NaN]\n  where: randn\n  ${SIZES}`],
  [() => eye(-1), "ShapeError", `eye cannot use the shape [-1,-1]\n  where: eye\n  ${SIZES}`],
  [
    () => arange(NaN),
    "OptionError",
    "arange cannot use stop = NaN\n  where: arange\n  fix: give a finite number",
  ],
];

for (const [make, name, message] of REFUSED) {
  Deno.test(`a tensor is refused where it is made: ${message.split("\n")[0]}`, () => {
    assert.throws(make, { name, message });
  });
}
