/** Less common elementwise functions, named as in torch. */
import * as e from "../compiler/expr.ts";
import { DTypeError } from "../errors.ts";
import { anyNumber, takeOptions } from "../options.ts";
import { isFloat, promote } from "../runtime/dtype.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { where } from "./binary.ts";
import { fitted } from "./cast.ts";
import { applyElementwise, binary, type BinaryOp, type Operand, unary, type UnaryOp } from "./define.ts";
import { refusal } from "./dtypes.ts";

/** `x` with the sign of `like`, zeros included. */
function withSign(x: e.Expr, like: e.Expr): e.Expr {
  const sign = e.and(e.bitcast(like, "u32"), e.constant(0x80000000, "u32"));
  return e.bitcast(e.or(e.bitcast(e.abs(x), "u32"), sign), "f32");
}

/** Inverse hyperbolic sine; exact near 0. */
export const asinh: UnaryOp = unary("asinh", (x) => {
  const a = e.abs(x);
  // log1p(a + a² / (1 + √(a² + 1))) keeps small values; large ones would overflow a².
  const small = e.log1p(e.add(a, e.div(e.square(a), e.add(1, e.sqrt(e.add(e.square(a), 1))))));
  return withSign(e.select(e.lt(1e9, a), e.add(e.log(a), Math.LN2), small), x);
}, { result: "float", gradient: (g, _y, x) => [e.div(g, e.sqrt(e.add(e.square(x), 1)))] });
/** Inverse hyperbolic cosine; NaN below 1. */
export const acosh: UnaryOp = unary("acosh", (x) => {
  const t = e.sub(x, 1);
  const small = e.log1p(e.add(t, e.sqrt(e.mul(t, e.add(x, 1)))));
  const inside = e.select(e.lt(1e9, x), e.add(e.log(x), Math.LN2), small);
  // Far below 1 the sum would cancel to -1 and not be NaN.
  return e.select(e.lt(x, 1), e.constant(NaN), inside);
}, { result: "float", gradient: (g, _y, x) => [e.div(g, e.sqrt(e.sub(e.square(x), 1)))] });
/** Inverse hyperbolic tangent; exact near 0. */
export const atanh: UnaryOp = unary(
  "atanh",
  (x) => e.mul(0.5, e.sub(e.log1p(x), e.log1p(e.neg(x)))),
  { result: "float", gradient: (g, _y, x) => [e.div(g, e.sub(1, e.square(x)))] },
);

/** `√(a² + b²)` without overflow. */
export const hypot: BinaryOp = binary("hypot", (a, b) => {
  const large = e.max(e.abs(a), e.abs(b));
  const ratio = e.div(e.min(e.abs(a), e.abs(b)), large);
  const plain = e.mul(large, e.sqrt(e.add(1, e.square(ratio))));
  const infinite = e.or(e.eq(e.abs(a), e.constant(Infinity)), e.eq(e.abs(b), e.constant(Infinity)));
  return e.select(infinite, e.constant(Infinity), e.select(e.eq(large, 0), 0, plain));
}, { accepts: "float", gradient: (g, y, a, b) => [e.mul(g, e.div(a, y)), e.mul(g, e.div(b, y))] });
/** `log(eᵃ + eᵇ)` without overflow. */
export const logaddexp: BinaryOp = binary("logaddexp", (a, b) => {
  const gap = e.neg(e.abs(e.sub(a, b)));
  return e.select(e.eq(a, b), e.add(a, Math.LN2), e.add(e.max(a, b), e.log1p(e.exp(gap))));
}, {
  accepts: "float",
  gradient: (g, _y, a, b) => [e.div(g, e.add(1, e.exp(e.sub(b, a)))), e.div(g, e.add(1, e.exp(e.sub(a, b))))],
});
/** Larger of two; a number wins over NaN. Of equals the first gets the gradient. */
export const fmax: BinaryOp = binary(
  "fmax",
  (a, b) => a.type === "f32" ? e.select(e.isNaN(a), b, e.select(e.isNaN(b), a, e.max(a, b))) : e.max(a, b),
  { gradient: (g, _y, a, b) => chosen(g, e.or(e.le(b, a), e.isNaN(b))) },
);
/** Smaller of two; a number wins over NaN. Of equals the first gets the gradient. */
export const fmin: BinaryOp = binary(
  "fmin",
  (a, b) => a.type === "f32" ? e.select(e.isNaN(a), b, e.select(e.isNaN(b), a, e.min(a, b))) : e.min(a, b),
  { gradient: (g, _y, a, b) => chosen(g, e.or(e.le(a, b), e.isNaN(b))) },
);

