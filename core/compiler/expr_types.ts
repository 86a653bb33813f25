import { DTypeError } from "../errors.ts";
import type { Expr, ExprOp, ScalarType } from "./expr.ts";

const FLOAT: readonly ScalarType[] = ["f32"];
const WHOLE: readonly ScalarType[] = ["i32", "u32"];
const NUMBER: readonly ScalarType[] = ["f32", "i32", "u32"];
const BITS: readonly ScalarType[] = ["i32", "u32", "bool"];
const ANY: readonly ScalarType[] = ["f32", "i32", "u32", "bool"];

/** What each operation takes: the types that the renderers of every device can write it for. */
const TAKES: Readonly<Record<ExprOp, readonly ScalarType[]>> = {
  neg: NUMBER,
  abs: NUMBER,
  floor: NUMBER,
  ceil: NUMBER,
  trunc: NUMBER,
  rint: NUMBER,
  sqrt: FLOAT,
  exp: FLOAT,
  log: FLOAT,
  sin: FLOAT,
  cos: FLOAT,
  exp2: FLOAT,
  expm1: FLOAT,
  log1p: FLOAT,
  log2: FLOAT,
  tanh: FLOAT,
  erf: FLOAT,
  erfinv: FLOAT,
  asin: FLOAT,
  atan: FLOAT,
  not: BITS,
  add: NUMBER,
  sub: NUMBER,
  mul: NUMBER,
  div: NUMBER,
  rem: NUMBER,
  min: ANY,
  max: ANY,
  pow: FLOAT,
  atan2: FLOAT,
  and: BITS,
  or: BITS,
  xor: BITS,
  shl: WHOLE,
  shr: WHOLE,
  lt: ANY,
  le: ANY,
  eq: ANY,
  input: ANY,
  acc: ANY,
  scalar: ANY,
  const: ANY,
  select: ANY,
  cast: ANY,
  bitcast: ANY,
  fma: FLOAT,
  isnan: FLOAT,
  philox: ["u32"],
};

/** Operations whose operands need not be of one type. */
const MIXED: ReadonlySet<ExprOp> = new Set<ExprOp>(["select", "shl", "shr"]);

/**
 * Refuses an operation on types that no kernel can be written for, so that nothing is recorded which fails later.
 *
 * @throws {DTypeError} naming the operation and the types.
 */
export function checkTypes(op: ExprOp, args: readonly Expr[]): void {
  if (args.length === 0) return;
  const types = args.map((a) => a.type);
  const values = op === "select" ? types.slice(1) : types;
  const fits = values.every((type) => TAKES[op].includes(type)) &&
    (MIXED.has(op) || values.every((type) => type === values[0])) &&
    (op !== "select" || (types[0] === "bool" && types[1] === types[2]));
  if (fits) return;
  const needs = op === "select"
    ? "a bool and two values of one type"
    : `values of type ${TAKES[op].join(", ")}`;
  throw new DTypeError(`${op} of values of type ${types.join(" and ")}`, {
    where: `expr.${op}`,
    fix: `it takes ${needs}: convert with expr.cast`,
  });
}
