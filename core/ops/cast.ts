import { cast as convert, input } from "../compiler/expr.ts";
import { elementwiseNode } from "../compiler/graph.ts";
import { scalarTypeOf } from "../compiler/resolve.ts";
import type { DType } from "../runtime/dtype.ts";
import type { Tensor } from "../tensor/tensor.ts";

/**
 * The tensor in another dtype: floats to whole numbers truncate, numbers to bool test for non-zero.
 * The gradient is cast back.
 */
export function cast(x: Tensor, dtype: DType): Tensor {
  if (x.dtype === dtype) return x;
  const value = convert(input(0, scalarTypeOf(x.dtype)), scalarTypeOf(dtype));
  const node = elementwiseNode(value, [x.node], x.shape, dtype, "cast");
  return x.derived(node, [x], "cast", (g) => [cast(g, x.dtype)]);
}
