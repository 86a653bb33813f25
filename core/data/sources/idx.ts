import { DataError } from "../../errors.ts";
import type { ColumnArray } from "../column.ts";

/** Contents of an IDX file, the format of MNIST. */
export interface IdxArray {
  readonly shape: readonly number[];
  /** Row-major values; bytes are a view of the file's own memory. */
  readonly data: ColumnArray;
}

type Read = (view: DataView, offset: number) => number;

/** Element types by the third byte of an IDX file: bytes each, and how one is read. */
const KINDS: Readonly<Record<number, readonly [sizeBytes: number, kind: "u8" | "i32" | "f64", read: Read]>> =
  {
    0x08: [1, "u8", (view, at) => view.getUint8(at)],
    0x09: [1, "i32", (view, at) => view.getInt8(at)],
    0x0b: [2, "i32", (view, at) => view.getInt16(at)],
    0x0c: [4, "i32", (view, at) => view.getInt32(at)],
    0x0d: [4, "f64", (view, at) => view.getFloat32(at)],
    0x0e: [8, "f64", (view, at) => view.getFloat64(at)],
  };

/**
 * Reads an IDX file.
 *
 * @param bytes The whole file.
 * @param file Its name, for errors.
 * @throws {DataError} where the header is none, or the file is shorter or longer than its header says.
 *
 * @example
 * ```ts
 * import { parseIdx } from "./idx.ts";
 * const labels = parseIdx(Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 3, 5, 0, 4), "labels");
 * console.assert(labels.shape[0] === 3 && labels.data[0] === 5);
 * ```
 */
export function parseIdx(bytes: Uint8Array, file: string): IdxArray {
  const kind = KINDS[bytes[2] ?? 0];
  const rank = bytes[3] ?? 0;
  if (bytes.length < 4 || bytes[0] !== 0 || bytes[1] !== 0 || kind === undefined || rank === 0) {
    const head = [...bytes.subarray(0, 4)].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    throw new DataError(`Not an IDX file: it begins with ${head || "nothing"}`, {
      where: file,
      fix: "an IDX file begins with 00 00, a type (08 for bytes) and a rank; unpack it if it is compressed",
    });
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = 4 + 4 * rank;
  const shape = bytes.length < start ? [] : Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  const [sizeBytes, type, read] = kind;
  const count = shape.reduce((size, n) => size * n, 1);
  const expected = start + count * sizeBytes;
  if (shape.length === 0 || bytes.length !== expected) {
    throw new DataError(`IDX file has ${bytes.length} bytes, but its header says ${expected}`, {
      where: `${file}, shape [${shape.join(", ")}]`,
      fix: "fetch the file again: it is truncated or damaged",
    });
  }
  if (type === "u8") return { shape, data: bytes.subarray(start) };
  const data = type === "i32" ? new Int32Array(count) : new Float64Array(count);
  for (let i = 0; i < count; i++) data[i] = read(view, start + i * sizeBytes);
  return { shape, data };
}
