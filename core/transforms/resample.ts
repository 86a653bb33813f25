/** How new pixels are made of old ones. */
export type Interpolation = "nearest" | "nearest-exact" | "bilinear" | "bicubic";

/** Every interpolation. */
export const INTERPOLATIONS: readonly Interpolation[] = ["nearest", "nearest-exact", "bilinear", "bicubic"];

/** Sharpness of the cubic kernel: PIL's and antialiased torch's, and that of torch without antialiasing. */
const CUBIC_SMOOTH = -0.5;
const CUBIC_SHARP = -0.75;

/**
 * Weights `[to, from]`, row-major, that resample a line of pixels.
 *
 * With antialiasing the kernel is widened by the scale when shrinking, and cut (with its weights summing to 1) at
 * the borders; without, it reads the nearest pixels only, the outermost ones again beyond the borders.
 */
export function resampleWeights(
  mode: Interpolation,
  from: number,
  to: number,
  antialias: boolean,
): Float64Array {
  const weights = new Float64Array(to * from);
  const scale = from / to;
  const kernel = mode === "bicubic" ? (antialias ? cubic(CUBIC_SMOOTH) : cubic(CUBIC_SHARP)) : triangle;
  const reach = mode === "bicubic" ? 2 : 1;
  for (let i = 0; i < to; i++) {
    if (antialias) {
      widened(weights.subarray(i * from, (i + 1) * from), (i + 0.5) * scale, scale, reach, kernel);
    } else narrow(weights.subarray(i * from, (i + 1) * from), (i + 0.5) * scale - 0.5, reach, kernel, mode);
  }
  return weights;
}

/** The source pixel of each new pixel: the one under its centre, or the one at its corner. */
export function nearestRows(from: number, to: number, centred: boolean): Int32Array {
  const scale = from / to;
  return Int32Array.from(
    { length: to },
    (_, i) => Math.min(from - 1, Math.floor((centred ? i + 0.5 : i) * scale)),
  );
}

/** PIL holds weights as multiples of 2⁻²²; they are split here into two halves of 11 bits. */
export const FIXED_HALF = 2048;

/** Weights as PIL rounds them, `(high · 2048 + low) / 2²²`, with `low` from 0 to 2047. */
export function fixedPointHalves(weights: Float64Array): { high: Float32Array; low: Float32Array } {
  const high = new Float32Array(weights.length);
  const low = new Float32Array(weights.length);
  for (let i = 0; i < weights.length; i++) {
    const scaled = weights[i]! * FIXED_HALF * FIXED_HALF;
    const fixed = Math.trunc(scaled + (scaled < 0 ? -0.5 : 0.5));
    high[i] = Math.floor(fixed / FIXED_HALF);
    low[i] = fixed - high[i]! * FIXED_HALF;
  }
  return { high, low };
}

type Kernel = (distance: number) => number;

function widened(row: Float64Array, centre: number, scale: number, reach: number, kernel: Kernel): void {
  const width = Math.max(scale, 1);
  const first = Math.max(0, Math.trunc(centre - reach * width + 0.5));
  const last = Math.min(row.length, Math.trunc(centre + reach * width + 0.5));
  const taps: number[] = [];
  for (let j = first; j < last; j++) taps.push(kernel((j - centre + 0.5) / width));
  const total = taps.reduce((sum, tap) => sum + tap, 0);
  taps.forEach((tap, k) => row[first + k] = tap / total);
}

function narrow(row: Float64Array, place: number, reach: number, kernel: Kernel, mode: Interpolation): void {
  // torch clamps the place itself for bilinear, and only the pixels read for bicubic
  const at = mode === "bilinear" ? Math.max(0, place) : place;
  const base = Math.floor(at);
  for (let j = base - reach + 1; j <= base + reach; j++) {
    const pixel = Math.min(row.length - 1, Math.max(0, j));
    row[pixel] = row[pixel]! + kernel(at - j);
  }
}

function triangle(distance: number): number {
  return Math.max(0, 1 - Math.abs(distance));
}

function cubic(a: number): Kernel {
  return (distance) => {
    const x = Math.abs(distance);
    if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
    return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
  };
}
