/**
 * The hypervolume that points of several objectives (smaller is better) dominate, up to a reference point.
 *
 * Source: While, Bradstreet and Barone 2012 ("WFG"); the greedy choice of points is Guerreiro et al. 2015. Sums and
 * orders are those of Optuna 2.10.1, where points of equal worth are many.
 *
 * @module
 */
import { argmax } from "../numeric/floats.ts";
import { argsortNumbers } from "../numeric/numpy_order.ts";

/** A value per objective. */
export type Point = readonly number[];

const EPS = 1e-12;

/**
 * The volume of everything that is worse than one of the points and better than `reference`.
 *
 * @example
 * ```ts
 * import { hypervolume } from "./hypervolume.ts";
 * console.assert(hypervolume([[0, 1], [1, 0]], [2, 2]) === 3);
 * ```
 */
export function hypervolume(points: readonly Point[], reference: Point): number {
  return reference.length === 2 ? area(points, reference) : volume(points, reference);
}

/** A point a little worse than the worst in each objective. */
export function referencePoint(points: readonly Point[]): number[] {
  return points[0]!.map((_, k) => {
    const worst = points.reduce((most, point) => Math.max(most, point[k]!), -Infinity);
    return Math.max(1.1 * worst, 0.9 * worst) || EPS;
  });
}

/** The indices of `count` points that together dominate much: greedily, the next one adds most. */
export function chooseByHypervolume(points: readonly Point[], count: number, reference: Point): number[] {
  const gains = points.map((point) => hypervolume([point], reference));
  const chosen: number[] = [];
  let reached = 0;
  while (chosen.length < count) {
    const best = argmax(gains);
    gains[best] = -1;
    const earlier = chosen.map((i) => points[i]!);
    for (const [j, point] of points.entries()) {
      if (gains[j] === -1) continue;
      const overlap = point.map((value, k) => Math.max(value, points[best]![k]!));
      gains[j]! -= hypervolume([...earlier, overlap], reference) - reached;
    }
    chosen.push(best);
    reached = hypervolume(chosen.map((i) => points[i]!), reference);
  }
  return chosen;
}

function area(points: readonly Point[], [right, top]: Point): number {
  const sorted = [...points].sort((a, b) => a[0]! - b[0]! || b[1]! - a[1]!);
  let total = 0;
  let height = top!;
  for (const [x, y] of sorted) {
    if (height < y!) continue;
    total += Math.abs((right! - x!) * (height - y!));
    height = y!;
  }
  return total;
}

function volume(points: readonly Point[], reference: Point): number {
  if (points.length === 1) return box(points[0]!, reference);
  if (points.length === 2) {
    const [a, b] = points as [Point, Point];
    const common = reference.map((value, k) => value - Math.max(a[k]!, b[k]!));
    return box(a, reference) + box(b, reference) - product(common);
  }
  const sorted = Array.from(argsortNumbers(points.map((point) => point[0]!)), (i) => points[i]!);
  let total = 0;
  for (const [i, point] of sorted.entries()) total += exclusive(point, sorted.slice(i + 1), reference);
  return total;
}

/** What a point dominates and the others do not. */
function exclusive(point: Point, others: readonly Point[], reference: Point): number {
  const own = box(point, reference);
  const limited = limit(point, others);
  if (limited.length === 0) return own;
  return own - (limited.length === 1 ? box(limited[0]!, reference) : volume(limited, reference));
}

/** The others moved into what the point dominates; those that a former one dominates are left out. */
function limit(point: Point, others: readonly Point[]): Point[] {
  const moved = others.map((other) => other.map((value, k) => Math.max(value, point[k]!)));
  const kept = moved.slice(0, 1);
  for (const candidate of moved.slice(1)) {
    if (kept.at(-1)!.some((value, k) => value > candidate[k]!)) kept.push(candidate);
  }
  return kept;
}

function box(a: Point, b: Point): number {
  return Math.abs(product(a.map((value, k) => value - b[k]!)));
}

function product(values: readonly number[]): number {
  return values.reduce((a, b) => a * b, 1);
}
