/**
 * Fulgur: deep learning on Deno's WebGPU and on the processor, in PyTorch Lightning's and Hydra's words.
 *
 * @example
 * ```ts
 * import { init, nn, ops, optim, scope, tensor } from "./mod.ts";
 *
 * await init();
 * const model = new nn.Linear({ inFeatures: 2, outFeatures: 1 });
 * const optimizer = new optim.SGD({ params: model.parameters(), lr: 0.1 });
 * const x = tensor([[0, 1], [1, 0]]);
 * const y = tensor([[1], [2]]);
 * let loss = Infinity;
 * for (let step = 0; step < 50; step++) {
 *   const result = scope(() => {
 *     const error = model.forward(x).sub(y);
 *     const mean = ops.mean(error.square());
 *     optimizer.zeroGrad();
 *     mean.backward();
 *     optimizer.step();
 *     return mean;
 *   });
 *   loss = await result.item();
 * }
 * console.assert(loss < 0.1);
 * ```
 *
 * @module
 */
export * from "./core/tensor/mod.ts";
export type { Batch } from "./core/batch.ts";
export { type OptionDefaults, required, type Taken, takeOptions } from "./core/options.ts";
export {
  CheckpointError,
  ConfigError,
  DataError,
  DeviceError,
  DTypeError,
  type ErrorDetails,
  FulgurError,
  JobError,
  MisconfigurationError,
  OptionError,
  ShaderError,
  ShapeError,
  ValueError,
} from "./core/errors.ts";
export * as ops from "./core/ops/mod.ts";
export * as nn from "./core/nn/mod.ts";
export * as optim from "./core/optim/mod.ts";
export * as losses from "./core/losses/mod.ts";
export * as metrics from "./core/metrics/mod.ts";
export * as transforms from "./core/transforms/mod.ts";
export * as data from "./core/data/mod.ts";
export * as train from "./core/trainer/mod.ts";
export * as callbacks from "./core/callbacks/mod.ts";
export * as loggers from "./core/loggers/mod.ts";
export * as profilers from "./core/profilers/mod.ts";
export * as config from "./core/config/mod.ts";
export * as sweep from "./core/sweep/mod.ts";
