import assert from "node:assert/strict";
import { join } from "node:path";
import { CheckpointError } from "../../core/errors.ts";
import {
  encodeSafetensors,
  loadSafetensors,
  saveSafetensors,
  type StoredTensor,
} from "../../core/tensor/safetensors.ts";
import { parseSafetensors } from "../../core/tensor/safetensors_parse.ts";
import golden from "../golden/safetensors.json" with { type: "json" };

const fromBase64 = (text: string): Uint8Array =>
  Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
const own = fromBase64(golden.own.base64);

async function inFolder(test: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function withHeader(header: string, data: Uint8Array = new Uint8Array(0)): Uint8Array {
  const text = new TextEncoder().encode(header);
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(text.length), true);
  bytes.set(text, 8);
  bytes.set(data, 8 + text.length);
  return bytes;
}

Deno.test("parseSafetensors() reads the reference library's file, every dtype of ours", () => {
  const { tensors, metadata } = parseSafetensors(own);
  assert.deepEqual(metadata, { format: "pt" });
  assert.deepEqual(Object.keys(tensors).sort(), Object.keys(golden.own.tensors).sort());
  for (const [name, expected] of Object.entries(golden.own.tensors)) {
    assert.deepEqual(tensors[name]!.shape, expected.shape, name);
    assert.deepEqual([...tensors[name]!.data], expected.values, name);
  }
  const dtypes = Object.fromEntries(Object.entries(tensors).map(([name, t]) => [name, t.dtype]));
  assert.deepEqual([dtypes["a.weight"], dtypes["count"], dtypes["index"]], ["f16", "i32", "u32"]);
  assert.deepEqual([dtypes["image"], dtypes["mask"], dtypes["empty"]], ["u8", "bool", "f32"]);
});

Deno.test("parseSafetensors() narrows 64-bit, 16-bit and 8-bit types", () => {
  const { tensors } = parseSafetensors(fromBase64(golden.foreign.base64));
  for (const [name, expected] of Object.entries(golden.foreign.tensors)) {
    const values = name === "f64" ? expected.values.map(Math.fround) : expected.values;
    assert.deepEqual([...tensors[name]!.data], values, name);
  }
  assert.deepEqual([tensors["bf16"]!.dtype, tensors["i64"]!.dtype, tensors["i8"]!.dtype], [
    "f32",
    "i32",
    "i32",
  ]);
});

Deno.test("parseSafetensors() refuses an integer above 32 bits", () => {
  assert.throws(() => parseSafetensors(fromBase64(golden.wide.base64), "x"), (error: unknown) => {
    assert.ok(error instanceof CheckpointError);
    return error.what ===
      'The file x is not a safetensors file: tensor "i64" holds 2147483648, which exceeds 32 bits';
  });
});

Deno.test("encodeSafetensors() gives the reference library's bytes", () => {
  assert.deepEqual(encodeSafetensors(parseSafetensors(own).tensors, { format: "pt" }), own);
  const bare = fromBase64(golden.bare.base64);
  assert.deepEqual(encodeSafetensors(parseSafetensors(bare).tensors), bare);
});

Deno.test("encodeSafetensors() refuses data that do not fit shape and dtype", () => {
  const bad: StoredTensor[] = [
    { dtype: "f32", shape: [3], data: new Float32Array(2) },
    { dtype: "i32", shape: [2], data: new Float32Array(2) },
  ];
  for (const tensor of bad) assert.throws(() => encodeSafetensors({ w: tensor }), CheckpointError);
});

Deno.test("saveSafetensors() and loadSafetensors() keep values, names and metadata", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "model.safetensors");
    const data = Float32Array.of(NaN, -0, Infinity, 1e-45);
    await saveSafetensors(path, { ["__proto__"]: { dtype: "f32", shape: [2, 2], data } }, { epoch: "3" });
    const file = await loadSafetensors(path);
    assert.deepEqual(file.metadata, { epoch: "3" });
    assert.deepEqual(Object.entries(file.tensors).map(([name, t]) => [name, t.data]), [["__proto__", data]]);
  });
});

