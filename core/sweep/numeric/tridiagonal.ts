/** A symmetric matrix made tridiagonal by Householder reflections, in the steps of LAPACK's `dsytd2`. @module */
import type { Matrix } from "./symmetric_eigen.ts";

/** `H = 1 - tau · v · vᵀ`, where `v` is zero above `from` and 1 there. */
export interface Reflection {
  readonly from: number;
  readonly tau: number;
  readonly v: readonly number[];
}

export interface Tridiagonal {
  readonly diagonal: number[];
  readonly below: number[];
  readonly reflections: Reflection[];
}

export function tridiagonalize(matrix: Matrix): Tridiagonal {
  const n = matrix.length;
  const a = matrix.map((row) => [...row]);
  const below: number[] = [];
  const reflections: Reflection[] = [];
  for (let i = 0; i < n - 1; i++) {
    const from = i + 1;
    const column = Array.from({ length: n - from }, (_, k) => a[from + k]![i]!);
    const { beta, tau, v } = reflectionOf(column);
    below.push(beta);
    reflections.push({ from, tau, v });
    if (tau !== 0) reduce(a, { from, tau, v });
  }
  return { diagonal: a.map((row, i) => row[i]!), below, reflections };
}

/** The reflection that turns a column into `(beta, 0, 0, …)`. */
function reflectionOf(column: readonly number[]): { beta: number; tau: number; v: number[] } {
  const [alpha, ...rest] = column as [number, ...number[]];
  const norm = Math.hypot(...rest);
  if (norm === 0) return { beta: alpha, tau: 0, v: [1, ...rest] };
  const beta = -withSign(length(alpha, norm), alpha);
  return { beta, tau: (beta - alpha) / beta, v: [1, ...rest.map((x) => x / (alpha - beta))] };
}

/** `a = H · a · H` on the lower half from `from` on. */
function reduce(a: number[][], { from, tau, v }: Reflection): void {
  const size = v.length;
  const at = (i: number, j: number): number => i >= j ? a[from + i]![from + j]! : a[from + j]![from + i]!;
  const w = v.map((_, i) => {
    let total = 0;
    for (let j = 0; j < size; j++) total += at(i, j) * v[j]!;
    return tau * total;
  });
  const shift = -0.5 * tau * w.reduce((total, x, i) => total + x * v[i]!, 0);
  for (let i = 0; i < size; i++) w[i] = w[i]! + shift * v[i]!;
  for (let i = 0; i < size; i++) {
    const row = a[from + i]!;
    for (let j = 0; j <= i; j++) row[from + j] = row[from + j]! - v[i]! * w[j]! - w[i]! * v[j]!;
  }
}

/** `z = H · z`. */
export function reflect(z: number[][], { from, tau, v }: Reflection): void {
  if (tau === 0) return;
  for (let j = 0; j < z.length; j++) {
    let total = 0;
    for (const [i, x] of v.entries()) total += z[from + i]![j]! * x;
    for (const [i, x] of v.entries()) z[from + i]![j] = z[from + i]![j]! - tau * x * total;
  }
}

/** The length of `(x, y)`, rounded as LAPACK rounds it. */
export function length(x: number, y: number): number {
  const [small, large] = Math.abs(x) < Math.abs(y) ? [Math.abs(x), Math.abs(y)] : [Math.abs(y), Math.abs(x)];
  return small === 0 ? large : large * Math.sqrt(1 + (small / large) ** 2);
}

/** A size with the sign of another number; zero has one too. */
export function withSign(size: number, sign: number): number {
  return sign < 0 || Object.is(sign, -0) ? -Math.abs(size) : Math.abs(size);
}
