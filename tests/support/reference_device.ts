import type { Kernel, Program } from "../../core/compiler/kernel.ts";
import type { Device, DeviceBuffer, DeviceStats, Executable, Slot } from "../../core/runtime/device.ts";
import { nextBufferId } from "../../core/runtime/device.ts";
import { type DType, f16ToNumber, hostView, numberToF16, sizeOf } from "../../core/runtime/dtype.ts";
import { useDevice } from "../../core/tensor/mod.ts";
import { runReference } from "./kernel_reference.ts";

class HostBuffer implements DeviceBuffer {
  readonly id = nextBufferId();
  readonly memory: Uint8Array<ArrayBuffer>;
  constructor(readonly bytes: number) {
    this.memory = new Uint8Array(bytes);
  }
}

function loadsOf(kernel: Kernel): { slot: number; dtype: DType }[] {
  const loads: { slot: number; dtype: DType }[] = [...kernel.loads];
  if (kernel.kind === "matmul") loads.push(kernel.a, kernel.b);
  if (kernel.kind === "conv2d") loads.push(kernel.input, kernel.weight);
  if (kernel.kind === "conv2dWeight") loads.push(kernel.input, kernel.grad);
  return loads;
}

function storesOf(kernel: Kernel): { slot: number; dtype: DType }[] {
  return kernel.kind === "reduce" ? [...kernel.stores, ...kernel.elementStores] : [...kernel.stores];
}

function decode(buffer: HostBuffer, dtype: DType): Float64Array {
  const view = hostView(dtype, buffer.memory, Math.floor(buffer.bytes / sizeOf(dtype)));
  return Float64Array.from(view, dtype === "f16" ? f16ToNumber : (x) => x);
}

function encode(buffer: HostBuffer, dtype: DType, values: Float64Array): void {
  const view = hostView(dtype, buffer.memory, values.length);
  for (let i = 0; i < values.length; i++) view[i] = dtype === "f16" ? numberToF16(values[i]!) : values[i]!;
}

/** A device that interprets kernels one element at a time: slow, and the truth. */
export class ReferenceDevice implements Device<Kernel> {
  readonly kind = "cpu";
  readonly description = "reference interpreter";
  readonly traits = { software: true, maxBuffers: 8, f16: true };
  readonly stats: DeviceStats = {
    launches: 0,
    readbacks: 0,
    compiled: 0,
    liveBuffers: 0,
    liveBytes: 0,
    reservedBytes: 0,
    submits: 0,
  };
  /** Labels of the kernels of the newest run. */
  lastRun: string[] = [];

  allocate(bytes: number): DeviceBuffer {
    this.stats.liveBuffers++;
    this.stats.liveBytes += bytes;
    return new HostBuffer(bytes);
  }

  free(buffer: DeviceBuffer): void {
    this.stats.liveBuffers--;
    this.stats.liveBytes -= buffer.bytes;
  }

  write(buffer: DeviceBuffer, data: Uint8Array, byteOffset = 0): void {
    (buffer as HostBuffer).memory.set(data, byteOffset);
  }

  read(buffer: DeviceBuffer, byteOffset: number, bytes: number): Promise<Uint8Array> {
    this.stats.readbacks++;
    return Promise.resolve((buffer as HostBuffer).memory.slice(byteOffset, byteOffset + bytes));
  }

  load(kernels: readonly Kernel[], slots: readonly Slot[], blockBytes: readonly number[]): Executable {
    this.stats.compiled += kernels.length;
    const blocks = blockBytes.map((bytes) => new HostBuffer(bytes));
    const run = (bound: readonly DeviceBuffer[], scalars: readonly number[]): void => {
      const memory = slots.map((s) => (s.kind === "bound" ? bound[s.index] : blocks[s.block]) as HostBuffer);
      this.lastRun = kernels.map((k) => k.label);
      this.stats.launches += kernels.length;
      this.stats.submits++;
      for (const kernel of kernels) runOne(kernel, memory, scalars);
    };
    return { launches: kernels.length, run, dispose: () => {} };
  }

  synchronize(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

function runOne(kernel: Kernel, memory: readonly HostBuffer[], scalars: readonly number[]): void {
  const dtypes = new Map<number, DType>();
  for (const use of [...loadsOf(kernel), ...storesOf(kernel)]) {
    if (use.slot >= 0) dtypes.set(use.slot, use.dtype);
  }
  const values = memory.map((m, slot) =>
    dtypes.has(slot) ? decode(m, dtypes.get(slot)!) : new Float64Array(0)
  );
  // The same buffer bound in two slots is one memory.
  for (const [slot] of dtypes) {
    const first = memory.indexOf(memory[slot]!);
    if (first !== slot && dtypes.get(first) === dtypes.get(slot)) values[slot] = values[first]!;
  }
  runReference(kernel, values, scalars);
  for (const store of storesOf(kernel)) encode(memory[store.slot]!, store.dtype, values[store.slot]!);
}

/** Makes a fresh interpreter the current device. */
export function useReference(): ReferenceDevice {
  const device = new ReferenceDevice();
  useDevice(device, (_, program: Program) => device.load(program.kernels, program.slots, program.blockBytes));
  return device;
}
