import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { Dataset } from "../../core/data/dataset.ts";
import { DatasetDict } from "../../core/data/dataset_dict.ts";
import { ClassLabel, featureFromJson } from "../../core/data/features.ts";
import type { ImageValue } from "../../core/data/image.ts";
import { Tensor } from "../../core/tensor/mod.ts";
import { TorchVisionTransform, ToTensor } from "../../core/transforms/mod.ts";
import { hostElements } from "./host.ts";

function image(height: number, width: number, first: number): ImageValue {
  const data = Uint8Array.from({ length: height * width }, (_, i) => first + i);
  return { channels: 1, height, width, data };
}

function toy(): Dataset {
  return Dataset.fromColumns({
    x: [0.5, 1.5, 2.5, 3.5],
    label: [1, 0, 1, 2],
    name: ["a", "b", "c", "d"],
    image: [image(2, 2, 0), image(2, 2, 4), image(2, 2, 8), image(2, 2, 12)],
  });
}

function tensorOf(value: unknown): Tensor {
  if (value instanceof Tensor) return value;
  throw new TypeError(`not a tensor: ${value}`);
}

Deno.test("Dataset.at gives a row's host values, from either end", () => {
  const row = toy().at(-1);
  strictEqual(row.x, 3.5);
  strictEqual(row.label, 2);
  strictEqual(row.name, "d");
  deepStrictEqual([...(row.image as ImageValue).data], [12, 13, 14, 15]);
});

Deno.test("Dataset.at refuses a row outside in Hugging Face's words", () => {
  throws(() => toy().at(10), {
    name: "DataError",
    message: [
      "Invalid key: 10 is out of bounds for size 4",
      "  where: data.Dataset.at",
      "  fix: give a row from -4 to 3",
    ].join("\n"),
  });
});

Deno.test("Dataset.fetch gathers images as u8, integers as i32, fractions as f32, and keeps strings", async () => {
  const batch = toy().fetch([2, 0]);
  const images = tensorOf(batch.image);
  deepStrictEqual([images.dtype, images.shape], ["u8", [2, 1, 2, 2]]);
  deepStrictEqual([...await images.data()], [8, 9, 10, 11, 0, 1, 2, 3]);
  const labels = tensorOf(batch.label);
  deepStrictEqual([labels.dtype, labels.shape, [...await labels.data()]], ["i32", [2], [1, 1]]);
  const x = tensorOf(batch.x);
  deepStrictEqual([x.dtype, [...await x.data()]], ["f32", [2.5, 0.5]]);
  deepStrictEqual(batch.name, ["c", "a"]);
});

Deno.test("Dataset.fetch keeps the labels within reach of the host", () => {
  deepStrictEqual(hostElements(toy().fetch([3, 1]).label), [2, 0]);
});

Deno.test("Dataset.fetch gives images of different sizes as a list of tensors", () => {
  const dataset = Dataset.fromColumns({ image: [image(2, 2, 0), image(2, 3, 0)] });
  const images = dataset.fetch([0, 1]).image as Tensor[];
  deepStrictEqual(images.map(({ shape }) => shape), [[1, 2, 2], [1, 2, 3]]);
});

Deno.test("Dataset.fetch gives rows of equal lists as one tensor", async () => {
  const dataset = Dataset.fromColumns({ point: [[1, 2], [3, 4], [5, 6]] });
  const points = tensorOf(dataset.fetch([2, 1]).point);
  deepStrictEqual([points.shape, [...await points.data()]], [[2, 2], [5, 6, 3, 4]]);
});

Deno.test("Dataset operations on rows of rows reach the stored row", () => {
  const dataset = toy().select([3, 2, 0]).skip(1).filter((row) => row.name !== "x").sort("x");
  deepStrictEqual(dataset.column("name"), ["a", "c"]);
  strictEqual(dataset.at(1).x, 2.5);
});

Deno.test("Dataset.shuffle orders rows as numpy's generator of the seed", () => {
  const dataset = Dataset.fromColumns({ i: Array.from({ length: 10 }, (_, i) => i) }).shuffle({ seed: 42 });
  deepStrictEqual(dataset.column("i"), [5, 6, 0, 7, 3, 2, 4, 9, 1, 8]);
});

Deno.test("Dataset.map updates columns, adds new ones, and keeps what the function leaves out", () => {
  const mapped = toy().map((row) => ({ x: (row.x as number) * 2, long: `${row.name}!` }));
  deepStrictEqual(mapped.columnNames, ["label", "name", "image", "x", "long"]);
  deepStrictEqual(mapped.column("x"), [1, 3, 5, 7]);
  deepStrictEqual(mapped.column("long"), ["a!", "b!", "c!", "d!"]);
});

Deno.test("Dataset.map in batches may change the number of rows where no old column is kept", () => {
  const twice = toy().map((rows) => ({ n: (rows.name as string[]).flatMap((name) => [name, name]) }), {
    batched: true,
    batchSize: 3,
    removeColumns: ["x", "label", "name", "image"],
  });
  deepStrictEqual(twice.column("n"), ["a", "a", "b", "b", "c", "c", "d", "d"]);
});

