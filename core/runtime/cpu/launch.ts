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

/** Bytes of private scratch memory that each thread passes to kernels. */
export const SCRATCH_BYTES = 64 * 1024;
