import { ShapeError } from "../errors.ts";
import type { Combine } from "../compiler/kernel.ts";
import { reduceNode } from "../compiler/graph.ts";
import {
  add,
  and,
  bitcast,
  constant,
  div,
  eq,
  exp,
  type Expr,
  log,
  lt,
  mul,
  select,
  sqrt,
  sub,
} from "../compiler/expr.ts";
import { either, list, number, optional, type OptionDefaults, required, takeOptions } from "../options.ts";
import { type DType, isFloat } from "../runtime/dtype.ts";
import { normaliseAxis, sameShape, type Shape, showShape, sizeOfShape } from "../runtime/layout.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { applyElementwise } from "./define.ts";
import { requireDType } from "./dtypes.ts";
import { cast } from "./cast.ts";
import { expandTo, reshape } from "./view.ts";

/** Which axes a reduction runs over. */
export interface ReduceOptions {
  /** One axis, several, or all of them: `null`, or an empty list as in torch. @default all */
  readonly dim?: number | readonly number[] | null;
  /** Whether reduced axes stay, with size one. @default false */
  readonly keepdim?: boolean;
}

/** A reduction to values. */
export interface ReduceOp {
  (x: Tensor, options?: ReduceOptions): Tensor;
  readonly inputs: readonly string[];
}

const AXIS = number(required, { integer: true });
const REDUCE: OptionDefaults<ReduceOptions> = { dim: optional(either(AXIS, list(AXIS))), keepdim: false };
const ARG: OptionDefaults<ArgOptions> = { dim: optional(AXIS), keepdim: false };
const VARIANCE: OptionDefaults<VarianceOptions> = { ...REDUCE, correction: 1 };

function axesOf(x: Tensor, dim: ReduceOptions["dim"], name: string): number[] {
  if (dim === null || dim === undefined || (typeof dim === "object" && dim.length === 0)) {
    return x.shape.map((_, d) => d);
  }
  const axes = [dim].flat().map((d) => normaliseAxis(d as number, x.rank, name));
  if (new Set(axes).size !== axes.length) {
    throw new ShapeError(`An axis is named twice in [${dim}]`, { where: name, fix: "name each axis once" });
  }
  return axes.filter((d) => d < x.rank).sort((a, b) => a - b);
}

function keptShape(shape: Shape, axes: readonly number[]): number[] {
  return shape.map((n, d) => axes.includes(d) ? 1 : n);
}

/** The plain reduction over axes, without a gradient; axes of size one only change the shape. */
function rawReduce(x: Tensor, combine: Combine, axes: readonly number[], dtype: DType): Tensor {
  return x.derived(reduceNode(combine, x.node, axes, dtype), [], combine, null);
}

function define(
  name: string,
  combine: Combine,
  prepare: (x: Tensor) => Tensor,
  gradient: (g: Tensor, x: Tensor, y: Tensor, axes: readonly number[]) => Tensor,
): ReduceOp {
  const apply = (given: Tensor, options: ReduceOptions = {}): Tensor => {
    const o = takeOptions<ReduceOptions>(`ops.${name}`, options, REDUCE);
    const x = prepare(given);
    const axes = axesOf(x, o.dim, name);
    const kept = keptShape(x.shape, axes);
    const finalShape = o.keepdim ? kept : x.shape.filter((_, d) => !axes.includes(d));
    const node = reduceNode(combine, x.node, axes, x.dtype);
    const y = x.derived(node, [x], name, (g) => {
      const wide = (t: Tensor): Tensor => expandTo(reshape(t, kept), x.shape);
      return [gradient(wide(g), x, wide(y.detach()), axes)];
    });
    return reshape(y, finalShape);
  };
  return Object.assign(apply, { inputs: ["input"] });
}

/** Whole numbers and bool add up as i32; torch uses int64. */
function countable(x: Tensor): Tensor {
  return x.dtype === "bool" || x.dtype === "u8" || x.dtype === "u32" ? cast(x, "i32") : x;
}

/** Refuses an extreme of nothing. */
function checkNotEmpty(x: Tensor, axes: readonly number[], name: string): void {
  if (axes.every((d) => x.shape[d]! > 0)) return;
  throw new ShapeError(`${name} over no elements, of a tensor of shape ${showShape(x.shape)}`, {
    where: name,
    fix: "only sums and products of nothing are defined",
  });
}

/** Gradient of an extreme: shared evenly among the elements that reach it. */
function shareTies(name: string) {
  return (g: Tensor, x: Tensor, y: Tensor, axes: readonly number[]): Tensor => {
    const hit = applyElementwise(`${name}.ties`, (a, b) => select(eq(a, b), 1, 0), [x.detach(), y]);
    const ties = sum(hit, { dim: axes, keepdim: true });
    return applyElementwise(`${name}.backward`, (a, h, n) => div(mul(a, h), n), [g, hit, ties]);
  };
}

