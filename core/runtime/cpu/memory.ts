import { DeviceError } from "../../errors.ts";
import { type DeviceBuffer, nextBufferId } from "../device.ts";
import { FIRST_PAGES } from "./launch.ts";

const PAGE = 65536;
/** Largest sizes to ask for, in pages: 4 GB, or less where the system does not let a process reserve so much. */
const MOST_PAGES = [65536, 32768, 16384, 8192] as const;
/** Every buffer is followed by this much, so that vectors may hang over its end. */
const SPARE_BYTES = 64;
/** The last buffer is followed by this much: kernels with wide strides may read so far past the end. */
const MARGIN_BYTES = PAGE;

/** A piece of the shared memory. */
export interface CpuBuffer extends DeviceBuffer {
  readonly address: number;
  /** Bytes taken from the memory, spare ones included. */
  readonly blockBytes: number;
}

/**
 * One shared WebAssembly memory, cut into blocks of few sizes; freed blocks are taken again before the memory grows.
 */
export class CpuMemory {
  readonly memory: WebAssembly.Memory;
  /** Views of the whole memory, renewed when it grows. */
  bytes: Uint8Array;
  words: Int32Array;
  floats: Float32Array;
  #end: number;
  readonly #mostPages: number;
  readonly #free: Map<number, number[]> = new Map();

  /** @param reservedBytes Bytes at the start that are never handed out. */
  constructor(reservedBytes: number) {
    [this.memory, this.#mostPages] = reserve(Math.ceil(reservedBytes / PAGE) + FIRST_PAGES);
    this.#end = Math.ceil(reservedBytes / 64) * 64;
    this.bytes = new Uint8Array(this.memory.buffer);
    this.words = new Int32Array(this.memory.buffer);
    this.floats = new Float32Array(this.memory.buffer);
  }

  /** Bytes held from the system. */
  get reservedBytes(): number {
    return this.bytes.length;
  }

  /**
   * Takes a block, aligned to 64 bytes.
   *
   * @throws {DeviceError} when all that the system allows is in use, 4 GB at most.
   */
  allocate(bytes: number): CpuBuffer {
    const usable = Math.max(16, Math.ceil(bytes / 16) * 16);
    const blockBytes = sizeClass(usable + SPARE_BYTES);
    const address = this.#free.get(blockBytes)?.pop() ?? this.#extend(blockBytes);
    return { id: nextBufferId(), bytes: usable, address, blockBytes };
  }

  /** Gives a block back. */
  free(buffer: CpuBuffer): void {
    const blocks = this.#free.get(buffer.blockBytes);
    if (blocks === undefined) this.#free.set(buffer.blockBytes, [buffer.address]);
    else blocks.push(buffer.address);
  }

  #extend(blockBytes: number): number {
    const address = this.#end;
    const end = address + blockBytes;
    if (end + MARGIN_BYTES > this.bytes.length) this.#grow(end + MARGIN_BYTES);
    this.#end = end;
    return address;
  }

  #grow(end: number): void {
    // An eighth more than needed, so that growing stays rare.
    const wanted = Math.ceil((end - this.bytes.length) / PAGE);
    const room = this.#mostPages - this.bytes.length / PAGE;
    const pages = Math.min(room, Math.max(wanted, Math.ceil(this.bytes.length / PAGE / 8)));
    if (wanted > room) throw this.#outOfMemory(end);
    try {
      this.memory.grow(pages);
    } catch (cause) {
      throw this.#outOfMemory(end, cause);
    }
    this.bytes = new Uint8Array(this.memory.buffer);
    this.words = new Int32Array(this.memory.buffer);
    this.floats = new Float32Array(this.memory.buffer);
  }

  #outOfMemory(bytes: number, cause?: unknown): DeviceError {
    const megabytes = (n: number): string => `${(n / 2 ** 20).toFixed(0)} MB`;
    return new DeviceError(`The cpu device is out of memory: ${megabytes(bytes)} are needed in all`, {
      where: `cpu device, which may hold ${megabytes(this.#mostPages * PAGE)}`,
      fix: "use a smaller batch or model",
      cause,
    });
  }
}

/** A memory that may grow as far as the system allows, and its most pages. */
function reserve(initial: number): [WebAssembly.Memory, number] {
  let cause: unknown;
  for (const maximum of MOST_PAGES) {
    try {
      return [new WebAssembly.Memory({ initial, maximum, shared: true }), maximum];
    } catch (error) {
      cause = error;
    }
  }
  throw new DeviceError("The cpu device cannot reserve memory", {
    where: "cpu device",
    fix: "raise the process's limit on address space to at least 1 GB",
    cause,
  });
}

/** Powers of two and the sizes half-way between; above 64 KB in eighths, so that little is lost. */
function sizeClass(bytes: number): number {
  const power = 2 ** Math.ceil(Math.log2(bytes));
  const step = Math.max(64, bytes > PAGE ? power / 16 : power / 4);
  return Math.ceil(bytes / step) * step;
}
