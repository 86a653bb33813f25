import type { Batch } from "../batch.ts";
import { customInspect } from "../custom_inspect.ts";
import { DataError, nearest } from "../errors.ts";
import { count, either, list, optional, required, takeOptions, text } from "../options.ts";
import { batchValue, unbatchValue } from "./collate.ts";
import { type Column, inferColumn } from "./column.ts";
import { type Feature, type Features, Value } from "./features.ts";
import { JoinedColumn } from "./joined_column.ts";
import { permutation, trainTestRows, type TrainTestSplitOptions } from "./split.ts";

/** One row on the host: column names to values. */
export type Row = Record<string, unknown>;

/** Changes a batch: gets columns as tensors (or lists where rows differ in shape), returns the new columns. */
export type BatchTransform = ((batch: Batch) => Batch) | { forward(batch: Batch): Batch };

/** Options of `withTransform`. */
export interface FormatOptions {
  /** The columns that the transform sees; the others are hidden. @default all */
  readonly columns?: readonly string[] | null;
  /** Whether hidden columns are added to the result untransformed. @default false */
  readonly outputAllColumns?: boolean;
}

/** Options of `map`. */
export interface MapOptions {
  /** Whether the function gets lists of many rows at a time. @default false */
  readonly batched?: boolean;
  /** Rows at a time where `batched`. @default 1000 */
  readonly batchSize?: number;
  /** Whether the row number (or the list of them) comes as second argument. @default false */
  readonly withIndices?: boolean;
  /** Columns that the result lacks. @default none */
  readonly removeColumns?: string | readonly string[];
}

/**
 * A function on rows (or on lists of rows, where batched); what it returns updates the columns.
 *
 * Its second argument is a row number, or where batched a list of them; a function may declare it as either.
 */
export type RowFunction = (row: Row, index: number & readonly number[]) => Row | null | undefined | void;

interface Format {
  readonly transform: BatchTransform;
  readonly columns: readonly string[] | null;
  readonly outputAllColumns: boolean;
}

interface Parts {
  readonly columns: ReadonlyMap<string, Column>;
  readonly features: Features;
  readonly rows: Int32Array | null;
  readonly format: Format | null;
  readonly length: number;
}

/**
 * A table in host memory, in the manner of Hugging Face's `Dataset`: named columns of typed arrays or lists.
 *
 * Operations give a new dataset and copy no data where a list of row numbers does. `at` and iteration give host
 * values; `fetch` gathers many rows in bulk into tensors, which are lazy and touch no device.
 *
 * @example
 * ```ts
 * import { Dataset } from "./dataset.ts";
 * const dataset = Dataset.fromColumns({ x: [[1, 2], [3, 4], [5, 6]], label: [0, 1, 0] });
 * console.assert(dataset.at(-1).label === 0 && dataset.select([1]).at(0).label === 1);
 * ```
 */
export class Dataset {
  readonly #parts: Parts;

  private constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * A dataset of columns: typed arrays, lists of one length, or columns of a source.
   *
   * @param features What columns hold; found from the values where a column has none here.
   * @throws {DataError} where columns differ in length.
   */
  static fromColumns(
    columns: Readonly<Record<string, ArrayLike<unknown> | Column>>,
    features: Features = {},
  ): Dataset {
    const made = new Map<string, Column>();
    const known: Record<string, Feature> = {};
    for (const [name, values] of Object.entries(columns)) {
      const inferred = isColumn(values) ? null : inferColumn(name, values, features[name]);
      made.set(name, inferred === null ? values as Column : inferred.column);
      known[name] = features[name] ?? inferred?.feature ?? new Value({ dtype: "json" });
    }
    const lengths = [...made].map(([name, column]) => `${name} ${column.length}`);
    if (new Set([...made.values()].map((column) => column.length)).size > 1) {
      throw new DataError(`Columns differ in length: ${lengths.join(", ")}`, {
        where: "data.Dataset",
        fix: "give every column one value per row",
      });
    }
    const length = made.values().next().value?.length ?? 0;
    return new Dataset({ columns: made, features: known, rows: null, format: null, length });
  }

