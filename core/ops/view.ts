import { OptionError, ShapeError } from "../errors.ts";
import { viewNode } from "../compiler/graph.ts";
import { type Move, movedShape } from "../compiler/moves.ts";
import { anyNumber, optional, type OptionDefaults, required, takeOptions } from "../options.ts";
import {
  broadcastShapes,
  normaliseAxis,
  sameShape,
  type Shape,
  showShape,
  sizeOfShape,
} from "../runtime/layout.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { sumTo } from "./reduce.ts";

/** Applies a move; `undo` gives the input's gradient from the result's. */
function move(x: Tensor, name: string, m: Move, undo: (g: Tensor) => Tensor): Tensor {
  return x.derived(viewNode(x.node, m), [x], name, (g) => [undo(g)]);
}

/**
 * The tensor repeated along axes of size one and new leading axes; torch's `expand` to a full shape.
 *
 * @throws {ShapeError} where the shape is no broadcast of the tensor's.
 */
export function expandTo(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  if (!sameShape(broadcastShapes(x.shape, shape, "expand"), shape)) {
    throw new ShapeError(`A tensor of shape ${showShape(x.shape)} does not expand to ${showShape(shape)}`, {
      where: "expand",
      fix: "only axes of size 1 can grow",
    });
  }
  const own = x.shape;
  return move(x, "expand", { kind: "expand", shape }, (g) => sumTo(g, own));
}

/** Expands to a shape in which -1 keeps an axis as it is. */
export function expand(x: Tensor, shape: Shape): Tensor {
  const lead = shape.length - x.rank;
  return expandTo(x, shape.map((n, d) => n === -1 && d >= lead ? x.shape[d - lead]! : n));
}

/**
 * The same elements under another shape; one size may be -1 and is worked out.
 *
 * @throws {ShapeError} where the number of elements differs.
 */
export function reshape(x: Tensor, shape: Shape): Tensor {
  const wild = shape.indexOf(-1);
  let full = shape;
  if (wild >= 0) {
    const rest = shape.reduce((size, n, d) => d === wild ? size : size * n, 1);
    full = shape.map((n, d) => d === wild ? (rest === 0 ? 0 : x.size / rest) : n);
  }
  if (full.some((n) => !Number.isInteger(n) || n < 0) || sizeOfShape(full) !== x.size) {
    throw new ShapeError(`A tensor of shape ${showShape(x.shape)} does not reshape to ${showShape(shape)}`, {
      where: "reshape",
      fix: `it has ${x.size} elements`,
    });
  }
  if (sameShape(full, x.shape)) return x;
  const own = x.shape;
  return move(x, "reshape", { kind: "reshape", shape: full }, (g) => reshape(g, own));
}

/** Options of {@linkcode flatten}. */
export interface FlattenOptions {
  /** @default 0 */
  readonly startDim?: number;
  /** @default -1 */
  readonly endDim?: number;
}

/** Merges the axes from `startDim` to `endDim` into one. */
export function flatten(x: Tensor, options: FlattenOptions = {}): Tensor {
  const o = takeOptions<FlattenOptions>("ops.flatten", options, { startDim: 0, endDim: -1 });
  if (x.rank === 0) return reshape(x, [1]);
  const start = normaliseAxis(o.startDim, x.rank, "flatten");
  const end = normaliseAxis(o.endDim, x.rank, "flatten");
  const merged = sizeOfShape(x.shape.slice(start, end + 1));
  return reshape(x, [...x.shape.slice(0, start), merged, ...x.shape.slice(end + 1)]);
}

/** The tensor with its axes in another order. */
export function permute(x: Tensor, axes: readonly number[]): Tensor {
  const order = axes.map((a) => normaliseAxis(a, x.rank, "permute"));
  if (order.length !== x.rank || new Set(order).size !== x.rank) {
    throw new ShapeError(`[${axes}] is no order of the ${x.rank} axes of ${showShape(x.shape)}`, {
      where: "permute",
      fix: "name every axis once",
    });
  }
  if (order.every((a, d) => a === d)) return x;
  const inverse = order.map((_, d) => order.indexOf(d));
  return move(x, "permute", { kind: "permute", axes: order }, (g) => permute(g, inverse));
}

/** Swaps two axes. */
export function transpose(x: Tensor, dim0: number, dim1: number): Tensor {
  const a = normaliseAxis(dim0, x.rank, "transpose");
  const b = normaliseAxis(dim1, x.rank, "transpose");
  return permute(x, x.shape.map((_, d) => d === a ? b : d === b ? a : d));
}

/** Removes axes of size one: all of them, or those named. */
export function squeeze(x: Tensor, dim?: number | readonly number[]): Tensor {
  const named = dim === undefined
    ? null
    : [dim].flat().map((d) => normaliseAxis(d as number, x.rank, "squeeze"));
  return reshape(x, x.shape.filter((n, d) => n !== 1 || (named !== null && !named.includes(d))));
}

/** Inserts an axis of size one. */
export function unsqueeze(x: Tensor, dim: number): Tensor {
  const at = normaliseAxis(dim, x.rank + 1, "unsqueeze");
  return reshape(x, [...x.shape.slice(0, at), 1, ...x.shape.slice(at)]);
}

