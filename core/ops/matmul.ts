import { ShapeError } from "../errors.ts";
import { structuralNode } from "../compiler/graph.ts";
import { broadcastShapes, showShape, sizeOfShape } from "../runtime/layout.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { requireOneFloat } from "./dtypes.ts";
import { sumTo } from "./reduce.ts";
import { expandTo, reshape, transpose } from "./view.ts";

/**
 * Matrix product, batched over leading axes, by torch's rules: `[…, m, k] · […, k, n] → […, m, n]`; vectors lose
 * the axis that they lack. Sums are kept in f32. Transposed operands are read in place.
 *
 * @throws {ShapeError} where the inner sizes differ; {@linkcode DTypeError} where they are no floats of one dtype.
 */
export const matmul: ((input: Tensor, other: Tensor) => Tensor) & { readonly inputs: readonly string[] } =
  Object
    .assign((input: Tensor, other: Tensor): Tensor => {
      if (input.rank === 0 || other.rank === 0) {
        throw new ShapeError(`matmul of shapes ${showShape(input.shape)} and ${showShape(other.shape)}`, {
          where: "matmul",
          fix: "both need at least one axis; use mul for numbers",
        });
      }
      requireOneFloat("matmul", input, other);
      const a = input.rank === 1 ? reshape(input, [1, input.size]) : input;
      const b = other.rank === 1 ? reshape(other, [other.size, 1]) : other;
      const y = product(a, b);
      const rows = input.rank === 1 ? [] : [y.shape.at(-2)!];
      const columns = other.rank === 1 ? [] : [y.shape.at(-1)!];
      return reshape(y, [...y.shape.slice(0, -2), ...rows, ...columns]);
    }, { inputs: ["input", "other"] });

/** The product of two tensors with at least two axes. */
function product(a: Tensor, b: Tensor): Tensor {
  const [m, k] = a.shape.slice(-2) as [number, number];
  const [k2, n] = b.shape.slice(-2) as [number, number];
  if (k !== k2) {
    throw new ShapeError(
      `matmul of shapes ${showShape(a.shape)} and ${showShape(b.shape)}: ${k} against ${k2}`,
      {
        where: "matmul",
        fix: "the last axis of the first must be the second-last of the second",
      },
    );
  }
  const flat = flattenRows(a, b);
  if (flat !== null) return reshape(product(flat, b), [...a.shape.slice(0, -1), n]);
  const batch = broadcastShapes(a.shape.slice(0, -2), b.shape.slice(0, -2), "matmul");
  const left = expandTo(a, [...batch, m, k]);
  const right = expandTo(b, [...batch, k, n]);
  const node = structuralNode({ kind: "matmul" }, [left.node, right.node], [...batch, m, n], a.dtype);
  return a.derived(node, [a, b], "matmul", (g) => [
    a.requiresGrad ? sumTo(product(g, transpose(right, -1, -2)), a.shape) : null,
    b.requiresGrad ? sumTo(product(transpose(left, -1, -2), g), b.shape) : null,
  ]);
}

/** Batches of rows against one matrix are one larger product. */
function flattenRows(a: Tensor, b: Tensor): Tensor | null {
  if (a.rank <= 2 || b.rank !== 2) return null;
  return reshape(a, [a.shape.slice(0, -1).reduce((x, y) => x * y, 1), a.shape.at(-1)!]);
}

/** `x · weightᵀ`, whose weight gradient comes out in the weight's own layout: no transposed copy of it is made. */
function affine(input: Tensor, weight: Tensor): Tensor {
  const [outFeatures, inFeatures] = weight.shape as [number, number];
  const lead = input.shape.slice(0, -1);
  const rows = reshape(input, [sizeOfShape(lead), inFeatures]);
  const shape = [rows.shape[0]!, outFeatures];
  const turned = transpose(weight.detach(), 0, 1);
  const node = structuralNode({ kind: "matmul" }, [rows.node, turned.node], shape, input.dtype);
  const y = rows.derived(node, [rows, weight], "linear", (g) => [
    rows.requiresGrad ? product(g, weight) : null,
    weight.requiresGrad ? product(transpose(g, 0, 1), rows) : null,
  ]);
  return reshape(y, [...lead, outFeatures]);
}

/**
 * `x · weightᵀ + bias`: `[…, inFeatures] → […, outFeatures]` with a weight of shape `[outFeatures, inFeatures]`.
 * Source: torch `F.linear`.
 *
 * @throws {ShapeError} where the widths differ, {@linkcode DTypeError} where not all are floats of one dtype.
 */
export const linear: ((input: Tensor, weight: Tensor, bias?: Tensor | null) => Tensor) & {
  readonly inputs: readonly string[];
} = Object.assign((input: Tensor, weight: Tensor, bias: Tensor | null = null): Tensor => {
  if (input.shape.at(-1) !== weight.shape[1]) {
    throw new ShapeError(
      `linear of an input of shape ${showShape(input.shape)} with a weight of shape ${
        showShape(weight.shape)
      }`,
      { where: "linear", fix: `the input's last axis must be ${weight.shape[1]}` },
    );
  }
  if (bias === null) requireOneFloat("linear", input, weight);
  else requireOneFloat("linear", input, weight, bias);
  const y = input.rank > 0 && weight.rank === 2
    ? affine(input, weight)
    : matmul(input, transpose(weight, 0, 1));
  return bias === null ? y : y.add(bias);
}, { inputs: ["input", "weight", "bias"] });
