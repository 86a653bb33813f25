import { customInspect } from "../custom_inspect.ts";
import { DataError } from "../errors.ts";
import { hasMethods, showValue } from "../options.ts";
import type { BatchTransform, Dataset, FormatOptions, MapOptions, Row, RowFunction } from "./dataset.ts";
import { unknownSplit } from "./split.ts";

/**
 * Datasets by split name, in the manner of Hugging Face's `DatasetDict`; operations apply to every split.
 *
 * @example
 * ```ts
 * import { Dataset } from "./dataset.ts";
 * import { DatasetDict } from "./dataset_dict.ts";
 * const dict = new DatasetDict({ train: Dataset.fromColumns({ x: [1, 2] }) });
 * console.assert(dict.get("train").length === 2 && !dict.has("test"));
 * ```
 */
export class DatasetDict {
  /** Positions are its parts, not options. */
  static readonly positions = true;
  readonly #splits: ReadonlyMap<string, Dataset>;

  /** @param splits Split names to datasets. */
  constructor(splits: Readonly<Record<string, Dataset>>) {
    this.#splits = new Map(Object.entries(splits));
    if (this.#splits.size === 0) {
      throw new DataError("A DatasetDict has no split", {
        where: "data.DatasetDict",
        fix: "give at least one",
      });
    }
    for (const [name, split] of this.#splits) {
      if (hasMethods(split, "select", "withTransform")) continue;
      throw new DataError(`Split "${name}" is ${showValue(split)}, no dataset`, {
        where: "data.DatasetDict",
        fix: "give datasets by the names of their splits: { train: dataset }",
      });
    }
  }

  /** Split names, in order. */
  get splits(): string[] {
    return [...this.#splits.keys()];
  }

  /** Rows of each split. */
  get numRows(): Record<string, number> {
    return Object.fromEntries([...this.#splits].map(([name, dataset]) => [name, dataset.length]));
  }

  /** Whether a split is there. */
  has(split: string): boolean {
    return this.#splits.has(split);
  }

  /** A split. @throws {DataError} listing the splits, where there is none of that name. */
  get(split: string): Dataset {
    const dataset = this.#splits.get(split);
    if (dataset === undefined) throw unknownSplit(split, this.splits);
    return dataset;
  }

  /** Split names and datasets. */
  entries(): IterableIterator<[string, Dataset]> {
    return this.#splits.entries();
  }

  /** {@linkcode Dataset.withTransform} on every split. */
  withTransform(transform: BatchTransform, options: FormatOptions = {}): DatasetDict {
    return this.#each((dataset) => dataset.withTransform(transform, options));
  }

  /** {@linkcode Dataset.map} on every split. */
  map(update: RowFunction, options: MapOptions = {}): DatasetDict {
    return this.#each((dataset) => dataset.map(update, options));
  }

  /** {@linkcode Dataset.filter} on every split. */
  filter(keep: (row: Row, index: number) => boolean): DatasetDict {
    return this.#each((dataset) => dataset.filter(keep));
  }

  /** {@linkcode Dataset.shuffle} on every split, each in the order of the same seed. */
  shuffle(options: { readonly seed?: number | null } = {}): DatasetDict {
    return this.#each((dataset) => dataset.shuffle(options));
  }

  /** {@linkcode Dataset.renameColumn} on every split. */
  renameColumn(from: string, to: string): DatasetDict {
    return this.#each((dataset) => dataset.renameColumn(from, to));
  }

  /** {@linkcode Dataset.renameColumns} on every split. */
  renameColumns(names: Readonly<Record<string, string>>): DatasetDict {
    return this.#each((dataset) => dataset.renameColumns(names));
  }

  /** {@linkcode Dataset.removeColumns} on every split. */
  removeColumns(names: string | readonly string[]): DatasetDict {
    return this.#each((dataset) => dataset.removeColumns(names));
  }

  /** {@linkcode Dataset.selectColumns} on every split. */
  selectColumns(names: string | readonly string[]): DatasetDict {
    return this.#each((dataset) => dataset.selectColumns(names));
  }

  /** As Hugging Face prints one. */
  toString(): string {
    const splits = [...this.#splits].map(([name, dataset]) => `${name}: ${dataset}`).join("\n");
    return `DatasetDict({\n${splits.replace(/^/gm, "    ")}\n})`;
  }

  /** What `console.log` shows. */
  [customInspect](): string {
    return this.toString();
  }

  #each(change: (dataset: Dataset) => Dataset): DatasetDict {
    return new DatasetDict(Object.fromEntries([...this.#splits].map(([name, d]) => [name, change(d)])));
  }
}
