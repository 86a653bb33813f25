/** The two kinds of device: WebAssembly on the processor, or WebGPU. */
export type DeviceKind = "cpu" | "webgpu";

/** Memory on a device. Contents are undefined until written. */
export interface DeviceBuffer {
  /** Unique among all buffers of the process. */
  readonly id: number;
  /** Usable size; a multiple of 16. */
  readonly bytes: number;
}

/**
 * Where a launch list finds one of its buffers.
 *
 * `bound` slots are given at each run, by position; `scratch` slots are working memory that lives for one run,
 * numbered by block (slots with the same block never hold live values at the same time).
 */
export type Slot =
  | { readonly kind: "bound"; readonly index: number }
  | { readonly kind: "scratch"; readonly block: number };

/** A launch list that is compiled and ready to run again and again. */
export interface Executable {
  /** How many kernels one run launches. */
  readonly launches: number;
  /**
   * Enqueues every launch in order; returns without waiting for the device.
   *
   * @param bound One buffer for each `bound` slot index. The same buffer may appear more than once.
   * @param scalars Values of the list's dynamic scalars, in order (seeds are whole numbers below 2³²).
   */
  run(bound: readonly DeviceBuffer[], scalars: readonly number[]): void;
  /** Gives back what belongs to this list alone. */
  dispose(): void;
}

/** Counters that tests and profilers read. */
export interface DeviceStats {
  /** Kernels launched so far. */
  launches: number;
  /** Times that a result was read back. */
  readbacks: number;
  /** Pipelines or modules compiled so far. */
  compiled: number;
  /** Buffers that are allocated and not freed. */
  liveBuffers: number;
  /** Bytes of those buffers. */
  liveBytes: number;
  /** Bytes held from the system, pools and scratch included. */
  reservedBytes: number;
  /** Times that work was submitted (a queue submit, or a wake of the worker pool). */
  submits: number;
}

/** What the compiler needs to know about a device. */
export interface DeviceTraits {
  /** Hardware, or a processor that plays a GPU. */
  readonly software: boolean;
  /** Most buffers that one kernel may bind. */
  readonly maxBuffers: number;
  /** Whether f16 storage is native. */
  readonly f16: boolean;
}

/**
 * A device: memory, and execution of compiled launch lists. It knows no op.
 *
 * `Launch` is what the device's own half of the compiler produces from a kernel.
 */
export interface Device<Launch = unknown> {
  readonly kind: DeviceKind;
  /** One line for people: adapter or processor, threads, libraries in use. */
  readonly description: string;
  readonly traits: DeviceTraits;
  readonly stats: Readonly<DeviceStats>;
  /**
   * Takes memory from the pool.
   *
   * @throws {DeviceError} when the device has no more.
   */
  allocate(bytes: number): DeviceBuffer;
  /** Returns memory to the pool. Work already enqueued may still use it. */
  free(buffer: DeviceBuffer): void;
  /** Copies bytes in, ordered after the work enqueued so far. `data` may be reused at once. */
  write(buffer: DeviceBuffer, data: Uint8Array, byteOffset?: number): void;
  /** Waits for the enqueued work and copies bytes out. The one operation that waits for the device. */
  read(buffer: DeviceBuffer, byteOffset: number, bytes: number): Promise<Uint8Array>;
  /**
   * Compiles launches.
   *
   * @param slots The buffers that launches name by position.
   * @param blockBytes Sizes of the scratch blocks.
   */
  load(launches: readonly Launch[], slots: readonly Slot[], blockBytes: readonly number[]): Executable;
  /** Waits for the work enqueued so far. */
  synchronize(): Promise<void>;
  /** Frees everything: memory, workers, the GPU device. */
  close(): Promise<void>;
}

let lastBufferId = 0;

/** A fresh buffer id. */
export function nextBufferId(): number {
  return ++lastBufferId;
}
