import type { FunctionBody, Local } from "./assembler.ts";
import { joinLow, upper } from "./halves.ts";
import { quarterTurn } from "./turn.ts";

/**
 * Functions of four f32 lanes as polynomials, within 2.5 ulp of the exact value (`erfinv`: 4). Coefficients run from
 * the highest power down. All of them pass NaN through and give the limits at infinities and zeros.
 */

const EXP = [
  1.98756915e-4,
  1.3981999507e-3,
  8.3334519073e-3,
  4.1665795894e-2,
  1.6666665459e-1,
  5.0000001201e-1,
];
const EXP2 = [1.535920892e-4, 1.339262701e-3, 9.618384764e-3, 5.550347269e-2, 0.2402264476, 0.6931471825, 1];
const LOG = [
  7.0376836292e-2,
  -1.151461031e-1,
  1.167699874e-1,
  -1.2420140846e-1,
  1.4249322787e-1,
  -1.6668057665e-1,
  2.0000714765e-1,
  -2.4999993993e-1,
  3.3333331174e-1,
];
const TANH = [-5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1];
const ERF_NEAR = [
  -5.96761703e-4,
  4.99119423e-3,
  -2.67681349e-2,
  1.12819925e-1,
  -3.76125336e-1,
  1.28379166e-1,
];
const ERFINV_NEAR = [
  2.81022636e-8,
  3.43273939e-7,
  -3.5233877e-6,
  -4.39150654e-6,
  2.1858087e-4,
  -1.25372503e-3,
  -4.17768164e-3,
  0.246640727,
  1.50140941,
];
const ERFINV_FAR = [
  -2.00214257e-4,
  1.00950558e-4,
  1.34934322e-3,
  -3.67342844e-3,
  5.73950773e-3,
  -7.6224613e-3,
  9.43887047e-3,
  1.00167406,
  2.83297682,
];
const SIN = [-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1];
const COS = [2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2];
const ASIN = [4.2163199048e-2, 2.4181311049e-2, 4.5470025998e-2, 7.4953002686e-2, 1.6666752422e-1];
const ATAN = [
  2.82363896e-3,
  -1.59569029e-2,
  4.25049886e-2,
  -7.489009200e-2,
  1.06347933e-1,
  -1.42027363e-1,
  1.99926957e-1,
  -3.33331018e-1,
];

/** Horner's rule. */
function polynomial(f: FunctionBody, x: Local, coefficients: readonly number[]): Local {
  let result = f.f32(coefficients[0]!);
  for (const c of coefficients.slice(1)) result = f.fma(result, x, f.f32(c));
  return result;
}

function select(f: FunctionBody, condition: Local, a: Local, b: Local): Local {
  return f.v("v128.bitselect", a, b, condition);
}

/** The magnitude of one vector with the signs of another. */
function copySign(f: FunctionBody, magnitude: Local, sign: Local): Local {
  return f.v("v128.bitselect", sign, magnitude, f.i32(0x80000000));
}

/** 2ⁿ for whole n in −126 … 127; n = −127 gives 0. */
function powerOfTwo(f: FunctionBody, n: Local): Local {
  return f.shift("i32x4.shl", f.v("i32x4.add", n, f.i32(127)), 23);
}

/** `x · 2ⁿ` in two steps, so that subnormal results and infinity come out right. */
function scale(f: FunctionBody, x: Local, n: Local): Local {
  const half = f.shift("i32x4.shr_s", n, 1);
  const rest = f.v("i32x4.sub", n, half);
  return f.v("f32x4.mul", f.v("f32x4.mul", x, powerOfTwo(f, half)), powerOfTwo(f, rest));
}

/** Bounds, one instruction each; NaN in `x` stays. */
function clamp(f: FunctionBody, x: Local, low: number, high: number): Local {
  return f.v("f32x4.pmin", f.v("f32x4.pmax", x, f.f32(low)), f.f32(high));
}

/** Adding this leaves a number below 2²² rounded to a whole one in its last bits. */
const ROUNDER = 1.5 * 2 ** 23;

