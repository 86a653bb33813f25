import assert from "node:assert/strict";
import type { Kernel } from "../../core/compiler/kernel.ts";
import type { Device, Slot } from "../../core/runtime/device.ts";
import { type DType, f16ToNumber, hostView, storageBytes, toHostArray } from "../../core/runtime/dtype.ts";
import { runReference } from "./kernel_reference.ts";

/** A slot's buffer: its type and its elements as numbers. */
export interface Elements {
  readonly dtype: DType;
  readonly values: Float64Array;
}

/** Elements as they are after being stored in their type. */
export function elements(dtype: DType, values: ArrayLike<number>): Elements {
  return {
    dtype,
    values: fromHost(dtype, new Uint8Array(toHostArray(dtype, values).slice().buffer), values.length),
  };
}

function fromHost(dtype: DType, bytes: Uint8Array, count: number): Float64Array {
  const host = hostView(dtype, bytes, count);
  return Float64Array.from(host, (x) => dtype === "f16" ? f16ToNumber(x) : x);
}

/** Runs one kernel on a device over copies of the buffers, and gives what they hold afterwards. */
export async function runOnDevice<L>(
  device: Device<L>,
  launches: readonly L[],
  buffers: readonly Elements[],
  scalars: readonly number[] = [],
): Promise<Float64Array[]> {
  const slots: Slot[] = buffers.map((_, index) => ({ kind: "bound", index }));
  const executable = device.load(launches, slots, []);
  const memory = buffers.map(({ dtype, values }) => {
    const buffer = device.allocate(storageBytes(dtype, values.length));
    device.write(buffer, bytesOf(dtype, values));
    return buffer;
  });
  executable.run(memory, scalars);
  const results: Float64Array[] = [];
  for (const [i, { dtype, values }] of buffers.entries()) {
    const bytes = await device.read(memory[i]!, 0, bytesOf(dtype, values).length);
    results.push(fromHost(dtype, bytes, values.length));
  }
  for (const buffer of memory) device.free(buffer);
  executable.dispose();
  return results;
}

function bytesOf(dtype: DType, values: Float64Array): Uint8Array {
  const { buffer, byteOffset, byteLength } = toHostArray(dtype, values);
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** How far device results may lie from the exact ones: `absolute + relative · |exact|`. */
export interface Closeness {
  readonly absolute: number;
  readonly relative: number;
}

/** Checks that a kernel leaves every buffer as the double-precision reference does. */
export async function assertKernel<L>(
  device: Device<L>,
  launches: readonly L[],
  kernel: Kernel,
  buffers: readonly Elements[],
  closeness: Closeness,
  scalars: readonly number[] = [],
): Promise<void> {
  const expected = buffers.map((b) => b.values.slice());
  runReference(kernel, expected, scalars);
  const actual = await runOnDevice(device, launches, buffers, scalars);
  for (const [slot, { dtype }] of buffers.entries()) {
    for (let i = 0; i < expected[slot]!.length; i++) {
      const want = expected[slot]![i]!;
      const got = actual[slot]![i]!;
      if (Object.is(want, got) || want === got) continue;
      const relative = Math.max(closeness.relative, dtype === "f16" ? 2 ** -10 : 0);
      const off = Math.abs(got - want);
      const near = (dtype === "f32" || dtype === "f16") &&
        off <= closeness.absolute + relative * Math.abs(want);
      assert.ok(near, `${kernel.label}: slot ${slot} (${dtype}) element ${i} is ${got}, expected ${want}`);
    }
  }
}
