import assert from "node:assert/strict";
import { add, exp, input, mul, scalar } from "../../core/compiler/expr.ts";
import type { Expr } from "../../core/compiler/expr.ts";
import type { MapKernel } from "../../core/compiler/kernel.ts";
import { lowerGpu } from "../../core/compiler/wgsl/lower.ts";
import { DeviceError, ShaderError } from "../../core/errors.ts";
import type { Device, DeviceBuffer } from "../../core/runtime/device.ts";
import { hasHardwareAdapter } from "../../core/runtime/webgpu/adapter.ts";
import { openWebGpu } from "../../core/runtime/webgpu/device.ts";
import type { GpuLaunch } from "../../core/runtime/webgpu/launch.ts";
import { mergeBindings } from "../../core/runtime/webgpu/merge.ts";
import { sizeClass } from "../../core/runtime/webgpu/pool.ts";
import { gpuTest, HAS_ADAPTER } from "../support/gpu_kernels.ts";

/** Runs a test with a device of its own and closes it. */
function deviceTest(name: string, fn: (device: Device<GpuLaunch>) => Promise<void>): void {
  gpuTest(name, async () => {
    const device = await openWebGpu();
    try {
      await fn(device);
    } finally {
      await device.close();
    }
  });
}

/** `slot 1 = value(slot 0)` over so many f32 elements. */
function elementwise(count: number, value: Expr, from = 0, to = 1): MapKernel {
  const access = { dtype: "f32", strides: [1], offset: 0 } as const;
  return {
    kind: "map",
    label: "elementwise",
    space: [count],
    loads: [{ slot: from, ...access, mask: null, indirect: null }],
    stores: [{ slot: to, ...access, value }],
  };
}

function writeFloats(device: Device<GpuLaunch>, values: readonly number[]): DeviceBuffer {
  const buffer = device.allocate(values.length * 4);
  device.write(buffer, new Uint8Array(Float32Array.from(values).buffer));
  return buffer;
}

async function readFloats(device: Device<GpuLaunch>, buffer: DeviceBuffer, count: number): Promise<number[]> {
  return [...new Float32Array((await device.read(buffer, 0, count * 4)).buffer)];
}

const x = input(0);

Deno.test("openWebGpu says what to install where the machine has no adapter", async () => {
  const descriptor = Object.getOwnPropertyDescriptor(globalThis.navigator, "gpu") ??
    Object.getOwnPropertyDescriptor(Object.getPrototypeOf(globalThis.navigator), "gpu")!;
  Object.defineProperty(globalThis.navigator, "gpu", {
    configurable: true,
    value: { requestAdapter: () => Promise.resolve(null) },
  });
  try {
    await assert.rejects(openWebGpu(), (error: unknown) => {
      assert.ok(error instanceof DeviceError);
      assert.equal(error.what, "No WebGPU adapter was found");
      assert.match(error.fix!, /accelerator=cpu/);
      return true;
    });
    assert.equal(await hasHardwareAdapter(), false);
  } finally {
    delete (globalThis.navigator as { gpu?: unknown }).gpu;
    if (globalThis.navigator.gpu === undefined) {
      Object.defineProperty(globalThis.navigator, "gpu", descriptor);
    }
  }
});

Deno.test("sizeClass wastes at most half and grows in steps of powers of two and one and a half", () => {
  assert.deepEqual([1, 256, 257, 385, 513, 769].map(sizeClass), [256, 256, 384, 512, 768, 1024]);
});

Deno.test("mergeBindings joins variables of one buffer and renumbers the rest", () => {
  const code =
    [0, 1, 2].map((i) => `@group(1) @binding(${i}) var<storage, read_write> s${i}: array<u32>;`).join("\n") +
    "\nfn f() { s2[0] = s0[1] + s1[2]; }";
  const merged = mergeBindings(code, [7, 8, 7]);
  assert.deepEqual(merged.bindings, [0, 1]);
  assert.match(merged.code, /s0\[0\] = s0\[1\] \+ s1\[2\]/);
  assert.doesNotMatch(merged.code, /s2/);
  const last = mergeBindings(code, [7, 7, 8]);
  assert.match(last.code, /@binding\(1\) var<storage, read_write> s2/);
  assert.deepEqual(mergeBindings(code, [1, 2, 3]), { code, bindings: [0, 1, 2] });
});

