import { dirname } from "node:path";
import { CheckpointError } from "../errors.ts";
import { type DType, type HostArray, hostView, numberToF16, sizeOf } from "../runtime/dtype.ts";
import { sizeOfShape } from "../runtime/layout.ts";
import { HEADER_LIMIT_BYTES, parseSafetensors } from "./safetensors_parse.ts";

/** One tensor of a file. `f16` values are ordinary numbers in a `Float32Array`; `bool` is 0 or 1 in a `Uint8Array`. */
export interface StoredTensor {
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** Elements in row-major order. */
  readonly data: HostArray;
}

/** What a safetensors file holds. */
export interface SafetensorsFile {
  /** Tensors by name, in the order of the file's header. */
  readonly tensors: Record<string, StoredTensor>;
  /** Free strings. */
  readonly metadata: Record<string, string>;
}

/** The format's dtype names, in its order of storage from the last to the first. */
const FORMAT_ORDER: readonly DType[] = ["bool", "u8", "f16", "i32", "u32", "f32"];
const FORMAT_NAMES: Readonly<Record<DType, string>> = {
  f32: "F32",
  f16: "F16",
  i32: "I32",
  u32: "U32",
  u8: "U8",
  bool: "BOOL",
};

/**
 * Writes tensors to a safetensors file that is either complete or not there: into `<path>.tmp`, synced, renamed.
 *
 * The bytes are those of the reference implementation for the same tensors.
 *
 * @param metadata Strings kept in the header; readers of PyTorch want `format: "pt"`.
 * @throws {CheckpointError} where an entry's data do not fit its shape and dtype, or the file cannot be written.
 *
 * @example
 * ```ts
 * import { loadSafetensors, saveSafetensors } from "./safetensors.ts";
 * const path = await Deno.makeTempFile({ suffix: ".safetensors" });
 * await saveSafetensors(path, { weight: { dtype: "f32", shape: [2], data: Float32Array.of(1, 2) } });
 * console.assert((await loadSafetensors(path)).tensors["weight"]?.data[1] === 2);
 * await Deno.remove(path);
 * ```
 */
