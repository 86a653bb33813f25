export { Adagrad, type AdagradSettings } from "./adagrad.ts";
export { Adam, type AdamSettings, AdamW } from "./adam.ts";
export { Arena } from "./arena.ts";
export { clipGradNorm, clipGradValue, gradNorm } from "./clip.ts";
export {
  type BaseSettings,
  type GroupOptions,
  Optimizer,
  type OptimizerOptions,
  type OptimizerState,
  type OptimizerValue,
  type ParamGroup,
  type Update,
} from "./optimizer.ts";
export { RMSprop, type RMSpropSettings } from "./rmsprop.ts";
export { SGD, type SGDSettings } from "./sgd.ts";
export * from "./schedulers/mod.ts";
