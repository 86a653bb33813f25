import type { Expr, ScalarType } from "../expr.ts";
import { visit } from "../expr.ts";
import { disguised } from "./cancel.ts";
import type { Words } from "./words.ts";

/** What a rendered list of expressions needs. */
export interface Rendered {
  /** Statements that compute shared parts. */
  readonly lines: readonly string[];
  /** Text of each expression's value. */
  readonly values: readonly string[];
}

/**
 * Renders expressions as WGSL statements, each distinct part once.
 *
 * @param leaf Text of an `input` or `acc` leaf.
 * @param words Where dynamic scalars and constants that WGSL cannot write are kept.
 */
export function render(roots: readonly Expr[], leaf: (leaf: Expr) => string, words: Words): Rendered {
  const text = new Map<Expr, string>();
  const lines: string[] = [];
  visit(roots, (e) => {
    if (e.op === "input" || e.op === "acc") text.set(e, leaf(e));
    else if (e.op === "scalar") text.set(e, words.scalar(e.value, e.type));
    else if (e.op === "const") text.set(e, constantText(e, words));
    else {
      const args = e.args.map((a) => text.get(a)!);
      // Naga evaluates constant operations and refuses those that overflow.
      const at = Math.max(disguised(e), e.args.every((a) => a.op === "const") ? 0 : -1);
      if (at >= 0) args[at] = disguise(e.args[at]!, args[at]!, words);
      const name = `t${lines.length}`;
      lines.push(`let ${name} = ${operation(e, args)};`);
      text.set(e, name);
    }
  });
  return { lines, values: roots.map((root) => text.get(root)!) };
}

/**
 * Text of the same value, which compilers know nothing of: a uniform word, or its bits beside a word that is 0. Each
 * time another word: two values in the same disguise would cancel again.
 */
function disguise(e: Expr, text: string, words: Words): string {
  if (e.op !== "const") return `bitcast<f32>(bitcast<u32>(${text}) | ${words.whole(0)})`;
  switch (e.type) {
    case "f32":
      return words.float(e.value);
    case "i32":
      return `bitcast<i32>(${words.whole(e.value)})`;
    case "u32":
      return words.whole(e.value);
    case "bool":
      return `(${words.whole(e.value)} != 0u)`;
    default:
      return e.type satisfies never;
  }
}

function constantText(e: Expr, words: Words): string {
  switch (e.type) {
    case "f32":
      return isOrdinary(e.value) ? floatText(e.value) : words.float(e.value);
    case "i32":
      return intText(e.value);
    case "u32":
      return `${e.value}u`;
    case "bool":
      return e.value === 0 ? "false" : "true";
    default:
      return e.type satisfies never;
  }
}

/** Whether compilers keep the number: they may take subnormal ones and -0 for 0, and cannot write infinities. */
function isOrdinary(value: number): boolean {
  return Object.is(value, 0) || (Math.abs(value) >= 2 ** -126 && Number.isFinite(value));
}

/** A finite f32 literal. */
function floatText(value: number): string {
  return value < 0 ? `(${value}f)` : `${value}f`;
}

/** An i32 literal; the smallest one cannot be written as such. */
export function intText(value: number): string {
  if (value === -2147483648) return "(-2147483647i - 1i)";
  return value < 0 ? `(${value}i)` : `${value}i`;
}

/** Library functions behind primitives whose WGSL builtin is too inexact or treats NaN otherwise. */
const LIBRARY: Readonly<Record<string, string>> = {
  exp: "expOf",
  log: "logOf",
  sin: "sinOf",
  cos: "cosOf",
  exp2: "exp2Of",
  expm1: "expm1Of",
  log1p: "log1pOf",
  log2: "log2Of",
  tanh: "tanhOf",
  erf: "erfOf",
  erfinv: "erfinvOf",
  asin: "asinOf",
  atan: "atanOf",
  pow: "powOf",
  atan2: "atan2Of",
  philox: "philoxOf",
};

const INFIX: Readonly<Record<string, string>> = {
  add: "+",
  sub: "-",
  mul: "*",
  div: "/",
  and: "&",
  or: "|",
  xor: "^",
  lt: "<",
  le: "<=",
  eq: "==",
};

