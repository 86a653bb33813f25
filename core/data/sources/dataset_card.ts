import { DataError, nearest } from "../../errors.ts";
import { bySplit, type DataFile, type Format, formatOf, mainFormat } from "./files.ts";

/** A dataset's files by split, all of one format. */
export interface DatasetFiles {
  readonly format: Format;
  readonly splits: Readonly<Record<string, readonly DataFile[]>>;
}

/** One entry of `configs` in a dataset card's front matter. */
interface CardConfig {
  readonly config_name?: string;
  readonly default?: boolean;
  readonly data_dir?: string;
  readonly data_files?: string | readonly (string | { split?: string; path: string | readonly string[] })[];
}

/**
 * Picks the files of one configuration: as the card's front matter says, else by the folder of that name, else all.
 *
 * @param name The configuration; `null` for the default one.
 * @param card Text of the dataset's README.md, if it has one.
 * @param where The dataset, for errors.
 * @throws {DataError} for an unknown configuration, or where there are no data files.
 */
export async function selectFiles(
  files: readonly DataFile[],
  name: string | null,
  card: string | null,
  where: string,
): Promise<DatasetFiles> {
  const configs = await cardConfigs(card);
  const config = chooseConfig(configs, name, where);
  const data = files.filter((file) => formatOf(file.name) !== undefined);
  const splits = config?.data_files === undefined
    ? bySplit(inFolder(data, config?.data_dir ?? name))
    : declaredSplits(data, config.data_files);
  const format = mainFormat(Object.values(splits).flat(), where);
  const kept = Object.entries(splits).map(([split, own]) =>
    [split, own.filter((file) => formatOf(file.name) === format)] as const
  );
  return { format, splits: Object.fromEntries(kept.filter(([, own]) => own.length > 0)) };
}

async function cardConfigs(card: string | null): Promise<readonly CardConfig[]> {
  const front = /^---\r?\n([\s\S]*?)\r?\n---/.exec(card ?? "")?.[1];
  if (front === undefined || !/^configs:/m.test(front)) return [];
  const { parse } = await import("yaml");
  return (parse(front) as { configs?: CardConfig[] }).configs ?? [];
}

function chooseConfig(
  configs: readonly CardConfig[],
  name: string | null,
  where: string,
): CardConfig | undefined {
  if (configs.length === 0) return undefined;
  const names = configs.map((config) => config.config_name ?? "default");
  const chosen = name === null
    ? configs.find((config) => config.default === true || config.config_name === "default") ??
      (configs.length === 1 ? configs[0] : undefined)
    : configs[names.indexOf(name)];
  if (chosen !== undefined) return chosen;
  const near = name === null ? undefined : nearest(name, names);
  throw new DataError(
    name === null ? "The dataset has several configurations" : `Unknown configuration "${name}"`,
    {
      where,
      fix: `${near === undefined ? "" : `did you mean "${near}"? `}Give name as one of ${names.join(", ")}`,
    },
  );
}

/** Files below a folder; all of them where there is no such folder. */
function inFolder(files: readonly DataFile[], folder: string | null | undefined): readonly DataFile[] {
  const prefix = `${(folder ?? "").replace(/\/+$/, "")}/`;
  const inside = files.filter((file) => file.name.startsWith(prefix));
  return inside.length > 0 ? inside : files;
}

function declaredSplits(
  files: readonly DataFile[],
  declared: NonNullable<CardConfig["data_files"]>,
): Record<string, DataFile[]> {
  const entries = typeof declared === "string" ? [declared] : declared;
  const splits: Record<string, DataFile[]> = {};
  for (const entry of entries) {
    const { split = "train", path } = typeof entry === "string" ? { path: entry } : entry;
    const patterns = (typeof path === "string" ? [path] : path).map(globPattern);
    const own = files.filter((file) => patterns.some((pattern) => pattern.test(file.name)));
    (splits[split] ??= []).push(...own);
  }
  return splits;
}

/** A glob as a regular expression: `*` and `?` within a folder, `**` across folders. */
export function globPattern(glob: string): RegExp {
  const source = glob.replace(/^\.\//, "").replace(/\*\*\/?|[*?]|[.+^${}()|\\]/g, (token) => {
    if (token.startsWith("**")) return ".*";
    if (token === "*") return "[^/]*";
    return token === "?" ? "[^/]" : `\\${token}`;
  });
  return new RegExp(`^${source}$`);
}
