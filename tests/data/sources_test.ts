import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { gzipSync } from "node:zlib";
import { instantiate } from "../../core/config/instantiate.ts";
import type { Dataset } from "../../core/data/dataset.ts";
import type { ImageValue } from "../../core/data/image.ts";
import { loadDataset } from "../../core/data/load_dataset.ts";
import { parseCsv } from "../../core/data/sources/csv.ts";
import { globPattern, selectFiles } from "../../core/data/sources/dataset_card.ts";
import { bySplit } from "../../core/data/sources/files.ts";
import { parseIdx } from "../../core/data/sources/idx.ts";
import { decodeJpeg } from "../../core/data/sources/jpeg.ts";
import { parseJsonLines } from "../../core/data/sources/jsonl.ts";
import { decodePng } from "../../core/data/sources/png.ts";
import type { Tensor } from "../../core/tensor/mod.ts";
import { golden } from "./golden.ts";
import { failure, folder, idx } from "./sources.ts";

const quiet = { report: () => {} };

for (const { name, shape, png, pixels } of golden.images) {
  Deno.test(`decodePng() gives PIL's pixels: ${name}`, () => {
    const { channels, height, width, data } = decodePng(Uint8Array.fromBase64(png), name);
    deepStrictEqual([channels, height, width], shape);
    deepStrictEqual([...data], pixels);
  });
}

Deno.test("decodePng() names the image that is damaged", () => {
  const bytes = Uint8Array.fromBase64(golden.images[0]!.png);
  bytes.fill(7, 44, 60);
  throws(() => decodePng(bytes, "cat.png"), {
    name: "DataError",
    message: [
      "PNG image is damaged: its pixels do not unpack",
      "  where: cat.png",
      "  fix: fetch or save the image again",
    ].join("\n"),
  });
});

for (const { name, shape, jpeg, pixels } of golden.jpegs) {
  Deno.test(`decodeJpeg() gives PIL's pixels of blocks of one colour: ${name}`, () => {
    const { channels, height, width, data } = decodeJpeg(Uint8Array.fromBase64(jpeg), name);
    deepStrictEqual([channels, height, width], shape);
    deepStrictEqual([...data], pixels);
  });
}

Deno.test("decodeJpeg() names the image that is damaged", () => {
  throws(
    () => decodeJpeg(Uint8Array.of(0xff, 0xd8, 0xff, 0), "dog.jpg"),
    /JPEG image is damaged: [^]*where: dog.jpg/,
  );
});

Deno.test("parseIdx() reads big-endian integers and fractions of every width", () => {
  deepStrictEqual([...parseIdx(Uint8Array.of(0, 0, 0x0b, 1, 0, 0, 0, 2, 0xff, 0xfe, 1, 0), "x").data], [
    -2,
    256,
  ]);
  deepStrictEqual([...parseIdx(Uint8Array.of(0, 0, 0x0d, 1, 0, 0, 0, 1, 0x3f, 0x80, 0, 0), "x").data], [1]);
});

Deno.test("parseIdx() says what a file begins with that is none", () => {
  throws(() => parseIdx(Uint8Array.of(0x1f, 0x8b, 8, 0), "labels.gz"), {
    name: "DataError",
    message: [
      "Not an IDX file: it begins with 1f 8b 08 00",
      "  where: labels.gz",
      "  fix: an IDX file begins with 00 00, a type (08 for bytes) and a rank; unpack it if it is compressed",
    ].join("\n"),
  });
});

Deno.test("parseIdx() compares the size with the header", () => {
  throws(() => parseIdx(idx([3], [1, 2]), "labels"), {
    message: [
      "IDX file has 10 bytes, but its header says 11",
      "  where: labels, shape [3]",
      "  fix: fetch the file again: it is truncated or damaged",
    ].join("\n"),
  });
});

Deno.test("parseCsv() reads quotes, commas and line ends in fields, and CRLF", () => {
  deepStrictEqual(parseCsv('\uFEFFa,b\r\n"x, ""y""\nz",1\r\nw,2', "x.csv"), {
    a: ['x, "y"\nz', "w"],
    b: [1, 2],
  });
});

Deno.test("parseCsv() finds the types of columns, and null in empty fields", () => {
  deepStrictEqual(parseCsv("i,f,b,s,n\n1,1.0,True,a,\n2,2.5,False,,3\n", "x.csv"), {
    i: [1, 2],
    f: Float64Array.of(1, 2.5),
    b: [true, false],
    s: ["a", null],
    n: [null, 3],
  });
});

Deno.test("parseCsv() names the record with too few fields", () => {
  throws(() => parseCsv("a,b\n1,2\n3\n", "x.csv"), {
    message: [
      "CSV record has 1 fields, but the header has 2",
      "  where: x.csv, record 3",
      '  fix: the header says a, b; quote fields that hold ","',
    ].join("\n"),
  });
});

Deno.test("parseJsonLines() reads lines and arrays", () => {
  const rows = [{ x: 1 }, { x: 2 }];
  deepStrictEqual(parseJsonLines('{"x":1}\n\n{"x":2}', "x.jsonl"), rows);
  deepStrictEqual(parseJsonLines(' [{"x":1},{"x":2}]', "x.json"), rows);
});