deviceTest("WebGpuDevice reads back what was written, at any byte and of any length", async (device) => {
  const data = Uint8Array.from({ length: 3_000_001 }, (_, i) => (i * 7 + (i >> 8)) & 255);
  const buffer = device.allocate(data.length);
  device.write(buffer, data);
  assert.deepEqual(await device.read(buffer, 0, data.length), data);
  assert.deepEqual(await device.read(buffer, 1_048_575, 6), data.slice(1_048_575, 1_048_581));
  device.write(buffer, data.slice(0, 8), 4);
  assert.deepEqual(await device.read(buffer, 4, 8), data.slice(0, 8));
  assert.deepEqual(await device.read(buffer, 0, 0), new Uint8Array(0));
});

deviceTest(
  "WebGpuDevice counts launches, submits, read-backs, pipelines and live buffers",
  async (device) => {
    const before = device.stats;
    const a = writeFloats(device, [1, 2, 3]);
    const b = device.allocate(12);
    assert.equal(device.stats.liveBuffers - before.liveBuffers, 2);
    const launches = [elementwise(3, add(x, 1)), elementwise(3, mul(x, 2), 1, 1)].flatMap((k) =>
      lowerGpu(k, device.traits)
    );
    const list = device.load(launches, [{ kind: "bound", index: 0 }, { kind: "bound", index: 1 }], []);
    list.run([a, b], []);
    list.run([a, b], []);
    assert.deepEqual(await readFloats(device, b, 3), [4, 6, 8]);
    assert.equal(list.launches, 2);
    assert.equal(device.stats.launches, 4);
    assert.equal(device.stats.submits, 2);
    assert.equal(device.stats.readbacks, 1);
    assert.equal(device.stats.compiled, 2);
    device.free(a);
    device.free(b);
    assert.equal(device.stats.liveBuffers, before.liveBuffers);
    assert.equal(device.stats.liveBytes, before.liveBytes);
  },
);

deviceTest("WebGpuDevice gives freed memory out again", (device) => {
  const first = device.allocate(1000);
  device.free(first);
  const reserved = device.stats.reservedBytes;
  const second = device.allocate(900);
  assert.equal(second.id, first.id);
  assert.equal(device.stats.reservedBytes, reserved);
  return Promise.resolve();
});

deviceTest(
  "WebGpuDevice keeps scratch blocks of one list apart and shares them between lists",
  async (device) => {
    const a = writeFloats(device, [1, 2]);
    const b = device.allocate(8);
    const kernels = [
      elementwise(2, add(x, 1), 0, 2),
      elementwise(2, mul(x, 10), 2, 3),
      elementwise(2, add(x, 5), 3, 1),
    ];
    const slots = [
      { kind: "bound", index: 0 },
      { kind: "bound", index: 1 },
      { kind: "scratch", block: 0 },
      { kind: "scratch", block: 1 },
    ] as const;
    const launches = kernels.flatMap((k) => lowerGpu(k, device.traits));
    const small = device.load(launches, slots, [16, 16]);
    small.run([a, b], []);
    assert.deepEqual(await readFloats(device, b, 2), [25, 35]);
    // A larger list replaces the shared blocks; the smaller one must find the new ones.
    const large = device.load(launches, slots, [4096, 1 << 20]);
    large.run([a, b], []);
    small.run([b, a], []);
    assert.deepEqual(await readFloats(device, a, 2), [265, 365]);
  },
);

deviceTest("WebGpuDevice takes one buffer in two slots of a kernel", async (device) => {
  const a = writeFloats(device, [1, 2, 3, 4, 5]);
  const list = device.load(
    lowerGpu(elementwise(5, mul(x, x)), device.traits),
    [{ kind: "bound", index: 0 }, { kind: "bound", index: 1 }],
    [],
  );
  list.run([a, a], []);
  assert.deepEqual(await readFloats(device, a, 5), [1, 4, 9, 16, 25]);
});

