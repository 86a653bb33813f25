import { deepStrictEqual, throws } from "node:assert/strict";
import { collateBatch, collateSamples } from "../../core/data/collate.ts";
import { type Tensor, tensor } from "../../core/tensor/mod.ts";

Deno.test("collateSamples() stacks tensors and numbers, and keeps strings, as torch's default_collate", async () => {
  const batch = collateSamples([
    { x: tensor([1, 2]), n: 3, f: 0.5, ok: true, s: "a" },
    { x: tensor([3, 4]), n: 4, f: 1.5, ok: false, s: "b" },
  ]) as Record<string, Tensor>;
  deepStrictEqual([batch.x!.shape, [...await batch.x!.data()]], [[2, 2], [1, 2, 3, 4]]);
  deepStrictEqual([batch.n!.dtype, [...await batch.n!.data()]], ["i32", [3, 4]]);
  deepStrictEqual([batch.f!.dtype, [...await batch.f!.data()]], ["f32", [0.5, 1.5]]);
  deepStrictEqual([batch.ok!.dtype, [...await batch.ok!.data()]], ["bool", [1, 0]]);
  deepStrictEqual(batch.s as unknown, ["a", "b"]);
});

Deno.test("collateBatch() refuses missing values, naming the column and the row", () => {
  throws(() => collateBatch({ age: [1, null, 2] }), {
    name: "DataError",
    message: [
      'Column "age" has no value in row 1 of a batch',
      "  where: data.DataLoader",
      "  fix: filter such rows out, or fill the column in with map()",
    ].join("\n"),
  });
});

Deno.test("collateBatch() refuses tensors of several shapes, showing them", () => {
  throws(() => collateBatch({ image: [tensor([1, 2]), tensor([1, 2, 3])] }), {
    message: [
      'Values of "image" differ in shape: [2], [3]',
      "  where: data.DataLoader",
      "  fix: bring them to one shape in the transform, such as transforms.Resize with a height and a width",
    ].join("\n"),
  });
});

Deno.test("collateSamples() refuses samples with different keys", () => {
  throws(() => collateSamples([{ x: 1, y: 2 }, { x: 1 }]), {
    message: [
      'A sample has no key "y", which the first sample of its batch has',
      "  where: data.DataLoader",
      "  fix: give every sample the keys x, y",
    ].join("\n"),
  });
});