/** The whole number in a sum with the rounder, as f32 and as i32. */
function rounded(f: FunctionBody, sum: Local): { whole: Local; n: Local } {
  const rounder = f.f32(ROUNDER);
  return { whole: f.v("f32x4.sub", sum, rounder), n: f.v("i32x4.sub", sum, rounder) };
}

/** `x = n · ln 2 + r` with whole n; gives n and `eʳ − 1`. */
function expParts(f: FunctionBody, x: Local): { n: Local; tail: Local } {
  const { whole, n } = rounded(f, f.fma(x, f.f32(1.44269504), f.f32(ROUNDER)));
  const high = f.fma(whole, f.f32(-0.693145751953125), x);
  const r = f.fma(whole, f.f32(-1.42860677e-6), high);
  const tail = f.fma(f.v("f32x4.mul", r, r), polynomial(f, r, EXP), r);
  return { n, tail };
}

/** The exponential; results below the normal numbers and infinity come out right. */
export function exp(f: FunctionBody, x: Local): Local {
  const { n, tail } = expParts(f, clamp(f, x, -104, 89));
  return scale(f, f.v("f32x4.add", tail, f.f32(1)), n);
}

/** `exp(x) − 1`, exact near zero. */
export function expm1(f: FunctionBody, x: Local): Local {
  const { n, tail } = expParts(f, clamp(f, x, -87, 89));
  // Half of 2ⁿ, because 2¹²⁸ is infinite while the result need not be.
  const half = powerOfTwo(f, f.v("i32x4.sub", n, f.i32(1)));
  const value = f.fma(half, tail, f.v("f32x4.sub", half, f.f32(0.5)));
  const result = f.v("f32x4.add", value, value);
  return select(f, f.v("f32x4.eq", x, f.f32(0)), x, result);
}

/** The power of two. */
export function exp2(f: FunctionBody, x: Local): Local {
  const bounded = clamp(f, x, -151, 129);
  const { whole, n } = rounded(f, f.v("f32x4.add", bounded, f.f32(ROUNDER)));
  return scale(f, polynomial(f, f.v("f32x4.sub", bounded, whole), EXP2), n);
}

/** `x = (1 + m) · 2ᵉ` with 1 + m in [√½, √2), of a positive finite x. */
function logParts(f: FunctionBody, x: Local): { m: Local; e: Local } {
  const tiny = f.v("f32x4.lt", x, f.f32(2 ** -126));
  const normal = select(f, tiny, f.v("f32x4.mul", x, f.f32(2 ** 23)), x);
  const e = f.shift("i32x4.shr_s", f.v("i32x4.sub", normal, f.i32(0x3f3504f3)), 23);
  const m = f.v("f32x4.sub", f.v("i32x4.sub", normal, f.shift("i32x4.shl", e, 23)), f.f32(1));
  const whole = f.v("i32x4.sub", e, f.v("v128.and", tiny, f.i32(23)));
  return { m, e: f.v("f32x4.convert_i32x4_s", whole) };
}

/** The logarithm's part beyond `m`: `log(1 + m) − m`, in two summands. */
function logTail(f: FunctionBody, m: Local): { tail: Local; square: Local } {
  const square = f.v("f32x4.mul", m, m);
  const tail = f.v("f32x4.mul", f.v("f32x4.mul", m, square), polynomial(f, m, LOG));
  return { tail, square };
}

/** Gives logarithms their values at 0, at infinity, below 0 and at NaN. */
function logLimits(f: FunctionBody, x: Local, finite: Local): Local {
  const top = f.v("f32x4.eq", x, f.f32(Infinity));
  const bounded = select(f, top, x, finite);
  const positive = select(f, f.v("f32x4.eq", x, f.f32(0)), f.f32(-Infinity), bounded);
  return select(f, f.v("f32x4.ge", x, f.f32(0)), positive, f.f32(NaN));
}

