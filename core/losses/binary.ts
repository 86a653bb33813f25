import { type OptionDefaults, takeOptions, unsupported } from "../options.ts";
import * as e from "../compiler/expr.ts";
import { requireOneFloat } from "../ops/dtypes.ts";
import { applyElementwise, softplus } from "../ops/mod.ts";
import type { Tensor } from "../tensor/mod.ts";
import { weights, weightTensor } from "./labels.ts";
import {
  Loss,
  type LossOptions,
  reduce,
  REDUCTION,
  type Reduction,
  requirePairDTypes,
  requireSameShape,
} from "./reduction.ts";
import type { PairLoss } from "./regression.ts";

/** Options of {@linkcode binaryCrossEntropy} and {@linkcode BCELoss}. */
export interface BCEOptions extends LossOptions {
  /** Weight per element; broadcasts to the input. @default null */
  readonly weight?: Tensor | readonly number[] | null;
}

/** Options of {@linkcode binaryCrossEntropyWithLogits} and {@linkcode BCEWithLogitsLoss}. */
export interface BCEWithLogitsOptions extends BCEOptions {
  /** Weight of positive targets, per class; broadcasts to the input. @default null */
  readonly posWeight?: Tensor | readonly number[] | null;
}

interface Settings {
  readonly weight: Tensor | null;
  readonly posWeight: Tensor | null;
  readonly reduction: Reduction;
}

const BCE: OptionDefaults<BCEOptions> = {
  weight: weights(),
  sizeAverage: unsupported(null),
  reduce: unsupported(null),
  reduction: REDUCTION,
};

const BCE_WITH_LOGITS: OptionDefaults<BCEWithLogitsOptions> = { ...BCE, posWeight: weights() };

function takeBce(owner: string, options: BCEOptions): Settings {
  const o = takeOptions<BCEOptions>(owner, options, BCE);
  return {
    weight: weightTensor(o.weight),
    posWeight: null,
    reduction: o.reduction,
  };
}

function takeWithLogits(owner: string, options: BCEWithLogitsOptions): Settings {
  const { posWeight, ...rest } = takeOptions<BCEWithLogitsOptions>(owner, options, BCE_WITH_LOGITS);
  return { ...takeBce(owner, rest), posWeight: weightTensor(posWeight) };
}

function finish(losses: Tensor, { weight, reduction }: Settings): Tensor {
  return reduce(weight === null ? losses : losses.mul(weight), reduction);
}

/** Logarithms bounded as torch bounds them, so that a certain and wrong prediction costs 100 and not infinity. */
function boundedLogs(p: e.Expr): readonly [yes: e.Expr, no: e.Expr] {
  return [e.max(e.log(p), -100), e.max(e.log1p(e.neg(p)), -100)];
}

function bce(p: e.Expr, target: e.Expr): e.Expr {
  const [yes, no] = boundedLogs(p);
  return e.sub(e.mul(e.sub(target, 1), no), e.mul(target, yes));
}

/** torch's own: the derivative of a bounded logarithm would be 0 just where the prediction is most wrong. */
function bceGradient(g: e.Expr, _: e.Expr, p: e.Expr, target: e.Expr): readonly e.Expr[] {
  const [yes, no] = boundedLogs(p);
  const spread = e.max(e.mul(e.sub(1, p), p), 1e-12);
  return [e.div(e.mul(g, e.sub(p, target)), spread), e.mul(g, e.sub(no, yes))];
}

function fromProbabilities(input: Tensor, target: Tensor, settings: Settings, owner: string): Tensor {
  requireSameShape(input, target, owner);
  requireOneFloat(owner, input, target);
  return finish(
    applyElementwise("binaryCrossEntropy", bce, [input, target], { gradient: bceGradient }),
    settings,
  );
}

function fromLogits(input: Tensor, target: Tensor, settings: Settings, owner: string): Tensor {
  requireSameShape(input, target, owner);
  requirePairDTypes(input, target, { input: "float", target: "float" }, owner);
  const { posWeight } = settings;
  // log(1 + exp(-x)), without overflow for large negative x.
  const cost = softplus(input.neg(), { threshold: 50 });
  const factor = posWeight === null ? cost : cost.mul(posWeight.sub(1).mul(target).add(1));
  return finish(target.neg().add(1).mul(input).add(factor), settings);
}

/**
 * Cross-entropy of probabilities in [0, 1] against targets in [0, 1], both of one shape; logarithms are bounded by
 * -100. Equals `F.binary_cross_entropy`.
 *
 * @throws {ShapeError} where shapes differ, {@linkcode DTypeError} where not both are floats.
 *
 * @example
 * ```ts
 * import { tensor } from "../tensor/mod.ts";
 * import { binaryCrossEntropy } from "./binary.ts";
 * const loss = binaryCrossEntropy(tensor([0.5, 0.5]), tensor([1, 0]));
 * console.assert(Math.abs(await loss.item() - Math.LN2) < 1e-6);
 * ```
 */
export const binaryCrossEntropy: PairLoss<BCEOptions> = Object.assign(
  (input: Tensor, target: Tensor, options: BCEOptions = {}): Tensor =>
    fromProbabilities(
      input,
      target,
      takeBce("losses.binaryCrossEntropy", options),
      "losses.binaryCrossEntropy",
    ),
  { inputs: ["input", "target"] },
);

/**
 * Cross-entropy of logits against targets in [0, 1], both of one shape, stable for any logit. Equals
 * `F.binary_cross_entropy_with_logits`.
 *
 * @throws {ShapeError} where shapes differ, {@linkcode DTypeError} where not both are floats.
 */
export const binaryCrossEntropyWithLogits: PairLoss<BCEWithLogitsOptions> = Object.assign(
  (input: Tensor, target: Tensor, options: BCEWithLogitsOptions = {}): Tensor => {
    const owner = "losses.binaryCrossEntropyWithLogits";
    return fromLogits(input, target, takeWithLogits(owner, options), owner);
  },
  { inputs: ["input", "target"] },
);

/** {@linkcode binaryCrossEntropy} as an object. Equals `torch.nn.BCELoss`. */
export class BCELoss extends Loss {
  readonly #settings: Settings;

  constructor(options: BCEOptions = {}) {
    super();
    this.#settings = takeBce("losses.BCELoss", options);
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return fromProbabilities(input, target, this.#settings, "losses.BCELoss");
  }
}

/** {@linkcode binaryCrossEntropyWithLogits} as an object. Equals `torch.nn.BCEWithLogitsLoss`. */
export class BCEWithLogitsLoss extends Loss {
  readonly #settings: Settings;

  constructor(options: BCEWithLogitsOptions = {}) {
    super();
    this.#settings = takeWithLogits("losses.BCEWithLogitsLoss", options);
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return fromLogits(input, target, this.#settings, "losses.BCEWithLogitsLoss");
  }
}
