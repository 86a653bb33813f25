/**
 * The orders in which numpy sorts and adds. Where two candidates are equally good, these decide between them, so equal
 * seeds draw equal trials only if they are the same.
 *
 * They are numpy's plain ones, on every processor before version 1.25 and without AVX2 since; its vector code orders
 * equal numbers differently from processor to processor.
 *
 * @module
 */

/** A part of at most this many items is sorted by insertion. */
const INSERTION = 16;

/**
 * The indices that sort `count` items, equal ones in the order of numpy's default sort, which is not a stable one.
 *
 * Source: numpy's introsort, a quicksort with the median of three.
 *
 * @param less Whether the item of the first index is smaller.
 *
 * @example
 * ```ts
 * import { argsort } from "./numpy_order.ts";
 * const values = [3, 1, 2];
 * console.assert(argsort(3, (i, j) => values[i]! < values[j]!).join() === "1,2,0");
 * ```
 */
export function argsort(count: number, less: (i: number, j: number) => boolean): Int32Array {
  const order = Int32Array.from({ length: count }, (_, i) => i);
  const swap = (i: number, j: number): void => {
    const item = order[i]!;
    order[i] = order[j]!;
    order[j] = item;
  };
  // A part that was split too often is sorted by heap, in numpy's own order again.
  const parts: [from: number, to: number, depth: number][] = [[
    0,
    count - 1,
    2 * (31 - Math.clz32(count | 1)),
  ]];
  while (parts.length > 0) {
    let [from, to, depth] = parts.pop()!;
    let isSorted = false;
    while (to - from >= INSERTION) {
      if (depth < 0) {
        heapsort(order, from, to, less);
        isSorted = true;
        break;
      }
      const middle = from + ((to - from) >> 1);
      if (less(order[middle]!, order[from]!)) swap(middle, from);
      if (less(order[to]!, order[middle]!)) swap(to, middle);
      if (less(order[middle]!, order[from]!)) swap(middle, from);
      const pivot = order[middle]!;
      let i = from;
      let j = to - 1;
      swap(middle, j);
      for (;;) {
        do i++; while (less(order[i]!, pivot));
        do j--; while (less(pivot, order[j]!));
        if (i >= j) break;
        swap(i, j);
      }
      swap(i, to - 1);
      depth--;
      // The larger part waits, the smaller one goes on.
      if (i - from < to - i) {
        parts.push([i + 1, to, depth]);
        to = i - 1;
      } else {
        parts.push([from, i - 1, depth]);
        from = i + 1;
      }
    }
    if (!isSorted) insertionSort(order, from, to, less);
  }
  return order;
}

/** {@linkcode argsort} of numbers. */
export function argsortNumbers(values: ArrayLike<number>): Int32Array {
  return argsort(values.length, (i, j) => values[i]! < values[j]!);
}

function insertionSort(
  order: Int32Array,
  from: number,
  to: number,
  less: (i: number, j: number) => boolean,
): void {
  for (let i = from + 1; i <= to; i++) {
    const item = order[i]!;
    let j = i;
    for (; j > from && less(item, order[j - 1]!); j--) order[j] = order[j - 1]!;
    order[j] = item;
  }
}

function heapsort(
  order: Int32Array,
  from: number,
  to: number,
  less: (i: number, j: number) => boolean,
): void {
  const at = from - 1;
  let size = to - from + 1;
  const sift = (item: number, start: number): void => {
    let hole = start;
    let child = 2 * start;
    while (child <= size) {
      if (child < size && less(order[at + child]!, order[at + child + 1]!)) child++;
      if (!less(item, order[at + child]!)) break;
      order[at + hole] = order[at + child]!;
      hole = child;
      child += child;
    }
    order[at + hole] = item;
  };
  for (let start = size >> 1; start > 0; start--) sift(order[at + start]!, start);
  while (size > 1) {
    const item = order[at + size]!;
    order[at + size] = order[at + 1]!;
    size--;
    sift(item, 1);
  }
}

/** A sum stays in eight parts up to this many numbers; longer ones are halved. */
const BLOCK = 128;

/**
 * The sum of numbers, added in numpy's order.
 *
 * @example
 * ```ts
 * import { sum } from "./numpy_order.ts";
 * console.assert(sum([1, 2, 3.5]) === 6.5 && sum([]) === 0);
 * ```
 */
export function sum(values: ArrayLike<number>): number {
  return pairwise(values, 0, values.length);
}

function pairwise(values: ArrayLike<number>, from: number, count: number): number {
  if (count < 8) {
    let total = 0;
    for (let i = 0; i < count; i++) total += values[from + i]!;
    return total;
  }
  if (count > BLOCK) {
    const half = (count >> 1) - (count >> 1) % 8;
    return pairwise(values, from, half) + pairwise(values, from + half, count - half);
  }
  const r = Array.from({ length: 8 }, (_, i) => values[from + i]!);
  let i = 8;
  for (; i < count - count % 8; i += 8) {
    for (let k = 0; k < 8; k++) r[k] = r[k]! + values[from + i + k]!;
  }
  let total = (r[0]! + r[1]!) + (r[2]! + r[3]!) + ((r[4]! + r[5]!) + (r[6]! + r[7]!));
  for (; i < count; i++) total += values[from + i]!;
  return total;
}
