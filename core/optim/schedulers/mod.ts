export {
  ChainedScheduler,
  type ChainedSchedulerOptions,
  SequentialLR,
  type SequentialLROptions,
} from "./composed.ts";
export {
  CosineAnnealingLR,
  type CosineAnnealingLROptions,
  CosineAnnealingWarmRestarts,
  type CosineAnnealingWarmRestartsOptions,
} from "./cosine.ts";
export { CyclicLR, type CyclicLROptions, OneCycleLR, type OneCycleLROptions } from "./cycle.ts";
export { LambdaLR, type LambdaLROptions, type LrLambda, MultiplicativeLR } from "./lambda.ts";
export { ReduceLROnPlateau, type ReduceLROnPlateauOptions } from "./plateau.ts";
export {
  ConstantLR,
  type ConstantLROptions,
  LinearLR,
  type LinearLROptions,
  PolynomialLR,
  type PolynomialLROptions,
} from "./ramp.ts";
export {
  LRScheduler,
  type Scheduled,
  type ScheduledGroup,
  type SchedulerOptions,
  type SchedulerState,
} from "./scheduler.ts";
export {
  ExponentialLR,
  type ExponentialLROptions,
  MultiStepLR,
  type MultiStepLROptions,
  StepLR,
  type StepLROptions,
} from "./step.ts";