Deno.test("saveSafetensors() replaces a file and leaves no temporary one", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "model.safetensors");
    for (const n of [5, 2]) {
      await saveSafetensors(path, { x: { dtype: "u8", shape: [n], data: new Uint8Array(n) } });
    }
    assert.equal((await loadSafetensors(path)).tensors["x"]!.data.length, 2);
    assert.deepEqual(Array.from(Deno.readDirSync(folder), (entry) => entry.name), ["model.safetensors"]);
  });
});

Deno.test("saveSafetensors() keeps the old file where a write fails", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "model.safetensors");
    await saveSafetensors(path, { x: { dtype: "u8", shape: [1], data: Uint8Array.of(9) } });
    await Deno.mkdir(`${path}.tmp`);
    await assert.rejects(
      saveSafetensors(path, { x: { dtype: "u8", shape: [1], data: Uint8Array.of(1) } }),
      CheckpointError,
    );
    assert.equal((await loadSafetensors(path)).tensors["x"]!.data[0], 9);
  });
});

Deno.test("loadSafetensors() names a missing file", async () => {
  await assert.rejects(loadSafetensors("no/such.safetensors"), (error: unknown) => {
    assert.ok(error instanceof CheckpointError);
    return error.message ===
      "There is no file no/such.safetensors\n  fix: check the path: there is no folder no";
  });
});

Deno.test("loadSafetensors() of a folder names the checkpoints in it", async () => {
  await inFolder(async (folder) => {
    for (const name of ["last.ckpt", "epoch_000.ckpt", "notes.txt"]) {
      await Deno.writeFile(join(folder, name), own);
    }
    await assert.rejects(loadSafetensors(folder), {
      message: `${folder} is a folder\n  fix: give one of its files: epoch_000.ckpt, last.ckpt`,
    });
  });
});

Deno.test("parseSafetensors() knows a checkpoint of PyTorch and says how to convert it", () => {
  const zip = new Uint8Array(100);
  zip.set([0x50, 0x4b, 3, 4]);
  assert.throws(() => parseSafetensors(zip, "epoch.ckpt"), {
    name: "CheckpointError",
    message: [
      "The file epoch.ckpt is a PyTorch checkpoint, and checkpoints here are safetensors files",
      "  fix: convert its weights in Python: " +
      'safetensors.torch.save_file(torch.load(path)["state_dict"], new_path)',
    ].join("\n"),
  });
});

Deno.test("parseSafetensors() refuses a file cut at any byte", () => {
  for (let length = 0; length < own.length; length++) {
    assert.throws(() => parseSafetensors(own.subarray(0, length), "cut"), (error: unknown) => {
      assert.ok(error instanceof CheckpointError, String(error));
      return error.what.startsWith("The file cut is cut short");
    });
  }
});

Deno.test("parseSafetensors() refuses garbled headers", () => {
  const entry = (extra: object) =>
    JSON.stringify({ x: { dtype: "U8", shape: [2], data_offsets: [0, 2], ...extra } });
  const two = new Uint8Array(2);
  parseSafetensors(withHeader(entry({}), two));
  const cases: [string, Uint8Array][] = [
    ["bytes after the last tensor", withHeader(entry({}), new Uint8Array(3))],
    ["a gap", withHeader(entry({ data_offsets: [1, 3] }), new Uint8Array(3))],
    ["a size that does not fit", withHeader(entry({ shape: [3] }), two)],
    ["a negative size", withHeader(entry({ shape: [-2] }), two)],
    ["an unknown dtype", withHeader(entry({ dtype: "Q4" }), two)],
    ["a dtype named as an object's property", withHeader(entry({ dtype: "constructor" }), two)],
    ["metadata that are no strings", withHeader('{"__metadata__":{"a":1}}')],
    ["an entry without description", withHeader('{"x":3}')],
    ["a list", withHeader("[]")],
    ["no JSON", withHeader("{]")],
    ["a huge header", new Uint8Array(16).fill(255)],
  ];
  for (const [name, bytes] of cases) assert.throws(() => parseSafetensors(bytes), CheckpointError, name);
});
