/** Activation functions, named as in torch.nn.functional. */
import * as e from "../compiler/expr.ts";
import { anyNumber, oneOf, takeOptions, unsupported } from "../options.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { applyElementwise, bound, type ElementwiseOptions, unary, type UnaryOp } from "./define.ts";

/** `1 / (1 + e⁻ˣ)` without overflow. */
export function sigmoidOf(x: e.Expr): e.Expr {
  const t = e.exp(e.neg(e.abs(x)));
  return e.div(e.select(e.lt(x, 0), t, 1), e.add(1, t));
}

/** `log(1 + eˣ)` without overflow. */
function softplusOf(x: e.Expr): e.Expr {
  return e.add(e.select(e.lt(x, 0), 0, x), e.log1p(e.exp(e.neg(e.abs(x)))));
}

/** Standard normal distribution function. */
function normalCdf(x: e.Expr): e.Expr {
  return e.mul(0.5, e.add(1, e.erf(e.mul(x, Math.SQRT1_2))));
}

/** `max(x, 0)`; NaN stays; the gradient at 0 is 0. */
export const relu: UnaryOp = unary("relu", (x) => e.select(e.lt(x, 0), e.constant(0, x.type), x), {
  accepts: "number",
  // From the result, which the next layer keeps in memory anyway.
  gradient: (g, y) => [e.select(e.le(y, 0), 0, g)],
});
/** `min(max(x, 0), 6)`. */
export const relu6: UnaryOp = unary("relu6", (x) => e.min(e.max(x, 0), 6), {
  accepts: "number",
  gradient: (g, _y, x) => [e.select(e.and(e.lt(0, x), e.lt(x, 6)), g, 0)],
});
/** `1 / (1 + e⁻ˣ)`. */
export const sigmoid: UnaryOp = unary("sigmoid", sigmoidOf, {
  result: "float",
  // The derivative of the overflow-free form would take the exponential apart again.
  gradient: (g, y) => [e.mul(g, e.mul(y, e.sub(1, y)))],
});
/** `log(1 / (1 + e⁻ˣ))`. */
export const logSigmoid: UnaryOp = unary("logSigmoid", (x) => e.neg(softplusOf(e.neg(x))), {
  accepts: "float",
  gradient: (g, _y, x) => [e.mul(g, sigmoidOf(e.neg(x)))],
});
/** `x · sigmoid(x)`; also called swish. */
export const silu: UnaryOp = unary("silu", (x) => e.mul(x, sigmoidOf(x)), {
  accepts: "float",
  gradient: (g, _y, x) => {
    const s = sigmoidOf(x);
    return [e.mul(g, e.mul(s, e.add(1, e.mul(x, e.sub(1, s)))))];
  },
});
/** `x · tanh(softplus(x))`. */
export const mish: UnaryOp = unary("mish", (x) => e.mul(x, e.tanh(softplusOf(x))), {
  accepts: "float",
  gradient: (g, _y, x) => {
    const t = e.tanh(softplusOf(x));
    return [e.mul(g, e.add(t, e.mul(e.mul(x, sigmoidOf(x)), e.sub(1, e.mul(t, t)))))];
  },
});
/** `x / (1 + |x|)`. */
export const softsign: UnaryOp = unary("softsign", (x) => e.div(x, e.add(1, e.abs(x))), {
  accepts: "number",
  result: "float",
});
/** `x · min(max(x + 3, 0), 6) / 6`. */
export const hardswish: UnaryOp = unary(
  "hardswish",
  (x) => e.mul(e.mul(x, e.min(e.max(e.add(x, 3), 0), 6)), 1 / 6),
  {
    accepts: "float",
    gradient: (g, _y, x) => {
      const slope = e.add(e.mul(x, 1 / 3), 0.5);
      return [e.select(e.le(x, -3), 0, e.select(e.lt(x, 3), e.mul(g, slope), g))];
    },
  },
);
/** `min(max(x / 6 + 1/2, 0), 1)`. */
export const hardsigmoid: UnaryOp = unary(
  "hardsigmoid",
  (x) => e.mul(e.min(e.max(e.add(x, 3), 0), 6), 1 / 6),
  {
    accepts: "float",
    gradient: (g, _y, x) => [e.select(e.and(e.lt(-3, x), e.lt(x, 3)), e.mul(g, 1 / 6), 0)],
  },
);
/** `x - tanh(x)`. */
export const tanhshrink: UnaryOp = unary("tanhshrink", (x) => e.sub(x, e.tanh(x)), {
  accepts: "number",
  result: "float",
  gradient: (g, _y, x) => [e.mul(g, e.square(e.tanh(x)))],
});

/** Options of {@linkcode gelu}. */
export interface GeluOptions {
  /** The exact form, or the one by tanh. @default "none" */
  readonly approximate?: "none" | "tanh";
}

