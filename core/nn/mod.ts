export { type LoadReport, Module, type StateValue } from "./module.ts";
export {
  calculateGain,
  fanInUniform,
  fans,
  kaimingNormal,
  type KaimingOptions,
  kaimingUniform,
  type Nonlinearity,
  xavierNormal,
  type XavierOptions,
  xavierUniform,
} from "./init.ts";
export {
  ELU,
  type ELUOptions,
  GELU,
  type GELUOptions,
  Hardsigmoid,
  Hardswish,
  type InplaceOptions,
  LeakyReLU,
  type LeakyReLUOptions,
  LogSigmoid,
  LogSoftmax,
  Mish,
  ReLU,
  ReLU6,
  SELU,
  Sigmoid,
  SiLU,
  Softmax,
  type SoftmaxOptions,
  Softplus,
  type SoftplusOptions,
  Softsign,
  Tanh,
} from "./activation.ts";
export { type Layer, ModuleDict, ModuleList, Sequential } from "./containers.ts";
export { Conv2d, type Conv2dOptions } from "./conv.ts";
export { Dropout, type DropoutOptions } from "./dropout.ts";
export { Embedding, type EmbeddingOptions } from "./embedding.ts";
export { Linear, type LinearOptions } from "./linear.ts";
export { BatchNorm1d, BatchNorm2d, type BatchNormOptions, LayerNorm, type LayerNormOptions } from "./norm.ts";
export {
  AdaptiveAvgPool2d,
  type AdaptivePool2dOptions,
  AvgPool2d,
  MaxPool2d,
  type Pool2dOptions,
} from "./pool.ts";
export { Flatten, type FlattenOptions, Identity } from "./shape.ts";
export type { Size2 } from "./sizes.ts";
export { SimpleConvNet, type SimpleConvNetOptions } from "./simple_conv_net.ts";
export { SimpleDenseNet, type SimpleDenseNetOptions } from "./simple_dense_net.ts";
