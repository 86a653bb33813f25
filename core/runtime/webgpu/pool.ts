import { DeviceError } from "../../errors.ts";
import { type DeviceBuffer, nextBufferId } from "../device.ts";

const COPY_SRC = 0x4;
const COPY_DST = 0x8;
const STORAGE = 0x80;

/** Memory on a GPU. */
export interface GpuMemory extends DeviceBuffer {
  readonly gpu: GPUBuffer;
}

/** The smallest size class that holds `bytes`: powers of two and one and a half times those, from 256 bytes. */
export function sizeClass(bytes: number): number {
  let size = 256;
  while (size < bytes) {
    const between = size * 1.5;
    if (between >= bytes) return between;
    size *= 2;
  }
  return size;
}

/** Storage buffers by size class; freed ones wait for the next request of their class. */
export class BufferPool {
  readonly #gpu: GPUDevice;
  readonly #largest: number;
  readonly #forget: (id: number) => void;
  readonly #full: (bytes: number, error: GPUError) => void;
  readonly #idle = new Map<number, GpuMemory[]>();
  #idleBytes = 0;
  /** Bytes held from the system. */
  reservedBytes = 0;
  /** Bytes given out. */
  liveBytes = 0;
  /** Buffers given out. */
  liveBuffers = 0;

  /**
   * @param forget Called with the id of each buffer that is given back to the system.
   * @param full Called soon after a buffer was taken for which the device has no memory.
   */
  constructor(gpu: GPUDevice, forget: (id: number) => void, full: (bytes: number, error: GPUError) => void) {
    this.#gpu = gpu;
    this.#forget = forget;
    this.#full = full;
    this.#largest = Math.min(gpu.limits.maxBufferSize, gpu.limits.maxStorageBufferBindingSize);
  }

  /**
   * A buffer of at least `bytes`.
   *
   * @throws {DeviceError} where one buffer may not be so large.
   */
  take(bytes: number): GpuMemory {
    const size = Math.min(sizeClass(bytes), Math.floor(this.#largest / 16) * 16);
    if (bytes > size) {
      throw new DeviceError(`A tensor of ${bytes} bytes is larger than one buffer of this adapter may be`, {
        where: "webgpu",
        fix: `keep tensors below ${size} bytes: use smaller batches, or the cpu device`,
      });
    }
    const reused = this.#idle.get(size)?.pop();
    let buffer: GpuMemory;
    if (reused !== undefined) {
      this.#idleBytes -= size;
      buffer = reused;
    } else {
      if (this.#idleBytes > Math.max(1 << 28, this.liveBytes)) this.trim();
      this.#gpu.pushErrorScope("out-of-memory");
      const gpu = this.#gpu.createBuffer({
        label: `pool ${size}`,
        size,
        usage: STORAGE | COPY_SRC | COPY_DST,
      });
      this.#gpu.popErrorScope().then((error) => {
        if (error !== null) this.#full(size, error);
      });
      this.reservedBytes += size;
      buffer = { id: nextBufferId(), bytes: size, gpu };
    }
    this.liveBytes += size;
    this.liveBuffers++;
    return buffer;
  }

  /** Takes a buffer back; work already submitted may still use it, later work is ordered after it. */
  give(buffer: GpuMemory): void {
    this.liveBytes -= buffer.bytes;
    this.liveBuffers--;
    this.#idleBytes += buffer.bytes;
    const idle = this.#idle.get(buffer.bytes);
    if (idle === undefined) this.#idle.set(buffer.bytes, [buffer]);
    else idle.push(buffer);
  }

  /** Gives every idle buffer back to the system. */
  trim(): void {
    for (const buffers of this.#idle.values()) {
      for (const buffer of buffers) {
        this.#forget(buffer.id);
        this.reservedBytes -= buffer.bytes;
        buffer.gpu.destroy();
      }
    }
    this.#idle.clear();
    this.#idleBytes = 0;
  }
}