const BUILTIN: Readonly<Record<string, string>> = {
  abs: "abs",
  floor: "floor",
  ceil: "ceil",
  trunc: "trunc",
  rint: "round",
  sqrt: "sqrt",
  fma: "fma",
};

function operation(e: Expr, args: readonly string[]): string {
  const [a, b, c] = args as [string, string, string];
  const from = e.args[0]!.type;
  const infix = INFIX[e.op];
  if (infix !== undefined) return comparesBools(e, from) ? boolComparison(e, a, b) : `${a} ${infix} ${b}`;
  const builtin = BUILTIN[e.op] ?? LIBRARY[e.op];
  if (builtin !== undefined) {
    const whole = e.type !== "f32" &&
      (e.op === "floor" || e.op === "ceil" || e.op === "trunc" || e.op === "rint");
    if (whole) return a;
    if (e.op === "pow" && e.type !== "f32") {
      return `${e.type === "i32" ? "powInt" : "powUint"}(${args.join(", ")})`;
    }
    return `${builtin}(${args.join(", ")})`;
  }
  switch (e.op) {
    case "neg":
      return e.type === "u32" ? `0u - ${a}` : `-${a}`;
    case "not":
      return e.type === "bool" ? `!${a}` : `~${a}`;
    case "rem":
      return e.type === "f32" ? `remOf(${a}, ${b})` : `${a} % ${b}`;
    case "max":
    case "min":
      return extreme(e, a, b);
    case "shl":
      return `${a} << (${asUint(b, e.args[1]!.type)} & 31u)`;
    case "shr":
      return `${a} >> (${asUint(b, e.args[1]!.type)} & 31u)`;
    case "select":
      return `select(${c}, ${b}, ${a})`;
    case "cast":
      return castText(a, from, e.type);
    case "bitcast":
      return from === "bool" ? `bitcast<${e.type}>(u32(${a}))` : `bitcast<${e.type}>(${a})`;
    case "isnan":
      return `isNan(${a})`;
    default:
      return e.op;
  }
}

function comparesBools(e: Expr, from: ScalarType): boolean {
  return from === "bool" && (e.op === "lt" || e.op === "le" || e.op === "eq" || e.op === "xor");
}

function boolComparison(e: Expr, a: string, b: string): string {
  switch (e.op) {
    case "lt":
      return `!${a} & ${b}`;
    case "le":
      return `!${a} | ${b}`;
    case "eq":
      return `${a} == ${b}`;
    default:
      return `${a} != ${b}`;
  }
}

/** Maximum or minimum that keeps NaN: a comparison with NaN is false, so the side that is returned then matters. */
function extreme(e: Expr, a: string, b: string): string {
  if (e.type === "bool") return e.op === "max" ? `${a} | ${b}` : `${a} & ${b}`;
  if (e.type !== "f32") return `${e.op}(${a}, ${b})`;
  const [x, y] = e.args as [Expr, Expr];
  const less = e.op === "max" ? "<" : ">";
  if (y.op === "const" && !Number.isNaN(y.value)) return `select(${a}, ${b}, ${a} ${less} ${b})`;
  if (x.op === "const" && !Number.isNaN(x.value)) return `select(${b}, ${a}, ${b} ${less} ${a})`;
  return `${e.op === "max" ? "maxOf" : "minOf"}(${a}, ${b})`;
}

function asUint(text: string, type: ScalarType): string {
  return type === "u32" ? text : `bitcast<u32>(${text})`;
}

/** A numeric conversion. Floats test for non-zero on their bits, because comparisons may assume that NaN is absent. */
export function castText(a: string, from: ScalarType, to: ScalarType): string {
  if (from === to) return a;
  if (to === "bool") {
    return from === "f32" ? `(bitcast<u32>(${a}) << 1u) != 0u` : `${a} != ${from === "i32" ? "0i" : "0u"}`;
  }
  if (from === "f32" && to === "u32") return `uintOf(${a})`;
  return `${to}(${a})`;
}
