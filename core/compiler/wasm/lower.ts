import type { CpuLaunch } from "../../runtime/cpu/launch.ts";
import type { Kernel } from "../kernel.ts";
import { lowerConv2d } from "./conv.ts";
import { lowerConv2dWeight } from "./conv_weight.ts";
import { lowerMatmul } from "./gemm.ts";
import { lowerBlasMatmul } from "./gemm_blas.ts";
import { lowerMap } from "./map.ts";
import { lowerReduce } from "./reduce.ts";

/** What lowering needs to know about the processor. */
export interface CpuTraits {
  /** Whether relaxed multiply-add may be emitted. */
  readonly fusedMultiplyAdd: boolean;
  /** Whether matrix products may go to a native BLAS. */
  readonly blas: boolean;
}

/** Turns a kernel into launches of the cpu device, to be run one after the other. */
export function lowerCpu(kernel: Kernel, traits: CpuTraits): readonly CpuLaunch[] {
  switch (kernel.kind) {
    case "map":
      return lowerMap(kernel, traits.fusedMultiplyAdd);
    case "reduce":
      return lowerReduce(kernel, traits.fusedMultiplyAdd);
    case "matmul":
      return (traits.blas ? lowerBlasMatmul(kernel, traits.fusedMultiplyAdd) : null) ??
        lowerMatmul(kernel, traits.fusedMultiplyAdd);
    case "conv2d":
      return lowerConv2d(kernel, traits.fusedMultiplyAdd, (product) => lowerCpu(product, traits));
    case "conv2dWeight":
      return lowerConv2dWeight(kernel, traits.fusedMultiplyAdd);
    default:
      return kernel satisfies never;
  }
}