/** Options of {@linkcode slice}. */
export interface SliceOptions {
  /** @default 0 */
  readonly dim?: number;
  /** First element; negative counts from the end. @default 0 */
  readonly start?: number;
  /** One past the last element; negative counts from the end. @default the axis' size */
  readonly stop?: number | null;
  /** @default 1 */
  readonly step?: number;
}

const SLICE: OptionDefaults<SliceOptions> = {
  dim: 0,
  start: anyNumber(0),
  stop: optional(anyNumber(required)),
  step: 1,
};

/** Elements `start, start + step, …` below `stop` of one axis; ends beyond the tensor are cut, as in Python. */
export function slice(x: Tensor, options: SliceOptions = {}): Tensor {
  const o = takeOptions<SliceOptions>("ops.slice", options, SLICE);
  const axis = normaliseAxis(o.dim, x.rank, "slice");
  const size = x.shape[axis]!;
  const clampTo = (i: number): number => Math.max(0, Math.min(size, i < 0 ? i + size : i));
  const start = clampTo(o.start);
  const stop = Math.max(start, clampTo(o.stop ?? size));
  if (!Number.isInteger(o.step) || o.step < 1) {
    throw new OptionError(`slice cannot use step = ${o.step}`, {
      where: "slice",
      fix: "use a whole number ≥ 1; flip() reverses",
    });
  }
  if (start === 0 && stop === size && o.step === 1) return x;
  const step = o.step;
  const own = x.shape;
  return move(
    x,
    "slice",
    { kind: "slice", axis, start, stop, step },
    (g) => scatterSlice(g, own, axis, start, step),
  );
}

/** The gradient of a slice: its elements at their places, zeros elsewhere. */
function scatterSlice(g: Tensor, shape: Shape, axis: number, start: number, step: number): Tensor {
  const spread = step === 1 ? g : interleaveZeros(g, axis, step);
  const length = spread.shape[axis]!;
  const room = shape[axis]! - start;
  const fitted = length > room ? slice(spread, { dim: axis, stop: room }) : spread;
  const before = shape.map((_, d) => d === axis ? start : 0);
  const after = shape.map((n, d) => d === axis ? n - start - fitted.shape[axis]! : 0);
  return padZeros(fitted, before, after);
}

/** Puts `step - 1` zeros after each element of an axis. */
export function interleaveZeros(x: Tensor, axis: number, step: number): Tensor {
  if (step === 1) return x;
  const split = unsqueeze(x, axis + 1);
  const zeros = split.shape.map(() => 0);
  const wide = padZeros(split, zeros, zeros.map((_, d) => d === axis + 1 ? step - 1 : 0));
  return reshape(wide, x.shape.map((n, d) => d === axis ? n * step : n));
}

/** Adds zeros around a tensor: so many before and after, per axis. */
export function padZeros(x: Tensor, before: readonly number[], after: readonly number[]): Tensor {
  if (before.every((n) => n === 0) && after.every((n) => n === 0)) return x;
  const own = x.shape;
  return move(x, "pad", { kind: "pad", before, after }, (g) => {
    let inner = g;
    for (let d = 0; d < own.length; d++) {
      inner = slice(inner, { dim: d, start: before[d]!, stop: before[d]! + own[d]! });
    }
    return inner;
  });
}

/** The tensor with the elements of some axes in reverse order. */
export function flip(x: Tensor, dims: readonly number[]): Tensor {
  let result = x;
  for (const dim of dims) {
    const axis = normaliseAxis(dim, x.rank, "flip");
    result = move(result, "flip", { kind: "flip", axis }, (g) => flip(g, [axis]));
  }
  return result;
}

/** One position of an axis; the axis disappears. */
export function select(x: Tensor, options: { readonly dim?: number; readonly index: number }): Tensor {
  const axis = normaliseAxis(options.dim ?? 0, x.rank, "select");
  const size = x.shape[axis]!;
  const index = options.index < 0 ? options.index + size : options.index;
  if (!Number.isInteger(index) || index < 0 || index >= size) {
    throw new ShapeError(`Index ${options.index} is outside axis ${axis} of ${showShape(x.shape)}`, {
      where: "select",
      fix: `use ${-size} to ${size - 1}`,
    });
  }
  const row = slice(x, { dim: axis, start: index, stop: index + 1 });
  return reshape(row, x.shape.filter((_, d) => d !== axis));
}

/** `length` elements of an axis from `start` on. */
export function narrow(
  x: Tensor,
  options: { readonly dim: number; readonly start: number; readonly length: number },
): Tensor {
  return slice(x, { dim: options.dim, start: options.start, stop: options.start + options.length });
}

/**
 * Overlapping windows over the last two axes: `[…, H, W]` to `[…, OH, OW, KH, KW]`, without a copy.
 * No gradient flows through it: pooling gives its own.
 */
export function windows(x: Tensor, sizes: Extract<Move, { kind: "window" }>["sizes"]): Tensor {
  const m: Move = { kind: "window", sizes };
  if (movedShape(x.shape, m).slice(-4).some((n) => n < 1)) {
    throw new ShapeError(
      `A window of ${sizes.kernel.join("×")} does not fit an input of ${showShape(x.shape)}`,
      {
        where: "pool",
        fix: "use a smaller kernel or more padding",
      },
    );
  }
  return x.derived(viewNode(x.node, m), [], "windows", null);
}
