import { cast as convert, input } from "../compiler/expr.ts";
import { elementwiseNode } from "../compiler/graph.ts";
import { scalarTypeOf } from "../compiler/resolve.ts";
import { type DType, isFloat, parseDType } from "../runtime/dtype.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Operand } from "./define.ts";

/**
 * The tensor in another dtype: floats to whole numbers truncate, numbers to bool test for non-zero. NaN and what i32
 * cannot hold give its smallest number, as torch on x86. The gradient is cast back.
 *
 * @param name A dtype; torch's and numpy's names are known too.
 * @throws {DTypeError} for an unknown one.
 */
export function cast(x: Tensor, name: DType): Tensor {
  const dtype = parseDType(name, "cast");
  if (x.dtype === dtype) return x;
  const value = convert(input(0, scalarTypeOf(x.dtype)), scalarTypeOf(dtype));
  const node = elementwiseNode(value, [x.node], x.shape, dtype, "cast");
  return x.derived(node, [x], "cast", (g) => [cast(g, x.dtype)]);
}

/** An operand in a dtype: numbers are truncated among whole numbers, and tested for 0 beside bool. */
export function fitted(value: Operand, dtype: DType): Operand {
  if (typeof value === "object") return cast(value, dtype);
  if (dtype === "bool") return Number(value) !== 0;
  return isFloat(dtype) ? value : Math.trunc(Number(value));
}
