import { parquetMetadata, parquetReadObjects } from "npm:hyparquet@^1.31.5";
import { compressors } from "npm:hyparquet-compressors@^1.1.2";
import { DataError } from "../../errors.ts";
import type { Column } from "../column.ts";
import { Dataset } from "../dataset.ts";
import { type Feature, featureFromJson, type Features, Image, Value } from "../features.ts";
import { EncodedImageColumn, imageDecoder, imageKind } from "./images.ts";
import { readBytes } from "./read_file.ts";

/** An image as Hugging Face stores it in a Parquet column. */
interface StoredImage {
  readonly bytes: Uint8Array | null;
  readonly path: string | null;
}

/**
 * One dataset of the rows of Parquet files, in the order of the files.
 *
 * Features come from Hugging Face's metadata in the file where there are any, else from Parquet's types. Images are
 * decoded when they are first used.
 *
 * @throws {DataError} for a file that is no Parquet file.
 */
export async function readParquet(files: readonly string[]): Promise<Dataset> {
  const rows: Record<string, unknown>[] = [];
  let features: Features = {};
  for (const file of files) {
    const bytes = await readBytes(file);
    const buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer;
    try {
      const metadata = parquetMetadata(buffer);
      if (file === files[0]) features = featuresOf(metadata);
      const source = {
        byteLength: buffer.byteLength,
        slice: (from: number, to?: number) => Promise.resolve(buffer.slice(from, to)),
      };
      const read = await parquetReadObjects({ file: source, metadata, compressors, utf8: false });
      for (const row of read) rows.push(row);
    } catch (cause) {
      throw new DataError(`Not a readable Parquet file: ${cause instanceof Error ? cause.message : cause}`, {
        where: file,
        fix: "fetch the file again; it may be truncated",
        cause,
      });
    }
  }
  return await toDataset(rows, features, files[0] ?? "");
}

async function toDataset(
  rows: readonly Record<string, unknown>[],
  features: Features,
  file: string,
): Promise<Dataset> {
  const columns: Record<string, ArrayLike<unknown> | Column> = {};
  const known: Record<string, Feature> = { ...features };
  const names = Object.keys(rows[0] ?? features);
  for (const name of names) {
    const values = rows.map((row) => row[name]);
    if (isStoredImage(values[0])) {
      columns[name] = await imageColumn(values as StoredImage[], `${file}, column ${name}`);
      known[name] = new Image();
    } else {
      columns[name] = values.map(plain);
    }
  }
  return Dataset.fromColumns(columns, known);
}

async function imageColumn(images: readonly StoredImage[], where: string): Promise<Column> {
  const missing = images.findIndex((image) => !(image?.bytes instanceof Uint8Array));
  if (missing >= 0) {
    throw new DataError(`Row ${missing} has no image bytes`, {
      where,
      fix: "images must lie in the Parquet file itself, not in files beside it",
    });
  }
  const decode = await imageDecoder(images.some((image) => imageKind(image.bytes!) === "jpeg"));
  return new EncodedImageColumn(
    images.length,
    (row) => images[row]!.bytes!,
    (row) => `${where}, row ${row}`,
    decode,
  );
}

function isStoredImage(value: unknown): value is StoredImage {
  if (typeof value !== "object" || value === null) return false;
  const { bytes } = value as Partial<StoredImage>;
  return Object.hasOwn(value, "path") && (bytes === null || bytes instanceof Uint8Array);
}

/** 64-bit integers as numbers where those are exact; bytes, dates and nested values as they are. */
function plain(value: unknown): unknown {
  if (typeof value === "bigint") {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }
  if (Array.isArray(value)) return value.map(plain);
  return value ?? null;
}

function featuresOf(metadata: ReturnType<typeof parquetMetadata>): Features {
  const features: Record<string, Feature> = {};
  for (const column of metadata.schema.slice(1)) {
    const dtype = PARQUET_DTYPES[column.type ?? ""];
    if (dtype !== undefined) features[column.name] = new Value({ dtype });
    else if (column.converted_type === "UTF8") features[column.name] = new Value({ dtype: "string" });
  }
  const huggingface = metadata.key_value_metadata?.find(({ key }) => key === "huggingface")?.value;
  if (huggingface === undefined) return features;
  const declared = (JSON.parse(huggingface) as { info?: { features?: Record<string, unknown> } }).info
    ?.features;
  for (const [name, json] of Object.entries(declared ?? {})) {
    const feature = featureFromJson(json);
    if (feature !== undefined) features[name] = feature;
  }
  return features;
}

const PARQUET_DTYPES: Readonly<Record<string, string>> = {
  BOOLEAN: "bool",
  INT32: "int32",
  INT64: "int64",
  FLOAT: "float32",
  DOUBLE: "float64",
};
