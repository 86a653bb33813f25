import * as e from "../compiler/expr.ts";
import { required, takeOptions } from "../options.ts";
import { isFloat } from "../runtime/dtype.ts";
import { normaliseAxis } from "../runtime/layout.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { cast } from "./cast.ts";
import { applyElementwise } from "./define.ts";
import { logsumexp, sum } from "./reduce.ts";

/** The axis that probabilities add up to one over. */
export interface SoftmaxOptions {
  readonly dim: number;
}

/** An op along one axis. */
export interface AxisOp {
  (x: Tensor, options: SoftmaxOptions): Tensor;
  readonly inputs: readonly string[];
}

function prepare(x: Tensor, options: SoftmaxOptions, name: string): { values: Tensor; dim: number } {
  const { dim } = takeOptions<SoftmaxOptions>(`ops.${name}`, options, { dim: required });
  return { values: isFloat(x.dtype) ? x : cast(x, "f32"), dim: normaliseAxis(dim, x.rank, name) };
}

/** `eˣ / Σ eˣ` along an axis, without overflow; f32 sums. Shape kept. */
export const softmax: AxisOp = Object.assign((x: Tensor, options: SoftmaxOptions): Tensor => {
  const { values, dim } = prepare(x, options, "softmax");
  const detached = values.detach();
  const total = logsumexp(detached, { dim, keepdim: true });
  const y = applyElementwise("softmax", (a, t) => e.exp(e.sub(a, t)), [detached, total]);
  return values.derived(y.node, [values], "softmax", (g) => {
    const inner = sum(g.mul(y), { dim, keepdim: true });
    return [applyElementwise("softmax.backward", (a, b, c) => e.mul(b, e.sub(a, c)), [g, y, inner])];
  });
}, { inputs: ["input"] });

/** `x - log Σ eˣ` along an axis; never the logarithm of a softmax. Shape kept. */
export const logSoftmax: AxisOp = Object.assign((x: Tensor, options: SoftmaxOptions): Tensor => {
  const { values, dim } = prepare(x, options, "logSoftmax");
  const detached = values.detach();
  const total = logsumexp(detached, { dim, keepdim: true });
  const y = detached.sub(total);
  return values.derived(y.node, [values], "logSoftmax", (g) => {
    const weight = sum(g, { dim, keepdim: true });
    return [
      applyElementwise("logSoftmax.backward", (a, b, c) => e.sub(a, e.mul(e.exp(b), c)), [g, y, weight]),
    ];
  });
}, { inputs: ["input"] });
