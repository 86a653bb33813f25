/** Types of the 32-bit words that a shader reads from its uniform buffer. */
export type WordType = "f32" | "i32" | "u32" | "bool";

/** A storage buffer of a launch: one of the program's slots, or memory that the launches of one kernel share. */
export type GpuBinding =
  | { readonly kind: "slot"; readonly slot: number }
  | { readonly kind: "temporary"; readonly bytes: number };

/** A word of the uniform buffer that holds a dynamic scalar. */
export interface ScalarWord {
  /** Position among the launch's uniform words. */
  readonly word: number;
  /** Number of the program's dynamic scalar. */
  readonly scalar: number;
  readonly type: WordType;
}

/**
 * One dispatch of a compute shader. The shader's entry point is `main`; its uniform words are
 * `@group(0) @binding(0) var<uniform>`, its buffers `@group(1) @binding(i) var<storage, read_write>`.
 */
export interface GpuLaunch {
  /** What error messages call it: the kernel's label. */
  readonly label: string;
  /** A complete WGSL module. Launches with equal text share one pipeline. */
  readonly code: string;
  readonly bindings: readonly GpuBinding[];
  /** The uniform words: sizes, strides, offsets; 0 where a dynamic scalar goes. */
  readonly words: Uint32Array<ArrayBuffer>;
  readonly scalars: readonly ScalarWord[];
  /** Workgroups per dimension. */
  readonly grid: readonly [number, number, number];
}
