export { openWebGpu } from "./device.ts";
export {
  describeAdapter,
  findAdapter,
  hasAdapter,
  hasHardwareAdapter,
  type WebGpuOptions,
} from "./adapter.ts";
export type { GpuBinding, GpuLaunch, ScalarWord, WordType } from "./launch.ts";
