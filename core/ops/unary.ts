/** Elementwise functions of one tensor, named as in torch. Whole numbers give f32 where the result is a fraction.
 * What torch refuses by its dtype is a DTypeError here. */
import * as e from "../compiler/expr.ts";
import { unary, type UnaryOp } from "./define.ts";

/** `-x`. */
export const neg: UnaryOp = unary("neg", e.neg, { accepts: "number" });
/** `|x|`; the gradient at 0 is 0. */
export const abs: UnaryOp = unary("abs", e.abs, { accepts: "number" });
/** -1, 0 or 1; 0 for NaN, as in torch. */
export const sign: UnaryOp = unary("sign", (x) => {
  if (x.type === "bool") return x;
  const one = e.constant(1, x.type);
  const zero = e.constant(0, x.type);
  return e.select(e.lt(zero, x), one, e.select(e.lt(x, zero), e.neg(one), zero));
}, { gradient: flat });
/** `x²`; of bool as i32. */
export const square: UnaryOp = unary("square", e.square, { result: "number" });
/** `√x`. */
export const sqrt: UnaryOp = unary("sqrt", e.sqrt, {
  result: "float",
  gradient: (g, y) => [e.div(g, e.mul(2, y))],
});
/** `1 / √x`. */
export const rsqrt: UnaryOp = unary("rsqrt", (x) => e.div(1, e.sqrt(x)), {
  result: "float",
  // From the result: one product chain instead of another root and division.
  gradient: (g, y) => [e.mul(e.mul(g, -0.5), e.mul(y, e.mul(y, y)))],
});
/** `1 / x`. */
export const reciprocal: UnaryOp = unary("reciprocal", (x) => e.div(1, x), {
  result: "float",
  gradient: (g, y) => [e.neg(e.mul(g, e.mul(y, y)))],
});
/** `eˣ`. */
export const exp: UnaryOp = unary("exp", e.exp, { result: "float", gradient: (g, y) => [e.mul(g, y)] });
/** `2ˣ`. */
export const exp2: UnaryOp = unary("exp2", e.exp2, {
  result: "float",
  gradient: (g, y) => [e.mul(g, e.mul(y, Math.LN2))],
});
/** `eˣ - 1`, exact near 0. */
export const expm1: UnaryOp = unary("expm1", e.expm1, { result: "float" });
/** Natural logarithm. */
export const log: UnaryOp = unary("log", e.log, { result: "float" });
/** Logarithm to base 2. */
export const log2: UnaryOp = unary("log2", e.log2, { result: "float" });
/** Logarithm to base 10. */
export const log10: UnaryOp = unary("log10", (x) => e.mul(e.log(x), Math.LOG10E), {
  result: "float",
  gradient: (g, _y, x) => [e.div(g, e.mul(x, Math.LN10))],
});
/** `log(1 + x)`, exact near 0. */
export const log1p: UnaryOp = unary("log1p", e.log1p, { result: "float" });
/** Sine of radians. */
export const sin: UnaryOp = unary("sin", e.sin, { result: "float" });
/** Cosine of radians. */
export const cos: UnaryOp = unary("cos", e.cos, { result: "float" });
/** Tangent of radians. */
export const tan: UnaryOp = unary("tan", (x) => e.div(e.sin(x), e.cos(x)), {
  result: "float",
  gradient: (g, y) => [e.mul(g, e.add(1, e.square(y)))],
});
/** Inverse sine, in radians. */
export const asin: UnaryOp = unary("asin", e.asin, { result: "float" });
/** Inverse cosine, in radians; exact near 1. */
export const acos: UnaryOp = unary("acos", (x) => {
  // Half the angle near the ends, where π/2 - asin(x) would cancel.
  const far = e.lt(0.5, e.abs(x));
  const r = e.asin(e.select(far, e.sqrt(e.mul(0.5, e.sub(1, e.abs(x)))), x));
  const end = e.select(e.lt(x, 0), e.sub(Math.PI, e.mul(2, r)), e.mul(2, r));
  return e.select(far, end, e.sub(Math.PI / 2, r));
}, { result: "float", gradient: (g, _y, x) => [e.neg(e.div(g, e.sqrt(e.sub(1, e.square(x)))))] });
/** Inverse tangent, in radians. */
export const atan: UnaryOp = unary("atan", e.atan, { result: "float" });
/** `eᵃ / 2` in two factors, so that it overflows only where the result does. */
function halfExp(a: e.Expr): e.Expr {
  const root = e.exp(e.mul(0.5, a));
  return e.mul(root, e.mul(0.5, root));
}

