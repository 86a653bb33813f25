/** Tensors: making them, reading them, gradients, scopes, devices, random numbers, weight files. */
export type { DType, HostArray } from "../runtime/dtype.ts";
export type { Shape } from "../runtime/layout.ts";
export type { Device, DeviceBuffer, DeviceKind, DeviceStats, DeviceTraits } from "../runtime/device.ts";
export { hostEffect } from "../compiler/effects.ts";
export { type PhiloxState, philoxState, setPhiloxState } from "../ops/random.ts";
export { type Backward, type GradFn, isGradEnabled, noGrad } from "./autograd.ts";
export type { NestedArray } from "./base.ts";
export * from "./create.ts";
export { capture, type CapturedStep } from "./capture.ts";
export { type Accelerator, closeDevices, init, type InitOptions } from "./device.ts";
export { currentDevice, deviceInUse, schedulesCompiled, useDevice } from "./engine.ts";
export { defaultGenerator, Generator } from "./rng.ts";
export { manualSeed } from "./seed.ts";
export { loadSafetensors, type SafetensorsFile, saveSafetensors, type StoredTensor } from "./safetensors.ts";
export { keep, readAll, scope, scopeAsync } from "./step.ts";
export { Tensor } from "./tensor.ts";