/** The natural logarithm; subnormal numbers included. */
export function log(f: FunctionBody, x: Local): Local {
  const { m, e } = logParts(f, x);
  const { tail, square } = logTail(f, m);
  const low = f.fma(square, f.f32(-0.5), f.fma(e, f.f32(-2.1219444e-4), tail));
  const value = f.fma(e, f.f32(0.693359375), f.v("f32x4.add", m, low));
  return logLimits(f, x, value);
}

/** The logarithm to base two; exact for powers of two. */
export function log2(f: FunctionBody, x: Local): Local {
  const { m, e } = logParts(f, x);
  const { tail, square } = logTail(f, m);
  const low = f.fma(square, f.f32(-0.5), tail);
  // 1/ln 2 = 1 + 0.4427: the one is added exactly, the rest carries the rounding.
  const fraction = f.f32(0.44269504);
  const small = f.fma(m, fraction, f.fma(low, fraction, low));
  return logLimits(f, x, f.v("f32x4.add", f.v("f32x4.add", small, m), e));
}

/** `log(1 + x)`, exact near zero. */
export function log1p(f: FunctionBody, x: Local): Local {
  const u = f.v("f32x4.add", x, f.f32(1));
  const value = log(f, u);
  const lost = f.v("f32x4.sub", x, f.v("f32x4.sub", u, f.f32(1)));
  const finite = f.v("f32x4.lt", f.v("f32x4.abs", value), f.f32(Infinity));
  const correction = f.v("v128.and", f.v("f32x4.div", lost, u), finite);
  return select(f, f.v("f32x4.eq", u, f.f32(1)), x, f.v("f32x4.add", value, correction));
}

/** The hyperbolic tangent. */
export function tanh(f: FunctionBody, x: Local): Local {
  const t = f.v("f32x4.abs", x);
  const square = f.v("f32x4.mul", x, x);
  const near = f.fma(f.v("f32x4.mul", x, square), polynomial(f, square, TANH), x);
  const grown = f.v("f32x4.add", exp(f, f.v("f32x4.add", t, t)), f.f32(1));
  const far = f.v("f32x4.sub", f.f32(1), f.v("f32x4.div", f.f32(2), grown));
  return select(f, f.v("f32x4.lt", t, f.f32(0.625)), near, copySign(f, far, x));
}

/** The error function. */
export function erf(f: FunctionBody, x: Local): Local {
  const t = f.v("f32x4.pmin", f.v("f32x4.abs", x), f.f32(10));
  const square = f.v("f32x4.mul", t, t);
  const near = f.fma(x, polynomial(f, square, ERF_NEAR), x);
  const top = f.fma(f.f32(-1.7285347e-5), t, f.f32(3.83197126e-4));
  const bottom = f.fma(f.f32(-3.88396438e-3), t, f.f32(2.42546219e-2));
  let r = f.fma(top, square, bottom);
  for (const c of [-1.06777877e-1, -6.34846687e-1, -1.28717512e-1]) r = f.fma(r, t, f.f32(c));
  r = f.fma(r, t, f.v("f32x4.neg", t));
  const far = f.v("f32x4.sub", f.f32(1), exp(f, r));
  return select(f, f.v("f32x4.le", t, f.f32(0.927734375)), near, copySign(f, far, x));
}

/** The inverse of the error function, within 4 ulp. */
export function erfinv(f: FunctionBody, x: Local): Local {
  const one = f.f32(1);
  const product = f.v("f32x4.mul", f.v("f32x4.sub", one, x), f.v("f32x4.add", one, x));
  const w = f.v("f32x4.neg", log(f, product));
  const near = polynomial(f, f.v("f32x4.sub", w, f.f32(2.5)), ERFINV_NEAR);
  const far = polynomial(f, f.v("f32x4.sub", f.v("f32x4.sqrt", w), f.f32(3)), ERFINV_FAR);
  const value = f.v("f32x4.mul", select(f, f.v("f32x4.lt", w, f.f32(5)), near, far), x);
  const edge = f.v("f32x4.eq", f.v("f32x4.abs", x), one);
  return select(f, edge, copySign(f, f.f32(Infinity), x), value);
}

