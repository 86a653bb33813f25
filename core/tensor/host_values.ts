import { DTypeError, ShapeError, ValueError } from "../errors.ts";
import { showValue } from "../options.ts";
import { type DType, type HostArray, parseDType, toHostArray } from "../runtime/dtype.ts";
import { type Shape, showShape, sizeOfShape } from "../runtime/layout.ts";

/** Numbers or booleans, nested as deep as the tensor has axes. */
export type Nested = number | boolean | readonly Nested[];

/** Typed arrays that a tensor can be made from. */
export type HostInput =
  | HostArray
  | Float64Array
  | Int8Array
  | Int16Array
  | Uint8ClampedArray
  | BigInt64Array
  | BigUint64Array;

/** Values as a tensor keeps them on the host. */
export interface HostValues {
  readonly host: HostArray;
  readonly shape: Shape;
  readonly dtype: DType;
}

/** The dtype that holds a typed array's values; 64-bit ones narrow, whole numbers only where they fit. */
const DTYPE_OF: Readonly<Record<string, DType>> = {
  Float16Array: "f16",
  Float32Array: "f32",
  Float64Array: "f32",
  Int8Array: "i32",
  Int16Array: "i32",
  Int32Array: "i32",
  Uint8Array: "u8",
  Uint8ClampedArray: "u8",
  Uint16Array: "i32",
  Uint32Array: "u32",
  BigInt64Array: "i32",
  BigUint64Array: "i32",
};

/**
 * Values of a tensor from what it is made of.
 *
 * @param shape The shape that was asked for, or `null` for that of the values.
 * @param name The dtype that was asked for, or `null` for that of the values.
 * @throws {DTypeError} where the values are no numbers or the dtype is unknown, {@linkcode ShapeError} where they do not
 * fill the shape, {@linkcode ValueError} where a 64-bit number does not fit 32 bits.
 */
export function hostValues(
  values: unknown,
  shape: Shape | null,
  name: string | null,
  where: string,
): HostValues {
  if (shape !== null) checkShape(shape, where);
  const given = name === null ? null : parseDType(name, where);
  const read = ArrayBuffer.isView(values) ? ofArray(values, where) : ofNested(values, where);
  const dtype = given ?? read.dtype;
  const full = shape ?? read.shape;
  if (sizeOfShape(full) !== read.flat.length) {
    throw new ShapeError(`${read.flat.length} values do not fill shape ${showShape(full)}`, {
      where,
      fix: `it takes ${sizeOfShape(full)}`,
    });
  }
  // Raw bits, where they are asked for.
  const raw = dtype === "f16" && read.flat instanceof Uint16Array;
  return { host: raw ? read.flat as Uint16Array : toHostArray(dtype, read.flat), shape: full, dtype };
}

/**
 * Checks the sizes of a tensor that is made.
 *
 * @throws {ShapeError} where they are not whole numbers of at least 0.
 */
export function checkShape(shape: Shape, where: string): void {
  if (Array.isArray(shape) && shape.every((n) => Number.isSafeInteger(n) && n >= 0)) return;
  throw new ShapeError(`${where} cannot use the shape ${showValue(shape)}`, {
    where,
    fix: "give a list of whole numbers of at least 0: [2, 3]",
  });
}

interface Read {
  readonly flat: ArrayLike<number | boolean>;
  readonly shape: Shape;
  readonly dtype: DType;
}

function ofArray(values: ArrayBufferView, where: string): Read {
  // Its own tag, which a subclass such as Buffer keeps.
  const kind = Object.prototype.toString.call(values).slice(8, -1);
  const dtype = DTYPE_OF[kind];
  if (dtype === undefined) throw notNumbers(`a ${kind}`, where);
  const wide = values instanceof BigInt64Array || values instanceof BigUint64Array;
  const flat = wide ? narrowed(values, where) : values as unknown as ArrayLike<number>;
  return { flat, shape: [flat.length], dtype };
}

function narrowed(values: BigInt64Array | BigUint64Array, where: string): Int32Array {
  const narrow = new Int32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = Number(values[i]!);
    narrow[i] = value;
    if (narrow[i] !== value) {
      throw new ValueError(`${values[i]} at position ${i} does not fit i32`, {
        where,
        fix: "whole numbers have 32 bits: use smaller ones, or Float32Array.from(values, Number)",
      });
    }
  }
  return narrow;
}

function ofNested(values: unknown, where: string): Read {
  const shape: number[] = [];
  for (let inner = values; Array.isArray(inner); inner = inner[0]) {
    shape.push(inner.length);
    if (inner.length === 0) break;
  }
  const flat: (number | boolean)[] = [];
  let allBool = true;
  const visit = (value: unknown, depth: number): void => {
    if (!Array.isArray(value)) {
      if (typeof value !== "number" && typeof value !== "boolean") throw notNumbers(showValue(value), where);
      if (depth !== shape.length) throw uneven(shape, where);
      allBool &&= typeof value === "boolean";
      flat.push(value);
      return;
    }
    if (value.length !== shape[depth]) throw uneven(shape, where);
    for (const item of value) visit(item, depth + 1);
  };
  visit(values, 0);
  return { flat, shape, dtype: allBool && flat.length > 0 ? "bool" : "f32" };
}

function notNumbers(what: string, where: string): DTypeError {
  return new DTypeError(`${where} cannot be made from ${what}`, {
    where,
    fix: "give numbers, booleans, nested arrays of them, or a typed array",
  });
}

function uneven(shape: readonly number[], where: string): ShapeError {
  return new ShapeError(
    `Nested values have rows of different lengths; the first ones give ${showShape(shape)}`,
    {
      where,
      fix: "give every row the same length",
    },
  );
}
