import { DeviceError } from "../../errors.ts";
import type { Device, DeviceBuffer, DeviceStats, DeviceTraits, Executable, Slot } from "../device.ts";
import { type BoundLaunch, CpuExecutable } from "./executable.ts";
import { type CpuLaunch, SCRATCH_BYTES } from "./launch.ts";
import { type CpuBuffer, CpuMemory } from "./memory.ts";
import { Modules } from "./modules.ts";

/** Options of {@linkcode openCpu}. */
export interface CpuOptions {
  /** Threads that compute, the main one included. @default all processors, or `FULGUR_THREADS` */
  readonly threads?: number;
  /** Native BLAS: found by name, not used, or this library file. @default `FULGUR_BLAS`, else "auto" */
  readonly blas?: "auto" | "off" | string;
}

/**
 * Opens the processor as a device: WebAssembly SIMD kernels over one shared memory.
 *
 * @throws {DeviceError} where the engine has no WebAssembly SIMD.
 */
export function openCpu(_options: CpuOptions = {}): Promise<CpuDevice> {
  return Promise.resolve(new CpuDevice());
}

/** The processor as a device. */
export class CpuDevice implements Device<CpuLaunch> {
  readonly kind = "cpu";
  readonly description: string;
  readonly traits: DeviceTraits = { software: true, maxBuffers: 64, f16: false };
  readonly stats: DeviceStats = {
    launches: 0,
    readbacks: 0,
    compiled: 0,
    liveBuffers: 0,
    liveBytes: 0,
    reservedBytes: 0,
    submits: 0,
  };
  readonly #memory: CpuMemory;
  readonly #modules: Modules;
  #scratch: CpuBuffer;
  #scratchVersion = 0;

  constructor() {
    this.#memory = new CpuMemory(CONTROL_BYTES + SCRATCH_BYTES);
    this.#modules = new Modules(this.#memory.memory, this.stats);
    this.#scratch = this.#memory.allocate(1 << 16);
    this.description = "cpu: 1 thread, WebAssembly SIMD";
    this.#countMemory();
  }

  #countMemory(): void {
    this.stats.reservedBytes = this.#memory.reservedBytes;
  }

  allocate(bytes: number): DeviceBuffer {
    const buffer = this.#memory.allocate(bytes);
    this.stats.liveBuffers++;
    this.stats.liveBytes += buffer.bytes;
    this.#countMemory();
    return buffer;
  }

  free(buffer: DeviceBuffer): void {
    this.#memory.free(buffer as CpuBuffer);
    this.stats.liveBuffers--;
    this.stats.liveBytes -= buffer.bytes;
  }

  write(buffer: DeviceBuffer, data: Uint8Array, byteOffset: number = 0): void {
    checkRange(buffer, byteOffset, data.length);
    this.#memory.bytes.set(data, (buffer as CpuBuffer).address + byteOffset);
  }

  read(buffer: DeviceBuffer, byteOffset: number, bytes: number): Promise<Uint8Array> {
    checkRange(buffer, byteOffset, bytes);
    this.stats.readbacks++;
    const start = (buffer as CpuBuffer).address + byteOffset;
    // A copy in memory that is not shared: text decoders and WebGPU refuse shared views.
    return Promise.resolve(new Uint8Array(this.#memory.bytes.subarray(start, start + bytes)));
  }

  load(launches: readonly CpuLaunch[], slots: readonly Slot[], blockBytes: readonly number[]): Executable {
    const scratch = {
      reserve: (bytes: number) => this.#reserveScratch(bytes),
      version: () => this.#scratchVersion,
    };
    const executable = new CpuExecutable(
      this.#memory,
      scratch,
      launches,
      slots,
      blockBytes,
      (launch) => this.#bind(launch),
      (bound) => this.#run(bound),
    );
    this.#countMemory();
    return executable;
  }

  #reserveScratch(bytes: number): number {
    if (bytes > this.#scratch.bytes) {
      this.#memory.free(this.#scratch);
      this.#scratch = this.#memory.allocate(bytes);
      this.#scratchVersion++;
      this.#countMemory();
    }
    return this.#scratch.address;
  }

  #bind(launch: CpuLaunch): (block: number) => void {
    if (launch.kind !== "wasm") throw new DeviceError("A BLAS launch needs a BLAS", { where: launch.label });
    const run = this.#modules.entry(launch.key, launch.module);
    const { chunks } = launch;
    return (block) => {
      for (let chunk = 0; chunk < chunks; chunk++) run(4 * block, chunk, CONTROL_BYTES);
    };
  }

  #run(bound: readonly BoundLaunch[]): void {
    for (const { start, block } of bound) start(block);
    this.stats.launches += bound.length;
    this.stats.submits++;
  }

  synchronize(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Words at the start of the memory through which threads talk. */
const CONTROL_BYTES = 4096;

function checkRange(buffer: DeviceBuffer, byteOffset: number, bytes: number): void {
  if (byteOffset < 0 || byteOffset + bytes > buffer.bytes) {
    throw new DeviceError(
      `Bytes ${byteOffset} to ${byteOffset + bytes} lie outside a buffer of ${buffer.bytes}`,
      {
        where: "cpu device",
      },
    );
  }
}