function sine(f: FunctionBody, r: Local, n: Local): Local {
  const z = f.v("f32x4.mul", r, r);
  const s = f.fma(f.v("f32x4.mul", r, z), polynomial(f, z, SIN), r);
  const flat = f.fma(z, f.f32(-0.5), f.f32(1));
  const c = f.fma(f.v("f32x4.mul", z, z), polynomial(f, z, COS), flat);
  const odd = f.v("i32x4.ne", f.v("v128.and", n, f.i32(1)), f.i32(0));
  const sign = f.shift("i32x4.shl", f.v("v128.and", n, f.i32(2)), 30);
  return f.v("v128.xor", select(f, odd, c, s), sign);
}

/** The sine. */
export function sin(f: FunctionBody, x: Local): Local {
  const { r, n } = quarterTurn(f, x);
  return select(f, f.v("f32x4.eq", x, f.f32(0)), x, sine(f, r, n));
}

/** The cosine. */
export function cos(f: FunctionBody, x: Local): Local {
  const { r, n } = quarterTurn(f, x);
  return sine(f, r, f.v("i32x4.add", n, f.i32(1)));
}

/** The arc sine; NaN beyond −1 … 1. */
export function asin(f: FunctionBody, x: Local): Local {
  const a = f.v("f32x4.abs", x);
  const outer = f.v("f32x4.gt", a, f.f32(0.5));
  const folded = f.v("f32x4.mul", f.v("f32x4.sub", f.f32(1), a), f.f32(0.5));
  const z = select(f, outer, folded, f.v("f32x4.mul", a, a));
  const t = select(f, outer, f.v("f32x4.sqrt", folded), a);
  const r = f.fma(f.v("f32x4.mul", t, z), polynomial(f, z, ASIN), t);
  const unfolded = f.fma(r, f.f32(-2), f.f32(Math.PI / 2));
  return copySign(f, select(f, outer, unfolded, r), x);
}

/** The arc tangent of 0 … 1. */
function atanUnit(f: FunctionBody, u: Local): Local {
  const z = f.v("f32x4.mul", u, u);
  return f.fma(f.v("f32x4.mul", u, z), polynomial(f, z, ATAN), u);
}

/** The arc tangent. */
export function atan(f: FunctionBody, x: Local): Local {
  const a = f.v("f32x4.abs", x);
  const outer = f.v("f32x4.gt", a, f.f32(1));
  const r = atanUnit(f, select(f, outer, f.v("f32x4.div", f.f32(1), a), a));
  return copySign(f, select(f, outer, f.v("f32x4.sub", f.f32(Math.PI / 2), r), r), x);
}

/** The angle of the point (x, y), signed zeros and infinities as in C. */
export function atan2(f: FunctionBody, y: Local, x: Local): Local {
  const a = f.v("f32x4.abs", y);
  const b = f.v("f32x4.abs", x);
  const low = f.v("f32x4.min", a, b);
  const high = f.v("f32x4.max", a, b);
  let u = f.v("f32x4.div", low, high);
  u = select(f, f.v("f32x4.eq", high, f.f32(0)), f.f32(0), u);
  u = select(f, f.v("f32x4.eq", low, f.f32(Infinity)), f.f32(1), u);
  let r = atanUnit(f, u);
  r = select(f, f.v("f32x4.gt", a, b), f.v("f32x4.sub", f.f32(Math.PI / 2), r), r);
  // The sign bit, not x < 0: −0 lies on the negative side.
  r = select(f, f.shift("i32x4.shr_s", x, 31), f.v("f32x4.sub", f.f32(Math.PI), r), r);
  return copySign(f, r, y);
}

