import { CheckpointError } from "../errors.ts";
import { type DType, f16ToNumber, type HostArray } from "../runtime/dtype.ts";
import type { SafetensorsFile, StoredTensor } from "./safetensors.ts";

/** The longest header that the format allows. */
export const HEADER_LIMIT_BYTES = 100_000_000;

/** How one of the format's dtypes becomes one of ours: its width in bytes and a reader over an aligned buffer. */
interface StoredType {
  readonly dtype: DType;
  readonly width: number;
  read(bytes: ArrayBuffer, fail: (what: string) => never): HostArray;
}

const TYPES: Readonly<Record<string, StoredType>> = {
  BOOL: { dtype: "bool", width: 1, read: (b) => new Uint8Array(b) },
  U8: { dtype: "u8", width: 1, read: (b) => new Uint8Array(b) },
  I8: { dtype: "i32", width: 1, read: (b) => Int32Array.from(new Int8Array(b)) },
  I16: { dtype: "i32", width: 2, read: (b) => Int32Array.from(new Int16Array(b)) },
  U16: { dtype: "i32", width: 2, read: (b) => Int32Array.from(new Uint16Array(b)) },
  F16: { dtype: "f16", width: 2, read: (b) => Float32Array.from(new Uint16Array(b), f16ToNumber) },
  BF16: {
    dtype: "f32",
    width: 2,
    read: (b) => new Float32Array(Uint32Array.from(new Uint16Array(b), (bits) => bits << 16).buffer),
  },
  I32: { dtype: "i32", width: 4, read: (b) => new Int32Array(b) },
  U32: { dtype: "u32", width: 4, read: (b) => new Uint32Array(b) },
  F32: { dtype: "f32", width: 4, read: (b) => new Float32Array(b) },
  F64: { dtype: "f32", width: 8, read: (b) => Float32Array.from(new Float64Array(b)) },
  I64: { dtype: "i32", width: 8, read: (b, fail) => narrow(new BigInt64Array(b), fail) },
  U64: { dtype: "i32", width: 8, read: (b, fail) => narrow(new BigUint64Array(b), fail) },
};

/**
 * Reads the bytes of a safetensors file.
 *
 * @param path The file's name, for errors.
 * @throws {CheckpointError} where the bytes are truncated or garbled, or an integer exceeds 32 bits.
 */
export function parseSafetensors(bytes: Uint8Array, path = "safetensors"): SafetensorsFile {
  const { header, dataStart } = parseHeader(bytes, path);
  const tensors: [string, StoredTensor][] = [];
  let metadata: Record<string, string> = {};
  const ranges: [begin: number, end: number, name: string][] = [];
  for (const [name, entry] of Object.entries(header)) {
    if (name === "__metadata__") {
      metadata = checkMetadata(entry, path);
      continue;
    }
    const { type, shape, begin, end } = checkEntry(name, entry, bytes.length - dataStart, path);
    ranges.push([begin, end, name]);
    // A copy: offsets need not be aligned, and a view would keep the whole file in memory.
    const data = type.read(bytes.slice(dataStart + begin, dataStart + end).buffer as ArrayBuffer, (what) => {
      throw garbled(path, `tensor "${name}" ${what}`);
    });
    tensors.push([name, { dtype: type.dtype, shape, data }]);
  }
  let expected = 0;
  for (const [begin, end, name] of ranges.sort((a, b) => a[0] - b[0] || a[1] - b[1])) {
    if (begin !== expected) {
      throw garbled(path, `tensor "${name}" begins at byte ${begin} instead of ${expected}`);
    }
    expected = end;
  }
  if (dataStart + expected !== bytes.length) {
    throw garbled(path, `${bytes.length - dataStart - expected} bytes follow the last tensor`);
  }
  return { tensors: Object.fromEntries(tensors), metadata };
}

function parseHeader(
  bytes: Uint8Array,
  path: string,
): { header: Record<string, unknown>; dataStart: number } {
  if (bytes.length < 8) {
    throw truncated(path, `it has ${bytes.length} bytes, and the header's length alone takes 8`);
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true);
  if (bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 3 && bytes[3] === 4) throw pickled(path);
  if (length > BigInt(HEADER_LIMIT_BYTES)) throw garbled(path, `its header claims ${length} bytes`);
  const dataStart = 8 + Number(length);
  if (dataStart > bytes.length) {
    throw truncated(path, `its header claims ${length} bytes, and ${bytes.length - 8} are there`);
  }
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes.subarray(8, dataStart)));
  } catch (cause) {
    throw garbled(path, "its header is not JSON", cause);
  }
  if (!isRecord(header)) throw garbled(path, "its header is not a JSON object");
  return { header, dataStart };
}

interface Entry {
  readonly type: StoredType;
  readonly shape: readonly number[];
  readonly begin: number;
  readonly end: number;
}

function checkEntry(name: string, entry: unknown, available: number, path: string): Entry {
  if (!isRecord(entry)) throw garbled(path, `tensor "${name}" has no description`);
  const { dtype, shape, data_offsets: offsets } = entry;
  const type = typeof dtype === "string" && Object.hasOwn(TYPES, dtype) ? TYPES[dtype] : undefined;
  if (type === undefined) {
    throw new CheckpointError(`Cannot read tensor "${name}" of dtype ${JSON.stringify(dtype)}`, {
      where: path,
      fix: `readable are ${Object.keys(TYPES).join(", ")}`,
    });
  }
  if (!isCounts(shape)) throw garbled(path, `tensor "${name}" has shape ${JSON.stringify(shape)}`);
  if (!isCounts(offsets) || offsets.length !== 2) {
    throw garbled(path, `tensor "${name}" has data_offsets ${JSON.stringify(offsets)}`);
  }
  const [begin, end] = offsets as [number, number];
  if (end > available) throw truncated(path, `tensor "${name}" ends at byte ${end} of ${available}`);
  const size = shape.reduce((product, n) => product * n, type.width);
  if (end - begin !== size) {
    throw garbled(
      path,
      `tensor "${name}" of shape [${shape.join(", ")}] takes ${size} bytes, not ${end - begin}`,
    );
  }
  return { type, shape, begin, end };
}

function checkMetadata(entry: unknown, path: string): Record<string, string> {
  if (!isRecord(entry) || Object.values(entry).some((value) => typeof value !== "string")) {
    throw garbled(path, "its metadata are not all strings");
  }
  return entry as Record<string, string>;
}

function narrow(values: BigInt64Array | BigUint64Array, fail: (what: string) => never): Int32Array {
  const out = new Int32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const value = Number(values[i]!);
    if (value > 0x7fffffff || value < -0x80000000) fail(`holds ${values[i]}, which exceeds 32 bits`);
    out[i] = value;
  }
  return out;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}

function truncated(path: string, what: string): CheckpointError {
  return new CheckpointError(`The file ${path} is cut short: ${what}`, { fix: FIX });
}

function garbled(path: string, what: string, cause?: unknown): CheckpointError {
  return new CheckpointError(`The file ${path} is not a safetensors file: ${what}`, { fix: FIX, cause });
}

/** torch.save writes a zip archive with a pickle in it, which only Python can read. */
function pickled(path: string): CheckpointError {
  return new CheckpointError(
    `The file ${path} is a PyTorch checkpoint, and checkpoints here are safetensors files`,
    {
      fix:
        'convert its weights in Python: safetensors.torch.save_file(torch.load(path)["state_dict"], new_path)',
    },
  );
}

const FIX = "use another checkpoint; a run writes each one completely before it takes its name";