function chosen(g: e.Expr, first: e.Expr): e.Expr[] {
  return [e.select(first, g, 0), e.select(first, 0, g)];
}

/** Options of {@linkcode nanToNum}; what is left out becomes 0 and the dtype's largest numbers. */
export interface NanToNumOptions {
  /** @default 0 */
  readonly nan?: number;
  /** @default 3.4028234663852886e38 */
  readonly posinf?: number;
  /** @default -3.4028234663852886e38 */
  readonly neginf?: number;
}

/** Replaces NaN and infinities by numbers; no gradient flows through a replaced element. */
export function nanToNum(x: Tensor, options: NanToNumOptions = {}): Tensor {
  const largest = x.dtype === "f16" ? 65504 : 3.4028234663852886e38;
  const { nan, posinf, neginf } = takeOptions<NanToNumOptions>("ops.nanToNum", options, {
    nan: anyNumber(0),
    posinf: anyNumber(largest),
    neginf: anyNumber(-largest),
  });
  const up = e.constant(Infinity);
  const down = e.constant(-Infinity);
  return applyElementwise(
    `nanToNum.${nan}.${posinf}.${neginf}`,
    (v) => {
      if (v.type !== "f32") return v;
      return e.select(e.isNaN(v), nan, e.select(e.eq(v, up), posinf, e.select(e.eq(v, down), neginf, v)));
    },
    [x],
    {
      gradient: (g, _y, v) => [
        e.select(e.or(e.isNaN(v), e.or(e.eq(v, up), e.eq(v, down))), 0, g),
      ],
    },
  );
}

/**
 * The tensor with `value` where the mask holds; the value takes the tensor's dtype.
 *
 * @throws {DTypeError} where the mask is not bool.
 */
export function maskedFill(x: Tensor, mask: Tensor, value: Operand): Tensor {
  if (mask.dtype !== "bool") {
    throw new DTypeError(`maskedFill with a mask of dtype ${mask.dtype}`, {
      where: "maskedFill",
      fix: "compare first: mask.ne(0)",
    });
  }
  return where(mask, fitted(value, x.dtype), x);
}

/** Options of {@linkcode addcmul} and {@linkcode addcdiv}. */
export interface ScaledOptions {
  /** @default 1 */
  readonly value?: number;
}

/** `x + value · a · b`. */
export function addcmul(x: Tensor, a: Tensor, b: Tensor, options: ScaledOptions = {}): Tensor {
  const { value } = takeOptions<ScaledOptions>("ops.addcmul", options, { value: anyNumber(1) });
  return applyElementwise(`addcmul.${value}`, (v, p, q) => e.add(v, e.mul(e.mul(value, p), q)), [x, a, b], {
    accepts: "number",
  });
}

/**
 * `x + value · a / b`.
 *
 * @throws {DTypeError} where both a and b hold whole numbers.
 */
export function addcdiv(x: Tensor, a: Tensor, b: Tensor, options: ScaledOptions = {}): Tensor {
  if (!isFloat(promote(a.dtype, b.dtype))) throw refusal("addcdiv", [a.dtype, b.dtype], "float");
  const { value } = takeOptions<ScaledOptions>("ops.addcdiv", options, { value: anyNumber(1) });
  return applyElementwise(`addcdiv.${value}`, (v, p, q) => e.add(v, e.mul(value, e.div(p, q))), [x, a, b]);
}
