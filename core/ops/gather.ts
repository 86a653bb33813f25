import { DTypeError, ShapeError } from "../errors.ts";
import * as e from "../compiler/expr.ts";
import { iotaNode, structuralNode } from "../compiler/graph.ts";
import { number, type OptionDefaults, required, takeOptions } from "../options.ts";
import { normaliseAxis, showShape } from "../runtime/layout.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { applyElementwise } from "./define.ts";
import { checkIndices } from "./host_index.ts";
import { sum } from "./reduce.ts";
import { expandTo, padZeros, reshape, unsqueeze } from "./view.ts";

const GATHER: OptionDefaults<GatherOptions> = { dim: number(required, { integer: true }), index: required };

/** Where elements are taken from. */
export interface GatherOptions {
  readonly dim: number;
  /** i32 positions along `dim`; those outside it are an error where they are on the host, else clamped. */
  readonly index: Tensor;
}

/**
 * Elements of `x` at the positions `index` along an axis; torch's `gather`. Shape: that of `index`.
 *
 * The gradient adds up at repeated positions, in a fixed order.
 *
 * @throws {ValueError} for a position outside the axis, where positions are on the host.
 */
export function gather(x: Tensor, options: GatherOptions): Tensor {
  const { dim, index } = takeOptions<GatherOptions>("ops.gather", options, GATHER);
  checkIndex(index, "gather");
  const axis = normaliseAxis(dim, x.rank, "gather");
  const fits = index.rank === x.rank && index.shape.every((n, d) => d === axis || n <= x.shape[d]!);
  if (!fits) {
    throw new ShapeError(
      `gather of a tensor of shape ${showShape(x.shape)} with an index of shape ${showShape(index.shape)}`,
      {
        where: "gather",
        fix: `the index needs ${x.rank} axes, none longer than the tensor's except axis ${axis}`,
      },
    );
  }
  checkIndices(index, x.shape[axis]!, `positions of axis ${axis}`, "gather");
  const node = structuralNode({ kind: "gather", axis }, [x.node, index.node], index.shape, x.dtype);
  return x.derived(node, [x], "gather", (g) => [scatterAdd(g, index, axis, x.shape)]);
}

/** Adds each element of `g` to the position along `axis` that `index` names, in zeros of `shape`. */
function scatterAdd(g: Tensor, index: Tensor, axis: number, shape: readonly number[]): Tensor {
  const size = shape[axis]!;
  const count = index.shape[axis]!;
  const wide = [...g.shape.slice(0, axis), size, ...g.shape.slice(axis)];
  const spread = (t: Tensor): Tensor => expandTo(unsqueeze(t, axis), wide);
  const positions = expandTo(alongAxis(g, size, axis, wide.length), wide);
  const hits = applyElementwise(
    `gather.backward.${size}`,
    (a, i, at) => e.select(e.eq(e.min(e.max(e.cast(i, "i32"), 0), size - 1), e.cast(at, "i32")), a, 0),
    [spread(g), spread(index), positions],
    { result: g.dtype },
  );
  const total = count === 1
    ? reshape(hits, hits.shape.filter((_, d) => d !== axis + 1))
    : sum(hits, { dim: axis + 1 });
  const missing = shape.map((n, d) => n - total.shape[d]!);
  return padZeros(total, shape.map(() => 0), missing);
}

/** 0, 1, …, size-1 along one of `rank` axes. */
function alongAxis(like: Tensor, size: number, axis: number, rank: number): Tensor {
  const shape = new Array<number>(rank).fill(1);
  shape[axis] = size;
  return reshape(like.derived(iotaNode(size), [], "arange", null), shape);
}

/**
 * Whole rows, columns, … of `x` at the positions of a vector `index`; torch's `index_select`.
 *
 * @throws {ValueError} for a position outside the axis, where positions are on the host.
 */
export function indexSelect(x: Tensor, options: GatherOptions): Tensor {
  const { dim, index } = takeOptions<GatherOptions>("ops.indexSelect", options, GATHER);
  checkIndex(index, "indexSelect");
  if (index.rank !== 1) {
    throw new ShapeError(`indexSelect with an index of shape ${showShape(index.shape)}`, {
      where: "indexSelect",
      fix: "the index must be a vector; use gather for one position per element",
    });
  }
  const axis = normaliseAxis(dim, x.rank, "indexSelect");
  checkIndices(index, x.shape[axis]!, `positions of axis ${axis}`, "indexSelect");
  const shape = x.shape.map((n, d) => d === axis ? index.size : n);
  const lined = reshape(index, shape.map((n, d) => d === axis ? n : 1));
  return gather(x, { dim: axis, index: expandTo(lined, shape) });
}

/** `[…] → […, classes]`: 1 at the class of each element, 0 elsewhere, as f32. A class outside gives a row of zeros. */
export function oneHot(x: Tensor, classes: number): Tensor {
  checkIndex(x, "oneHot");
  const shape = [...x.shape, classes];
  const positions = expandTo(alongAxis(x, classes, x.rank, x.rank + 1), shape);
  return applyElementwise(
    "oneHot",
    (a, b) => e.cast(e.eq(e.cast(a, "i32"), e.cast(b, "i32")), "f32"),
    [expandTo(unsqueeze(x, x.rank), shape), positions],
    { result: "f32" },
  );
}

function checkIndex(index: Tensor, where: string): void {
  if (index.dtype === "i32" || index.dtype === "u8" || index.dtype === "u32") return;
  throw new DTypeError(`${where} with an index of dtype ${index.dtype}`, {
    where,
    fix: 'cast it: cast(index, "i32")',
  });
}