deviceTest("WebGpuDevice serves other sizes of a kernel with the same pipeline", async (device) => {
  const a = writeFloats(device, new Array(64).fill(1));
  const slots = [{ kind: "bound", index: 0 }, { kind: "bound", index: 0 }] as const;
  for (const count of [8, 16, 64]) {
    device.load(lowerGpu(elementwise(count, exp(x)), device.traits), slots, []).run([a], []);
  }
  await device.read(a, 0, 4);
  assert.equal(device.stats.compiled, 1);
});

deviceTest("WebGpuDevice runs a list again with other buffers and scalars", async (device) => {
  const list = device.load(
    lowerGpu(elementwise(2, mul(x, scalar(0))), device.traits),
    [{ kind: "bound", index: 0 }, { kind: "bound", index: 1 }],
    [],
  );
  const [a, b, c] = [writeFloats(device, [1, 2]), writeFloats(device, [5, 6]), writeFloats(device, [0, 0])];
  list.run([a, c], [3]);
  assert.deepEqual(await readFloats(device, c, 2), [3, 6]);
  list.run([b, c], [3]);
  assert.deepEqual(await readFloats(device, c, 2), [15, 18]);
  list.run([b, a], [-1]);
  assert.deepEqual(await readFloats(device, a, 2), [-5, -6]);
});

deviceTest("WebGpuDevice runs an empty list", async (device) => {
  const list = device.load([], [], []);
  list.run([], []);
  assert.equal(list.launches, 0);
  await device.synchronize();
});

deviceTest("WebGpuDevice names limits and ranges when asked for too much", async (device) => {
  assert.throws(() => device.allocate(2 ** 40), (error: unknown) => {
    assert.ok(error instanceof DeviceError);
    assert.match(error.what, /^A tensor of 1099511627776 bytes/);
    return true;
  });
  const buffer = device.allocate(16);
  assert.throws(() => device.write(buffer, new Uint8Array(8), buffer.bytes - 4), DeviceError);
  await assert.rejects(device.read(buffer, buffer.bytes, 4), DeviceError);
});

deviceTest("WebGpuDevice names the kernel whose scalar or buffer is missing", (device) => {
  const list = device.load(
    lowerGpu(elementwise(2, mul(x, scalar(0))), device.traits),
    [{ kind: "bound", index: 0 }, { kind: "bound", index: 1 }],
    [],
  );
  const a = device.allocate(16);
  assert.throws(() => list.run([a, a], []), /Dynamic scalar 0 has no value/);
  assert.throws(() => list.run([a], [1]), /Buffer 1 is missing[^]*where: elementwise/);
  return Promise.resolve();
});

deviceTest("WebGpuDevice reports a shader that does not compile under its label", async (device) => {
  const a = device.allocate(16);
  device.load(
    [{
      label: "broken op",
      code: "@compute @workgroup_size(1) fn main() { let x = y; }",
      bindings: [],
      words: new Uint32Array(4),
      scalars: [],
      grid: [1, 1, 1],
    }],
    [],
    [],
  ).run([], []);
  await assert.rejects(device.read(a, 0, 4), (error: unknown) => {
    assert.ok(error instanceof ShaderError);
    assert.match(error.what, /^The shader of "broken op" does not compile/);
    return true;
  });
});

gpuTest("WebGpuDevice refuses work after close()", async () => {
  const device = await openWebGpu();
  const buffer = device.allocate(16);
  await device.close();
  assert.throws(() => device.allocate(16), DeviceError);
  await assert.rejects(device.read(buffer, 0, 4), DeviceError);
});

const LEAVES_NOTHING = "WebGpuDevice leaves no pending operation behind after close()";

// Unlike the others this test has Deno look for operations that it leaves under way.
Deno.test({
  name: HAS_ADAPTER ? LEAVES_NOTHING : `${LEAVES_NOTHING} (ignored: no WebGPU adapter)`,
  ignore: !HAS_ADAPTER,
  fn: async () => {
    const device = await openWebGpu();
    const buffer = device.allocate(16);
    for (let i = 0; i < 20; i++) await device.read(buffer, 0, 4);
    await device.close();
  },
});
