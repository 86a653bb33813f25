import * as e from "../compiler/expr.ts";
import { number, type OptionDefaults, required, takeOptions, unsupported } from "../options.ts";
import { normaliseAxis } from "../runtime/layout.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { applyElementwise } from "./define.ts";
import { requireDType } from "./dtypes.ts";
import { max, sum } from "./reduce.ts";

/** The axis that probabilities add up to one over. */
export interface SoftmaxOptions {
  readonly dim: number;
}

/** An op along one axis. */
export interface AxisOp {
  (x: Tensor, options: SoftmaxOptions): Tensor;
  readonly inputs: readonly string[];
}

const SOFTMAX: OptionDefaults<SoftmaxOptions> = {
  dim: number(required, { integer: true }),
  _stacklevel: unsupported(3),
  dtype: unsupported(null),
};

function prepare(x: Tensor, options: SoftmaxOptions, name: string): { values: Tensor; dim: number } {
  const { dim } = takeOptions<SoftmaxOptions>(`ops.${name}`, options, SOFTMAX);
  requireDType(name, x, "float");
  return { values: x, dim: normaliseAxis(dim, x.rank, name) };
}

/** The largest value along an axis and the sum of `exp(x - largest)`; a row without a finite one gives NaN, as in torch. */
function shifted(x: Tensor, dim: number): { top: Tensor; total: Tensor } {
  const over = { dim, keepdim: true };
  // An empty row has no largest value; nothing is computed from it either.
  const top = x.shape[dim] === 0 ? sum(x, over) : max(x, over);
  const powers = applyElementwise("softmax.exp", (a, m) => e.exp(e.sub(a, m)), [x, top]);
  return { top, total: sum(powers, over) };
}

/** `eˣ / Σ eˣ` along an axis, without overflow; f32 sums. Shape kept. */
export const softmax: AxisOp = Object.assign((x: Tensor, options: SoftmaxOptions): Tensor => {
  const { values, dim } = prepare(x, options, "softmax");
  const detached = values.detach();
  const { top, total } = shifted(detached, dim);
  const y = applyElementwise("softmax", (a, m, t) => e.div(e.exp(e.sub(a, m)), t), [detached, top, total]);
  return values.derived(y.node, [values], "softmax", (g) => {
    const inner = sum(g.mul(y), { dim, keepdim: true });
    return [applyElementwise("softmax.backward", (a, b, c) => e.mul(b, e.sub(a, c)), [g, y, inner])];
  });
}, { inputs: ["input"] });

/** `x - log Σ eˣ` along an axis; never the logarithm of a softmax. Shape kept. */
export const logSoftmax: AxisOp = Object.assign((x: Tensor, options: SoftmaxOptions): Tensor => {
  const { values, dim } = prepare(x, options, "logSoftmax");
  const detached = values.detach();
  const { top, total } = shifted(detached, dim);
  const y = applyElementwise("logSoftmax", (a, m, t) => e.sub(e.sub(a, m), e.log(t)), [detached, top, total]);
  return values.derived(y.node, [values], "logSoftmax", (g) => {
    const weight = sum(g, { dim, keepdim: true });
    return [
      applyElementwise("logSoftmax.backward", (a, b, c) => e.sub(a, e.mul(e.exp(b), c)), [g, y, weight]),
    ];
  });
}, { inputs: ["input"] });
