/** Every op, named as in torch. Tensors come first, then one options object. */
export * from "./activation.ts";
export * from "./binary.ts";
export * from "./bitwise.ts";
export { cast } from "./cast.ts";
export * from "./conv.ts";
export {
  applyElementwise,
  binary,
  type BinaryOp,
  type ElementwiseOptions,
  type Formula,
  type GradientRule,
  type Operand,
  unary,
  type UnaryOp,
} from "./define.ts";
export type { DTypeClass } from "./dtypes.ts";
export * as expr from "./expr.ts";
export * from "./gather.ts";
export * from "./join.ts";
export * from "./matmul.ts";
export * from "./norm.ts";
export * from "./pool.ts";
export { dropout } from "./random.ts";
export {
  all,
  any,
  argmax,
  argmin,
  type ArgOptions,
  logsumexp,
  max,
  mean,
  min,
  prod,
  type ReduceOp,
  type ReduceOptions,
  std,
  sum,
  sumTo,
  variance,
  type VarianceOptions,
} from "./reduce.ts";
export * from "./softmax.ts";
export * from "./special.ts";
export * from "./unary.ts";
export {
  expand,
  expandTo,
  flatten,
  type FlattenOptions,
  flip,
  narrow,
  permute,
  reshape,
  select,
  slice,
  type SliceOptions,
  squeeze,
  transpose,
  unsqueeze,
} from "./view.ts";
