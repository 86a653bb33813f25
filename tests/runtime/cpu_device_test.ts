import assert from "node:assert/strict";
import { acc, add, type Expr, input, mul, scalar } from "../../core/compiler/expr.ts";
import type { Kernel, Load, MapKernel } from "../../core/compiler/kernel.ts";
import { lowerCpu } from "../../core/compiler/wasm/lower.ts";
import { DeviceError, OptionError } from "../../core/errors.ts";
import { type CpuDevice, openCpu } from "../../core/runtime/cpu/device.ts";
import type { DeviceBuffer, Slot } from "../../core/runtime/device.ts";

const BOUND: readonly Slot[] = [0, 1, 2].map((index) => ({ kind: "bound", index }));

function packed(slot: number, strides: readonly number[] = [1]): Load {
  return { slot, dtype: "f32", strides, offset: 0, mask: null, indirect: null };
}

function mapOf(count: number, value: Expr, from = 0, to = 1): MapKernel {
  return {
    kind: "map",
    label: "map",
    space: [count],
    loads: [packed(from)],
    stores: [{ ...packed(to), value }],
  };
}

function upload(device: CpuDevice, values: Float32Array): DeviceBuffer {
  const buffer = device.allocate(values.byteLength);
  device.write(buffer, new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
  return buffer;
}

async function download(device: CpuDevice, buffer: DeviceBuffer, count: number): Promise<Float32Array> {
  return new Float32Array((await device.read(buffer, 0, 4 * count)).buffer);
}

Deno.test("openCpu() names threads and instruction set in its description", async () => {
  const device = await openCpu({ threads: 3, blas: "off" });
  assert.match(device.description, /^cpu: 3 threads, WebAssembly SIMD( with relaxed FMA)?$/);
  await device.close();
});

Deno.test("openCpu() rejects a number of threads below one", async () => {
  await assert.rejects(openCpu({ threads: 0 }), OptionError);
});

Deno.test("openCpu() says which BLAS library it could not load", async () => {
  await assert.rejects(openCpu({ blas: "./no_such_library.so" }), (error: unknown) => {
    assert.ok(error instanceof DeviceError);
    assert.match(error.message, /BLAS library \.\/no_such_library\.so cannot be loaded/);
    return true;
  });
});

Deno.test("CpuDevice reads back what was written, at an offset", async () => {
  const device = await openCpu({ threads: 1, blas: "off" });
  const buffer = device.allocate(64);
  device.write(buffer, Uint8Array.of(1, 2, 3, 4), 8);
  assert.deepEqual([...await device.read(buffer, 9, 2)], [2, 3]);
  assert.equal(device.stats.readbacks, 1);
  await device.close();
});

Deno.test("CpuDevice refuses to write past the end of a buffer", async () => {
  const device = await openCpu({ threads: 1, blas: "off" });
  const buffer = device.allocate(16);
  assert.throws(() => device.write(buffer, new Uint8Array(17)), DeviceError);
  await device.close();
});

Deno.test("CpuDevice takes freed memory again", async () => {
  const device = await openCpu({ threads: 1, blas: "off" });
  device.free(device.allocate(1 << 20));
  const { reservedBytes } = device.stats;
  for (let i = 0; i < 1000; i++) device.free(device.allocate(1 << 20));
  assert.equal(device.stats.reservedBytes, reservedBytes);
  assert.equal(device.stats.liveBuffers, 0);
  assert.equal(device.stats.liveBytes, 0);
  await device.close();
});

Deno.test("CpuDevice runs launch lists that were loaded before its memory grew", async () => {
  const device = await openCpu({ threads: 1, blas: "off" });
  const launches = lowerCpu(mapOf(4, mul(input(0), 2)), device.kernels);
  const executable = device.load(launches, BOUND.slice(0, 2), []);
  const from = upload(device, Float32Array.of(1, 2, 3, 4));
  const big = device.allocate(300 << 20);
  const to = device.allocate(16);
  executable.run([from, to], []);
  assert.deepEqual([...await download(device, to, 4)], [2, 4, 6, 8]);
  device.free(big);
  await device.close();
});

Deno.test("CpuDevice says that it is out of memory beyond 4 GB", async () => {
  const device = await openCpu({ threads: 1, blas: "off" });
  assert.throws(() => device.allocate(2 ** 32), /out of memory/);
  await device.close();
});

Deno.test("Executable passes values from launch to launch through scratch blocks", async () => {
  const device = await openCpu({ threads: 1, blas: "off" });
  const slots: Slot[] = [{ kind: "bound", index: 0 }, { kind: "scratch", block: 0 }, {
    kind: "bound",
    index: 1,
  }];
  const launches = [mapOf(5, mul(input(0), 3), 0, 1), mapOf(5, add(input(0), 1), 1, 2)]
    .flatMap((k) => lowerCpu(k, device.kernels));
  const executable = device.load(launches, slots, [32]);
  const from = upload(device, Float32Array.of(1, 2, 3, 4, 5));
  const to = device.allocate(20);
  executable.run([from, to], []);
  assert.deepEqual([...await download(device, to, 5)], [4, 7, 10, 13, 16]);
  assert.equal(executable.launches, 2);
  assert.equal(device.stats.launches, 2);
  assert.equal(device.stats.submits, 1);
  await device.close();
});

Deno.test("Executable takes other buffers and other scalars at each run", async () => {
  const device = await openCpu({ threads: 1, blas: "off" });
  const launches = lowerCpu(mapOf(2, mul(input(0), scalar(0))), device.kernels);
  const executable = device.load(launches, BOUND.slice(0, 2), []);
  const [a, b] = [upload(device, Float32Array.of(1, 2)), upload(device, Float32Array.of(3, 4))];
  const to = device.allocate(8);
  executable.run([a, to], [10]);
  assert.deepEqual([...await download(device, to, 2)], [10, 20]);
  executable.run([b, to], [0.5]);
  assert.deepEqual([...await download(device, to, 2)], [1.5, 2]);
  assert.equal(device.stats.compiled, 1);
  await device.close();
});

Deno.test("Executable refuses a run with too few buffers", async () => {
  const device = await openCpu({ threads: 1, blas: "off" });
  const executable = device.load(lowerCpu(mapOf(2, input(0)), device.kernels), BOUND.slice(0, 2), []);
  assert.throws(() => executable.run([device.allocate(8)], []), DeviceError);
  await device.close();
});

Deno.test("lowerCpu() uses one module for elementwise kernels of many shapes", async () => {
  const device = await openCpu({ threads: 1, blas: "off" });
  for (const count of [3, 17, 1000]) {
    device.load(lowerCpu(mapOf(count, add(input(0), 7)), device.kernels), BOUND.slice(0, 2), []);
  }
  assert.equal(device.stats.compiled, 1);
  await device.close();
});

Deno.test("lowerCpu() launches nothing for an empty space", () => {
  assert.deepEqual(lowerCpu(mapOf(0, input(0)), { fusedMultiplyAdd: true, blas: false }), []);
});

Deno.test("CpuDevice gives the same bits with one thread and with three", async () => {
  const n = 256;
  const kernels: Kernel[] = [
    {
      kind: "matmul",
      label: "product",
      batch: [],
      m: n,
      n,
      k: n,
      a: packed(0, [n, 1]),
      b: packed(0, [1, n]),
      loads: [],
      stores: [{ ...packed(1, [n, 1]), value: acc(0) }],
    },
    {
      kind: "reduce",
      label: "sum",
      kept: [],
      reduced: [n, n],
      loads: [packed(1, [n, 1])],
      phases: [[{ combine: "sum", value: input(0) }]],
      stores: [{ ...packed(2, []), value: acc(0) }],
      elementStores: [],
    },
  ];
  const values = Float32Array.from({ length: n * n }, (_, i) => Math.sin(i));
  const results: Uint8Array[][] = [];
  for (const threads of [1, 3]) {
    const device = await openCpu({ threads, blas: "off" });
    const executable = device.load(kernels.flatMap((k) => lowerCpu(k, device.kernels)), BOUND, []);
    const buffers = [upload(device, values), device.allocate(4 * n * n), device.allocate(4)];
    // Long enough for the threads to be started and to take part.
    const end = performance.now() + 300;
    while (performance.now() < end) executable.run(buffers, []);
    results.push([await device.read(buffers[1]!, 0, 4 * n * n), await device.read(buffers[2]!, 0, 4)]);
    await device.close();
  }
  assert.deepEqual(results[1], results[0]);
});

Deno.test("CpuDevice does not keep the process alive when nobody closes it", async () => {
  const source = `
    import { openCpu } from ${JSON.stringify(import.meta.resolve("../../core/runtime/cpu/device.ts"))};
    import { lowerCpu } from ${JSON.stringify(import.meta.resolve("../../core/compiler/wasm/lower.ts"))};
    import { exp, input } from ${JSON.stringify(import.meta.resolve("../../core/compiler/expr.ts"))};
    const device = await openCpu({ threads: 3, blas: "off" });
    const at = { dtype: "f32", strides: [1], offset: 0, mask: null, indirect: null };
    const kernel = {
      kind: "map", label: "exp", space: [1 << 20],
      loads: [{ ...at, slot: 0 }], stores: [{ ...at, slot: 1, value: exp(input(0)) }],
    };
    const slots = [0, 1].map((index) => ({ kind: "bound", index }));
    const executable = device.load(lowerCpu(kernel, device.kernels), slots, []);
    const buffers = [device.allocate(4 << 20), device.allocate(4 << 20)];
    const end = performance.now() + 200;
    while (performance.now() < end) executable.run(buffers, []);
    console.log("done");
  `;
  const command = new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-lock", source],
    stdout: "piped",
    stderr: "piped",
    signal: AbortSignal.timeout(20_000),
  });
  const { code, stdout, stderr } = await command.output();
  assert.equal(new TextDecoder().decode(stdout), "done\n", new TextDecoder().decode(stderr));
  assert.equal(code, 0);
});
