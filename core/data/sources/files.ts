import { join } from "node:path";
import { DataError } from "../../errors.ts";

/** A data file on disk, and its path within the dataset. */
export interface DataFile {
  /** Where it lies. */
  readonly path: string;
  /** Its path within the folder it was found in, with `/`. */
  readonly name: string;
}

/** What data files hold, by their names. */
export type Format = "parquet" | "csv" | "json" | "text" | "image" | "idx";

const EXTENSIONS: readonly (readonly [pattern: RegExp, format: Format])[] = [
  [/\.parquet$/i, "parquet"],
  [/\.(csv|tsv)(\.gz)?$/i, "csv"],
  [/\.(jsonl|ndjson|json)(\.gz)?$/i, "json"],
  [/\.txt(\.gz)?$/i, "text"],
  [/\.(png|jpe?g)$/i, "image"],
  [/[.-]idx[13]-ubyte(\.gz)?$/i, "idx"],
];

/** Files that describe a dataset rather than hold its rows. */
const DESCRIPTIONS = /^(dataset_infos?|config|dataset_dict|state|package(-lock)?)\.json$|^(readme|license)/i;

/** The format that a file's name tells; `undefined` for other files. */
export function formatOf(name: string): Format | undefined {
  if (DESCRIPTIONS.test(name.split("/").at(-1)!)) return undefined;
  return EXTENSIONS.find(([pattern]) => pattern.test(name))?.[1];
}

/** Every data file below a folder, sorted by name; hidden files and folders are passed over. */
export function listDataFiles(folder: string): DataFile[] {
  const found: DataFile[] = [];
  const visit = (path: string, prefix: string): void => {
    for (const entry of Deno.readDirSync(path)) {
      if (entry.name.startsWith(".")) continue;
      const inner = join(path, entry.name);
      const name = prefix + entry.name;
      // links into a cache's blobs say nothing of their kind, so what they lead to decides
      const isFolder = entry.isSymlink ? Deno.statSync(inner).isDirectory : entry.isDirectory;
      if (isFolder) visit(inner, `${name}/`);
      else if (formatOf(name) !== undefined) found.push({ path: inner, name });
    }
  };
  visit(folder, "");
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The format that most of the files have. */
export function mainFormat(files: readonly DataFile[], where: string): Format {
  const counts = new Map<Format, number>();
  for (const { name } of files) {
    const format = formatOf(name);
    if (format !== undefined) counts.set(format, (counts.get(format) ?? 0) + 1);
  }
  const [most] = [...counts].sort((a, b) => b[1] - a[1]);
  if (most !== undefined) return most[0];
  throw new DataError("The folder holds no data files", {
    where,
    fix: "put Parquet, CSV, JSON-lines, text, PNG, JPEG or IDX files there",
  });
}

const SPLIT_WORDS: readonly (readonly [words: readonly string[], split: string])[] = [
  [["train", "training"], "train"],
  [["validation", "valid", "val", "dev"], "validation"],
  [["test", "testing", "t10k", "eval", "evaluation"], "test"],
];

/**
 * Files by split, from words in their names or folders (`train`, `valid`, `dev`, `test`, …); files without such a
 * word are `train`.
 */
export function bySplit(files: readonly DataFile[]): Record<string, DataFile[]> {
  const splits: Record<string, DataFile[]> = {};
  const named = files.map((file) => [splitOf(file.name), file] as const);
  const order = ["train", "validation", "test"];
  for (const split of order) {
    const own = named.filter(([name]) => (name ?? "train") === split).map(([, file]) => file);
    if (own.length > 0) splits[split] = own;
  }
  return splits;
}

function splitOf(name: string): string | undefined {
  // the nearest folder to the file says more than an outer one: data/test/train_001.png is a test file
  const parts = name.toLowerCase().split("/");
  const ordered = parts.length > 1 ? [...parts.slice(0, -1).reverse(), parts.at(-1)!] : parts;
  for (const part of ordered) {
    const words = part.split(/[^a-z0-9]+/);
    const split = SPLIT_WORDS.find(([candidates]) => candidates.some((word) => words.includes(word)))?.[1];
    if (split !== undefined) return split;
  }
  return undefined;
}
