import { DataError } from "../errors.ts";
import type { DType, HostArray } from "../runtime/dtype.ts";
import { type Feature, Image, List, Value } from "./features.ts";
import { type ImageValue, isImageValue } from "./image.ts";

/** Typed arrays that a column can lie in; doubles keep what a file says, and become `f32` in a batch. */
export type ColumnArray = HostArray | Float64Array;

/** Rows of a column as one dense array: what becomes a tensor. */
export interface Block {
  readonly dtype: DType;
  /** `[rows, …shape of one row]`. */
  readonly shape: readonly number[];
  readonly data: HostArray;
}

/** One column of a dataset, in host memory. */
export interface Column {
  /** Number of rows. */
  readonly length: number;
  /** The value of one row. */
  cell(row: number): unknown;
  /** Rows in the given order: dense where they have one shape, a list otherwise. */
  gather(rows: ArrayLike<number>): Block | unknown[];
}

/** Whether gathered rows lie in one dense array. */
export function isBlock(rows: Block | unknown[]): rows is Block {
  return !Array.isArray(rows);
}

/** Numbers or booleans of one shape per row. */
export class ArrayColumn implements Column {
  readonly length: number;
  readonly dtype: DType;
  readonly #data: ColumnArray;
  readonly #rowShape: readonly number[];
  readonly #rowSize: number;

  /** @param rowShape Shape of one row; `[]` for a number per row. */
  constructor(dtype: DType, data: ColumnArray, rowShape: readonly number[] = []) {
    this.dtype = dtype;
    this.#data = data;
    this.#rowShape = rowShape;
    this.#rowSize = rowShape.reduce((size, n) => size * n, 1);
    this.length = this.#rowSize === 0 ? 0 : data.length / this.#rowSize;
  }

