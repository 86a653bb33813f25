/** Elementwise arithmetic and comparison of two tensors, or a tensor and a number, with broadcasting. */
import * as e from "../compiler/expr.ts";
import { powConstant } from "../compiler/derive.ts";
import { DTypeError } from "../errors.ts";
import { isFloat } from "../runtime/dtype.ts";
import type { Tensor } from "../tensor/tensor.ts";
import {
  applyElementwise,
  binary,
  type BinaryOp,
  bound,
  type ElementwiseOptions,
  type Operand,
} from "./define.ts";
import { requireOneFloat } from "./dtypes.ts";

/** `a + b`. */
export const add: BinaryOp = binary("add", (a, b) => a.type === "bool" ? e.or(a, b) : e.add(a, b));
/** `a - b`. */
export const sub: BinaryOp = binary("sub", e.sub, { acceptsEach: "number" });
/** `a · b`. */
export const mul: BinaryOp = binary("mul", (a, b) => a.type === "bool" ? e.and(a, b) : e.mul(a, b));
/** `a / b`; whole numbers divide to f32, as in torch. */
export const div: BinaryOp = binary("div", e.div, { result: "float" });

/**
 * Quotient of whole numbers, rounded toward 0. By 0 it is 0, where torch raises an error on the processor: a device
 * cannot without being waited for. The smallest i32 by -1 wraps around.
 */
function quotientOf(a: e.Expr, b: e.Expr): e.Expr {
  const zero = e.constant(0, a.type);
  // Devices differ where the quotient has no value, so that division is never asked for.
  const divisor = e.select(e.eq(b, zero), e.constant(1, a.type), b);
  if (a.type !== "i32") return e.select(e.eq(b, zero), zero, e.div(a, divisor));
  const negated = e.eq(b, e.constant(-1, "i32"));
  const safe = e.select(negated, e.constant(1, "i32"), divisor);
  return e.select(e.eq(b, zero), zero, e.select(negated, e.neg(a), e.div(a, safe)));
}

/** What is left beside the quotient toward 0; of whole numbers 0 where the divisor is 0. */
function restOf(a: e.Expr, b: e.Expr): e.Expr {
  if (a.type === "f32") return e.rem(a, b);
  const zero = e.constant(0, a.type);
  return e.select(e.eq(b, zero), zero, e.sub(a, e.mul(quotientOf(a, b), b)));
}

/** Division rounded down; of whole numbers it stays whole, and is 0 where the divisor is 0 (torch raises an error). */
export const floorDivide: BinaryOp = binary("floorDivide", (a, b) => {
  if (a.type === "f32") return floorOfQuotient(a, b);
  const quotient = quotientOf(a, b);
  if (a.type !== "i32") return quotient;
  return e.select(opposed(e.sub(a, e.mul(quotient, b)), b), e.sub(quotient, 1), quotient);
}, { accepts: "number", gradient: () => [null, null] });

/** Whether there is a rest of the other sign than the divisor's. */
function opposed(rest: e.Expr, divisor: e.Expr): e.Expr {
  return e.and(e.ne(rest, 0), e.xor(e.lt(rest, 0), e.lt(divisor, 0)));
}

/** torch's: what the exact remainder leaves divides without a fraction, but for the rounding of the quotient. */
function floorOfQuotient(a: e.Expr, b: e.Expr): e.Expr {
  const rest = e.rem(a, b);
  const near = e.div(e.sub(a, rest), b);
  const quotient = e.select(opposed(rest, b), e.sub(near, 1), near);
  const floor = e.floor(quotient);
  const whole = e.select(e.lt(0.5, e.sub(quotient, floor)), e.add(floor, 1), floor);
  const plain = e.div(a, b);
  return e.select(e.eq(b, 0), plain, e.select(e.eq(quotient, 0), e.mul(plain, 0), whole));
}

/** Remainder with the sign of the divisor, as Python's `%`; of whole numbers by 0 it is 0 (torch raises an error). */
export const remainder: BinaryOp = binary("remainder", (a, b) => {
  const rest = restOf(a, b);
  return a.type === "u32" ? rest : e.select(opposed(rest, b), e.add(rest, b), rest);
}, { accepts: "number", gradient: (g, _y, a, b) => [g, e.neg(e.mul(g, floorOfQuotient(a, b)))] });

