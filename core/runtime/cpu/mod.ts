export { CpuDevice, type CpuOptions, openCpu } from "./device.ts";
export type { CpuLaunch, ScalarWord, SgemmLaunch, SgemmOperand, WasmLaunch } from "./launch.ts";
