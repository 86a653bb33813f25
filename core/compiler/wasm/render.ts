import type { BinaryPrim, Expr, ScalarType, UnaryPrim } from "../expr.ts";
import type { FunctionBody, Local } from "./assembler.ts";
import type { Opcode } from "./opcodes.ts";
import * as math from "./math.ts";
import { philox } from "./philox.ts";
import { floatRemainder } from "./remainder.ts";

/** Values that are already in locals, by expression. */
export interface Known {
  get(e: Expr): Local | undefined;
  set(e: Expr, local: Local): void;
}

/**
 * Appends the SIMD code of an expression for four lanes and returns the local that holds its value. f32, i32 and u32
 * lie in 32-bit lanes; a bool is a mask, all ones or all zeros. Parts that `known` holds are not computed again.
 *
 * Every leaf but constants must be known.
 */
export function render(f: FunctionBody, e: Expr, known: Known): Local {
  const ready = known.get(e);
  if (ready !== undefined) return ready;
  const local = e.op === "const" ? constantOf(f, e) : apply(f, e, e.args.map((a) => render(f, a, known)));
  known.set(e, local);
  return local;
}

function constantOf(f: FunctionBody, e: Expr): Local {
  if (e.type === "f32") return f.f32(e.value);
  return f.i32(e.type === "bool" ? -e.value : e.value);
}

const FLOAT_UNARY: Readonly<Partial<Record<UnaryPrim, Opcode>>> = {
  neg: "f32x4.neg",
  abs: "f32x4.abs",
  floor: "f32x4.floor",
  ceil: "f32x4.ceil",
  trunc: "f32x4.trunc",
  rint: "f32x4.nearest",
  sqrt: "f32x4.sqrt",
};

const FLOAT_BINARY: Readonly<Partial<Record<BinaryPrim, Opcode>>> = {
  add: "f32x4.add",
  sub: "f32x4.sub",
  mul: "f32x4.mul",
  div: "f32x4.div",
  min: "f32x4.min",
  max: "f32x4.max",
  lt: "f32x4.lt",
  le: "f32x4.le",
  eq: "f32x4.eq",
};

const SIGNED_BINARY: Readonly<Partial<Record<BinaryPrim, Opcode>>> = {
  add: "i32x4.add",
  sub: "i32x4.sub",
  mul: "i32x4.mul",
  min: "i32x4.min_s",
  max: "i32x4.max_s",
  and: "v128.and",
  or: "v128.or",
  xor: "v128.xor",
  lt: "i32x4.lt_s",
  le: "i32x4.le_s",
  eq: "i32x4.eq",
};

const UNSIGNED_BINARY: Readonly<Partial<Record<BinaryPrim, Opcode>>> = {
  ...SIGNED_BINARY,
  min: "i32x4.min_u",
  max: "i32x4.max_u",
  lt: "i32x4.lt_u",
  le: "i32x4.le_u",
};

/** Masks: true is the greater, as an unsigned number. */
const BOOL_BINARY: Readonly<Partial<Record<BinaryPrim, Opcode>>> = {
  ...UNSIGNED_BINARY,
  add: "v128.or",
  sub: "v128.xor",
  mul: "v128.and",
  min: "v128.and",
  max: "v128.or",
};

const BINARY: Readonly<Record<ScalarType, Readonly<Partial<Record<BinaryPrim, Opcode>>>>> = {
  f32: FLOAT_BINARY,
  i32: SIGNED_BINARY,
  u32: UNSIGNED_BINARY,
  bool: BOOL_BINARY,
};