/** `log2(1 + m)` of two lanes in double precision, by the series of the inverse hyperbolic tangent. */
function log2Wide(f: FunctionBody, m: Local): Local {
  const wide = f.v("f64x2.promote_low_f32x4", m);
  const s = f.v("f64x2.div", wide, f.v("f64x2.add", wide, f.f64(2)));
  const z = f.v("f64x2.mul", s, s);
  let sum = f.f64(1 / 13);
  for (const n of [11, 9, 7, 5, 3, 1]) sum = f.v("f64x2.add", f.v("f64x2.mul", sum, z), f.f64(1 / n));
  return f.v("f64x2.mul", f.v("f64x2.mul", s, sum), f.f64(2 / Math.LN2));
}

/** `2ᵖ` of two lanes in double precision, rounded to f32 in the low half. */
function exp2Wide(f: FunctionBody, p: Local): Local {
  const bounded = f.v("f64x2.pmax", f.v("f64x2.pmin", p, f.f64(200)), f.f64(-200));
  const n = f.v("f64x2.nearest", bounded);
  const r = f.v("f64x2.mul", f.v("f64x2.sub", bounded, n), f.f64(Math.LN2));
  let sum = f.f64(1 / 5040);
  for (const factorial of [720, 120, 24, 6, 2, 1, 1]) {
    sum = f.v("f64x2.add", f.v("f64x2.mul", sum, r), f.f64(1 / factorial));
  }
  const whole = f.v("i32x4.trunc_sat_f64x2_s_zero", n);
  const exponent = f.shift("i32x4.shl", f.v("i32x4.add", whole, f.i32(1023)), 20);
  const power = f.shuffleWords(f.i32(0), exponent, [0, 4, 0, 5]);
  return f.v("f32x4.demote_f64x2_zero", f.v("f64x2.mul", sum, power));
}

/** `x` to the power of `y` through doubles, special cases as in C: 1 for `y = 0` and for `x = 1`, NaN included. */
export function pow(f: FunctionBody, x: Local, y: Local): Local {
  const a = f.v("f32x4.abs", x);
  const { m, e } = logParts(f, a);
  const zero = f.v("f32x4.eq", a, f.f32(0));
  const endless = f.v("f32x4.eq", a, f.f32(Infinity));
  const finite = f.v("v128.not", f.v("v128.or", zero, endless));
  // 0 and ∞ have logarithms that the parts cannot say: the exponent becomes −∞ or ∞, the fraction 0.
  const exponent = select(f, zero, f.f32(-Infinity), select(f, endless, f.f32(Infinity), e));
  const fraction = f.v("v128.and", m, finite);
  const halves = [0, 1].map((half) => {
    const low = (v: Local): Local => half === 0 ? v : upper(f, v);
    const logarithm = f.v(
      "f64x2.add",
      log2Wide(f, low(fraction)),
      f.v("f64x2.promote_low_f32x4", low(exponent)),
    );
    return exp2Wide(f, f.v("f64x2.mul", logarithm, f.v("f64x2.promote_low_f32x4", low(y))));
  });
  const one = f.f32(1);
  let result = select(f, f.v("f32x4.eq", a, one), one, joinLow(f, halves[0]!, halves[1]!));
  const whole = f.v("f32x4.eq", f.v("f32x4.floor", y), y);
  const half = f.v("f32x4.mul", y, f.f32(0.5));
  const odd = f.v("v128.and", whole, f.v("f32x4.ne", f.v("f32x4.floor", half), half));
  const sign = f.v("v128.and", f.v("v128.and", x, f.i32(0x80000000)), odd);
  result = f.v("v128.or", result, sign);
  const complex = f.v(
    "v128.and",
    f.v("f32x4.lt", x, f.f32(0)),
    f.v("v128.and", finite, f.v("v128.not", whole)),
  );
  result = select(f, complex, f.f32(NaN), result);
  const unordered = f.v("v128.or", f.v("f32x4.ne", x, x), f.v("f32x4.ne", y, y));
  result = select(f, unordered, f.f32(NaN), result);
  const certain = f.v("v128.or", f.v("f32x4.eq", x, one), f.v("f32x4.eq", y, f.f32(0)));
  return select(f, certain, one, result);
}
