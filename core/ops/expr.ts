/**
 * What elementwise ops are made of: expressions over single elements. {@linkcode unary} and {@linkcode binary} make an op
 * of one; the kernels of every device, broadcasting, dtypes and the gradient follow from it.
 *
 * @example
 * ```ts
 * import * as expr from "./expr.ts";
 * import { unary } from "./define.ts";
 * import { init, tensor } from "../tensor/mod.ts";
 * await init();
 * const squash = unary("squash", (x) => expr.div(x, expr.add(1, expr.abs(x))), { result: "float" });
 * const x = tensor([-1, 0, 3], { requiresGrad: true });
 * squash(x).sum().backward();
 * console.assert((await squash(x).data()).join() === "-0.5,0,0.75");
 * console.assert((await x.grad!.data()).join() === "0.25,1,0.0625");
 * ```
 *
 * @module
 */
export {
  abs,
  add,
  and,
  asin,
  atan,
  atan2,
  cast,
  ceil,
  constant,
  cos,
  div,
  eq,
  erf,
  erfinv,
  exp,
  exp2,
  expm1,
  type Expr,
  floor,
  ge,
  gt,
  isNaN,
  le,
  log,
  log1p,
  log2,
  lt,
  max,
  min,
  mul,
  ne,
  neg,
  not,
  type Operand,
  or,
  pow,
  rem,
  rint,
  type ScalarType,
  select,
  shl,
  shr,
  sin,
  sqrt,
  square,
  sub,
  tanh,
  trunc,
  xor,
} from "../compiler/expr.ts";