  cell(row: number): unknown {
    if (this.#rowShape.length === 0) return this.#scalar(row);
    return this.#nested(row * this.#rowSize, 0);
  }

  gather(rows: ArrayLike<number>): Block {
    const shape = [rows.length, ...this.#rowShape];
    const data = newHostArray(this.dtype, rows.length * this.#rowSize);
    gatherRows(this.#data, this.#rowSize, rows, data);
    return { dtype: this.dtype, shape, data };
  }

  #scalar(index: number): number | boolean {
    const value = this.#data[index]!;
    return this.dtype === "bool" ? value !== 0 : value;
  }

  #nested(offset: number, axis: number): unknown {
    if (axis === this.#rowShape.length) return this.#scalar(offset);
    const step = this.#rowShape.slice(axis + 1).reduce((size, n) => size * n, 1);
    return Array.from({ length: this.#rowShape[axis]! }, (_, i) => this.#nested(offset + i * step, axis + 1));
  }
}

/** Decoded images of one size. */
export class ImageColumn implements Column {
  readonly length: number;
  readonly #data: Uint8Array;
  readonly #shape: readonly [channels: number, height: number, width: number];
  readonly #size: number;

  /** @param data Planar pixels: `[rows, channels, height, width]`. */
  constructor(data: Uint8Array, shape: readonly [channels: number, height: number, width: number]) {
    this.#data = data;
    this.#shape = shape;
    this.#size = shape[0] * shape[1] * shape[2];
    this.length = data.length / this.#size;
  }

  cell(row: number): ImageValue {
    const [channels, height, width] = this.#shape;
    const data = this.#data.subarray(row * this.#size, (row + 1) * this.#size);
    return { channels, height, width, data };
  }

  gather(rows: ArrayLike<number>): Block {
    const data = new Uint8Array(rows.length * this.#size);
    gatherRows(this.#data, this.#size, rows, data);
    return { dtype: "u8", shape: [rows.length, ...this.#shape], data };
  }
}

/** Any values: strings, lists of varying length, images of varying size. */
export class ListColumn implements Column {
  readonly #values: readonly unknown[];

  constructor(values: readonly unknown[]) {
    this.#values = values;
  }

  get length(): number {
    return this.#values.length;
  }

  cell(row: number): unknown {
    return this.#values[row];
  }

  gather(rows: ArrayLike<number>): Block | unknown[] {
    return stackImages(Array.from(rows, (row) => this.#values[row]));
  }
}

/** Images of one size as a dense block; anything else as it is. */
export function stackImages(values: unknown[]): Block | unknown[] {
  const first = values[0];
  if (!isImageValue(first)) return values;
  const { channels, height, width } = first;
  const size = channels * height * width;
  const data = new Uint8Array(values.length * size);
  for (const [i, value] of values.entries()) {
    if (!isImageValue(value)) return values;
    if (value.channels !== channels || value.height !== height || value.width !== width) return values;
    data.set(value.data, i * size);
  }
  return { dtype: "u8", shape: [values.length, channels, height, width], data };
}

/**
 * What a column of these values holds, and the column itself.
 *
 * @param declared What the source says it holds: keeps whole numbers of a float column floats.
 */
export function inferColumn(
  name: string,
  values: ArrayLike<unknown>,
  declared?: Feature,
): { column: Column; feature: Feature } {
  if (ArrayBuffer.isView(values)) return fromTypedArray(name, values);
  const list = Array.from(values);
  if (list.length > 0 && list.every(isImageValue)) return { column: imageColumn(list), feature: new Image() };
  if (list.length > 0 && list.every((value) => typeof value === "boolean")) {
    const column = new ArrayColumn("bool", Uint8Array.from(list, Number));
    return { column, feature: new Value({ dtype: "bool" }) };
  }
  const shape = numericShape(list[0]);
  const flat = shape === null ? null : flatten(list, shape);
  if (shape === null || flat === null) {
    return { column: new ListColumn(list), feature: new Value({ dtype: valueDType(list) }) };
  }
  const integer = !holdsFloats(declared) &&
    flat.every((value) => Number.isInteger(value) && Math.abs(value) < 2 ** 31);
  const column = new ArrayColumn(integer ? "i32" : "f32", integer ? Int32Array.from(flat) : flat, shape);
  const leaf: Feature = new Value({ dtype: integer ? "int64" : "float64" });
  return {
    column,
    feature: shape.reduceRight((feature: Feature, length) => new List({ feature, length }), leaf),
  };
}

function holdsFloats(feature: Feature | undefined): boolean {
  if (feature instanceof List) return holdsFloats(feature.feature);
  return feature instanceof Value && /^(float|double|decimal)/.test(feature.dtype);
}

function imageColumn(images: ImageValue[]): Column {
  const block = stackImages(images);
  if (!isBlock(block)) return new ListColumn(images);
  const [, channels, height, width] = block.shape as [number, number, number, number];
  return new ImageColumn(block.data as Uint8Array, [channels, height, width]);
}

const ARRAY_KINDS: Readonly<Record<string, readonly [dtype: DType, name: string]>> = {
  Float64Array: ["f32", "float64"],
  Float32Array: ["f32", "float32"],
  Int32Array: ["i32", "int64"],
  Uint32Array: ["u32", "uint32"],
  Uint8Array: ["u8", "uint8"],
};

function fromTypedArray(name: string, values: ArrayBufferView): { column: Column; feature: Feature } {
  const kind = ARRAY_KINDS[values.constructor.name];
  if (kind === undefined) {
    throw new DataError(`Column "${name}" cannot lie in a ${values.constructor.name}`, {
      where: "data.Dataset",
      fix: `give a plain array, or one of ${Object.keys(ARRAY_KINDS).join(", ")}`,
    });
  }
  const [dtype, label] = kind;
  return { column: new ArrayColumn(dtype, values as ColumnArray), feature: new Value({ dtype: label }) };
}

function valueDType(list: readonly unknown[]): string {
  return list.some((value) => typeof value === "object" && value !== null) ? "json" : "string";
}

function numericShape(value: unknown): number[] | null {
  if (typeof value === "number") return [];
  if (!Array.isArray(value) || value.length === 0) return null;
  const inner = numericShape(value[0]);
  return inner === null ? null : [value.length, ...inner];
}

/** Rows of one shape as doubles, or `null` where a row is different. */
function flatten(rows: readonly unknown[], shape: readonly number[]): Float64Array | null {
  const out = new Float64Array(rows.length * shape.reduce((size, n) => size * n, 1));
  let next = 0;
  const put = (value: unknown, axis: number): boolean => {
    if (axis === shape.length) {
      if (typeof value !== "number") return false;
      out[next++] = value;
      return true;
    }
    return Array.isArray(value) && value.length === shape[axis] && value.every((item) => put(item, axis + 1));
  };
  return rows.every((row) => put(row, 0)) ? out : null;
}

function newHostArray(dtype: DType, length: number): HostArray {
  switch (dtype) {
    case "f32":
      return new Float32Array(length);
    case "f16":
      return new Uint16Array(length);
    case "i32":
      return new Int32Array(length);
    case "u32":
      return new Uint32Array(length);
    case "u8":
    case "bool":
      return new Uint8Array(length);
  }
}

function gatherRows(from: ColumnArray, size: number, rows: ArrayLike<number>, to: HostArray): void {
  if (size === 1) {
    for (let i = 0; i < rows.length; i++) to[i] = from[rows[i]!]!;
    return;
  }
  for (let i = 0; i < rows.length; i++) {
    to.set(from.subarray(rows[i]! * size, (rows[i]! + 1) * size), i * size);
  }
}
