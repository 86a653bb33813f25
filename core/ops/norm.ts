import * as e from "../compiler/expr.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { applyElementwise } from "./define.ts";
import { requireDType } from "./dtypes.ts";
import { countOver, sum } from "./reduce.ts";

/** A tensor with mean 0 and variance 1 over some axes, and the statistics that it was made with. */
export interface Standardised {
  /** `(x - mean) / √(variance + eps)`; shape kept; carries the gradient. */
  readonly value: Tensor;
  /** Mean over the axes, which stay with size one; no gradient. */
  readonly mean: Tensor;
  /** Biased variance over the axes, which stay with size one; no gradient. */
  readonly variance: Tensor;
}

/**
 * Standardises over axes: the core of batch, layer, group and instance norm.
 *
 * The variance is summed around the mean (two passes); the gradient is torch's closed form,
 * `(g - mean g - x̂ · mean(g x̂)) / σ`.
 *
 * @param axes Non-negative axis numbers.
 * @throws {DTypeError} for whole numbers and bool.
 */
export function standardise(x: Tensor, axes: readonly number[], eps: number): Standardised {
  requireDType("standardise", x, "float");
  const values = x.detach();
  const share = 1 / countOver(x, axes);
  const over = { dim: axes, keepdim: true };
  const mean = sum(values, over).mul(share);
  const squares = applyElementwise("standardise.square", (v, m) => e.square(e.sub(v, m)), [values, mean]);
  const variance = sum(squares, over).mul(share);
  const scale = applyElementwise(`standardise.scale.${eps}`, (v) => e.div(1, e.sqrt(e.add(v, eps))), [
    variance,
  ]);
  const raw = applyElementwise("standardise", (v, m, s) => e.mul(e.sub(v, m), s), [values, mean, scale]);
  const value = x.derived(raw.node, [x], "standardise", (g) => {
    const shift = sum(g, over).mul(share);
    const slope = sum(g.mul(raw), over).mul(share);
    return [
      applyElementwise(
        "standardise.backward",
        (a, h, b, c, s) => e.mul(s, e.sub(e.sub(a, b), e.mul(h, c))),
        [g, raw, shift, slope, scale],
      ),
    ];
  });
  return { value, mean, variance };
}