function apply(f: FunctionBody, e: Expr, v: readonly Local[]): Local {
  const [a, b, c] = v as [Local, Local, Local];
  const type = e.args[0]!.type;
  switch (e.op) {
    case "neg":
    case "abs":
    case "floor":
    case "ceil":
    case "trunc":
    case "rint":
    case "sqrt":
      if (type === "f32") return f.v(FLOAT_UNARY[e.op]!, a);
      if (e.op === "neg") return f.v("i32x4.neg", a);
      return e.op === "abs" && type === "i32" ? f.v("i32x4.abs", a) : a;
    case "exp":
    case "log":
    case "sin":
    case "cos":
    case "exp2":
    case "expm1":
    case "log1p":
    case "log2":
    case "tanh":
    case "erf":
    case "erfinv":
    case "asin":
    case "atan":
      return math[e.op](f, a);
    case "pow":
    case "atan2":
      return math[e.op](f, a, b);
    case "not":
      return f.v("v128.not", a);
    case "div":
    case "rem":
      if (type === "f32") return e.op === "div" ? f.v("f32x4.div", a, b) : floatRemainder(f, a, b);
      return wholeDivision(f, e.op, type, a, b);
    case "shl":
    case "shr":
      return shift(f, e, a, b);
    case "add":
    case "sub":
    case "mul":
    case "min":
    case "max":
    case "and":
    case "or":
    case "xor":
    case "lt":
    case "le":
    case "eq":
      return f.v(BINARY[type][e.op]!, a, b);
    case "select":
      return f.v("v128.bitselect", b, c, a);
    case "cast":
      return cast(f, a, type, e.type);
    case "bitcast":
      return a;
    case "fma":
      return f.fma(a, b, c);
    case "isnan":
      return f.v("f32x4.ne", a, a);
    case "philox":
      return philox(f, v);
    case "input":
    case "acc":
    case "scalar":
    case "const":
      return a;
    default:
      return e.op satisfies never;
  }
}

/**
 * Integer quotient or remainder through doubles, which hold 32-bit quotients exactly and, unlike the integer
 * instruction, do not trap at a zero divisor.
 */
function wholeDivision(f: FunctionBody, op: "div" | "rem", type: ScalarType, a: Local, b: Local): Local {
  const sign = type === "i32" ? "s" : "u";
  const halves = [0, 1].map((half) => {
    const [x, y] = [a, b].map((v) =>
      f.v(`f64x2.convert_low_i32x4_${sign}`, half === 0 ? v : f.shuffleWords(v, v, [2, 3, 2, 3]))
    );
    return f.v(`i32x4.trunc_sat_f64x2_${sign}_zero`, f.v("f64x2.div", x!, y!));
  });
  const quotient = f.shuffleWords(halves[0]!, halves[1]!, [0, 1, 4, 5]);
  return op === "div" ? quotient : f.v("i32x4.sub", a, f.v("i32x4.mul", quotient, b));
}

function shift(f: FunctionBody, e: Expr, a: Local, b: Local): Local {
  const amount = e.args[1]!;
  const signed = e.type === "i32" ? "s" : "u";
  if (amount.op === "const") {
    return f.shift(e.op === "shl" ? "i32x4.shl" : `i32x4.shr_${signed}`, a, amount.value & 31);
  }
  const result = f.local("v128");
  f.get(a);
  for (let lane = 0; lane < 4; lane++) {
    f.get(a).op("i32x4.extract_lane", lane).get(b).op("i32x4.extract_lane", lane);
    f.op(e.op === "shl" ? "i32.shl" : `i32.shr_${signed}`).op("i32x4.replace_lane", lane);
  }
  f.set(result);
  return result;
}

function cast(f: FunctionBody, a: Local, from: ScalarType, to: ScalarType): Local {
  if (to === "bool") {
    return from === "f32" ? f.v("f32x4.ne", a, f.f32(0)) : f.v("i32x4.ne", a, f.i32(0));
  }
  if (from === "bool") return f.v("v128.and", a, to === "f32" ? f.f32(1) : f.i32(1));
  if (to === "f32") return f.v(from === "i32" ? "f32x4.convert_i32x4_s" : "f32x4.convert_i32x4_u", a);
  if (from !== "f32") return a;
  return f.v(to === "i32" ? "i32x4.trunc_sat_f32x4_s" : "i32x4.trunc_sat_f32x4_u", a);
}
