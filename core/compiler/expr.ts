import { evaluate } from "./evaluate.ts";
import { checkTypes } from "./expr_types.ts";

/**
 * Scalar expressions: what an elementwise op computes for one element. Everything else about the op follows from
 * its expression: the WGSL text, the WebAssembly bytes, dtypes and the gradient.
 *
 * Expressions are immutable and interned: equal ones are one object, so common parts are shared.
 */

/** Types of scalar values inside a kernel. Storage types widen to these: f16 to f32, u8 to u32. */
export type ScalarType = "f32" | "i32" | "u32" | "bool";

/** Operations on one value of the same type as the result. */
export type UnaryPrim =
  | "neg"
  | "abs"
  | "floor"
  | "ceil"
  | "trunc"
  | "rint"
  | "sqrt"
  | "exp"
  | "log"
  | "sin"
  | "cos"
  | "exp2"
  | "expm1"
  | "log1p"
  | "log2"
  | "tanh"
  | "erf"
  | "erfinv"
  | "asin"
  | "atan"
  | "not";

/** Operations on two values of one type. `lt`, `le` and `eq` give bool; `max` and `min` propagate NaN. */
export type BinaryPrim =
  | "add"
  | "sub"
  | "mul"
  | "div"
  | "rem"
  | "min"
  | "max"
  | "pow"
  | "atan2"
  | "and"
  | "or"
  | "xor"
  | "shl"
  | "shr"
  | "lt"
  | "le"
  | "eq";

/** Every operation of an expression. */
export type ExprOp =
  | UnaryPrim
  | BinaryPrim
  /** Leaves: operand number, accumulator number, dynamic scalar number, or a constant in `value`. */
  | "input"
  | "acc"
  | "scalar"
  | "const"
  /** `select(condition, a, b)`: a where the condition holds, else b; the other side may be NaN. */
  | "select"
  /** Numeric conversion to `type`: float to integer truncates, number to bool tests for non-zero. */
  | "cast"
  /** The same 32 bits under another type. */
  | "bitcast"
  /** `a · b + c`, fused where the device has it. */
  | "fma"
  /** Whether an f32 is NaN. */
  | "isnan"
  /** `philox(element, call, seedLow, seedHigh)`: 32 random bits, all u32; see `kernels` for the counter layout. */
  | "philox";

/** An interned scalar expression. */
export interface Expr {
  readonly op: ExprOp;
  readonly type: ScalarType;
  readonly args: readonly Expr[];
  /** Number of a leaf, or the value of a constant (0 or 1 for bool). */
  readonly value: number;
  /** Unique among live expressions; equal expressions have equal ids. */
  readonly id: number;
}

const interned = new Map<string, Expr>();

function intern(op: ExprOp, type: ScalarType, args: readonly Expr[], value = 0): Expr {
  let key = `${op}|${type}|${Object.is(value, -0) ? "-0" : value}`;
  for (const arg of args) key += `|${arg.id}`;
  let expr = interned.get(key);
  if (expr === undefined) {
    checkTypes(op, args);
    expr = { op, type, args, value, id: interned.size };
    interned.set(key, expr);
  }
  return expr;
}

/** Operand `index` of an op, or load `index` of a kernel. */
export const input = (index: number, type: ScalarType = "f32"): Expr => intern("input", type, [], index);
/** Accumulator or contraction result `index` of a kernel. */
export const acc = (index: number, type: ScalarType = "f32"): Expr => intern("acc", type, [], index);
/** Dynamic scalar `index`: its value may change between runs without recompiling. */
export const scalar = (index: number, type: ScalarType = "f32"): Expr => intern("scalar", type, [], index);

/** A constant. f32 constants are rounded to f32. */
export function constant(value: number, type: ScalarType = "f32"): Expr {
  if (type === "f32") return intern("const", type, [], Math.fround(value));
  if (type === "bool") return intern("const", type, [], value === 0 ? 0 : 1);
  return intern("const", type, [], type === "i32" ? value | 0 : value >>> 0);
}

/** An expression, or a number that takes the type of its partner (f32 where alone). */
export type Operand = Expr | number;

function operand(x: Operand, type: ScalarType): Expr {
  return typeof x === "number" ? constant(x, type) : x;
}

function pairType(a: Operand, b: Operand): ScalarType {
  return typeof a !== "number" ? a.type : typeof b !== "number" ? b.type : "f32";
}

/** Whether the expression is a constant of this value (-0 is not 0). */
export function isConstant(e: Expr, value: number): boolean {
  return e.op === "const" && Object.is(e.value, value);
}

