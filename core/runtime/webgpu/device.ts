import { DeviceError } from "../../errors.ts";
import type { Device, DeviceBuffer, DeviceStats, DeviceTraits, Executable, Slot } from "../device.ts";
import { describeAdapter, isSoftware, requestDevice, type WebGpuOptions } from "./adapter.ts";
import { type ExecutableHost, GpuExecutable } from "./executable.ts";
import type { GpuLaunch } from "./launch.ts";
import { PipelineCache } from "./pipelines.ts";
import { BufferPool, type GpuMemory } from "./pool.ts";
import { ReadBack } from "./readback.ts";
import { ScratchMemory } from "./scratch.ts";

/**
 * Opens the machine's WebGPU adapter.
 *
 * @throws {DeviceError} where there is none.
 *
 * @example
 * ```ts
 * import { hasAdapter } from "./adapter.ts";
 * import { openWebGpu } from "./device.ts";
 * if (await hasAdapter()) {
 *   const device = await openWebGpu();
 *   const buffer = device.allocate(16);
 *   device.write(buffer, new Uint8Array([1, 2, 3, 4]));
 *   console.assert((await device.read(buffer, 0, 4))[2] === 3);
 *   await device.close();
 * }
 * ```
 */
export async function openWebGpu(options: WebGpuOptions = {}): Promise<Device<GpuLaunch>> {
  const { adapter, gpu } = await requestDevice(options);
  return new WebGpuDevice(gpu, describeAdapter(adapter), options.software ?? isSoftware(adapter));
}

class WebGpuDevice implements Device<GpuLaunch>, ExecutableHost {
  readonly kind = "webgpu";
  readonly description: string;
  readonly traits: DeviceTraits;
  readonly gpu: GPUDevice;
  readonly pipelines: PipelineCache;
  readonly scratch: ScratchMemory;
  readonly #pool: BufferPool;
  readonly #readBack: ReadBack;
  readonly #fence: GpuMemory;
  #failure: Error | undefined;
  #closed = false;
  #launches = 0;
  #submits = 0;
  #readbacks = 0;
  #label = "webgpu";

  constructor(gpu: GPUDevice, name: string, software: boolean) {
    this.gpu = gpu;
    const f16 = gpu.features.has("shader-f16");
    this.description = `webgpu: ${name}${software ? ", software" : ""}${f16 ? ", f16" : ""}`;
    this.traits = { software, maxBuffers: gpu.limits.maxStorageBuffersPerShaderStage, f16 };
    this.pipelines = new PipelineCache(gpu);
    this.#pool = new BufferPool(
      gpu,
      (id) => this.pipelines.forget(id),
      (bytes, error) => this.report(this.#outOfMemory(bytes, error)),
    );
    this.scratch = new ScratchMemory(this.#pool);
    this.#fence = this.#pool.take(4);
    this.#readBack = new ReadBack(gpu);
    gpu.addEventListener("uncapturederror", (event) => {
      event.preventDefault();
      this.report(this.#errorOf((event as GPUUncapturedErrorEvent).error));
    });
    gpu.lost.then((info) => {
      if (!this.#closed) {
        this.report(
          new DeviceError(`The GPU was lost: ${info.message}`, {
            where: this.#label,
            fix: "start again from the last checkpoint",
          }),
        );
      }
    });
  }

  get stats(): Readonly<DeviceStats> {
    const held = this.scratch.held();
    return {
      launches: this.#launches,
      readbacks: this.#readbacks,
      compiled: this.pipelines.compiled,
      liveBuffers: this.#pool.liveBuffers - held.buffers - 1,
      liveBytes: this.#pool.liveBytes - held.bytes - this.#fence.bytes,
      reservedBytes: this.#pool.reservedBytes,
      submits: this.#submits,
    };
  }

  allocate(bytes: number): DeviceBuffer {
    this.check();
    return this.#pool.take(bytes);
  }

  free(buffer: DeviceBuffer): void {
    if (!this.#closed) this.#pool.give(buffer as GpuMemory);
  }

  write(buffer: DeviceBuffer, data: Uint8Array, byteOffset = 0): void {
    this.check();
    checkRange("write", buffer, byteOffset, data.byteLength);
    if (byteOffset % 4 !== 0) {
      throw new DeviceError(`Writes start at multiples of 4 bytes, not at ${byteOffset}`, {
        where: "webgpu write",
        fix: "write whole tensors",
      });
    }
    // Writes move whole words; the buffer is padded, so the spare bytes of the last one belong to nobody.
    const whole = data.byteLength % 4 === 0 ? data : padded(data);
    this.gpu.queue.writeBuffer((buffer as GpuMemory).gpu, byteOffset, whole as Uint8Array<ArrayBuffer>);
  }

  async read(buffer: DeviceBuffer, byteOffset: number, bytes: number): Promise<Uint8Array> {
    this.check();
    checkRange("read", buffer, byteOffset, bytes);
    this.#readbacks++;
    const result = await this.#readBack.read((buffer as GpuMemory).gpu, byteOffset, bytes);
    this.check();
    return result;
  }

  load(launches: readonly GpuLaunch[], slots: readonly Slot[], blockBytes: readonly number[]): Executable {
    this.check();
    return new GpuExecutable(this, launches, slots, blockBytes);
  }

  async synchronize(): Promise<void> {
    // A small read returns as soon as the queue is idle; Deno's onSubmittedWorkDone sleeps ten milliseconds more.
    await this.#readBack.read(this.#fence.gpu, 0, 4);
    this.check();
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    // Drivers must not lose their memory while work is still under way.
    if (this.#failure === undefined) await this.#readBack.read(this.#fence.gpu, 0, 4);
    await this.#readBack.close();
    this.#pool.trim();
    this.gpu.destroy();
    await this.gpu.lost;
  }

  check(): void {
    if (this.#closed) {
      throw new DeviceError("The device is closed", { where: "webgpu", fix: "open it again" });
    }
    if (this.#failure !== undefined) {
      const failure = this.#failure;
      this.#failure = undefined;
      throw failure;
    }
  }

  count(launches: number, label: string): void {
    this.#label = label;
    this.#launches += launches;
    this.#submits++;
  }

  report(error: Error): void {
    this.#failure ??= error;
  }

  #outOfMemory(bytes: number | null, cause: GPUError): Error {
    const { reservedBytes, liveBytes } = this.#pool;
    const wish = bytes === null ? "" : ` for a buffer of ${bytes} bytes`;
    return new DeviceError(`The GPU is out of memory${wish}`, {
      where: this.#label,
      fix: `use smaller batches; ${reservedBytes} bytes are reserved, ${liveBytes} in use`,
      cause,
    });
  }

  #errorOf(error: GPUError): Error {
    if (error instanceof GPUOutOfMemoryError) return this.#outOfMemory(null, error);
    return new DeviceError(`The GPU refused a command: ${error.message}`, {
      where: this.#label,
      cause: error,
    });
  }
}

function checkRange(action: string, buffer: DeviceBuffer, byteOffset: number, bytes: number): void {
  if (byteOffset < 0 || byteOffset + bytes > buffer.bytes) {
    throw new DeviceError(
      `Cannot ${action} bytes ${byteOffset} to ${byteOffset + bytes} of a buffer of ${buffer.bytes} bytes`,
      { where: "webgpu" },
    );
  }
}

function padded(data: Uint8Array): Uint8Array {
  const whole = new Uint8Array(Math.ceil(data.byteLength / 4) * 4);
  whole.set(data);
  return whole;
}
