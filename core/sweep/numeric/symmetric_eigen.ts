/**
 * The eigen-decomposition of a symmetric matrix.
 *
 * An eigenvector may point either way, and CMA-ES draws other points with the other sign. So the steps are those of
 * LAPACK's `dsyevd`, which numpy calls: Householder reflections to a tridiagonal matrix from its lower half, then
 * implicit QL or QR, whichever end is smaller. Above 25 dimensions LAPACK divides the matrix first and the signs may
 * differ; the decomposition is as good.
 *
 * Source: Golub and Van Loan, chapter 8; LAPACK 3.12 `dsytd2`, `dsteqr`.
 *
 * @module
 */
import { length, reflect, tridiagonalize, withSign } from "./tridiagonal.ts";

/** Rows of numbers. */
export type Matrix = readonly (readonly number[])[];

/** `matrix = vectors · diag(values) · vectorsᵀ`. */
export interface Eigen {
  /** The eigenvalues, smallest first. */
  readonly values: number[];
  /** The eigenvectors, one per column. */
  readonly vectors: number[][];
}

/** Relative spacing of float64, halved, as LAPACK takes it. */
const EPS = 2 ** -53;
const SAFE_MINIMUM = 2 ** -1022;
const MAX_SWEEPS = 30;

/**
 * Eigenvalues and eigenvectors of a symmetric matrix, of which the lower half is read.
 *
 * @example
 * ```ts
 * import { symmetricEigen } from "./symmetric_eigen.ts";
 * const { values } = symmetricEigen([[2, 1], [1, 2]]);
 * console.assert(Math.abs(values[0]! - 1) < 1e-15 && Math.abs(values[1]! - 3) < 1e-15);
 * ```
 */
export function symmetricEigen(matrix: Matrix): Eigen {
  const n = matrix.length;
  const { diagonal, below, reflections } = tridiagonalize(matrix);
  const vectors = Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => i === j ? 1 : 0));
  implicitQl(diagonal, below, vectors);
  for (let k = reflections.length - 1; k >= 0; k--) reflect(vectors, reflections[k]!);
  return { values: diagonal, vectors };
}

/** Diagonalises a tridiagonal matrix in place; columns of `z` turn with it. Eigenvalues end up smallest first. */
function implicitQl(d: number[], e: number[], z: number[][]): void {
  const n = d.length;
  let sweeps = n * MAX_SWEEPS;
  for (let start = 0; start < n && sweeps > 0;) {
    let end = start;
    while (end < n - 1 && !isSplit(d, e, end)) end++;
    if (end < n - 1) e[end] = 0;
    const isQr = Math.abs(d[end]!) < Math.abs(d[start]!);
    sweeps = isQr ? qr(d, e, z, start, end, sweeps) : ql(d, e, z, start, end, sweeps);
    start = end + 1;
  }
  sortColumns(d, z);
}

function isSplit(d: readonly number[], e: readonly number[], i: number): boolean {
  const size = Math.abs(e[i]!);
  return size <= Math.sqrt(Math.abs(d[i]!)) * Math.sqrt(Math.abs(d[i + 1]!)) * EPS;
}

function isNegligible(d: readonly number[], e: readonly number[], i: number): boolean {
  const square = e[i]! * e[i]!;
  return square <= EPS * EPS * Math.abs(d[i]!) * Math.abs(d[i + 1]!) + SAFE_MINIMUM;
}

/** Works from the upper end of a block downwards; returns how many sweeps are left. */
function ql(d: number[], e: number[], z: number[][], from: number, to: number, sweeps: number): number {
  for (let l = from; l <= to;) {
    let m = l;
    while (m < to && !isNegligible(d, e, m)) m++;
    if (m < to) e[m] = 0;
    if (m === l) {
      l++;
      continue;
    }
    if (m === l + 1) {
      const { large, small, c, s } = twoByTwo(d[l]!, e[l]!, d[l + 1]!);
      rotate(z, l, c, s);
      [d[l], d[l + 1], e[l]] = [large, small, 0];
      l += 2;
      continue;
    }
    if (sweeps-- <= 0) return 0;
    const p = d[l]!;
    let g = wilkinson(p, e[l]!, d[l + 1]!, d[m]!);
    const turns: [number, number, number][] = [];
    let [s, c, shift] = [1, 1, 0];
    for (let i = m - 1; i >= l; i--) {
      const f = s * e[i]!;
      const b = c * e[i]!;
      const turn = givens(g, f);
      [c, s] = [turn.c, turn.s];
      if (i !== m - 1) e[i + 1] = turn.r;
      g = d[i + 1]! - shift;
      const r = (d[i]! - g) * s + 2 * c * b;
      shift = s * r;
      d[i + 1] = g + shift;
      g = c * r - b;
      turns.push([i, c, -s]);
    }
    for (const [i, cosine, sine] of turns) rotate(z, i, cosine, sine);
    d[l] = d[l]! - shift;
    e[l] = g;
  }
  return sweeps;
}