  /** A dataset of rows; a key that a row lacks is `null` there. */
  static fromRows(rows: readonly Row[], features: Features = {}): Dataset {
    const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
    const columns = names.map((name) => [name, rows.map((row) => row[name] ?? null)] as const);
    return Dataset.fromColumns(Object.fromEntries(columns), features);
  }

  /**
   * The rows of several datasets, one after the other; transforms are left behind.
   *
   * @throws {DataError} where they have different columns.
   */
  static concatenate(datasets: readonly Dataset[]): Dataset {
    const [first] = datasets;
    const names = first?.columnNames ?? [];
    for (const dataset of datasets) {
      if (dataset.columnNames.join() === names.join()) continue;
      throw new DataError(`Datasets differ in their columns: ${dataset.columnNames.join(", ")}`, {
        where: "data.Dataset.concatenate",
        fix: `the first has ${names.join(", ")}; select or rename columns first`,
      });
    }
    const columns = names.map((name) => {
      const parts = datasets.map((d) => ({ column: d.#column(name), rows: d.#parts.rows, length: d.length }));
      return [name, new JoinedColumn(parts)] as const;
    });
    return Dataset.fromColumns(Object.fromEntries(columns), first?.features ?? {});
  }

  /** Number of rows. */
  get length(): number {
    return this.#parts.length;
  }

  /** Number of rows, by Hugging Face's name. */
  get numRows(): number {
    return this.length;
  }

  /** Column names, in order. */
  get columnNames(): string[] {
    return [...this.#parts.columns.keys()];
  }

  /** What each column holds. */
  get features(): Features {
    return this.#parts.features;
  }

  /**
   * One row; negative numbers count from the end. With a transform, the result of a batch of one.
   *
   * @throws {DataError} outside the rows.
   */
  at(index: number): Row {
    const { length, format } = this.#parts;
    const row = index < 0 ? index + length : index;
    if (!Number.isInteger(row) || row < 0 || row >= length) {
      throw new DataError(`Invalid key: ${index} is out of bounds for size ${length}`, {
        where: "data.Dataset.at",
        fix: `give a row from ${-length} to ${length - 1}`,
      });
    }
    if (format === null) return this.#hostRow(row);
    const batch = this.fetch([row]);
    return Object.fromEntries(Object.entries(batch).map(([name, value]) => [name, unbatchValue(value)]));
  }

  /**
   * A column's host values, untransformed.
   *
   * @throws {DataError} for a column that is not there.
   */
  column(name: string): unknown[] {
    const column = this.#column(name);
    return Array.from({ length: this.length }, (_, i) => column.cell(this.#stored(i)));
  }

  /**
   * Rows as one batch: numbers and images of one shape as tensors, the rest as lists; then the transform.
   *
   * Images are `u8 [batch, channels, height, width]`, 64-bit integers `i32`, fractions `f32`.
   */
  fetch(indices: ArrayLike<number>): Batch {
    const { columns, format, rows } = this.#parts;
    const stored = rows === null ? indices : Int32Array.from(indices, (i) => rows[i]!);
    const gather = (names: Iterable<string>): Batch => {
      const batch: Batch = {};
      for (const name of names) batch[name] = batchValue(this.#column(name).gather(stored));
      return batch;
    };
    if (format === null) return gather(columns.keys());
    const { transform, columns: shown } = format;
    const seen = gather(shown ?? columns.keys());
    const result = typeof transform === "function" ? transform(seen) : transform.forward(seen);
    if (shown === null || !format.outputAllColumns) return result;
    const hidden = [...columns.keys()].filter((name) => !shown.includes(name));
    return { ...gather(hidden), ...result };
  }

  /** Host rows, one by one. */
  *[Symbol.iterator](): IterableIterator<Row> {
    for (let i = 0; i < this.length; i++) yield this.at(i);
  }

  /**
   * The given rows, in the given order.
   *
   * @throws {DataError} for a row that is not there.
   */
  select(indices: ArrayLike<number>): Dataset {
    const rows = Int32Array.from(indices, (i) => {
      if (Number.isInteger(i) && i >= 0 && i < this.length) return this.#stored(i);
      throw new DataError(`Row ${i} is outside the ${this.length} rows`, {
        where: "data.Dataset.select",
        fix: `give rows from 0 to ${this.length - 1}`,
      });
    });
    return this.#with({ rows, length: rows.length });
  }

  /** Rows `from` up to, not including, `to`, as `Array.prototype.slice` counts them. */
  slice(from: number, to: number = this.length): Dataset {
    const order = Int32Array.from({ length: this.length }, (_, i) => i);
    return this.select(order.slice(from, to));
  }

  /** The first `count` rows. */
  take(count: number): Dataset {
    return this.slice(0, Math.max(0, count));
  }

  /** All but the first `count` rows. */
  skip(count: number): Dataset {
    return this.slice(Math.max(0, count));
  }

  /** Rows in numpy's random order for the seed; without a seed, in an order that differs from run to run. */
  shuffle(options: { readonly seed?: number | null } = {}): Dataset {
    const { seed } = takeOptions<{ seed?: number | null }>("data.Dataset.shuffle", options, {
      seed: optional(count(required)),
    });
    return this.select(permutation(this.length, seed));
  }

  /**
   * Two parts, `train` and `test`, with the rows that Hugging Face's `train_test_split` gives them.
   *
   * @throws {DataError} where the sizes do not fit.
   */
  trainTestSplit(options: TrainTestSplitOptions = {}): { train: Dataset; test: Dataset } {
    const { train, test } = trainTestRows(this.length, options);
    return { train: this.select(train), test: this.select(test) };
  }

  /** Rows sorted by a column, stable. */
  sort(name: string, options: { readonly reverse?: boolean } = {}): Dataset {
    const { reverse } = takeOptions<{ reverse?: boolean }>("data.Dataset.sort", options, { reverse: false });
    const values = this.column(name) as (number | string)[];
    const sign = reverse ? -1 : 1;
    const order = values.map((_, i) => i);
    order.sort((a, b) => sign * (values[a]! < values[b]! ? -1 : values[a]! > values[b]! ? 1 : 0));
    return this.select(order);
  }

  /** Rows for which the function says yes. It gets host values, untransformed. */
  filter(keep: (row: Row, index: number) => boolean): Dataset {
    const rows: number[] = [];
    for (let i = 0; i < this.length; i++) if (keep(this.#hostRow(i), i)) rows.push(i);
    return this.select(rows);
  }

  /**
   * Columns updated by what the function returns for each row; it gets host values, untransformed.
   *
   * Where `batched`, it gets and returns lists, and may change the number of rows if no old column is kept.
   *
   * @throws {DataError} where new columns and kept columns differ in length.
   */
  map(update: RowFunction, options: MapOptions = {}): Dataset {
    const o = takeOptions<MapOptions>("data.Dataset.map", options, {
      batched: false,
      batchSize: count(1000, 1),
      withIndices: false,
      removeColumns: either(text(required), list(text(required))).withDefault([]),
    });
    const made = new Map<string, unknown[]>();
    const put = (name: string, values: readonly unknown[]): void => {
      const list = made.get(name) ?? [];
      if (!made.has(name)) made.set(name, list);
      for (const value of values) list.push(value);
    };
    const call = (row: Row, index: number | number[]): Row =>
      (o.withIndices ? update(row, index as never) : (update as (row: Row) => Row | null)(row)) ?? {};
    if (o.batched) {
      for (let from = 0; from < this.length; from += o.batchSize) {
        const indices = Array.from({ length: Math.min(o.batchSize, this.length - from) }, (_, i) => from + i);
        for (const [name, values] of Object.entries(call(this.#hostRows(indices), indices))) {
          put(name, values as unknown[]);
        }
      }
    } else {
      for (let i = 0; i < this.length; i++) {
        for (const [name, value] of Object.entries(call(this.#hostRow(i), i))) put(name, [value]);
      }
    }
    const removed = typeof o.removeColumns === "string" ? [o.removeColumns] : o.removeColumns;
    const kept = this.removeColumns(removed.filter((name) => !made.has(name)));
    const old = kept.columnNames.filter((name) => !made.has(name));
    const columns: Record<string, ArrayLike<unknown> | Column> = {};
    const features: Record<string, Feature> = {};
    for (const name of old) {
      columns[name] = kept.#dense(name);
      features[name] = kept.features[name]!;
    }
    const result = Dataset.fromColumns({ ...columns, ...Object.fromEntries(made) }, features);
    return result.#with({ format: this.#parts.format });
  }

  /** The dataset with one more column. */
  addColumn(name: string, values: ArrayLike<unknown>): Dataset {
    if (this.#parts.columns.has(name)) {
      throw new DataError(`Column "${name}" is there already`, {
        where: "data.Dataset.addColumn",
        fix: "remove it first, or choose another name",
      });
    }
    const columns = Object.fromEntries(this.columnNames.map((old) => [old, this.#dense(old)]));
    const result = Dataset.fromColumns({ ...columns, [name]: values }, this.features);
    return result.#with({ format: this.#parts.format });
  }

  /** The dataset without some columns. @throws {DataError} for a column that is not there. */
  removeColumns(names: string | readonly string[]): Dataset {
    const removed = typeof names === "string" ? [names] : names;
    for (const name of removed) this.#column(name);
    return this.selectColumns(this.columnNames.filter((name) => !removed.includes(name)));
  }

  /** The dataset with only some columns. @throws {DataError} for a column that is not there. */
  selectColumns(names: string | readonly string[]): Dataset {
    const chosen = typeof names === "string" ? [names] : names;
    return this.#renamed(chosen.map((name) => [name, name]));
  }

  /** The dataset with one column under another name. @throws {DataError} for a column that is not there. */
  renameColumn(from: string, to: string): Dataset {
    return this.renameColumns({ [from]: to });
  }

  /** The dataset with columns under other names, old → new. @throws {DataError} for one that is not there. */
  renameColumns(names: Readonly<Record<string, string>>): Dataset {
    for (const name of Object.keys(names)) this.#column(name);
    return this.#renamed(this.columnNames.map((name) => [name, names[name] ?? name]));
  }

  /**
   * The dataset with a transform on every access: lazy, never cached, once per batch.
   *
   * @throws {DataError} for a column that is not there.
   */
  withTransform(transform: BatchTransform, options: FormatOptions = {}): Dataset {
    const o = takeOptions<FormatOptions>("data.Dataset.withTransform", options, {
      columns: optional(list(text(required))),
      outputAllColumns: false,
    });
    for (const name of o.columns ?? []) this.#column(name);
    return this.#with({ format: { transform, ...o } });
  }

  /** As Hugging Face prints a dataset. */
  toString(): string {
    const names = this.columnNames.map((name) => `'${name}'`).join(", ");
    return `Dataset({\n    features: [${names}],\n    num_rows: ${this.length}\n})`;
  }

  /** What `console.log` shows. */
  [customInspect](): string {
    return this.toString();
  }

  #with(change: Partial<Parts>): Dataset {
    return new Dataset({ ...this.#parts, ...change });
  }

  #renamed(pairs: readonly (readonly [from: string, to: string])[]): Dataset {
    const columns = new Map(pairs.map(([from, to]) => [to, this.#column(from)] as const));
    const features = Object.fromEntries(pairs.map(([from, to]) => [to, this.features[from]!]));
    return this.#with({ columns, features });
  }

  #stored(index: number): number {
    const { rows } = this.#parts;
    return rows === null ? index : rows[index]!;
  }

  #column(name: string): Column {
    const column = this.#parts.columns.get(name);
    if (column !== undefined) return column;
    const near = nearest(name, this.columnNames);
    throw new DataError(`Dataset has no column "${name}"`, {
      where: "data.Dataset",
      fix: `${near === undefined ? "" : `did you mean "${near}"? `}The columns are ${
        this.columnNames.join(", ")
      }`,
    });
  }

  #hostRow(index: number): Row {
    const stored = this.#stored(index);
    const row: Row = {};
    for (const [name, column] of this.#parts.columns) row[name] = column.cell(stored);
    return row;
  }

  #hostRows(indices: readonly number[]): Row {
    const rows: Row = {};
    for (const [name, column] of this.#parts.columns) {
      rows[name] = indices.map((i) => column.cell(this.#stored(i)));
    }
    return rows;
  }

  /** A column with its rows in this dataset's order, so that new columns can stand beside it. */
  #dense(name: string): Column {
    const { rows, length } = this.#parts;
    const column = this.#column(name);
    return rows === null ? column : new JoinedColumn([{ column, rows, length }]);
  }
}

function isColumn(values: ArrayLike<unknown> | Column): values is Column {
  return "gather" in values;
}
