import { ShapeError } from "../errors.ts";

/** Sizes per axis, outermost first; `[]` is a single element. */
export type Shape = readonly number[];

/** A half-open range of valid coordinates on one axis. */
export type Bounds = readonly [low: number, high: number];

/**
 * How a tensor's coordinates address its buffer: element `i` lies at `offset + Σ i[d] · strides[d]`,
 * counted in elements. Where a mask is present, coordinates outside its box read as zero.
 */
export interface Layout {
  readonly shape: Shape;
  readonly strides: readonly number[];
  readonly offset: number;
  /** Valid coordinates per axis, or `null` where all are valid. */
  readonly mask: readonly Bounds[] | null;
}

/** Number of elements. */
export function sizeOfShape(shape: Shape): number {
  let size = 1;
  for (const n of shape) size *= n;
  return size;
}

/** Row-major strides of a packed tensor. */
export function packedStrides(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let d = shape.length - 1; d >= 0; d--) {
    strides[d] = step;
    step *= shape[d]!;
  }
  return strides;
}

/** The packed row-major layout of a shape. */
export function packed(shape: Shape, offset = 0): Layout {
  return { shape, strides: packedStrides(shape), offset, mask: null };
}

/** Whether the elements lie packed in row-major order (axes of size one do not count). */
export function isPacked(layout: Layout): boolean {
  if (layout.mask !== null) return false;
  let step = 1;
  for (let d = layout.shape.length - 1; d >= 0; d--) {
    const n = layout.shape[d]!;
    if (n === 0) return true;
    if (n !== 1 && layout.strides[d] !== step) return false;
    step *= n;
  }
  return true;
}

/** Whether two shapes are equal. */
export function sameShape(a: Shape, b: Shape): boolean {
  if (a.length !== b.length) return false;
  for (let d = 0; d < a.length; d++) if (a[d] !== b[d]) return false;
  return true;
}

/** The shape without its axes of size one. */
export function squeezed(shape: Shape): Shape {
  return shape.filter((n) => n !== 1);
}

/** A shape for people: `[64, 10]`. */
export function showShape(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}

/**
 * Makes an axis non-negative: `-1` is the last one.
 *
 * @throws {ShapeError} where the tensor has no such axis.
 */
export function normaliseAxis(axis: number, rank: number, where: string): number {
  const positive = axis < 0 ? axis + Math.max(rank, 1) : axis;
  if (!Number.isInteger(axis) || positive < 0 || positive >= Math.max(rank, 1)) {
    const range = rank === 0 ? "-1 or 0" : `${-rank} to ${rank - 1}`;
    throw new ShapeError(`Axis ${axis} is outside a tensor of rank ${rank}`, { where, fix: `use ${range}` });
  }
  return positive;
}

/**
 * The shape that both operands expand to, by torch's broadcasting rule.
 *
 * @throws {ShapeError} where two sizes differ and neither is one.
 *
 * @example
 * ```ts
 * import { broadcastShapes } from "./layout.ts";
 * console.assert(broadcastShapes([64, 1], [10], "add").join() === "64,10");
 * ```
 */
export function broadcastShapes(a: Shape, b: Shape, where: string): Shape {
  if (sameShape(a, b)) return a;
  const rank = Math.max(a.length, b.length);
  const shape = new Array<number>(rank);
  for (let d = 1; d <= rank; d++) {
    const x = a[a.length - d] ?? 1;
    const y = b[b.length - d] ?? 1;
    if (x !== y && x !== 1 && y !== 1) {
      throw new ShapeError(`Shapes ${showShape(a)} and ${showShape(b)} do not broadcast: ${x} against ${y}`, {
        where,
        fix: "sizes must be equal or 1, counted from the last axis",
      });
    }
    shape[rank - d] = x === 1 ? y : x;
  }
  return shape;
}

/** The layout seen through a permutation of its axes. */
export function permuteLayout(layout: Layout, axes: readonly number[]): Layout {
  return {
    shape: axes.map((a) => layout.shape[a]!),
    strides: axes.map((a) => layout.strides[a]!),
    offset: layout.offset,
    mask: layout.mask === null ? null : axes.map((a) => layout.mask![a]!),
  };
}

/** The layout repeated along new leading axes and axes of size one. `shape` must be a broadcast of the layout's. */
export function expandLayout(layout: Layout, shape: Shape): Layout {
  if (sameShape(layout.shape, shape)) return layout;
  const lead = shape.length - layout.shape.length;
  const strides = shape.map((n, d) => {
    const own = d - lead;
    return own < 0 || (layout.shape[own] === 1 && n !== 1) ? 0 : layout.strides[own]!;
  });
  const mask = layout.mask === null ? null : shape.map((n, d): Bounds => {
    const own = d - lead;
    if (own < 0) return [0, n];
    const [low, high] = layout.mask![own]!;
    if (layout.shape[own] !== 1 || n === 1) return [low, high];
    return low <= 0 && high >= 1 ? [0, n] : [0, 0];
  });
  return { shape, strides, offset: layout.offset, mask };
}

