import type { DType } from "../runtime/dtype.ts";
import type { Bounds } from "../runtime/layout.ts";
import type { Slot } from "../runtime/device.ts";
import type { Expr, ScalarType } from "./expr.ts";

/**
 * Kernels as the planner makes them: what to compute, for no device in particular.
 * `wasm/` and `wgsl/` each lower them to launches of their device.
 *
 * A kernel walks an iteration space (axis sizes, outermost first, collapsed where strides allow; may be `[]`).
 * Expressions inside it use these leaves: `input(i)` is the value of `loads[i]` at the current coordinates,
 * `acc(i)` is accumulator or contraction result number `i`, `scalar(i)` is dynamic scalar `i` of the program.
 */
export type Kernel = MapKernel | ReduceKernel | MatmulKernel | Conv2dKernel | Conv2dWeightKernel;

/**
 * Address pattern over an iteration space: `offset + Σ i[d] · strides[d]`, in elements. Strides may be zero
 * (broadcast) or negative (flip); with a mask the offset may be negative too.
 */
export interface Access {
  readonly strides: readonly number[];
  readonly offset: number;
}

/** Reads one element per point of the iteration space. */
export interface Load extends Access {
  /** Slot of the buffer; -1 reads no memory: the value is the address itself, as `i32` (an iota). */
  readonly slot: number;
  readonly dtype: DType;
  /** Valid coordinates per axis of the iteration space; outside, the value is 0 (false) and memory is not touched. */
  readonly mask: readonly Bounds[] | null;
  /**
   * Indirection: adds `clamp(v, 0, size - 1) · stride` to the address, where `v` is the integer value of
   * `loads[load]` at the same coordinates (that load comes earlier in the list and has no indirection itself).
   */
  readonly indirect: { readonly load: number; readonly stride: number; readonly size: number } | null;
}

/** Writes one element per point of the iteration space. */
export interface Store extends Access {
  readonly slot: number;
  readonly dtype: DType;
  /** Its type fits the dtype: f32 for f32 and f16, i32, u32 for u32 and u8, bool for bool. */
  readonly value: Expr;
}

/** Elementwise: every store is evaluated at every point. Loads happen before stores at each point. */
export interface MapKernel {
  readonly kind: "map";
  readonly label: string;
  readonly space: readonly number[];
  readonly loads: readonly Load[];
  readonly stores: readonly Store[];
}

/** How a reduction combines. `argmax` and `argmin` give the first extreme position in reduced order, as i32. */
export type Combine = "sum" | "prod" | "max" | "min" | "argmax" | "argmin" | "any" | "all";

/** Every way to combine elements. */
export const COMBINES: readonly Combine[] = ["sum", "prod", "max", "min", "argmax", "argmin", "any", "all"];

/** One accumulator. NaN wins in max, min, argmax and argmin. */
export interface Accumulator {
  readonly combine: Combine;
  /** What is combined; may use accumulators of earlier phases. */
  readonly value: Expr;
}

/**
 * Reductions in phases: each phase walks the reduced axes once and fills its accumulators; a later phase may use the
 * accumulators of earlier ones (mean, then the variance around it). Accumulators are numbered through all phases.
 *
 * Loads address `kept` axes followed by `reduced` axes; a load with zero strides on all reduced axes is one value per kept point.
 * `any` and `all` accumulate bool, `sum` f32 or i32 (u32), the rest the type of their value.
 */
export interface ReduceKernel {
  readonly kind: "reduce";
  readonly label: string;
  readonly kept: readonly number[];
  readonly reduced: readonly number[];
  readonly loads: readonly Load[];
  readonly phases: readonly (readonly Accumulator[])[];
  /** Written once per kept point, after all phases; strides over `kept`; values use `acc` and loads that do not vary with the reduced axes. */
  readonly stores: readonly Store[];
  /** Written per element in a last walk; strides over `kept` then `reduced`. */
  readonly elementStores: readonly Store[];
}

/**
 * Batched matrix product: `acc(0)[b…, m, n] = Σ_k a[b…, m, k] · b[b…, k, n]`, f32 sums.
 * `a` and `b` have no mask and no indirection; their strides over `[...batch, m, k]` and `[...batch, k, n]` may be anything.
 * `loads` and `stores` work over `[...batch, m, n]`. A store whose value is `acc(0)` alone is a plain product.
 */
export interface MatmulKernel {
  readonly kind: "matmul";
  readonly label: string;
  readonly batch: readonly number[];
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly a: Load;
  readonly b: Load;
  readonly loads: readonly Load[];
  readonly stores: readonly Store[];
}

/** Sizes of a convolution over an input that is already padded. */
export interface Conv2dSizes {
  readonly batch: number;
  readonly groups: number;
  /** Channels per group. */
  readonly inChannels: number;
  readonly outChannels: number;
  readonly inHeight: number;
  readonly inWidth: number;
  readonly outHeight: number;
  readonly outWidth: number;
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly strideHeight: number;
  readonly strideWidth: number;
  readonly dilationHeight: number;
  readonly dilationWidth: number;
}

/**
 * 2-D cross-correlation without padding: `acc(0)[n, g·OC + o, y, x] = Σ_{c,i,j} x[n, g·C + c, y·sh + i·dh, x·sw + j·dw] · w[g·OC + o, c, i, j]`.
 * Input `[batch, groups·inChannels, inHeight, inWidth]` and weight `[groups·outChannels, inChannels, kernelHeight, kernelWidth]` are packed
 * f32 (or f16) from their offset. `loads` and `stores` work over `[batch, groups·outChannels, outHeight, outWidth]`.
 */
export interface Conv2dKernel {
  readonly kind: "conv2d";
  readonly label: string;
  readonly sizes: Conv2dSizes;
  readonly input: { readonly slot: number; readonly dtype: DType; readonly offset: number };
  readonly weight: { readonly slot: number; readonly dtype: DType; readonly offset: number };
  readonly loads: readonly Load[];
  readonly stores: readonly Store[];
}

/**
 * Weight gradient of {@linkcode Conv2dKernel}: `acc(0)[g·OC + o, c, i, j] = Σ_{n,y,x} grad[n, g·OC + o, y, x] · x[n, g·C + c, y·sh + i·dh, x·sw + j·dw]`.
 * `grad` is packed `[batch, groups·outChannels, outHeight, outWidth]`. `loads` and `stores` work over
 * `[groups·outChannels, inChannels, kernelHeight, kernelWidth]`.
 */
export interface Conv2dWeightKernel {
  readonly kind: "conv2dWeight";
  readonly label: string;
  readonly sizes: Conv2dSizes;
  readonly input: { readonly slot: number; readonly dtype: DType; readonly offset: number };
  readonly grad: { readonly slot: number; readonly dtype: DType; readonly offset: number };
  readonly loads: readonly Load[];
  readonly stores: readonly Store[];
}

/** A schedule's kernels with everything a device needs to run them. */
export interface Program {
  readonly kernels: readonly Kernel[];
  readonly slots: readonly Slot[];
  /** Sizes of the scratch blocks that slots name. */
  readonly blockBytes: readonly number[];
  /** Types of the dynamic scalars. */
  readonly scalars: readonly ScalarType[];
}
