import assert from "node:assert/strict";
import type { Kernel } from "../../core/compiler/kernel.ts";
import { lowerGpu } from "../../core/compiler/wgsl/lower.ts";
import type { Device } from "../../core/runtime/device.ts";
import {
  type DType,
  f16ToNumber,
  hostView,
  numberToF16,
  storageBytes,
  toHostArray,
} from "../../core/runtime/dtype.ts";
import { hasAdapter } from "../../core/runtime/webgpu/adapter.ts";
import type { GpuLaunch } from "../../core/runtime/webgpu/launch.ts";
import { runReference } from "./kernel_reference.ts";

/** Contents of one slot of a kernel under test. */
export interface Contents {
  readonly dtype: DType;
  readonly values: Float64Array;
}

/** Whether this machine can run the tests that need an adapter. */
export const HAS_ADAPTER: boolean = await hasAdapter();

/** Registers a test that needs a WebGPU adapter; without one it is reported as ignored, and its name says why. */
export function gpuTest(name: string, fn: () => Promise<void>): void {
  Deno.test({
    name: HAS_ADAPTER ? name : `${name} (ignored: no WebGPU adapter)`,
    ignore: !HAS_ADAPTER,
    // The device is shared by the tests of a file: its pending maps outlive each test.
    sanitizeOps: false,
    sanitizeResources: false,
    fn,
  });
}

/** Runs a kernel on the device and returns every slot's elements afterwards. */
export async function runOnDevice(
  device: Device<GpuLaunch>,
  kernel: Kernel,
  slots: readonly Contents[],
  scalars: readonly number[] = [],
): Promise<Float64Array[]> {
  const buffers = slots.map(({ dtype, values }) => {
    const buffer = device.allocate(storageBytes(dtype, values.length));
    const host = toHostArray(dtype, Array.from(values));
    device.write(buffer, new Uint8Array(host.buffer, host.byteOffset, host.byteLength));
    return buffer;
  });
  const executable = device.load(
    lowerGpu(kernel, device.traits),
    slots.map((_, index) => ({ kind: "bound", index })),
    [],
  );
  executable.run(buffers, scalars);
  const results: Float64Array[] = [];
  for (let i = 0; i < slots.length; i++) {
    const { dtype, values } = slots[i]!;
    const bytes = await device.read(buffers[i]!, 0, storageBytes(dtype, values.length));
    const host = hostView(dtype, bytes, values.length);
    results.push(Float64Array.from(host, (v) => dtype === "f16" ? f16ToNumber(v) : v));
  }
  executable.dispose();
  buffers.forEach((buffer) => device.free(buffer));
  return results;
}

/** Values as a buffer of this dtype would hold them. */
export function stored(dtype: DType, values: ArrayLike<number>): Contents {
  const host = toHostArray(dtype, Array.from(values));
  return { dtype, values: Float64Array.from(host, (v) => dtype === "f16" ? f16ToNumber(v) : v) };
}

/** How far results may be from the double-precision interpreter. */
export interface Tolerance {
  readonly relative: number;
  readonly absolute: number;
}

/** Single precision, a few roundings. */
export const CLOSE: Tolerance = { relative: 2e-6, absolute: 1e-6 };

/** Runs a kernel on the device and in the interpreter and compares every element of every slot. */
export async function assertAsReference(
  device: Device<GpuLaunch>,
  kernel: Kernel,
  slots: readonly Contents[],
  scalars: readonly number[] = [],
  tolerance: Tolerance = CLOSE,
): Promise<void> {
  const expected = slots.map(({ values }) => values.slice());
  runReference(kernel, expected, scalars);
  const actual = await runOnDevice(device, kernel, slots, scalars);
  actual.forEach((values, slot) => {
    const { dtype } = slots[slot]!;
    values.forEach((value, i) => {
      const wanted = expected[slot]![i]!;
      const rounded = dtype === "f32" ? Math.fround(wanted) : wanted;
      if (Object.is(value, rounded) || value === rounded) return;
      const half = dtype === "f16" ? Math.max(Math.abs(wanted) * 2 ** -10, 2 ** -24) : 0;
      const limit = tolerance.absolute + tolerance.relative * Math.abs(wanted) + half;
      assert.ok(
        dtype === "f32" || dtype === "f16" ? Math.abs(value - wanted) <= limit : false,
        `${kernel.label}: slot ${slot} element ${i} of ${dtype} is ${value}, not ${wanted}`,
      );
    });
  });
}

/** A seeded source of numbers in [0, 1). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Values that suit a dtype. */
export function randomContents(dtype: DType, count: number, random: () => number): Contents {
  const values = Array.from({ length: count }, () => {
    switch (dtype) {
      case "f32":
        return Math.fround(random() * 4 - 2);
      case "f16":
        return f16ToNumber(numberToF16(random() * 4 - 2));
      case "i32":
        return Math.floor(random() * 200) - 100;
      case "u32":
        return Math.floor(random() * 200);
      case "u8":
        return Math.floor(random() * 256);
      case "bool":
        return random() < 0.5 ? 1 : 0;
    }
  });
  return stored(dtype, values);
}
