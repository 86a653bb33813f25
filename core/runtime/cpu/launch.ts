/** Stands for the working memory of a launch list in place of a slot. */
export const WORKSPACE = -2;

/** A dynamic scalar as kernels read it: `f32` bits, a whole number, or a mask. */
export interface ScalarWord {
  readonly index: number;
  readonly type: "f32" | "i32" | "u32" | "bool";
}

/**
 * One call of a WebAssembly kernel per chunk: `run(block, chunk, scratch)`.
 *
 * The block is an array of 32-bit words: the address of each pointer's buffer, the static words, the dynamic scalars.
 * Chunks are independent of each other and of the number of threads.
 */
export interface WasmLaunch {
  readonly kind: "wasm";
  readonly label: string;
  /** Equal keys mean equal modules. */
  readonly key: string;
  readonly module: Uint8Array<ArrayBuffer>;
  /** Slots, or {@linkcode WORKSPACE}. */
  readonly pointers: readonly number[];
  readonly words: readonly number[];
  readonly scalars: readonly ScalarWord[];
  readonly chunks: number;
  /** Rough time of all chunks on one core, in nanoseconds. */
  readonly nanoseconds: number;
  /** Bytes of working memory that this launch reads or writes. */
  readonly workspaceBytes: number;
}

/** One operand of a {@linkcode SgemmLaunch}: slot, offset in elements, elements between rows, whether it is stored transposed. */
export interface SgemmOperand {
  readonly pointer: number;
  readonly offset: number;
  readonly leading: number;
  readonly transposed: boolean;
}

/** Matrix products done by the native BLAS: `c = a · b` for each batch, row-major f32. */
export interface SgemmLaunch {
  readonly kind: "sgemm";
  readonly label: string;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly a: SgemmOperand;
  readonly b: SgemmOperand;
  readonly c: SgemmOperand;
  /** Offsets in elements of each further batch, as triples for a, b and c. */
  readonly batches: readonly (readonly [a: number, b: number, c: number])[];
  readonly workspaceBytes: number;
}

/** What the cpu device runs. */
export type CpuLaunch = WasmLaunch | SgemmLaunch;

/**
 * Pages of 64 KB that the memory has from the start. Kernels declare them: V8 guards every access by comparisons, and
 * leaves one of the two out where the offset lies within the declared size.
 */
export const FIRST_PAGES = 16;

/** Bytes of private scratch memory that each thread passes to kernels. */
export const SCRATCH_BYTES = 64 * 1024;

/** Bytes at the start of the memory through which threads talk; each thread's scratch memory follows. */
export const CONTROL_BYTES = 4096;

/** Words of the control block. Those that many threads write lie in cache lines of their own. */
export const CONTROL = {
  /** Chunks of the current job that nobody has taken; below zero when all are. */
  REMAINING: 0,
  /** Chunks that are finished. */
  DONE: 16,
  /** The job: which kernel, its parameter block, how many chunks. */
  KERNEL: 32,
  BLOCK: 33,
  CHUNKS: 34,
  /** Set when a chunk has failed. */
  FAILED: 35,
  /** Changes when parked threads should look again. */
  EPOCH: 48,
  PARKED: 64,
  /** Threads that have started and not ended. */
  ALIVE: 80,
  /** Time in milliseconds until which threads may still be starting. */
  STARTING: 81,
} as const;