function sinhOf(x: e.Expr): e.Expr {
  const a = e.abs(x);
  const t = e.expm1(a);
  const near = e.mul(0.5, e.add(t, e.div(t, e.add(t, 1))));
  const value = e.select(e.lt(20, a), halfExp(a), near);
  return e.select(e.lt(x, 0), e.neg(value), value);
}

function coshOf(x: e.Expr): e.Expr {
  const a = e.abs(x);
  return e.select(e.lt(20, a), halfExp(a), e.mul(0.5, e.add(e.exp(a), e.exp(e.neg(a)))));
}

/** Hyperbolic sine; exact near 0. */
export const sinh: UnaryOp = unary("sinh", sinhOf, {
  result: "float",
  gradient: (g, _y, x) => [e.mul(g, coshOf(x))],
});
/** Hyperbolic cosine. */
export const cosh: UnaryOp = unary("cosh", coshOf, {
  result: "float",
  gradient: (g, _y, x) => [e.mul(g, sinhOf(x))],
});
/** Hyperbolic tangent. */
export const tanh: UnaryOp = unary("tanh", e.tanh, {
  result: "float",
  gradient: (g, y) => [e.mul(g, e.sub(1, e.square(y)))],
});
/** Error function. */
export const erf: UnaryOp = unary("erf", e.erf, { result: "float" });
/** Inverse error function. */
export const erfinv: UnaryOp = unary("erfinv", e.erfinv, { result: "float" });
/** Largest whole number not above. */
export const floor: UnaryOp = unary("floor", e.floor, { accepts: "number", gradient: flat });
/** Smallest whole number not below. */
export const ceil: UnaryOp = unary("ceil", e.ceil, { accepts: "number", gradient: flat });
/** Nearest whole number, halves to even. */
export const round: UnaryOp = unary("round", e.rint, { accepts: "number", gradient: flat });
/** Whole part, towards 0. */
export const trunc: UnaryOp = unary("trunc", e.trunc, { accepts: "number", gradient: flat });
/** What remains beside the whole part. */
export const frac: UnaryOp = unary("frac", (x) => e.sub(x, e.trunc(x)), {
  accepts: "float",
  gradient: (g) => [g],
});
/** Whether x is NaN. */
export const isnan: UnaryOp = unary("isnan", (x) => x.type === "f32" ? e.isNaN(x) : e.constant(0, "bool"), {
  result: "bool",
});
/** Whether x is ∞ or -∞. */
export const isinf: UnaryOp = unary("isinf", (x) => {
  return x.type === "f32" ? e.eq(bits(x), e.constant(0x7f800000, "u32")) : e.constant(0, "bool");
}, { result: "bool" });
/** Whether x is neither infinite nor NaN. */
export const isfinite: UnaryOp = unary("isfinite", (x) => {
  return x.type === "f32" ? e.lt(bits(x), e.constant(0x7f800000, "u32")) : e.constant(1, "bool");
}, { result: "bool" });
/** `!x`, testing numbers for 0. */
export const logicalNot: UnaryOp = unary("logicalNot", (x) => e.not(e.cast(x, "bool")), { result: "bool" });

/** The bits of an f32 without its sign. */
function bits(x: e.Expr): e.Expr {
  return e.and(e.bitcast(x, "u32"), e.constant(0x7fffffff, "u32"));
}

/** Steps are flat wherever they have a slope. */
function flat(): e.Expr[] {
  return [e.constant(0)];
}
