import { DeviceError, OptionError } from "../../errors.ts";
import { takeOptions } from "../../options.ts";
import type { Device, DeviceBuffer, DeviceStats, DeviceTraits, Executable, Slot } from "../device.ts";
import { type BoundLaunch, CpuExecutable } from "./executable.ts";
import { type Blas, openBlas } from "./blas.ts";
import { hasRelaxedMultiplyAdd } from "./features.ts";
import { CONTROL_BYTES, type CpuLaunch, SCRATCH_BYTES } from "./launch.ts";
import { type CpuBuffer, CpuMemory } from "./memory.ts";
import { Modules } from "./modules.ts";
import { WorkerPool } from "./workers.ts";

/** Options of {@linkcode openCpu}. */
export interface CpuOptions {
  /** Threads that compute, the main one included. @default all processors, or `FULGUR_THREADS` */
  readonly threads?: number;
  /** Native BLAS: found by name, not used, or this library file. @default `FULGUR_BLAS`, else "auto" */
  readonly blas?: "auto" | "off" | string;
}

/**
 * Opens the processor as a device: WebAssembly SIMD kernels over one shared memory, on all processors, with matrix
 * products by a native BLAS where one is found. Takes a few milliseconds; threads start when there is enough to do.
 *
 * @throws {DeviceError} where the engine has no WebAssembly SIMD, or the BLAS that was named cannot be used.
 *
 * @example
 * ```ts
 * import { openCpu } from "./device.ts";
 * const device = await openCpu({ threads: 1, blas: "off" });
 * console.assert(device.description.startsWith("cpu: 1 thread, WebAssembly SIMD"));
 * await device.close();
 * ```
 */
// deno-lint-ignore require-await -- a device is opened asynchronously, and errors belong into the promise
export async function openCpu(options: CpuOptions = {}): Promise<CpuDevice> {
  const o = takeOptions<CpuOptions>("openCpu", options, {
    threads: threadsFromEnvironment(),
    blas: environment("FULGUR_BLAS") ?? "auto",
  });
  if (!Number.isInteger(o.threads) || o.threads < 1) {
    throw new OptionError(`threads is ${o.threads}`, {
      where: "cpu device",
      fix: "use a whole number of at least 1 (FULGUR_THREADS)",
    });
  }
  return new CpuDevice(o.threads, o.blas);
}

function threadsFromEnvironment(): number {
  const given = environment("FULGUR_THREADS");
  return given === undefined ? navigator.hardwareConcurrency : Number(given);
}

/** An environment variable, where it may be read without asking. */
function environment(name: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  return state === "granted" ? Deno.env.get(name) || undefined : undefined;
}

/** The processor as a device. */
export class CpuDevice implements Device<CpuLaunch> {
  readonly kind = "cpu";
  readonly description: string;
  /** What the compiler may emit for this device. */
  readonly kernels: { readonly fusedMultiplyAdd: boolean; readonly blas: boolean };
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
  readonly #pool: WorkerPool;
  readonly #blas: Blas | null;
  /** Nanoseconds of work that threads could have shared so far. */
  #sharedWork = 0;
  #scratch: CpuBuffer;
  #scratchVersion = 0;

  /** Use {@linkcode openCpu}. */
  constructor(threads: number, blas: string) {
    this.#memory = new CpuMemory(CONTROL_BYTES + threads * SCRATCH_BYTES);
    this.#modules = new Modules(this.#memory.memory, this.stats);
    this.#pool = new WorkerPool(this.#memory.memory, threads);
    this.#scratch = this.#memory.allocate(1 << 16);
    this.#blas = openBlas(blas, this.#memory, threads);
    const fused = hasRelaxedMultiplyAdd();
    this.kernels = { fusedMultiplyAdd: fused, blas: this.#blas !== null };
    const simd = `WebAssembly SIMD${fused ? " with relaxed FMA" : ""}`;
    const parts = [`${threads} thread${threads === 1 ? "" : "s"}`, simd];
    if (this.#blas !== null) parts.push(this.#blas.name);
    this.description = `cpu: ${parts.join(", ")}`;
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
    if (launch.kind === "sgemm") {
      const blas = this.#blas;
      if (blas === null) {
        throw new DeviceError("A launch for a BLAS is loaded on a device without one", {
          where: launch.label,
        });
      }
      return (block) => {
        const { words } = this.#memory;
        blas.run(launch, words[block]! >>> 0, words[block + 1]! >>> 0, words[block + 2]! >>> 0);
      };
    }
    const kernel = this.#modules.kernel(launch.key, launch.module);
    const { chunks, nanoseconds } = launch;
    const alone = (block: number): void => {
      for (let chunk = 0; chunk < chunks; chunk++) kernel.run(4 * block, chunk, CONTROL_BYTES);
    };
    if (chunks < 2 || nanoseconds < SHARED_NANOSECONDS || !this.#pool.isUseful) return alone;
    return (block) => {
      if (!this.#pool.isComplete) {
        this.#sharedWork += nanoseconds;
        if (this.#sharedWork > START_NANOSECONDS) this.#pool.start();
      }
      if (this.#pool.isRunning) this.#pool.run(kernel, 4 * block, chunks);
      else alone(block);
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
    this.#pool.close();
    this.#blas?.close();
    return Promise.resolve();
  }
}

/** Launches of less work than this run on the main thread alone: sharing costs as much. */
const SHARED_NANOSECONDS = 30_000;
/** Threads start once so much work could have been shared: programs that do little never start them. */
const START_NANOSECONDS = 5_000_000;

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