/** Works from the lower end of a block upwards; returns how many sweeps are left. */
function qr(d: number[], e: number[], z: number[][], from: number, to: number, sweeps: number): number {
  for (let l = to; l >= from;) {
    let m = l;
    while (m > from && !isNegligible(d, e, m - 1)) m--;
    if (m > from) e[m - 1] = 0;
    if (m === l) {
      l--;
      continue;
    }
    if (m === l - 1) {
      const { large, small, c, s } = twoByTwo(d[l - 1]!, e[l - 1]!, d[l]!);
      rotate(z, l - 1, c, s);
      [d[l - 1], d[l], e[l - 1]] = [large, small, 0];
      l -= 2;
      continue;
    }
    if (sweeps-- <= 0) return 0;
    const p = d[l]!;
    let g = wilkinson(p, e[l - 1]!, d[l - 1]!, d[m]!);
    const turns: [number, number, number][] = [];
    let [s, c, shift] = [1, 1, 0];
    for (let i = m; i < l; i++) {
      const f = s * e[i]!;
      const b = c * e[i]!;
      const turn = givens(g, f);
      [c, s] = [turn.c, turn.s];
      if (i !== m) e[i - 1] = turn.r;
      g = d[i]! - shift;
      const r = (d[i + 1]! - g) * s + 2 * c * b;
      shift = s * r;
      d[i] = g + shift;
      g = c * r - b;
      turns.push([i, c, s]);
    }
    for (const [i, cosine, sine] of turns) rotate(z, i, cosine, sine);
    d[l] = d[l]! - shift;
    e[l - 1] = g;
  }
  return sweeps;
}

/** The first number that a sweep rotates away, shifted by an eigenvalue of the end's two-by-two corner. */
function wilkinson(p: number, e: number, next: number, far: number): number {
  const g = (next - p) / (2 * e);
  return far - p + e / (g + withSign(length(g, 1), g));
}

/** The rotation that turns `(f, g)` into `(r, 0)`. */
function givens(f: number, g: number): { c: number; s: number; r: number } {
  if (g === 0) return { c: 1, s: 0, r: f };
  if (f === 0) return { c: 0, s: withSign(1, g), r: Math.abs(g) };
  const size = Math.sqrt(f * f + g * g);
  const r = withSign(size, f);
  return { c: Math.abs(f) / size, s: g / r, r };
}

/** Eigenvalues of `[[a, b], [b, c]]`, the one of larger size first, and the unit eigenvector of that one. */
function twoByTwo(a: number, b: number, c: number): { large: number; small: number; c: number; s: number } {
  const sum = a + c;
  const difference = a - c;
  const twice = b + b;
  const [most, least] = Math.abs(a) > Math.abs(c) ? [a, c] : [c, a];
  const root = length(difference, twice);
  const isNegative = sum < 0;
  const large = 0.5 * (sum === 0 ? root : isNegative ? sum - root : sum + root);
  const small = sum === 0 ? -0.5 * root : (most / large) * least - (b / large) * b;
  const isAhead = difference >= 0;
  const cs = isAhead ? difference + root : difference - root;
  let [cosine, sine] = [1, 0];
  if (Math.abs(cs) > Math.abs(twice)) {
    const cotangent = -twice / cs;
    sine = 1 / Math.sqrt(1 + cotangent * cotangent);
    cosine = cotangent * sine;
  } else if (twice !== 0) {
    const tangent = -cs / twice;
    cosine = 1 / Math.sqrt(1 + tangent * tangent);
    sine = tangent * cosine;
  }
  return isAhead !== isNegative
    ? { large, small, c: -sine, s: cosine }
    : { large, small, c: cosine, s: sine };
}

/** Turns columns `j` and `j + 1`. */
function rotate(z: number[][], j: number, c: number, s: number): void {
  if (c === 1 && s === 0) return;
  for (const row of z) {
    const right = row[j + 1]!;
    row[j + 1] = c * right - s * row[j]!;
    row[j] = s * right + c * row[j]!;
  }
}

/** By selection, so that columns move as little as they must. */
function sortColumns(d: number[], z: number[][]): void {
  for (let i = 0; i < d.length - 1; i++) {
    let least = i;
    for (let j = i + 1; j < d.length; j++) if (d[j]! < d[least]!) least = j;
    if (least === i) continue;
    [d[i], d[least]] = [d[least]!, d[i]!];
    for (const row of z) [row[i], row[least]] = [row[least]!, row[i]!];
  }
}
