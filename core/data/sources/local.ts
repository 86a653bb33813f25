import { DataError } from "../../errors.ts";
import type { Column } from "../column.ts";
import { Dataset } from "../dataset.ts";
import { DatasetDict } from "../dataset_dict.ts";
import { ClassLabel, Image, Value } from "../features.ts";
import { bySplit, type DataFile, type Format, listDataFiles, mainFormat } from "./files.ts";
import { EncodedImageColumn, imageDecoder, imageKind } from "./images.ts";
import { parseCsv } from "./csv.ts";
import { idxDataset } from "./mnist.ts";
import { parseJsonLines } from "./jsonl.ts";
import { readBytes, readText } from "./read_file.ts";

/**
 * Datasets of the files below a folder: the format that most of them have, splits by their names.
 *
 * @throws {DataError} where there are no data files, or one of them is damaged.
 */
export async function readFolder(folder: string): Promise<DatasetDict> {
  const files = listDataFiles(folder);
  const format = mainFormat(files, folder);
  return await readSplits(format, bySplit(files.filter((file) => hasFormat(file, format))));
}

/** Datasets of files that are already sorted into splits. */
export async function readSplits(
  format: Format,
  splits: Readonly<Record<string, readonly DataFile[]>>,
): Promise<DatasetDict> {
  if (format === "image") return await readImageSplits(splits);
  const read: Record<string, Dataset> = {};
  for (const [split, files] of Object.entries(splits)) read[split] = await READERS[format](files);
  return new DatasetDict(read);
}

function hasFormat(file: DataFile, format: Format): boolean {
  return mainFormat([file], file.path) === format;
}

const READERS: Readonly<Record<Exclude<Format, "image">, (files: readonly DataFile[]) => Promise<Dataset>>> =
  {
    parquet: async (files) => (await import("./parquet.ts")).readParquet(files.map(({ path }) => path)),
    csv: async (files) =>
      joined(
        await Promise.all(files.map(async ({ path, name }) => {
          return parseCsv(await readText(path), path, /\.tsv(\.gz)?$/i.test(name) ? "\t" : ",");
        })),
        files,
      ),
    json: async (files) => {
      const rows = await Promise.all(
        files.map(async ({ path }) => parseJsonLines(await readText(path), path)),
      );
      return Dataset.fromRows(rows.flat());
    },
    text: async (files) => {
      const texts = await Promise.all(files.map(({ path }) => readText(path)));
      const lines = texts.flatMap((text) => text.replace(/\r?\n$/, "").split(/\r?\n/));
      return Dataset.fromColumns({ text: lines }, { text: new Value({ dtype: "string" }) });
    },
    idx: async (files) => {
      const images = files.find(({ name }) => /idx3/i.test(name));
      const labels = files.find(({ name }) => /idx1/i.test(name));
      if (images === undefined || labels === undefined) {
        throw new DataError("IDX files must come in pairs of images and labels", {
          where: files.map(({ name }) => name).join(", "),
          fix: "put both there, named such as train-images-idx3-ubyte and train-labels-idx1-ubyte",
        });
      }
      return idxDataset(await readBytes(images.path), images.path, await readBytes(labels.path), labels.path);
    },
  };

function joined(tables: readonly Record<string, ArrayLike<unknown>>[], files: readonly DataFile[]): Dataset {
  const [first, ...rest] = tables;
  if (first === undefined || rest.length === 0) return Dataset.fromColumns(first ?? {});
  const names = Object.keys(first);
  for (const [i, table] of rest.entries()) {
    if (Object.keys(table).join() === names.join()) continue;
    throw new DataError(`CSV files differ in their columns: ${Object.keys(table).join(", ")}`, {
      where: files[i + 1]!.path,
      fix: `the first file has ${names.join(", ")}`,
    });
  }
  return Dataset.fromColumns(
    Object.fromEntries(names.map((name) => [name, tables.flatMap((table) => Array.from(table[name]!))])),
  );
}

/** Images in folders named after their classes: `<split>/<class>/x.png`. Classes are numbered by name. */
async function readImageSplits(splits: Readonly<Record<string, readonly DataFile[]>>): Promise<DatasetDict> {
  const classOf = (file: DataFile): string | undefined => file.name.split("/").at(-2);
  const all = Object.values(splits).flat();
  const names = [...new Set(all.map(classOf))];
  const labelled = names.every((name) => name !== undefined) && names.length > 1;
  const label = labelled ? new ClassLabel({ names: (names as string[]).sort() }) : null;
  const read: Record<string, Dataset> = {};
  for (const [split, files] of Object.entries(splits)) {
    const bytes = await Promise.all(files.slice(0, 1).map(({ path }) => readBytes(path)));
    const jpeg = files.some(({ name }) => /\.jpe?g$/i.test(name)) || imageKind(bytes[0]!) === "jpeg";
    const decode = await imageDecoder(jpeg);
    const image = new EncodedImageColumn(
      files.length,
      (row) => Deno.readFileSync(files[row]!.path),
      (row) => files[row]!.path,
      decode,
    );
    const columns: Record<string, ArrayLike<unknown> | Column> = { image };
    if (label !== null) columns.label = files.map((file) => label.str2int(classOf(file)!));
    read[split] = Dataset.fromColumns(columns, { image: new Image(), ...(label === null ? {} : { label }) });
  }
  return new DatasetDict(read);
}
