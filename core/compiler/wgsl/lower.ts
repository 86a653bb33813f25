import type { DeviceTraits } from "../../runtime/device.ts";
import type { GpuLaunch } from "../../runtime/webgpu/launch.ts";
import type { Kernel } from "../kernel.ts";
import { lowerConv2d } from "./conv2d.ts";
import { lowerConv2dWeight } from "./conv2d_weight.ts";
import { lowerMap } from "./map.ts";
import { lowerMatmul } from "./matmul.ts";
import { lowerReduce } from "./reduce.ts";

/** Lowers a kernel to the compute dispatches that carry it out, in order; none where its space is empty. */
export function lowerGpu(kernel: Kernel, traits: DeviceTraits): GpuLaunch[] {
  switch (kernel.kind) {
    case "map":
      return lowerMap(kernel, traits);
    case "reduce":
      return lowerReduce(kernel, traits);
    case "matmul":
      return lowerMatmul(kernel, traits);
    case "conv2d":
      return lowerConv2d(kernel, traits);
    case "conv2dWeight":
      return lowerConv2dWeight(kernel, traits);
    default:
      return kernel satisfies never;
  }
}
