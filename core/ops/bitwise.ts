/** Bitwise arithmetic of whole numbers; of bool it is logical. */
import * as e from "../compiler/expr.ts";
import { binary, type BinaryOp, type ElementwiseOptions, unary, type UnaryOp } from "./define.ts";

const WHOLE: ElementwiseOptions = { accepts: "whole" };

/** Bits set in both. @throws {DTypeError} for floats. */
export const bitwiseAnd: BinaryOp = binary("bitwiseAnd", e.and, WHOLE);
/** Bits set in either. @throws {DTypeError} for floats. */
export const bitwiseOr: BinaryOp = binary("bitwiseOr", e.or, WHOLE);
/** Bits set in exactly one. @throws {DTypeError} for floats. */
export const bitwiseXor: BinaryOp = binary("bitwiseXor", e.xor, WHOLE);
/** Every bit flipped. @throws {DTypeError} for floats. */
export const bitwiseNot: UnaryOp = unary("bitwiseNot", e.not, WHOLE);