export async function saveSafetensors(
  path: string,
  tensors: Readonly<Record<string, StoredTensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const parts = encodeParts(tensors, metadata, path);
  const temporary = `${path}.tmp`;
  try {
    {
      using file = await Deno.open(temporary, { write: true, create: true, truncate: true });
      for (const part of parts) await writeAll(file, part);
      await file.sync();
    }
    await Deno.rename(temporary, path);
    await syncFolder(dirname(path));
  } catch (cause) {
    await Deno.remove(temporary).catch(() => {});
    throw new CheckpointError(
      `Cannot write ${path}: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        fix: "check that the folder exists, is writable and has space",
        cause,
      },
    );
  }
}

/**
 * The bytes of a safetensors file.
 *
 * @throws {CheckpointError} where an entry's data do not fit its shape and dtype.
 */
export function encodeSafetensors(
  tensors: Readonly<Record<string, StoredTensor>>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const parts = encodeParts(tensors, metadata, "safetensors");
  const bytes = new Uint8Array(parts.reduce((total, part) => total + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}

/**
 * Reads a safetensors file. 64-bit, 16-bit and 8-bit integers become `i32`; F64 and BF16 become `f32`.
 *
 * @throws {CheckpointError} where the file is missing, truncated or garbled, or an integer exceeds 32 bits.
 */
export async function loadSafetensors(path: string): Promise<SafetensorsFile> {
  let bytes: Uint8Array;
  try {
    bytes = await Deno.readFile(path);
  } catch (cause) {
    const missing = cause instanceof Deno.errors.NotFound;
    const files = missing ? null : checkpointsIn(path);
    const reason = cause instanceof Error ? cause.message : String(cause);
    const what = missing
      ? `There is no file ${path}`
      : files === null
      ? `Cannot read ${path}: ${reason}`
      : `${path} is a folder`;
    const fix = missing
      ? neighbours(dirname(path))
      : files === null
      ? "check that it may be read"
      : `give one of its files: ${files || "it has no checkpoints"}`;
    throw new CheckpointError(what, { fix, cause });
  }
  return parseSafetensors(bytes, path);
}

/** What there is where a file is not. */
function neighbours(folder: string): string {
  const files = checkpointsIn(folder);
  if (files === null) return `check the path: there is no folder ${folder}`;
  return `check the path: ${folder === "." ? "the working directory" : folder} has ${
    files || "no checkpoints"
  }`;
}

/** Names of a folder's checkpoints; `null` where there is no such folder. */
function checkpointsIn(folder: string): string | null {
  try {
    const files = Array.from(Deno.readDirSync(folder), ({ name }) => name)
      .filter((name) => /\.(?:ckpt|safetensors)$/.test(name)).sort();
    return (files.length > 10 ? [...files.slice(0, 10), "…"] : files).join(", ");
  } catch {
    return null;
  }
}

function encodeParts(
  tensors: Readonly<Record<string, StoredTensor>>,
  metadata: Readonly<Record<string, string>>,
  where: string,
): Uint8Array[] {
  const names = Object.keys(tensors).sort((a, b) => {
    const order = FORMAT_ORDER.indexOf(tensors[b]!.dtype) - FORMAT_ORDER.indexOf(tensors[a]!.dtype);
    return order !== 0 ? order : compareCodePoints(a, b);
  });
  const entries: [string, unknown][] = Object.keys(metadata).length > 0 ? [["__metadata__", metadata]] : [];
  const data: Uint8Array[] = [];
  let offset = 0;
  for (const name of names) {
    const { dtype, shape } = tensors[name]!;
    const bytes = elementBytes(name, tensors[name]!, where);
    entries.push([name, {
      dtype: FORMAT_NAMES[dtype],
      shape,
      data_offsets: [offset, offset + bytes.length],
    }]);
    data.push(bytes);
    offset += bytes.length;
  }
  const header = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
  const padded = new Uint8Array(8 + Math.ceil(header.length / 8) * 8).fill(0x20);
  if (padded.length - 8 > HEADER_LIMIT_BYTES) {
    throw new CheckpointError(`The header would take ${header.length} bytes`, {
      where,
      fix: `it may take ${HEADER_LIMIT_BYTES}; keep large values as tensors, not in the metadata`,
    });
  }
  new DataView(padded.buffer).setBigUint64(0, BigInt(padded.length - 8), true);
  padded.set(header, 8);
  return [padded, ...data];
}

function elementBytes(name: string, tensor: StoredTensor, where: string): Uint8Array {
  const { dtype, shape } = tensor;
  const count = sizeOfShape(shape);
  let data = tensor.data;
  if (dtype === "f16" && data instanceof Float32Array) data = Uint16Array.from(data, numberToF16);
  const wanted = hostView(dtype, new Uint8Array(0), 0);
  if (name === "__metadata__" || data.length !== count || data.constructor !== wanted.constructor) {
    throw new CheckpointError(
      `Tensor "${name}" of dtype ${dtype} and shape [${
        shape.join(", ")
      }] has ${data.length} elements in a ${data.constructor.name}`,
      {
        where,
        fix: `it needs another name than __metadata__ and ${count} elements in a ${wanted.constructor.name}`,
      },
    );
  }
  return new Uint8Array(data.buffer, data.byteOffset, count * sizeOf(dtype));
}

/** The reference sorts names by their UTF-8 bytes, which is the order of code points, not of UTF-16 units. */
function compareCodePoints(a: string, b: string): number {
  const x = Array.from(a, (letter) => letter.codePointAt(0)!);
  const y = Array.from(b, (letter) => letter.codePointAt(0)!);
  for (let i = 0; i < Math.min(x.length, y.length); i++) if (x[i] !== y[i]) return x[i]! - y[i]!;
  return x.length - y.length;
}

async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  let written = 0;
  while (written < bytes.length) written += await file.write(bytes.subarray(written));
}

/** Makes the rename itself durable. Where a folder cannot be opened (Windows), the system does this on its own. */
async function syncFolder(folder: string): Promise<void> {
  if (Deno.build.os === "windows") return;
  using handle = await Deno.open(folder, { read: true });
  await handle.sync();
}