/** Remainder with the sign of the dividend, as C's `fmod`; of whole numbers by 0 it is 0 (torch raises an error). */
export const fmod: BinaryOp = binary(
  "fmod",
  restOf,
  { accepts: "number", gradient: (g, _y, a, b) => [g, e.neg(e.mul(g, e.trunc(e.div(a, b))))] },
);

/**
 * `aᵇ`; a known exponent becomes products and roots where that is exact. Powers of whole numbers are whole and wrap
 * around; of negative exponents in a tensor only those of 1 and -1 are not 0.
 *
 * @throws {DTypeError} for whole numbers to a negative number, which torch refuses too.
 */
export const pow: BinaryOp = Object.assign((a: Operand, b: Operand): Tensor => {
  if (typeof a === "object" && typeof b === "number" && b < 0 && Number.isInteger(b) && !isFloat(a.dtype)) {
    throw new DTypeError(`pow of dtype ${a.dtype} and the negative exponent ${b}`, {
      where: "pow",
      fix: 'cast the base with x.to("f32")',
    });
  }
  // x⁰ is a constant, but torch still hands x a gradient of zeros.
  return applyElementwise("pow", power, [a, b], b === 0 ? POW_OF_ZERO : POW);
}, { inputs: ["input", "exponent"] });

const POW: ElementwiseOptions = { accepts: "number" };
const POW_OF_ZERO: ElementwiseOptions = { ...POW, gradient: () => [e.constant(0), null] };

function power(x: e.Expr, y: e.Expr): e.Expr {
  if (x.type !== "f32") return integerPower(x, y);
  return y.op === "const" ? powConstant(x, y.value) : e.pow(x, y);
}

/** Powers by squaring: exact, and wrapping around as products do. */
function integerPower(x: e.Expr, y: e.Expr): e.Expr {
  const one = e.constant(1, x.type);
  let result = one;
  let square = x;
  const bits = y.op === "const" ? Math.ceil(Math.log2(y.value + 1)) : 31;
  for (let i = 0; i < bits; i++) {
    const set = e.cast(e.and(e.shr(y, i), e.constant(1, y.type)), "bool");
    result = e.mul(result, e.select(set, square, one));
    square = e.mul(square, square);
  }
  if (x.type !== "i32" || y.op === "const") return result;
  const odd = e.cast(e.and(y, e.constant(1, "i32")), "bool");
  const ofMinusOne = e.select(odd, e.constant(-1, "i32"), one);
  const reciprocal = e.select(
    e.eq(x, one),
    one,
    e.select(e.eq(x, e.constant(-1, "i32")), ofMinusOne, e.constant(0, "i32")),
  );
  return e.select(e.lt(y, e.constant(0, "i32")), reciprocal, result);
}

/** Angle of the point (b, a), in radians. */
export const atan2: BinaryOp = binary("atan2", e.atan2, { result: "float" });
/** Larger of two; NaN wins; ties share the gradient. */
export const maximum: BinaryOp = binary("maximum", e.max);
/** Smaller of two; NaN wins; ties share the gradient. */
export const minimum: BinaryOp = binary("minimum", e.min);

/** `a = b`. */
export const eq: BinaryOp = binary("eq", e.eq, { result: "bool" });
/** `a ≠ b`. */
export const ne: BinaryOp = binary("ne", e.ne, { result: "bool" });
/** `a < b`. */
export const lt: BinaryOp = binary("lt", ordered(e.lt), { result: "bool" });
/** `a ≤ b`. */
export const le: BinaryOp = binary("le", ordered(e.le), { result: "bool" });
/** `a > b`. */
export const gt: BinaryOp = binary("gt", ordered(e.gt), { result: "bool" });
/** `a ≥ b`. */
export const ge: BinaryOp = binary("ge", ordered(e.ge), { result: "bool" });

/** False sorts before true. */
function ordered(compare: (a: e.Expr, b: e.Expr) => e.Expr): (a: e.Expr, b: e.Expr) => e.Expr {
  return (a, b) => a.type === "bool" ? compare(e.cast(a, "i32"), e.cast(b, "i32")) : compare(a, b);
}