Deno.test("parseJsonLines() names the line that is no object", () => {
  throws(() => parseJsonLines('{"x":1}\n3\n', "x.jsonl"), {
    message: 'A row is 3, not an object\n  where: x.jsonl:2\n  fix: write rows as {"column": value, …}',
  });
});

Deno.test("bySplit() reads splits from folders before names", () => {
  const files = ["data/test/train_01.png", "data/train/x.png", "valid-00.csv", "other.csv"];
  const splits = bySplit(files.map((name) => ({ name, path: name })));
  deepStrictEqual(Object.entries(splits).map(([split, own]) => [split, own.map(({ name }) => name)]), [
    ["train", ["data/train/x.png", "other.csv"]],
    ["validation", ["valid-00.csv"]],
    ["test", ["data/test/train_01.png"]],
  ]);
});

Deno.test("globPattern() keeps a star within its folder", () => {
  const hits = (glob: string): string[] =>
    ["a/train-1.csv", "a/b/train-2.csv"].filter((name) => globPattern(glob).test(name));
  deepStrictEqual(hits("a/train-*"), ["a/train-1.csv"]);
  deepStrictEqual(hits("**/*.csv"), ["a/train-1.csv", "a/b/train-2.csv"]);
  deepStrictEqual(hits("a/**/train-?.csv"), ["a/train-1.csv", "a/b/train-2.csv"]);
});

Deno.test("selectFiles() follows the dataset card's configurations", async () => {
  const files = ["a/train-0.csv", "a/test-0.csv", "b/x.csv"].map((name) => ({ name, path: name }));
  const card = [
    "---",
    "configs:",
    "- config_name: first",
    "  data_files:",
    "  - split: train",
    "    path: a/train-*",
    "  - split: test",
    "    path: a/test-*",
    "- config_name: second",
    "  data_files: b/*.csv",
    "---",
    "# Card",
  ].join("\n");
  const first = await selectFiles(files, "first", card, "me/data");
  deepStrictEqual(Object.keys(first.splits), ["train", "test"]);
  const second = await selectFiles(files, "second", card, "me/data");
  deepStrictEqual(second.splits.train!.map(({ name }) => name), ["b/x.csv"]);
  strictEqual(
    await failure(selectFiles(files, null, card, "me/data")),
    "The dataset has several configurations\n  where: me/data\n  fix: Give name as one of first, second",
  );
});

Deno.test("loadDataset() reads CSV files of a folder, a split each", async () => {
  await using place = await folder({
    "train.csv": "x,label\n0.5,1\n1.5,0\n",
    "test.csv": "x,label\n2.5,1\n",
  });
  const lines: string[] = [];
  const data = await loadDataset(place.path, { report: (line) => lines.push(line) });
  deepStrictEqual(data.numRows, { train: 2, test: 1 });
  deepStrictEqual(data.get("test").at(0), { x: 2.5, label: 1 });
  strictEqual(
    lines.join().replace(/\d+ ms/, "9 ms"),
    `Dataset ${place.path}: local folder ${place.path} (train 2, test 1 rows; 9 ms)`,
  );
});

Deno.test("loadDataset() reads JSON lines given as dataFiles, and part of a split", async () => {
  await using place = await folder({ "a.jsonl": '{"x":1}\n{"x":2}\n{"x":3}\n{"x":4}\n' });
  const part = await loadDataset("json", {
    dataFiles: "a.jsonl",
    dataDir: place.path,
    split: "train[25%:75%]",
    ...quiet,
  });
  deepStrictEqual(part.column("x"), [2, 3]);
});

Deno.test("loadDataset() as a target takes path, data_files and split by name", async () => {
  await using place = await folder({ "a.csv": "x\n1\n2\n3\n" });
  const data = await instantiate({
    _target_: "datasets.load_dataset",
    path: "csv",
    data_files: "a.csv",
    data_dir: place.path,
    split: "train[:2]",
    report: () => {},
  }, { library: { data: { loadDataset } } }) as Dataset;
  deepStrictEqual(data.column("x"), [1, 2]);
});

Deno.test("loadDataset() as a target takes path and name in front, as in Python", async () => {
  await using place = await folder({ "train.csv": "x\n1\n" });
  const target = { _target_: "datasets.load_dataset", split: "train", report: () => {} };
  const library = { data: { loadDataset } };
  for (
    const given of [{ _args_: [place.path, null] }, { path: place.path, name: null }, {
      _args_: [place.path],
    }]
  ) {
    const data = await instantiate({ ...target, ...given }, { library }) as Dataset;
    strictEqual(data.length, 1);
  }
});

Deno.test("loadDataset() says which arguments it needs and where they go", async () => {
  const call = loadDataset as unknown as (...args: unknown[]) => Promise<unknown>;
  strictEqual(
    await failure(call()),
    [
      'load_dataset needs the option "path"',
      "  where: load_dataset",
      "  fix: give a folder, a name such as ylecun/mnist, or a format such as csv together with data_files",
    ].join("\n"),
  );
  strictEqual(
    (await failure(call({ split: "train" }))).startsWith('load_dataset needs the option "path"'),
    true,
  );
  strictEqual((await failure(call(["a"]))).startsWith('load_dataset cannot use path = ["a"]'), true);
  strictEqual(
    (await failure(call("csv", null, "folder"))).startsWith(
      'load_dataset cannot place the argument "folder"',
    ),
    true,
  );
});

