/**
 * Training: the trainer, its loops and hooks, modules wired from parts, checkpoints.
 *
 * @module
 */
export {
  type Callback,
  type CheckpointCallback,
  type HookResult,
  isCheckpointCallback,
  type Json,
  type LoopName,
  type Run,
  type Stage,
  type StepOutputs,
} from "./callback.ts";
export { type Checkpoint, type CheckpointContent, readCheckpoint } from "./checkpoint.ts";
export { evaluate, type RunObjects, type RunResult, train, trainTask } from "./entry.ts";
export { InterruptedError } from "./interrupt.ts";
export type { BatchLimit } from "./limits.ts";
export {
  BaseLitModule,
  type BaseLitModuleOptions,
  type ForwardFn,
  type TrackedMetric,
} from "./lit_module.ts";
export type {
  LitModule,
  OptimizerConfig,
  OptimizerEntry,
  OptimizerSetup,
  ParamGroup,
  SchedulerConfig,
  SchedulerEntry,
  SchedulerLike,
  StepResult,
  TrainableModule,
} from "./lit_module_hooks.ts";
export type { BatchSource, BatchSources, DataModuleLike } from "./loaders.ts";
export type { LoggedMetric, LogOptions, LogValue, Reduction } from "./log.ts";
export type { FinalStatus, HyperParameters, Logger } from "./logger.ts";
export { MNISTLitModule, type MNISTLitModuleOptions } from "./mnist_module.ts";
export type { Profiler } from "./profiler.ts";
export type { Settings } from "./settings.ts";
export {
  BaseTrainer,
  type EvaluateOptions,
  type FitOptions,
  type PredictOptions,
  type Results,
} from "./trainer.ts";
export type { TrainerOptions } from "./trainer_options.ts";
export type { StandardParts } from "./trainer_parts.ts";
export { loadWeights, type LoadWeightsOptions, saveWeights } from "./weights.ts";
