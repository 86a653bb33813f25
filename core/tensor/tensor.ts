import type { DType } from "../runtime/dtype.ts";
import type { Shape } from "../runtime/layout.ts";
import { elementwiseNode } from "../compiler/graph.ts";
import { constant } from "../compiler/expr.ts";
import * as ops from "../ops/mod.ts";
import type {
  ArgOptions,
  Operand,
  ReduceOptions,
  SliceOptions,
  SoftmaxOptions,
  VarianceOptions,
} from "../ops/mod.ts";
import { backpropagate } from "./autograd.ts";
import { TensorBase } from "./base.ts";

/**
 * A multi-dimensional array on a device, with automatic differentiation.
 *
 * Operations are recorded, not executed: shapes and dtypes are checked at once, work happens when values are read
 * (`await t.data()`, `await t.item()`), at the end of a `scope`, or on `realize()`.
 *
 * @example
 * ```ts
 * import { tensor } from "./mod.ts";
 * const x = tensor([[1, 2], [3, 4]], { requiresGrad: true });
 * x.mul(x).sum().backward();
 * console.assert((await x.grad!.data()).join() === "2,4,6,8");
 * ```
 */
export class Tensor extends TensorBase {
  /**
   * Adds the gradients of this value to every leaf that requires one.
   *
   * @param gradient Gradient of this value; may be left out where it is a single number.
   * @throws {FulgurError} where nothing requires a gradient, {@linkcode ShapeError} where the gradient does not fit.
   */
  backward(gradient?: Tensor): void {
    const seed = gradient ?? this.#one();
    backpropagate(this, seed, (parts) => parts.reduce((sum, part) => sum.add(part)));
  }

  #one(): Tensor {
    const shape = this.size === 1 ? this.shape : [];
    return this.derived(elementwiseNode(constant(1), [], shape, this.dtype, "ones"), [], "ones", null);
  }

  /** See `ops.add`. */
  override add(other: Operand): Tensor {
    return ops.add(this, other);
  }
  /** See `ops.sub`. */
  sub(other: Operand): Tensor {
    return ops.sub(this, other);
  }
  /** See `ops.mul`. */
  mul(other: Operand): Tensor {
    return ops.mul(this, other);
  }
  /** See `ops.div`. */
  div(other: Operand): Tensor {
    return ops.div(this, other);
  }
  /** See `ops.pow`. */
  pow(exponent: Operand): Tensor {
    return ops.pow(this, exponent);
  }
  /** See `ops.neg`. */
  neg(): Tensor {
    return ops.neg(this);
  }
  /** See `ops.abs`. */
  abs(): Tensor {
    return ops.abs(this);
  }
  /** See `ops.square`. */
  square(): Tensor {
    return ops.square(this);
  }
  /** See `ops.sqrt`. */
  sqrt(): Tensor {
    return ops.sqrt(this);
  }
  /** See `ops.exp`. */
  exp(): Tensor {
    return ops.exp(this);
  }
  /** See `ops.log`. */
  log(): Tensor {
    return ops.log(this);
  }
  /** See `ops.sin`. */
  sin(): Tensor {
    return ops.sin(this);
  }
  /** See `ops.cos`. */
  cos(): Tensor {
    return ops.cos(this);
  }
  /** See `ops.tanh`. */
  tanh(): Tensor {
    return ops.tanh(this);
  }
  /** See `ops.sigmoid`. */
  sigmoid(): Tensor {
    return ops.sigmoid(this);
  }
  /** See `ops.relu`. */
  relu(): Tensor {
    return ops.relu(this);
  }
  /** See `ops.erf`. */
  erf(): Tensor {
    return ops.erf(this);
  }
  /** See `ops.clamp`. */
  clamp(options: ops.ClampOptions): Tensor {
    return ops.clamp(this, options);
  }
  /** See `ops.eq`. */
  eq(other: Operand): Tensor {
    return ops.eq(this, other);
  }
  /** See `ops.ne`. */
  ne(other: Operand): Tensor {
    return ops.ne(this, other);
  }
  /** See `ops.lt`. */
  lt(other: Operand): Tensor {
    return ops.lt(this, other);
  }
  /** See `ops.le`. */
  le(other: Operand): Tensor {
    return ops.le(this, other);
  }
  /** See `ops.gt`. */
  gt(other: Operand): Tensor {
    return ops.gt(this, other);
  }
  /** See `ops.ge`. */
  ge(other: Operand): Tensor {
    return ops.ge(this, other);
  }
  /** See `ops.where`: this tensor where the condition holds, else the other. */
  where(condition: Tensor, other: Operand): Tensor {
    return ops.where(condition, this, other);
  }
  /** See `ops.matmul`. */
  matmul(other: Tensor): Tensor {
    return ops.matmul(this, other);
  }
  /** See `ops.sum`. */
  sum(options?: ReduceOptions): Tensor {
    return ops.sum(this, options);
  }
  /** See `ops.mean`. */
  mean(options?: ReduceOptions): Tensor {
    return ops.mean(this, options);
  }
  /** See `ops.max`. */
  max(options?: ReduceOptions): Tensor {
    return ops.max(this, options);
  }
  /** See `ops.min`. */
  min(options?: ReduceOptions): Tensor {
    return ops.min(this, options);
  }
  /** See `ops.variance`. */
  var(options?: VarianceOptions): Tensor {
    return ops.variance(this, options);
  }
  /** See `ops.argmax`. */
  argmax(options?: ArgOptions): Tensor {
    return ops.argmax(this, options);
  }
  /** See `ops.argmin`. */
  argmin(options?: ArgOptions): Tensor {
    return ops.argmin(this, options);
  }
  /** See `ops.softmax`. */
  softmax(options: SoftmaxOptions): Tensor {
    return ops.softmax(this, options);
  }
  /** See `ops.logSoftmax`. */
  logSoftmax(options: SoftmaxOptions): Tensor {
    return ops.logSoftmax(this, options);
  }
  /** See `ops.reshape`. */
  reshape(shape: Shape): Tensor {
    return ops.reshape(this, shape);
  }
  /** See `ops.flatten`. */
  flatten(startDim = 0, endDim = -1): Tensor {
    return ops.flatten(this, { startDim, endDim });
  }
  /** See `ops.permute`. */
  permute(axes: readonly number[]): Tensor {
    return ops.permute(this, axes);
  }
  /** See `ops.transpose`. */
  transpose(dim0: number, dim1: number): Tensor {
    return ops.transpose(this, dim0, dim1);
  }
  /** See `ops.squeeze`. */
  squeeze(dim?: number | readonly number[]): Tensor {
    return ops.squeeze(this, dim);
  }
  /** See `ops.unsqueeze`. */
  unsqueeze(dim: number): Tensor {
    return ops.unsqueeze(this, dim);
  }
  /** See `ops.expand`. */
  expand(shape: Shape): Tensor {
    return ops.expand(this, shape);
  }
  /** See `ops.slice`. */
  slice(options: SliceOptions): Tensor {
    return ops.slice(this, options);
  }
  /** See `ops.cast`. */
  to(dtype: DType): Tensor {
    return ops.cast(this, dtype);
  }
}