Deno.test("loadDataset() joins parts of splits", async () => {
  await using place = await folder({ "train.txt": "a\nb\nc\n", "test.txt": "d\n" });
  const data = await loadDataset(place.path, { split: "test+train[:2]", ...quiet });
  deepStrictEqual(data.column("text"), ["d", "a", "b"]);
});

Deno.test("loadDataset() reads images in folders named after their classes", async () => {
  const [grey] = golden.images;
  const png = Uint8Array.fromBase64(grey!.png);
  await using place = await folder({ "train/dog/1.png": png, "train/cat/2.png": png, "test/dog/3.png": png });
  const data = await loadDataset(place.path, quiet);
  deepStrictEqual(data.numRows, { train: 2, test: 1 });
  strictEqual(String(data.get("train").features.label), "ClassLabel(names=['cat', 'dog'])");
  deepStrictEqual(data.get("test").column("label"), [1]);
  deepStrictEqual([...(data.get("test").at(0).image as ImageValue).data], grey!.pixels);
  const { image } = data.get("train").fetch([0, 1]);
  deepStrictEqual([...(image as Tensor).shape], [2, ...grey!.shape]);
});

Deno.test("loadDataset() reads compressed IDX files of a folder", async () => {
  const images = idx([2, 2, 2], [0, 1, 2, 3, 4, 5, 6, 7]);
  await using place = await folder({
    "train-images-idx3-ubyte.gz": gzipSync(images),
    "train-labels-idx1-ubyte.gz": gzipSync(idx([2], [7, 3])),
  });
  const data = await loadDataset(place.path, { split: "train", ...quiet });
  deepStrictEqual(data.column("label"), [7, 3]);
  deepStrictEqual([...(data.at(1).image as ImageValue).data], [4, 5, 6, 7]);
});

for (
  const [title, files, where, message] of [
    [
      "IDX images and labels that do not belong together",
      { "train-images-idx3-ubyte": idx([2, 1, 1], [0, 1]), "train-labels-idx1-ubyte": idx([1], [7]) },
      ["train-images-idx3-ubyte", "train-labels-idx1-ubyte"],
      "There are 2 images, but 1 labels\n  where: WHERE\n  fix: take both files from the same split",
    ],
    [
      "a folder without data files",
      { "notes.md": "none" },
      [""],
      "The folder holds no data files\n  where: WHERE\n" +
      "  fix: put Parquet, CSV, JSON-lines, text, PNG, JPEG or IDX files there",
    ],
    [
      "IDX images without labels",
      { "train-images-idx3-ubyte": idx([1, 1, 1], [0]) },
      [],
      "IDX files must come in pairs of images and labels\n  where: train-images-idx3-ubyte\n" +
      "  fix: put both there, named such as train-images-idx3-ubyte and train-labels-idx1-ubyte",
    ],
    [
      "a Parquet file that is none",
      { "train.parquet": "PAR?" },
      ["train.parquet"],
      /^Not a readable Parquet file: .*\n {2}where: WHERE\n {2}fix: fetch the file again; it may be truncated$/,
    ],
  ] as const
) {
  Deno.test(`loadDataset() refuses ${title}`, async () => {
    await using place = await folder(files);
    const names = where.map((name) => name === "" ? place.path : `${place.path}/${name}`).join(", ");
    const text = (await failure(loadDataset(place.path, quiet))).replace(names || "WHERE", "WHERE");
    if (typeof message === "string") strictEqual(text, message);
    else strictEqual(message.test(text), true, text);
  });
}

Deno.test("loadDataset() says which folder is missing", async () => {
  strictEqual(
    await failure(loadDataset("./no/such/folder", quiet)),
    "Dataset folder ./no/such/folder is missing\n  where: load_dataset\n" +
      `  fix: give a folder that exists, or a name such as "ylecun/mnist"; the current folder is ${Deno.cwd()}`,
  );
});

Deno.test("loadDataset() says which data file is missing", async () => {
  const path = `${Deno.cwd()}/no.csv`;
  strictEqual(
    await failure(loadDataset("csv", { dataFiles: "no.csv", ...quiet })),
    `Data file ${path} is missing\n  where: load_dataset\n  fix: check data_files and data_dir`,
  );
});

Deno.test("loadDataset() refuses a split that the data do not have", async () => {
  await using place = await folder({ "train.csv": "x\n1\n" });
  strictEqual(
    await failure(loadDataset(place.path, { split: "foo", ...quiet })),
    `Unknown split "foo". Should be one of ['train']\n  fix: ask for train`,
  );
});

Deno.test("loadDataset() refuses an option that it does not have", async () => {
  const options = { streamin: true } as never;
  strictEqual(
    (await failure(loadDataset("x", options))).startsWith('data.loadDataset has no option "streamin"'),
    true,
  );
});