/**
 * Gaussian error linear unit, `x · Φ(x)`. Source: Hendrycks & Gimpel 2016; torch `F.gelu`.
 */
export function gelu(x: Tensor, options: GeluOptions = {}): Tensor {
  const o = takeOptions<GeluOptions>("ops.gelu", options, { approximate: "none" });
  const form = oneOf("ops.gelu", "approximate", o.approximate, ["none", "tanh"]);
  if (form === "none") return applyElementwise("gelu", (v) => e.mul(v, normalCdf(v)), [x], FLOAT);
  return applyElementwise(
    "gelu.tanh",
    (v) => {
      const inner = e.mul(Math.sqrt(2 / Math.PI), e.add(v, e.mul(0.044715, e.mul(v, e.mul(v, v)))));
      return e.mul(e.mul(0.5, v), e.add(1, e.tanh(inner)));
    },
    [x],
    FLOAT,
  );
}

/** torch's `inplace`: memory is planned, so both values give the same program. */
const INPLACE = unsupported(false, true);

/** Options of an op that takes floats alone. */
const FLOAT: ElementwiseOptions = { accepts: "float" };

/** `x` above 0, `negativeSlope · x` below. */
export function leakyRelu(x: Tensor, options: { readonly negativeSlope?: number } = {}): Tensor {
  const { negativeSlope } = takeOptions<{ negativeSlope?: number }>("ops.leakyRelu", options, {
    negativeSlope: 0.01,
    inplace: INPLACE,
  });
  return applyElementwise(
    `leakyRelu.${negativeSlope}`,
    (v) => e.select(e.lt(0, v), v, e.mul(v, negativeSlope)),
    [x],
    FLOAT,
  );
}

/** `x` above 0, `alpha · (eˣ - 1)` below. */
export function elu(x: Tensor, options: { readonly alpha?: number } = {}): Tensor {
  const { alpha } = takeOptions<{ alpha?: number }>("ops.elu", options, { alpha: 1, inplace: INPLACE });
  return applyElementwise(`elu.${alpha}`, (v) => e.select(e.le(v, 0), e.mul(alpha, e.expm1(v)), v), [x], {
    accepts: "float",
    // The derived one would multiply the side not taken by 0, and 0 · NaN is NaN.
    gradient: (g, _y, v) => [e.select(e.le(v, 0), e.mul(g, e.mul(alpha, e.exp(v))), g)],
  });
}

const SELU_ALPHA = 1.6732632423543772;
const SELU_SCALE = 1.0507009873554805;
/** Scaled exponential linear unit. Source: Klambauer et al. 2017. */
export const selu: UnaryOp = unary(
  "selu",
  (x) => e.mul(SELU_SCALE, e.select(e.le(x, 0), e.mul(SELU_ALPHA, e.expm1(x)), x)),
  {
    accepts: "float",
    gradient: (g, _y, x) => [
      e.mul(g, e.select(e.le(x, 0), e.mul(SELU_SCALE * SELU_ALPHA, e.exp(x)), SELU_SCALE)),
    ],
  },
);

/** Options of {@linkcode softplus}. */
export interface SoftplusOptions {
  /** @default 1 */
  readonly beta?: number;
  /** Above this value of `beta · x` the result is x itself. @default 20 */
  readonly threshold?: number;
}

/** `log(1 + e^(βx)) / β`. */
export function softplus(x: Tensor, options: SoftplusOptions = {}): Tensor {
  const { beta, threshold } = takeOptions<SoftplusOptions>("ops.softplus", options, {
    beta: 1,
    threshold: 20,
  });
  return applyElementwise(
    `softplus.${beta}.${threshold}`,
    (v) => {
      return e.select(e.lt(threshold, e.mul(v, beta)), v, e.mul(softplusOf(e.mul(v, beta)), 1 / beta));
    },
    [x],
    {
      accepts: "float",
      gradient: (g, _y, v) => [
        e.select(e.lt(threshold, e.mul(v, beta)), g, e.mul(g, sigmoidOf(e.mul(v, beta)))),
      ],
    },
  );
}

/** Limits values to a range; the gradient passes strictly inside it. */
export function hardtanh(
  x: Tensor,
  options: { readonly minVal?: number; readonly maxVal?: number } = {},
): Tensor {
  const { minVal, maxVal } = takeOptions<{ minVal?: number; maxVal?: number }>("ops.hardtanh", options, {
    minVal: anyNumber(-1),
    maxVal: anyNumber(1),
    inplace: INPLACE,
  });
  return applyElementwise(
    `hardtanh.${minVal}.${maxVal}`,
    (v) => e.min(e.max(v, bound(minVal, v)), bound(maxVal, v)),
    [x],
    {
      accepts: "number",
      gradient: (g, _y, v) => [e.select(e.and(e.lt(minVal, v), e.lt(v, maxVal)), g, 0)],
    },
  );
}
