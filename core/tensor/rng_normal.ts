/**
 * The eight-lane Box-Muller of torch's x86 builds, bit for bit: Cephes' float32 `log` and `sincos` with the fused
 * multiply-adds that its compiler makes of them. Other builds use libm and differ from it by about 1e-6.
 */

const f = Math.fround;
const SQRT_HALF = f(0.707106781186547524);
const LOG_COEFFICIENTS: readonly number[] = [
  7.0376836292e-2,
  -1.1514610310e-1,
  1.1676998740e-1,
  -1.2420140846e-1,
  1.4249322787e-1,
  -1.6668057665e-1,
  2.0000714765e-1,
  -2.4999993993e-1,
  3.3333331174e-1,
].map(f);
const LN2_LOW = f(-2.12194440e-4);
const LN2_HIGH = f(0.693359375);
const FOUR_OVER_PI = f(1.27323954473516);
const QUARTER_PI: readonly number[] = [-0.78515625, -2.4187564849853515625e-4, -3.77489497744594108e-8].map(
  f,
);
const COS: readonly number[] = [2.443315711809948e-5, -1.388731625493765e-3, 4.166664568298827e-2].map(f);
const SIN: readonly number[] = [-1.9515295891e-4, 8.3321608736e-3, -1.6666654611e-1].map(f);
const TWO_PI = f(2 * Math.PI);

const FLOAT = new Float32Array(1);
const BITS = new Uint32Array(FLOAT.buffer);

/** `a · b + c` of float32 values, rounded once. */
export function fmaF32(a: number, b: number, c: number): number {
  const product = a * b;
  const sum = product + c;
  const rounded = f(sum);
  // Rounding to float64 first can only mislead where it lands midway between two float32 values.
  const other = 2 * sum - rounded;
  if (other === rounded || f(other) !== other) return rounded;
  const big = sum - product;
  const lost = (product - (sum - big)) + (c - big);
  if (lost === 0) return rounded;
  return lost > 0 ? Math.max(rounded, other) : Math.min(rounded, other);
}

/** Turns the sixteen uniforms at `start` into normal values, in place. */
export function normalBlock(data: Float32Array, start: number, mean: number, std: number): void {
  for (let j = start; j < start + 8; j++) {
    const radius = f(Math.sqrt(f(-2 * logF32(f(1 - data[j]!)))));
    const [sine, cosine] = sinCosF32(f(TWO_PI * data[j + 8]!));
    data[j] = fmaF32(f(radius * cosine), std, mean);
    data[j + 8] = fmaF32(f(radius * sine), std, mean);
  }
}

function logF32(value: number): number {
  FLOAT[0] = value;
  let exponent = (BITS[0]! >>> 23) - 126;
  BITS[0] = (BITS[0]! & 0x807fffff) | 0x3f000000;
  let x = FLOAT[0]!;
  if (x < SQRT_HALF) {
    exponent -= 1;
    x = f(f(x - 1) + x);
  } else {
    x = f(x - 1);
  }
  const z = f(x * x);
  let y = LOG_COEFFICIENTS[0]!;
  for (let i = 1; i < LOG_COEFFICIENTS.length; i++) y = fmaF32(y, x, LOG_COEFFICIENTS[i]!);
  y = f(y * x);
  y = fmaF32(y, z, f(exponent * LN2_LOW));
  y = fmaF32(-z, 0.5, y);
  x = f(x + y);
  return fmaF32(exponent, LN2_HIGH, x);
}

/** Sine and cosine of an angle ≥ 0. */
function sinCosF32(angle: number): [number, number] {
  const octant = (Math.trunc(f(angle * FOUR_OVER_PI)) + 1) & ~1;
  let x = angle;
  for (const part of QUARTER_PI) x = fmaF32(octant, part, x);
  const z = f(x * x);
  let cosine = fmaF32(fmaF32(COS[0]!, z, COS[1]!), z, COS[2]!);
  cosine = f(cosine * z);
  cosine = f(fmaF32(cosine, z, -f(z * 0.5)) + 1);
  let sine = fmaF32(fmaF32(SIN[0]!, z, SIN[1]!), z, SIN[2]!);
  sine = f(sine * z);
  sine = fmaF32(sine, x, x);
  const swapped = (octant & 2) !== 0;
  const s = swapped ? cosine : sine;
  const c = swapped ? sine : cosine;
  return [(octant & 4) !== 0 ? -s : s, ((octant - 2) & 4) === 0 ? -c : c];
}