/**
 * Sum over axes; f32 sums in blocks, so that rounding errors stay small. Whole numbers and bool give i32.
 * Shape: without the axes, or with size one where `keepdim`.
 */
export const sum: ReduceOp = define("sum", "sum", countable, (g) => g);

/** Product over axes. */
export const prod: ReduceOp = define("prod", "prod", countable, (g, x, _y, axes) => {
  // Product of the others without dividing by 0: they give 0 where a zero is among them, NaN beside NaN or infinity.
  const values = x.detach();
  const over = { dim: axes, keepdim: true };
  const zeros = sum(applyElementwise("prod.zeros", (a) => select(eq(a, 0), 1, 0), [values]), over);
  const wild = sum(applyElementwise("prod.wild", (a) => select(isFinite(a), 0, 1), [values]), over);
  const others = applyElementwise("prod.others", (a) => select(eq(a, 0), 1, a), [values]);
  const rest = reshape(rawReduce(others, "prod", axes, x.dtype), keptShape(x.shape, axes));
  return applyElementwise("prod.backward", (a, v, n, m, p) => {
    const otherZeros = sub(n, select(eq(v, 0), 1, 0));
    const otherWild = sub(m, select(isFinite(v), 0, 1));
    const withoutZero = select(eq(v, 0), p, div(p, v));
    const withZero = select(lt(0, otherWild), constant(NaN), 0);
    return mul(a, select(eq(otherZeros, 0), withoutZero, withZero));
  }, [g, values, zeros, wild, rest]);
});

function defineExtreme(name: "max" | "min", ofBool: "any" | "all"): ReduceOp {
  const ofNumbers = define(name, name, (x) => x, shareTies(name));
  const apply = (x: Tensor, options: ReduceOptions = {}): Tensor => {
    checkNotEmpty(x, axesOf(x, options.dim, name), name);
    return x.dtype === "bool" ? defineTest(ofBool)(x, options) : ofNumbers(x, options);
  };
  return Object.assign(apply, { inputs: ["input"] });
}

/**
 * Largest value over axes; torch's `amax`. NaN wins. Ties share the gradient.
 *
 * @throws {ShapeError} where an axis without elements is reduced.
 */
export const max: ReduceOp = defineExtreme("max", "any");

/**
 * Smallest value over axes; torch's `amin`. NaN wins. Ties share the gradient.
 *
 * @throws {ShapeError} where an axis without elements is reduced.
 */
export const min: ReduceOp = defineExtreme("min", "all");

/** Mean over axes, of floats (whole numbers are refused as in torch). An empty mean is NaN. */
export const mean: ReduceOp = Object.assign((x: Tensor, options: ReduceOptions = {}): Tensor => {
  requireDType("mean", x, "float");
  const axes = axesOf(x, options.dim, "mean");
  const count = axes.reduce((n, d) => n * x.shape[d]!, 1);
  const total = sum(x, options);
  // A shader may fold a division by the constant 0; a product with NaN stays.
  return total.mul(count === 0 ? NaN : 1 / count);
}, { inputs: ["input"] });

/** Options of {@linkcode variance}. */
export interface VarianceOptions extends ReduceOptions {
  /** What is taken from the count in the divisor: 1 for the unbiased estimate. @default 1 */
  readonly correction?: number;
}

/** Variance over axes around their mean, in two passes. NaN where there are no more elements than the correction. */
export function variance(x: Tensor, options: VarianceOptions = {}): Tensor {
  const o = takeOptions<VarianceOptions>("ops.variance", options, VARIANCE);
  requireDType("variance", x, "float");
  const axes = axesOf(x, o.dim, "variance");
  const count = axes.reduce((n, d) => n * x.shape[d]!, 1);
  const share = 1 / Math.max(0, count - o.correction);
  const values = x.detach();
  const middle = mean(values, { dim: axes, keepdim: true });
  const centred = values.sub(middle);
  const result = sum(centred.mul(centred), { dim: axes, keepdim: true }).mul(share);
  // The slope through the mean adds up to 0, but would spread one infinity over all elements.
  const y = x.derived(result.node, [x], "variance", (g) => [
    applyElementwise("variance.backward", (a, v, m) => mul(a, sub(v, m)), [g.mul(2 * share), values, middle]),
  ]);
  return o.keepdim ? y : reshape(y, x.shape.filter((_, d) => !axes.includes(d)));
}

/** Standard deviation over axes; options as for {@linkcode variance}. */
export function std(x: Tensor, options: VarianceOptions = {}): Tensor {
  requireDType("std", x, "float");
  // Where nothing varies torch gives a gradient of 0, not 0 / 0.
  return applyElementwise("std", sqrt, [variance(x, options)], {
    gradient: (g, y) => [select(eq(y, 0), 0, div(g, mul(2, y)))],
  });
}