function unary(op: UnaryPrim) {
  return (x: Operand): Expr => {
    const a = operand(x, "f32");
    if (op === "neg" && a.op === "neg") return a.args[0]!;
    return fold(intern(op, a.type, [a]));
  };
}

function binary(op: BinaryPrim, result?: ScalarType) {
  return (x: Operand, y: Operand): Expr => {
    const type = pairType(x, y);
    const a = operand(x, type);
    const b = operand(y, type);
    if (op === "mul" && isConstant(a, 1)) return b;
    if ((op === "mul" || op === "div") && isConstant(b, 1)) return a;
    if ((op === "max" || op === "min") && a === b) return a;
    return fold(intern(op, result ?? type, [a, b]));
  };
}

export const neg: (x: Operand) => Expr = unary("neg");
export const abs: (x: Operand) => Expr = unary("abs");
export const floor: (x: Operand) => Expr = unary("floor");
export const ceil: (x: Operand) => Expr = unary("ceil");
export const trunc: (x: Operand) => Expr = unary("trunc");
/** Rounds to the nearest whole number, halves to even. */
export const rint: (x: Operand) => Expr = unary("rint");
export const sqrt: (x: Operand) => Expr = unary("sqrt");
export const exp: (x: Operand) => Expr = unary("exp");
export const log: (x: Operand) => Expr = unary("log");
export const sin: (x: Operand) => Expr = unary("sin");
export const cos: (x: Operand) => Expr = unary("cos");
export const exp2: (x: Operand) => Expr = unary("exp2");
export const expm1: (x: Operand) => Expr = unary("expm1");
export const log1p: (x: Operand) => Expr = unary("log1p");
export const log2: (x: Operand) => Expr = unary("log2");
export const tanh: (x: Operand) => Expr = unary("tanh");
export const erf: (x: Operand) => Expr = unary("erf");
export const erfinv: (x: Operand) => Expr = unary("erfinv");
export const asin: (x: Operand) => Expr = unary("asin");
export const atan: (x: Operand) => Expr = unary("atan");
/** Logical not of a bool, bitwise not of an integer. */
export const not: (x: Operand) => Expr = unary("not");

export const add: (x: Operand, y: Operand) => Expr = binary("add");
export const sub: (x: Operand, y: Operand) => Expr = binary("sub");
export const mul: (x: Operand, y: Operand) => Expr = binary("mul");
/** Quotient; of integers, truncated (division by zero is undefined). */
export const div: (x: Operand, y: Operand) => Expr = binary("div");
/** Remainder of truncated division, exact: that of floats is C's `fmod`. */
export const rem: (x: Operand, y: Operand) => Expr = binary("rem");
export const min: (x: Operand, y: Operand) => Expr = binary("min");
export const max: (x: Operand, y: Operand) => Expr = binary("max");
export const pow: (x: Operand, y: Operand) => Expr = binary("pow");
export const atan2: (x: Operand, y: Operand) => Expr = binary("atan2");
export const and: (x: Operand, y: Operand) => Expr = binary("and");
export const or: (x: Operand, y: Operand) => Expr = binary("or");
export const xor: (x: Operand, y: Operand) => Expr = binary("xor");
export const shl: (x: Operand, y: Operand) => Expr = binary("shl");
/** Right shift: arithmetic for i32, logical for u32. */
export const shr: (x: Operand, y: Operand) => Expr = binary("shr");
export const lt: (x: Operand, y: Operand) => Expr = binary("lt", "bool");
export const le: (x: Operand, y: Operand) => Expr = binary("le", "bool");
export const eq: (x: Operand, y: Operand) => Expr = binary("eq", "bool");
export const gt = (x: Operand, y: Operand): Expr => lt(y, x);
export const ge = (x: Operand, y: Operand): Expr => le(y, x);
export const ne = (x: Operand, y: Operand): Expr => not(eq(x, y));
export const square = (x: Operand): Expr => mul(x, x);

/** `condition ? a : b`, without evaluating to NaN through the side not taken. */
export function select(condition: Expr, a: Operand, b: Operand): Expr {
  const type = pairType(a, b);
  const x = operand(a, type);
  const y = operand(b, type);
  if (x === y) return x;
  if (condition.op === "const") return condition.value === 0 ? y : x;
  return intern("select", type, [condition, x, y]);
}

/**
 * Numeric conversion. Floats that no whole number holds give one value on every device: the smallest i32, as torch on
 * x86; negative ones wrap around as u32, and those beyond it and NaN give 0.
 */
