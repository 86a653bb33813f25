/**
 * The normal distribution: error function, logarithm of the cumulative probability and its inverse, and draws from a
 * truncated normal.
 *
 * @module
 */
import type { RandomState } from "./random_state.ts";

const TWO_OVER_SQRT_PI = 2 / Math.sqrt(Math.PI);
const LOG_SQRT_2PI = Math.log(2 * Math.PI) / 2;
/** From here on the continued fraction needs fewer steps than the series has terms, and loses no digits. */
const FAR = 1.5;
/** Beyond this the error function is 1 in float64. */
const ONE_FROM = 6;

/**
 * The error function, to a few units of the last place.
 *
 * @example
 * ```ts
 * import { erf } from "./normal.ts";
 * console.assert(Math.abs(erf(0.5) - 0.5204998778130465) < 1e-15 && erf(-9) === -1);
 * ```
 */
export function erf(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x < 0) return -erf(-x);
  if (x > ONE_FROM) return 1;
  return x < FAR ? erfSeries(x) : 1 - erfcFraction(x) * expMinusSquare(x);
}

/** `log P(X <= x)` of a standard normal X, accurate far into the left tail. */
export function logCdf(x: number): number {
  const t = -x * Math.SQRT1_2;
  if (t < -FAR) return Math.log1p(-0.5 * erfcFraction(-t) * expMinusSquare(-t));
  if (t < FAR) return Math.log(0.5 * (1 - Math.sign(t) * erfSeries(Math.abs(t))));
  return Math.log(0.5 * erfcFraction(t)) - 0.5 * x * x;
}

/**
 * The `x` for which {@linkcode logCdf} is `logP`.
 *
 * @example
 * ```ts
 * import { logCdf, quantileOfLog } from "./normal.ts";
 * console.assert(Math.abs(logCdf(quantileOfLog(-40)) + 40) < 1e-12);
 * ```
 */
export function quantileOfLog(logP: number): number {
  if (logP === -Infinity) return -Infinity;
  if (logP >= 0) return logP === 0 ? Infinity : NaN;
  if (logP > -Math.LN2) return -quantileOfLog(Math.log(-Math.expm1(logP)));
  // logCdf is concave, so Newton's steps from the left of the root never pass it by much.
  let x = logP < -2 ? -Math.sqrt(-2 * (logP + Math.log(-2 * logP) / 2 + LOG_SQRT_2PI)) || -1 : 0;
  for (let i = 0; i < 50; i++) {
    const value = logCdf(x);
    const slope = Math.exp(-0.5 * x * x - LOG_SQRT_2PI - value);
    const next = x - (value - logP) / slope;
    const isDone = Math.abs(next - x) <= 4e-16 * Math.abs(next);
    x = next;
    if (isDone) break;
  }
  return x;
}

/** Where a normal value is cut off: its mean, its width, and the bounds. */
export interface Truncated {
  readonly mean: number;
  readonly sigma: number;
  readonly low: number;
  readonly high: number;
}

/**
 * One value of a normal distribution that lies between `low` and `high`, from one uniform draw.
 *
 * Source: the inverse of the cumulative probability, in logarithms as in scipy's `truncnorm`.
 */
export function truncatedNormal(random: RandomState, { mean, sigma, low, high }: Truncated): number {
  const a = (low - mean) / sigma;
  const b = (high - mean) / sigma;
  const q = random.rand();
  const mass = logMass(a, b);
  const x = a < 0
    ? quantileOfLog(logAdd(logCdf(a), Math.log(q) + mass))
    : -quantileOfLog(logAdd(logCdf(-b), Math.log1p(-q) + mass));
  return x * sigma + mean;
}

/** `log P(a <= X <= b)`. */
function logMass(a: number, b: number): number {
  if (b <= 0) return logSubtract(logCdf(b), logCdf(a));
  if (a > 0) return logSubtract(logCdf(-a), logCdf(-b));
  return Math.log1p(-Math.exp(logCdf(a)) - Math.exp(logCdf(-b)));
}

/** `log(exp(a) + exp(b))`. */
function logAdd(a: number, b: number): number {
  const [small, large] = a < b ? [a, b] : [b, a];
  return large === -Infinity ? large : large + Math.log1p(Math.exp(small - large));
}

/** `log(exp(a) - exp(b))` for a >= b. */
function logSubtract(a: number, b: number): number {
  return a + Math.log1p(-Math.exp(b - a));
}

/** All terms are positive, so none is lost. */
function erfSeries(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; term > sum * 1e-17; n++) {
    term *= 2 * x * x / (2 * n + 1);
    sum += term;
  }
  return TWO_OVER_SQRT_PI * Math.exp(-x * x) * sum;
}

/** `exp(x²) · erfc(x)` by its continued fraction, from the far end. */
function erfcFraction(x: number): number {
  const steps = Math.ceil(20 + 160 / (x * x));
  let value = x;
  for (let k = steps; k >= 1; k--) value = x + k / (2 * value);
  return 1 / (value * Math.sqrt(Math.PI));
}

/** `exp(-x²)`, with the square taken in two parts: its rounding error would be multiplied by the square. */
function expMinusSquare(x: number): number {
  const high = Math.fround(x);
  return Math.exp(-high * high) * Math.exp(-(x - high) * (x + high));
}