/** Bits of infinity. */
const INFINITE = constant(0x7f800000, "u32");

/** The bits of a float without its sign: a shader may fold `m - m` to 0, but not a comparison of bits. */
function magnitude(x: Expr): Expr {
  return and(bitcast(x, "u32"), constant(0x7fffffff, "u32"));
}

/** Whether a float is neither infinite nor NaN. */
function isFinite(x: Expr): Expr {
  return lt(magnitude(x), INFINITE);
}

/** `log Σ exp x` over axes, without overflow; of whole numbers as f32. */
export const logsumexp: ReduceOp = Object.assign((given: Tensor, options: ReduceOptions = {}): Tensor => {
  const x = isFloat(given.dtype) ? given : cast(given, "f32");
  const o = takeOptions<ReduceOptions>("ops.logsumexp", options, REDUCE);
  const axes = axesOf(x, o.dim, "logsumexp");
  const kept = keptShape(x.shape, axes);
  const values = x.detach();
  const top = reshape(rawReduce(values, "max", axes, x.dtype), kept);
  // A row of -∞ has no finite maximum to subtract; its result is -∞ itself.
  const shift = applyElementwise("logsumexp.shift", (m) => select(isFinite(m), m, 0), [top]);
  const powers = applyElementwise("logsumexp.exp", (a, m) => exp(sub(a, m)), [values, shift]);
  const total = reshape(rawReduce(powers, "sum", axes, x.dtype), kept);
  const result = applyElementwise("logsumexp", (s, m) => add(log(s), m), [total, shift]);
  const y = x.derived(result.node, [x], "logsumexp", (g) => [
    applyElementwise("logsumexp.backward", (a, v, r) => mul(a, exp(sub(v, r))), [g, values, result]),
  ]);
  return o.keepdim ? y : reshape(y, x.shape.filter((_, d) => !axes.includes(d)));
}, { inputs: ["input"] });

/** Options of {@linkcode argmax} and {@linkcode argmin}. */
export interface ArgOptions {
  /** The axis, or `null` for the position among all elements. @default null */
  readonly dim?: number | null;
  /** @default false */
  readonly keepdim?: boolean;
}

function defineArg(name: "argmax" | "argmin"): ((x: Tensor, options?: ArgOptions) => Tensor) & {
  readonly inputs: readonly string[];
} {
  const apply = (x: Tensor, options: ArgOptions = {}): Tensor => {
    const o = takeOptions<ArgOptions>(`ops.${name}`, options, ARG);
    requireDType(name, x, "number");
    const flat = o.dim === null ? reshape(x, [x.size]) : x;
    const axes = flat.rank === 0 ? [] : [normaliseAxis(o.dim ?? 0, flat.rank, name)];
    checkNotEmpty(flat, axes, name);
    const y = rawReduce(flat.detach(), name, axes, "i32");
    if (!o.keepdim) return y;
    return reshape(y, o.dim === null ? x.shape.map(() => 1) : keptShape(x.shape, axes));
  };
  return Object.assign(apply, { inputs: ["input"] });
}

/** Position of the largest value along an axis, as i32: the first among equals; NaN wins. */
export const argmax: ReturnType<typeof defineArg> = defineArg("argmax");

/** Position of the smallest value along an axis, as i32: the first among equals; NaN wins. */
export const argmin: ReturnType<typeof defineArg> = defineArg("argmin");

/** Whether any element is non-zero, over axes. An empty list of axes tests each element, as in torch. */
export const any: ReduceOp = defineTest("any");

/** Whether all elements are non-zero, over axes. An empty list of axes tests each element, as in torch. */
export const all: ReduceOp = defineTest("all");

function defineTest(name: "any" | "all"): ReduceOp {
  const apply = (x: Tensor, options: ReduceOptions = {}): Tensor => {
    const o = takeOptions<ReduceOptions>(`ops.${name}`, options, REDUCE);
    const truth = cast(x.detach(), "bool");
    if (Array.isArray(o.dim) && o.dim.length === 0) return truth;
    const axes = axesOf(x, o.dim, name);
    const y = rawReduce(truth, name, axes, "bool");
    return o.keepdim ? reshape(y, keptShape(x.shape, axes)) : y;
  };
  return Object.assign(apply, { inputs: ["input"] });
}

/** Sums a tensor down to a shape that it was broadcast from. */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const lead = x.rank - shape.length;
  const axes = x.shape.map((_, d) => d).filter((d) =>
    d < lead || (shape[d - lead] === 1 && x.shape[d] !== 1)
  );
  return reshape(axes.length === 0 ? x : sum(x, { dim: axes }), shape);
}

/** Number of elements that a reduction over axes adds up. */
export function countOver(x: Tensor, axes: readonly number[]): number {
  return sizeOfShape(axes.map((d) => x.shape[d]!));
}
