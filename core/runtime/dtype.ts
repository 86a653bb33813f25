import { DTypeError } from "../errors.ts";

/** Element types of tensors. 64-bit integers of datasets become `i32`. */
export type DType = "f32" | "f16" | "i32" | "u32" | "u8" | "bool";

/** Every dtype, widest first. */
export const DTYPES: readonly DType[] = ["f32", "i32", "u32", "f16", "u8", "bool"];

const SIZE_BYTES: Readonly<Record<DType, number>> = { f32: 4, f16: 2, i32: 4, u32: 4, u8: 1, bool: 1 };

/** Bytes of one stored element. */
export function sizeOf(dtype: DType): number {
  return SIZE_BYTES[dtype];
}

/** Whether the dtype holds fractions, and so can carry a gradient. */
export function isFloat(dtype: DType): boolean {
  return dtype === "f32" || dtype === "f16";
}

/** Bytes that a buffer for `count` elements takes: padded to whole 16-byte words, and never zero. */
export function storageBytes(dtype: DType, count: number): number {
  return Math.max(16, Math.ceil((count * SIZE_BYTES[dtype]) / 16) * 16);
}

const RANK: Readonly<Record<DType, number>> = { bool: 0, u8: 1, i32: 2, u32: 3, f16: 4, f32: 5 };

/**
 * The dtype that holds both operands, as torch promotes them (`i32` with `u32` gives `i32`).
 *
 * @example
 * ```ts
 * import { promote } from "./dtype.ts";
 * console.assert(promote("bool", "i32") === "i32" && promote("i32", "f16") === "f16");
 * ```
 */
export function promote(a: DType, b: DType): DType {
  if (a === b) return a;
  if ((a === "i32" && b === "u32") || (a === "u32" && b === "i32")) return "i32";
  return RANK[a] > RANK[b] ? a : b;
}

/** Host arrays that elements are read into. `f16` is read as its raw bits. */
export type HostArray = Float32Array | Uint16Array | Int32Array | Uint32Array | Uint8Array;

/** A host array over raw bytes of one dtype. The bytes must be aligned to the element size. */
export function hostView(dtype: DType, bytes: Uint8Array, count: number): HostArray {
  const { buffer, byteOffset } = bytes;
  switch (dtype) {
    case "f32":
      return new Float32Array(buffer, byteOffset, count);
    case "f16":
      return new Uint16Array(buffer, byteOffset, count);
    case "i32":
      return new Int32Array(buffer, byteOffset, count);
    case "u32":
      return new Uint32Array(buffer, byteOffset, count);
    case "u8":
    case "bool":
      return new Uint8Array(buffer, byteOffset, count);
  }
}

/** An f16 bit pattern as a number. */
export function f16ToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const F32 = new Float32Array(1);
const BITS = new Uint32Array(F32.buffer);

/** A number as an f16 bit pattern, rounded to nearest even. */
export function numberToF16(value: number): number {
  F32[0] = value;
  const bits = BITS[0]!;
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fffffff;
  if (magnitude > 0x7f800000) return sign | 0x7e00;
  if (magnitude >= 0x477ff000) return sign | 0x7c00;
  if (magnitude < 0x38800000) return sign | roundHalfEven(Math.abs(value) * 2 ** 24);
  return sign | ((magnitude - 0x38000000 + 0xfff + ((magnitude >>> 13) & 1)) >>> 13);
}

function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}

/** Numbers as host elements of a dtype: truncated for integers, 0 or 1 for bool. */
export function toHostArray(dtype: DType, values: ArrayLike<number | boolean>): HostArray {
  const count = values.length;
  switch (dtype) {
    case "f32":
      return values instanceof Float32Array ? values : Float32Array.from(values as ArrayLike<number>);
    case "f16":
      return Uint16Array.from({ length: count }, (_, i) => numberToF16(Number(values[i])));
    case "i32":
      return values instanceof Int32Array ? values : Int32Array.from(values as ArrayLike<number>);
    case "u32":
      return values instanceof Uint32Array ? values : Uint32Array.from(values as ArrayLike<number>);
    case "u8":
      return values instanceof Uint8Array ? values : Uint8Array.from(values as ArrayLike<number>);
    case "bool":
      return Uint8Array.from({ length: count }, (_, i) => values[i] ? 1 : 0);
  }
}

/**
 * Checks that a word names a dtype; takes torch's and numpy's names too.
 *
 * @throws {DTypeError} listing the dtypes there are.
 */
export function parseDType(name: string, where?: string): DType {
  // Own names come first: this is asked for every tensor that is made.
  if (Object.hasOwn(SIZE_BYTES, name)) return name as DType;
  const dtype = ALIASES.get(String(name).replace(/^torch\./, ""));
  if (dtype === undefined) {
    throw new DTypeError(`Unknown dtype ${JSON.stringify(name)}`, {
      where,
      fix: `valid: ${DTYPES.join(", ")}`,
    });
  }
  return dtype;
}

const ALIASES: ReadonlyMap<string, DType> = new Map<string, DType>([
  ["f32", "f32"],
  ["float32", "f32"],
  ["float", "f32"],
  ["f16", "f16"],
  ["float16", "f16"],
  ["half", "f16"],
  ["i32", "i32"],
  ["int32", "i32"],
  ["int", "i32"],
  ["int64", "i32"],
  ["long", "i32"],
  ["u32", "u32"],
  ["uint32", "u32"],
  ["u8", "u8"],
  ["uint8", "u8"],
  ["bool", "bool"],
]);
