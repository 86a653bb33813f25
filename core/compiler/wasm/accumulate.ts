import type { ScalarType } from "../expr.ts";
import type { Accumulator } from "../kernel.ts";
import type { FunctionBody, Local } from "./assembler.ts";
import type { Opcode } from "./opcodes.ts";

/** Four lanes of a running reduction: values, and for argmax and argmin their positions. */
export interface Running {
  readonly value: Local;
  readonly position: Local | null;
}

/** Whether the result is a position. */
export function isPositional(a: Accumulator): boolean {
  return a.combine === "argmax" || a.combine === "argmin";
}

/** Type of an accumulator's result. */
export function resultType(a: Accumulator): ScalarType {
  return isPositional(a) ? "i32" : a.combine === "any" || a.combine === "all" ? "bool" : a.value.type;
}

const COMBINE: Readonly<
  Record<"f32" | "i32" | "u32", Readonly<Record<"sum" | "prod" | "max" | "min", Opcode>>>
> = {
  f32: { sum: "f32x4.add", prod: "f32x4.mul", max: "f32x4.max", min: "f32x4.min" },
  i32: { sum: "i32x4.add", prod: "i32x4.mul", max: "i32x4.max_s", min: "i32x4.min_s" },
  u32: { sum: "i32x4.add", prod: "i32x4.mul", max: "i32x4.max_u", min: "i32x4.min_u" },
};

/** The value that changes nothing. */
function identity(f: FunctionBody, a: Accumulator): Local {
  const type = a.value.type;
  switch (a.combine) {
    case "sum":
    case "any":
      return f.i32(0);
    case "prod":
      return type === "f32" ? f.f32(1) : f.i32(1);
    case "all":
      return f.i32(-1);
    case "max":
    case "argmax":
      return type === "f32" ? f.f32(-Infinity) : f.i32(type === "i32" ? -(2 ** 31) : 0);
    case "min":
    case "argmin":
      return type === "f32" ? f.f32(Infinity) : f.i32(type === "i32" ? 2 ** 31 - 1 : -1);
  }
}

/** Fresh accumulators, as they are before the first element. */
export function begin(f: FunctionBody, a: Accumulator): Running {
  const value = f.local("v128");
  const position = isPositional(a) ? f.local("v128") : null;
  const running = { value, position };
  restart(f, a, running);
  return running;
}

/** Sets accumulators back to what changes nothing. */
export function restart(f: FunctionBody, a: Accumulator, running: Running): void {
  f.get(identity(f, a)).set(running.value);
  if (running.position !== null) f.get(f.i32(0)).set(running.position);
}

/** Takes in one value per lane; lanes outside `only` stay as they are. */
export function take(
  f: FunctionBody,
  a: Accumulator,
  running: Running,
  value: Local,
  position: Local | null,
  only: Local | null,
): void {
  if (running.position !== null) {
    let better = isBetter(f, a, value, running.value);
    if (only !== null) better = f.v("v128.and", better, only);
    f.get(value).get(running.value).get(better).op("v128.bitselect").set(running.value);
    f.get(position!).get(running.position).get(better).op("v128.bitselect").set(running.position);
    return;
  }
  const counted = only === null ? value : f.v("v128.bitselect", value, identity(f, a), only);
  f.get(running.value).get(counted).op(opcode(a)).set(running.value);
}

function opcode(a: Accumulator): Opcode {
  if (a.combine === "any") return "v128.or";
  if (a.combine === "all") return "v128.and";
  const type = a.value.type;
  if (type === "bool") return a.combine === "max" || a.combine === "sum" ? "v128.or" : "v128.and";
  return COMBINE[type][a.combine as "sum" | "prod" | "max" | "min"];
}

/** Lanes where `value` beats `best`: NaN beats every number, and nothing beats NaN. */
function isBetter(f: FunctionBody, a: Accumulator, value: Local, best: Local): Local {
  const [low, high] = a.combine === "argmax" ? [best, value] : [value, best];
  if (a.value.type !== "f32") return f.v(a.value.type === "i32" ? "i32x4.lt_s" : "i32x4.lt_u", low, high);
  const isNaN = f.v("f32x4.ne", value, value);
  const wasNumber = f.v("f32x4.eq", best, best);
  return f.v("v128.or", f.v("f32x4.lt", low, high), f.v("v128.and", isNaN, wasNumber));
}

/** Merges `from` into `into`; of equal extremes the first position stays. */
export function merge(f: FunctionBody, a: Accumulator, into: Running, from: Running): void {
  if (into.position === null) {
    f.get(into.value).get(from.value).op(opcode(a)).set(into.value);
    return;
  }
  const earlier = f.v("i32x4.lt_s", from.position!, into.position);
  const worse = isBetter(f, a, into.value, from.value);
  const better = isBetter(f, a, from.value, into.value);
  const tie = f.v("v128.andnot", earlier, worse);
  const wins = f.v("v128.or", better, tie);
  f.get(from.value).get(into.value).get(wins).op("v128.bitselect").set(into.value);
  f.get(from.position!).get(into.position).get(wins).op("v128.bitselect").set(into.position);
}

/** Reduces the four lanes to one value that all of them then hold. */
export function acrossLanes(f: FunctionBody, a: Accumulator, running: Running): void {
  for (const words of [[2, 3, 0, 1], [1, 0, 3, 2]] as const) {
    const value = f.shuffleWords(running.value, running.value, words);
    const position = running.position === null
      ? null
      : f.shuffleWords(running.position, running.position, words);
    merge(f, a, running, { value, position });
  }
}

/** A sum of block sums that keeps what rounding loses. */
export interface Total {
  readonly value: Local;
  readonly lost: Local;
}

/** A total of nothing. */
export function beginTotal(f: FunctionBody): Total {
  const total = { value: f.local("v128"), lost: f.local("v128") };
  f.get(f.i32(0)).set(total.value).get(f.i32(0)).set(total.lost);
  return total;
}

/** Adds a block's sum to a total; the rounding error of the addition is exact and kept (Knuth's two-sum). */
export function addToTotal(f: FunctionBody, total: Total, block: Local): void {
  const sum = f.v("f32x4.add", total.value, block);
  const added = f.v("f32x4.sub", sum, total.value);
  const error = f.v(
    "f32x4.add",
    f.v("f32x4.sub", total.value, f.v("f32x4.sub", sum, added)),
    f.v("f32x4.sub", block, added),
  );
  f.get(total.lost).get(error).op("f32x4.add").set(total.lost);
  f.get(sum).set(total.value);
}

/** The total with what was lost; where it is infinite or NaN, nothing was. */
export function finishTotal(f: FunctionBody, total: Total): Running {
  const lost = f.v("v128.and", total.lost, f.v("f32x4.eq", total.lost, total.lost));
  return { value: f.v("f32x4.add", total.value, lost), position: null };
}
