/** Bitwise arithmetic of whole numbers; of bool it is logical. */
import * as e from "../compiler/expr.ts";
import { DTypeError } from "../errors.ts";
import { isFloat } from "../runtime/dtype.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { applyElementwise, type BinaryOp, type Operand, unary, type UnaryOp } from "./define.ts";

function whole(name: string, operands: readonly Operand[]): void {
  for (const x of operands) {
    const fraction = typeof x === "object" ? isFloat(x.dtype) : !Number.isInteger(Number(x));
    if (!fraction) continue;
    throw new DTypeError(`${name} of ${typeof x === "object" ? `dtype ${x.dtype}` : String(x)}`, {
      where: name,
      fix: 'it takes whole numbers and bool: cast(x, "i32")',
    });
  }
}

function bitwise(name: string, formula: (a: e.Expr, b: e.Expr) => e.Expr): BinaryOp {
  const apply = (a: Operand, b: Operand): Tensor => {
    whole(name, [a, b]);
    return applyElementwise(name, (x, y) => formula(x, y), [a, b]);
  };
  return Object.assign(apply, { inputs: ["input", "other"] });
}

/** Bits set in both. @throws {DTypeError} for floats. */
export const bitwiseAnd: BinaryOp = bitwise("bitwiseAnd", e.and);
/** Bits set in either. @throws {DTypeError} for floats. */
export const bitwiseOr: BinaryOp = bitwise("bitwiseOr", e.or);
/** Bits set in exactly one. @throws {DTypeError} for floats. */
export const bitwiseXor: BinaryOp = bitwise("bitwiseXor", e.xor);

const flipBits: UnaryOp = unary("bitwiseNot", e.not);
/** Every bit flipped. @throws {DTypeError} for floats. */
export const bitwiseNot: UnaryOp = Object.assign((x: Tensor): Tensor => {
  whole("bitwiseNot", [x]);
  return flipBits(x);
}, { inputs: ["input"] });