export function cast(x: Operand, type: ScalarType): Expr {
  const a = operand(x, type);
  if (a.type !== "f32" || type === "f32" || type === "bool") return convert(a, type);
  const whole = select(lt(abs(a), 2 ** 31), convert(a, "i32"), constant(-(2 ** 31), "i32"));
  if (type === "i32") return whole;
  const positive = select(lt(a, 2 ** 32), convert(a, "u32"), constant(0, "u32"));
  return select(lt(a, 0), bitcast(whole, "u32"), positive);
}

function convert(a: Expr, type: ScalarType): Expr {
  return a.type === type ? a : fold(intern("cast", type, [a]));
}

/** The same 32 bits as another type. */
export function bitcast(x: Expr, type: ScalarType): Expr {
  return x.type === type ? x : intern("bitcast", type, [x]);
}

/** `a · b + c` of f32 values. */
export function fma(a: Operand, b: Operand, c: Operand): Expr {
  return intern("fma", "f32", [operand(a, "f32"), operand(b, "f32"), operand(c, "f32")]);
}

/** Whether an f32 is NaN, tested on its bits: shaders may assume that NaN does not exist. */
export function isNaN(x: Expr): Expr {
  return intern("isnan", "bool", [x]);
}

/** 32 random bits of Philox4x32-10 for one element; all arguments are u32. */
export function philox(element: Expr, call: Expr, seedLow: Expr, seedHigh: Expr): Expr {
  return intern("philox", "u32", [element, call, seedLow, seedHigh]);
}

function fold(e: Expr): Expr {
  return e.args.every((a) => a.op === "const") ? constant(evaluate(e, () => 0), e.type) : e;
}

/** Rebuilds an expression with other leaves: `replace` gives the new expression of a leaf, or `undefined` to keep it. */
export function substitute(
  e: Expr,
  replace: (leaf: Expr) => Expr | undefined,
  done: Map<Expr, Expr> = new Map(),
): Expr {
  const known = done.get(e);
  if (known !== undefined) return known;
  let result: Expr;
  if (e.args.length === 0) {
    result = replace(e) ?? e;
  } else {
    const args = e.args.map((a) => substitute(a, replace, done));
    result = args.every((a, i) => a === e.args[i]) ? e : rebuild(e, args);
  }
  done.set(e, result);
  return result;
}

function rebuild(e: Expr, args: readonly Expr[]): Expr {
  switch (e.op) {
    case "select":
      return select(args[0]!, args[1]!, args[2]!);
    case "cast":
      return convert(args[0]!, e.type);
    case "mul":
      return mul(args[0]!, args[1]!);
    case "max":
      return max(args[0]!, args[1]!);
    case "min":
      return min(args[0]!, args[1]!);
    default:
      return fold(intern(e.op, e.type, args, e.value));
  }
}

/** Visits every distinct part of the expressions, arguments first. */
export function visit(roots: readonly Expr[], see: (e: Expr) => void): void {
  const seen = new Set<Expr>();
  const walk = (e: Expr): void => {
    if (seen.has(e)) return;
    seen.add(e);
    for (const arg of e.args) walk(arg);
    see(e);
  };
  for (const root of roots) walk(root);
}

const COSTLY: ReadonlySet<ExprOp> = new Set<ExprOp>([
  "exp",
  "log",
  "sin",
  "cos",
  "exp2",
  "expm1",
  "log1p",
  "log2",
  "tanh",
  "erf",
  "erfinv",
  "asin",
  "atan",
  "pow",
  "atan2",
  "philox",
]);

/** Rough price of evaluating an expression once: 1 per simple step, 4 per square root or division, 16 per function. */
export function cost(e: Expr): number {
  let total = 0;
  visit([e], (part) => {
    if (COSTLY.has(part.op)) total += 16;
    else if (part.op === "div" || part.op === "sqrt") total += 4;
    else if (part.args.length > 0) total += 1;
  });
  return total;
}

const heights = new WeakMap<Expr, number>();

/** Levels of an expression: 1 for a leaf. */
export function height(e: Expr): number {
  let known = heights.get(e);
  if (known === undefined) {
    known = 1 + e.args.reduce((most, arg) => Math.max(most, height(arg)), 0);
    heights.set(e, known);
  }
  return known;
}

/** How many distinct operations and leaves the expressions have. */
export function exprSize(roots: readonly Expr[]): number {
  let size = 0;
  visit(roots, () => size++);
  return size;
}
