import { ShapeError } from "../errors.ts";
import * as e from "../compiler/expr.ts";
import { elementwiseNode, iotaNode } from "../compiler/graph.ts";
import { scalarTypeOf } from "../compiler/resolve.ts";
import { anyNumber, takeOptions, unsupported } from "../options.ts";
import { promote } from "../runtime/dtype.ts";
import { normaliseAxis, showShape } from "../runtime/layout.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { cast, fitted } from "./cast.ts";
import { where } from "./binary.ts";
import { expandTo, padZeros, reshape, slice, unsqueeze } from "./view.ts";

/** Most tensors that one kernel joins; more are joined in groups. */
const GROUP = 6;

/** The axis along which tensors are joined. */
export interface JoinOptions {
  /** @default 0 */
  readonly dim?: number;
}

/**
 * Tensors one after another along an axis; other axes must agree.
 *
 * @throws {ShapeError} where they do not.
 */
export function cat(tensors: readonly Tensor[], options: JoinOptions = {}): Tensor {
  const { dim } = takeOptions<JoinOptions>("ops.cat", options, { dim: 0 });
  const first = tensors[0];
  if (first === undefined) {
    throw new ShapeError("cat of no tensors", { where: "cat", fix: "give at least one" });
  }
  const axis = normaliseAxis(dim, first.rank, "cat");
  for (const t of tensors) {
    const fits = t.rank === first.rank && t.shape.every((n, d) => d === axis || n === first.shape[d]);
    if (!fits) {
      throw new ShapeError(
        `cat of shapes ${showShape(first.shape)} and ${showShape(t.shape)} along axis ${axis}`,
        {
          where: "cat",
          fix: "all other axes must have equal sizes",
        },
      );
    }
  }
  const dtype = tensors.map((t) => t.dtype).reduce(promote);
  let parts = tensors.map((t) => cast(t, dtype));
  while (parts.length > 1) {
    const joined: Tensor[] = [];
    for (let i = 0; i < parts.length; i += GROUP) joined.push(catGroup(parts.slice(i, i + GROUP), axis));
    parts = joined;
  }
  return parts[0]!;
}

/** Joins a few tensors in one kernel: each is seen padded to the full length, and its own region selected. */
function catGroup(parts: readonly Tensor[], axis: number): Tensor {
  if (parts.length === 1) return parts[0]!;
  const first = parts[0]!;
  const lengths = parts.map((t) => t.shape[axis]!);
  const total = lengths.reduce((a, b) => a + b, 0);
  const shape = first.shape.map((n, d) => d === axis ? total : n);
  const starts = lengths.map((_, i) => lengths.slice(0, i).reduce((a, b) => a + b, 0));
  const padded = parts.map((t, i) => {
    const before = shape.map((_, d) => d === axis ? starts[i]! : 0);
    const after = shape.map((_, d) => d === axis ? total - starts[i]! - lengths[i]! : 0);
    return padZeros(t.detach(), before, after);
  });
  const places = new Array<number>(shape.length).fill(1);
  places[axis] = total;
  const position = expandTo(reshape(first.derived(iotaNode(total), [], "arange", null), places), shape);
  const type = scalarTypeOf(first.dtype);
  let value = e.input(1, type);
  for (let i = 1; i < parts.length; i++) {
    value = e.select(e.lt(e.input(0, "i32"), starts[i]!), value, e.input(i + 1, type));
  }
  const operands = [position, ...padded].map((t) => t.node);
  const joined = elementwiseNode(value, operands, shape, first.dtype, "cat");
  return first.derived(
    joined,
    parts,
    "cat",
    (g) => parts.map((_, i) => slice(g, { dim: axis, start: starts[i]!, stop: starts[i]! + lengths[i]! })),
  );
}

/** Tensors of one shape side by side along a new axis. */
export function stack(tensors: readonly Tensor[], options: JoinOptions = {}): Tensor {
  const { dim } = takeOptions<JoinOptions>("ops.stack", options, { dim: 0 });
  const rank = (tensors[0]?.rank ?? 0) + 1;
  const axis = normaliseAxis(dim, rank, "stack");
  return cat(tensors.map((t) => unsqueeze(t, axis)), { dim: axis });
}

/** Options of {@linkcode pad}. */
export interface PadOptions {
  /**
   * Elements to add before and after each axis, the last axis first: `[left, right, top, bottom, …]`, as in torch.
   * Negative numbers cut elements off.
   */
  readonly pad: readonly number[];
  /** @default 0 */
  readonly value?: number;
}

/** The tensor with a constant around it; torch's `F.pad` in constant mode. */
export function pad(x: Tensor, options: PadOptions): Tensor {
  const { pad: amounts, value } = takeOptions<PadOptions>("ops.pad", options, {
    pad: [],
    mode: unsupported("constant"),
    value: anyNumber(0),
  });
  if (
    amounts.length % 2 !== 0 || amounts.length > 2 * x.rank ||
    amounts.some((n) => !Number.isInteger(n))
  ) {
    throw new ShapeError(`pad of a tensor of rank ${x.rank} by [${amounts}]`, {
      where: "pad",
      fix: "give two whole numbers per axis, the last axis first",
    });
  }
  const given = (d: number, side: 0 | 1): number => amounts[2 * (x.rank - 1 - d) + side] ?? 0;
  let inner = x;
  for (let d = 0; d < x.rank; d++) {
    const stop = Math.max(0, x.shape[d]! + Math.min(0, given(d, 1)));
    inner = slice(inner, { dim: d, start: Math.max(0, -given(d, 0)), stop });
  }
  const before = x.shape.map((_, d) => Math.max(0, given(d, 0)));
  const after = x.shape.map((_, d) => Math.max(0, given(d, 1)));
  const padded = padZeros(inner, before, after);
  if (value === 0 || padded === inner) return padded;
  const ones = x.derived(
    elementwiseNode(e.constant(1, "bool"), [], inner.shape, "bool", "ones"),
    [],
    "ones",
    null,
  );
  return where(padZeros(ones, before, after), padded, fitted(value, x.dtype));
}