const truth = (x: e.Expr): e.Expr => e.cast(x, "bool");
/** Both non-zero. */
export const logicalAnd: BinaryOp = binary("logicalAnd", (a, b) => e.and(truth(a), truth(b)), {
  result: "bool",
});
/** Either non-zero. */
export const logicalOr: BinaryOp = binary("logicalOr", (a, b) => e.or(truth(a), truth(b)), {
  result: "bool",
});
/** Exactly one non-zero. */
export const logicalXor: BinaryOp = binary("logicalXor", (a, b) => e.xor(truth(a), truth(b)), {
  result: "bool",
});

/**
 * `condition ? a : b`, elementwise; a gradient never flows through the side not taken.
 *
 * @throws {DTypeError} where the condition is neither bool nor u8.
 */
export const where: ((condition: Tensor, a: Operand, b: Operand) => Tensor) & {
  readonly inputs: readonly string[];
} = Object.assign((condition: Tensor, a: Operand, b: Operand): Tensor => {
  if (condition.dtype !== "bool" && condition.dtype !== "u8") {
    throw new DTypeError(`where with a condition of dtype ${condition.dtype}`, {
      where: "where",
      fix: "compare first: x.ne(0)",
    });
  }
  const branches = [a, b].filter((x) => typeof x === "object");
  if (branches.length === 0) {
    const fraction = [a, b].some((x) => typeof x === "number" && !Number.isInteger(x));
    const dtype = typeof a === "boolean" && typeof b === "boolean" ? "bool" : fraction ? "f32" : "i32";
    const type = dtype === "bool" ? "bool" : dtype;
    return applyElementwise(
      `where.${Number(a)}.${Number(b)}`,
      (c) => e.select(truth(c), e.constant(Number(a), type), e.constant(Number(b), type)),
      [condition],
      { result: dtype },
    );
  }
  return applyWhere(condition, a, b);
}, { inputs: ["condition", "input", "other"] });

/** The condition keeps its own dtype: only the branches are promoted. */
function applyWhere(condition: Tensor, a: Operand, b: Operand): Tensor {
  return applyElementwise("where", (c, x, y) => e.select(truth(c), x, y), [asTruth(condition), a, b]);
}

function asTruth(condition: Tensor): Tensor {
  return condition.dtype === "bool" ? condition : ne(condition, 0);
}

/** Bounds of {@linkcode clamp}; either may be left out. */
export interface ClampOptions {
  readonly min?: number | null;
  readonly max?: number | null;
}

/** Limits values to a range; the gradient passes inside it, ends included. NaN stays. */
export function clamp(x: Tensor, options: ClampOptions): Tensor {
  const { min = null, max = null } = options;
  const bounds = [min, max].filter((b) => b !== null);
  // Bounds are operands, so that fractions among whole numbers give f32 as elsewhere.
  return applyElementwise(
    `clamp.${min}.${max}`,
    (v) => {
      let value = v;
      if (min !== null) value = e.max(value, bound(min, v));
      if (max !== null) value = e.min(value, bound(max, v));
      return value;
    },
    [x, ...bounds],
    {
      gradient: (g, _y, v) => {
        let inside = g;
        if (min !== null) inside = e.select(e.le(min, v), inside, 0);
        if (max !== null) inside = e.select(e.le(v, max), inside, 0);
        return [inside, ...bounds.map(() => null)];
      },
    },
  );
}

/**
 * `start + weight · (end - start)`.
 *
 * @throws {DTypeError} where the tensors are no floats of one dtype.
 */
export function lerp(start: Tensor, end: Tensor, weight: Operand): Tensor {
  requireOneFloat("lerp", start, end, ...(typeof weight === "object" ? [weight] : []));
  return applyElementwise("lerp", (a, b, w) => {
    const span = e.sub(b, a);
    return e.select(e.lt(e.abs(w), 0.5), e.add(a, e.mul(w, span)), e.sub(b, e.mul(span, e.sub(1, w))));
  }, [start, end, weight]);
}