Deno.test("Dataset.withTransform runs lazily, once per batch, on every access", () => {
  let calls = 0;
  const dataset = toy().withTransform((batch) => {
    calls++;
    return { names: (batch.name as string[]).map((name) => name.toUpperCase()) };
  });
  strictEqual(calls, 0);
  deepStrictEqual(dataset.fetch([1, 2, 3]), { names: ["B", "C", "D"] });
  deepStrictEqual(dataset.at(0), { names: "A" });
  strictEqual(calls, 2);
});

Deno.test("Dataset.at gives one sample of a transform's tensors, without the batch axis", async () => {
  const transform = new TorchVisionTransform({ transform: new ToTensor(), key: "image" });
  const row = toy().withTransform(transform).at(1);
  const pixels = tensorOf(row.image);
  deepStrictEqual([...pixels.shape], [1, 2, 2]);
  deepStrictEqual(await pixels.data(), Float32Array.of(4 / 255, 5 / 255, 6 / 255, 7 / 255));
  strictEqual(row.name, "b");
});

Deno.test("Dataset.withTransform shows only its columns, and adds the others where asked", () => {
  const upper = (batch: Record<string, unknown>): Record<string, unknown> => {
    deepStrictEqual(Object.keys(batch), ["name"]);
    return { name: (batch.name as string[]).map((name) => name.toUpperCase()) };
  };
  const hidden = toy().selectColumns(["name", "label"]).withTransform(upper, { columns: ["name"] });
  deepStrictEqual(hidden.fetch([0]), { name: ["A"] });
  const shown = toy().selectColumns(["name", "label"]).withTransform(upper, {
    columns: ["name"],
    outputAllColumns: true,
  });
  deepStrictEqual(Object.keys(shown.fetch([0])).sort(), ["label", "name"]);
});

Deno.test("Dataset.renameColumns and removeColumns keep the features of what stays", () => {
  const label = new ClassLabel({ names: ["no", "yes"] });
  const dataset = Dataset.fromColumns({ label: [0, 1], x: [1, 2] }, { label })
    .renameColumn("label", "answer").removeColumns("x");
  deepStrictEqual(dataset.columnNames, ["answer"]);
  strictEqual(String(dataset.features.answer), "ClassLabel(names=['no', 'yes'])");
});

Deno.test("Dataset names the nearest column for one that is not there", () => {
  throws(() => toy().removeColumns("lable"), {
    name: "DataError",
    message: [
      'Dataset has no column "lable"',
      "  where: data.Dataset",
      '  fix: did you mean "label"? The columns are x, label, name, image',
    ].join("\n"),
  });
});

Deno.test("Dataset.fromColumns refuses columns of different lengths", () => {
  throws(() => Dataset.fromColumns({ a: [1, 2], b: [1] }), {
    message: [
      "Columns differ in length: a 2, b 1",
      "  where: data.Dataset",
      "  fix: give every column one value per row",
    ].join("\n"),
  });
});

Deno.test("Dataset.concatenate gathers rows of both parts into one tensor, in the order asked for", async () => {
  const joined = Dataset.concatenate([toy().select([3, 2]), toy()]);
  strictEqual(joined.length, 6);
  const batch = joined.fetch([5, 0, 2, 1]);
  deepStrictEqual([...await tensorOf(batch.label).data()], [2, 2, 1, 1]);
  deepStrictEqual(batch.name, ["d", "d", "a", "c"]);
  deepStrictEqual(tensorOf(batch.image).shape, [4, 1, 2, 2]);
});

Deno.test("DatasetDict applies operations to every split and lists its splits for an unknown one", () => {
  const dict = new DatasetDict({ train: toy(), test: toy().take(2) }).filter((row) => row.label === 1);
  deepStrictEqual(dict.numRows, { train: 2, test: 1 });
  throws(() => dict.get("validation"), {
    message: `Unknown split "validation". Should be one of ['train', 'test']\n  fix: ask for train or test`,
  });
});

Deno.test("ClassLabel names the nearest class for an unknown one", () => {
  throws(() => new ClassLabel({ names: ["cat", "dog"] }).str2int("cot"), {
    message: [
      'Unknown class "cot"',
      "  where: data.ClassLabel",
      '  fix: did you mean "cat"? The classes are cat, dog',
    ].join("\n"),
  });
});

Deno.test("featureFromJson() reads Hugging Face's features", () => {
  strictEqual(String(featureFromJson({ _type: "Value", dtype: "int64" })), "Value('int64')");
  const list = { _type: "Sequence", feature: { _type: "Value", dtype: "float32" }, length: 3 };
  strictEqual(String(featureFromJson(list)), "List(Value('float32'), length=3)");
  strictEqual(featureFromJson({ _type: "Audio" }), undefined);
});

Deno.test("Dataset and DatasetDict print as in Hugging Face's library", () => {
  const train = Dataset.fromColumns({ image: [1, 2], label: [0, 1] });
  const text = "Dataset({\n    features: ['image', 'label'],\n    num_rows: 2\n})";
  strictEqual(`${train}`, text);
  strictEqual(Deno.inspect(train), text);
  const dict = new DatasetDict({ train, test: train.take(1) });
  strictEqual(
    Deno.inspect(dict),
    "DatasetDict({\n    train: Dataset({\n        features: ['image', 'label'],\n        num_rows: 2\n    })\n" +
      "    test: Dataset({\n        features: ['image', 'label'],\n        num_rows: 1\n    })\n})",
  );
});