/** Elements `start, start + step, …` below `stop` of one axis. */
export function sliceLayout(layout: Layout, axis: number, start: number, stop: number, step = 1): Layout {
  const length = Math.max(0, Math.ceil((stop - start) / step));
  const mask = layout.mask === null ? null : layout.mask.map((bounds, d): Bounds => {
    if (d !== axis) return bounds;
    const low = Math.max(0, Math.ceil((bounds[0] - start) / step));
    return [low, Math.max(low, Math.min(length, Math.ceil((bounds[1] - start) / step)))];
  });
  return {
    shape: layout.shape.map((n, d) => d === axis ? length : n),
    strides: layout.strides.map((s, d) => d === axis ? s * step : s),
    offset: layout.offset + start * layout.strides[axis]!,
    mask,
  };
}

/** The layout with zeros around it: `before` and `after` count new elements per axis. */
export function padLayout(layout: Layout, before: readonly number[], after: readonly number[]): Layout {
  const shape = layout.shape.map((n, d) => n + before[d]! + after[d]!);
  let offset = layout.offset;
  for (let d = 0; d < shape.length; d++) offset -= before[d]! * layout.strides[d]!;
  const mask = layout.shape.map((n, d): Bounds => {
    const [low, high] = layout.mask?.[d] ?? [0, n];
    return [low + before[d]!, high + before[d]!];
  });
  return { shape, strides: layout.strides, offset, mask };
}

/**
 * The layout under another shape of the same size, or `null` where no strides can say it and a copy is needed.
 */
export function reshapeLayout(layout: Layout, shape: Shape): Layout | null {
  if (sameShape(layout.shape, shape)) return layout;
  // Nothing is read from no elements; matching runs of size 0 below would never end.
  if (sizeOfShape(shape) === 0) return packed(shape);
  if (isPacked(layout)) return { shape, strides: packedStrides(shape), offset: layout.offset, mask: null };
  const strides = new Array<number>(shape.length).fill(0);
  const mask: Bounds[] | null = layout.mask === null ? null : shape.map((n): Bounds => [0, n]);
  let from = 0;
  let to = 0;
  while (from < layout.shape.length || to < shape.length) {
    const oldStart = from;
    const newStart = to;
    let oldSize = from < layout.shape.length ? layout.shape[from++]! : 1;
    let newSize = to < shape.length ? shape[to++]! : 1;
    while (oldSize !== newSize) {
      if (oldSize < newSize) oldSize *= layout.shape[from++]!;
      else newSize *= shape[to++]!;
    }
    if (!reshapeRun(layout, oldStart, from, shape, newStart, to, strides, mask)) return null;
  }
  return { shape, strides, offset: layout.offset, mask };
}

/** Reshapes one run of axes of equal size into another; false where it needs a copy. */
function reshapeRun(
  layout: Layout,
  oldStart: number,
  oldEnd: number,
  shape: Shape,
  newStart: number,
  newEnd: number,
  strides: number[],
  mask: Bounds[] | null,
): boolean {
  const old: number[] = [];
  for (let d = oldStart; d < oldEnd; d++) {
    const bounds = layout.mask?.[d];
    const restricted = bounds !== undefined && (bounds[0] > 0 || bounds[1] < layout.shape[d]!);
    if (layout.shape[d] !== 1 || restricted) old.push(d);
  }
  const masked = mask !== null &&
    old.some((d) => layout.mask![d]![0] > 0 || layout.mask![d]![1] < layout.shape[d]!);
  if (masked) {
    const fresh: number[] = [];
    for (let d = newStart; d < newEnd; d++) if (shape[d] !== 1) fresh.push(d);
    if (old.length !== 1 || fresh.length > 1) return false;
    const target = fresh[0] ?? newStart;
    if (target >= newEnd || shape[target] !== layout.shape[old[0]!]) return false;
    strides[target] = layout.strides[old[0]!]!;
    mask[target] = layout.mask![old[0]!]!;
    return true;
  }
  for (let i = 1; i < old.length; i++) {
    const outer = old[i - 1]!;
    const inner = old[i]!;
    if (layout.strides[outer] !== layout.strides[inner]! * layout.shape[inner]!) return false;
  }
  let step = old.length === 0 ? 0 : layout.strides[old[old.length - 1]!]!;
  for (let d = newEnd - 1; d >= newStart; d--) {
    strides[d] = step;
    step *= shape[d]!;
  }
  return true;
}
