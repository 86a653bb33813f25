import { OptionError } from "../errors.ts";
import { number, type OptionDefaults, takeOptions, unsupported } from "../options.ts";
import { requireDType } from "../ops/dtypes.ts";
import { logicalAnd, logicalNot, logSoftmax, sum, where } from "../ops/mod.ts";
import { checkOnHost } from "../tensor/host_labels.ts";
import type { Tensor } from "../tensor/mod.ts";
import {
  classAxis,
  compareLabels,
  holdsProbabilities,
  requireIntegers,
  weightLike,
  weights,
  weightTensor,
} from "./labels.ts";
import { Loss, type LossOptions, reduce, REDUCTION, type Reduction, requireSameShape } from "./reduction.ts";

/** Options of {@linkcode nllLoss} and {@linkcode NLLLoss}. */
export interface NLLLossOptions extends LossOptions {
  /** Weight per class. @default null */
  readonly weight?: Tensor | readonly number[] | null;
  /** A label whose samples do not count. @default -100 */
  readonly ignoreIndex?: number;
}

/** Options of {@linkcode crossEntropy} and {@linkcode CrossEntropyLoss}. */
export interface CrossEntropyOptions extends NLLLossOptions {
  /** Share of each target that is spread evenly over all classes, in [0, 1]. @default 0 */
  readonly labelSmoothing?: number;
}

/** Checked options. */
interface Settings {
  readonly weight: Tensor | null;
  readonly ignoreIndex: number;
  readonly labelSmoothing: number;
  readonly reduction: Reduction;
  /** Whether the input is log-probabilities already. */
  readonly normalised: boolean;
}

const NLL: OptionDefaults<NLLLossOptions> = {
  weight: weights(),
  sizeAverage: unsupported(null),
  ignoreIndex: number(-100, { integer: true }),
  reduce: unsupported(null),
  reduction: REDUCTION,
};

const CROSS_ENTROPY: OptionDefaults<CrossEntropyOptions> = {
  ...NLL,
  labelSmoothing: number(0, { min: 0, max: 1 }),
};

function takeNll(owner: string, options: NLLLossOptions): Settings {
  const o = takeOptions<NLLLossOptions>(owner, options, NLL);
  return {
    weight: weightTensor(o.weight),
    ignoreIndex: o.ignoreIndex,
    labelSmoothing: 0,
    reduction: o.reduction,
    normalised: true,
  };
}

function takeCrossEntropy(owner: string, options: CrossEntropyOptions): Settings {
  const { labelSmoothing, ...rest } = takeOptions<CrossEntropyOptions>(owner, options, CROSS_ENTROPY);
  return { ...takeNll(owner, rest), labelSmoothing, normalised: false };
}

/**
 * Negative log-likelihood of labels, `input` being log-probabilities: `[batch, classes, …]` and labels
 * `[batch, …]` (i32, u8), or `[classes]` and `[]`.
 *
 * The mean is over the weights of the samples that count; NaN where none does. Equals `F.nll_loss`.
 *
 * @throws {ValueError} for a label outside the classes where labels are on the host; on the device the loss
 * becomes NaN instead.
 */
export const nllLoss: ((input: Tensor, target: Tensor, options?: NLLLossOptions) => Tensor) & {
  readonly inputs: readonly string[];
} = Object.assign(
  (input: Tensor, target: Tensor, options: NLLLossOptions = {}): Tensor =>
    fromLabels(input, target, takeNll("losses.nllLoss", options), "losses.nllLoss"),
  { inputs: ["input", "target"] },
);

/**
 * Cross-entropy of unnormalised scores `[batch, classes, …]` (or `[classes]`) against labels `[batch, …]` (i32, u8)
 * or probabilities of the input's shape (float).
 *
 * For labels the mean is over the weights of the samples that count (NaN where none does), for probabilities over
 * the samples. Equals `F.cross_entropy`.
 *
 * @throws {ValueError} for a label outside the classes where labels are on the host; on the device the loss
 * becomes NaN instead.
 * @throws {DTypeError} for scores that are no floats.
 * @throws {OptionError} for probabilities with an `ignoreIndex` that could be a class.
 *
 * @example
 * ```ts
 * import { checkOnHost, tensor } from "../tensor/mod.ts";
 * import { crossEntropy } from "./cross_entropy.ts";
 * const loss = crossEntropy(tensor([[1, 2, 3], [1, 0, -2]]), tensor([2, 1], { dtype: "i32" }));
 * console.assert(Math.abs(await loss.item() - 0.878309) < 1e-5);
 * ```
 */
export const crossEntropy: ((input: Tensor, target: Tensor, options?: CrossEntropyOptions) => Tensor) & {
  readonly inputs: readonly string[];
} = Object.assign(
  (input: Tensor, target: Tensor, options: CrossEntropyOptions = {}): Tensor =>
    fromScores(input, target, takeCrossEntropy("losses.crossEntropy", options), "losses.crossEntropy"),
  { inputs: ["input", "target"] },
);

/** {@linkcode nllLoss} as an object. Equals `torch.nn.NLLLoss`. */
export class NLLLoss extends Loss {
  readonly #settings: Settings;
  #classes: number | null = null;

  constructor(options: NLLLossOptions = {}) {
    super();
    this.#settings = takeNll("losses.NLLLoss", options);
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    this.#classes = input.shape[classAxis(input)] ?? null;
    return fromScores(input, target, this.#settings, "losses.NLLLoss");
  }

  override check(target: Tensor): void {
    checkTarget(target, this.#classes, this.#settings, "losses.NLLLoss");
  }
}

/**
 * {@linkcode crossEntropy} as an object. Equals `torch.nn.CrossEntropyLoss`.
 *
 * @example
 * ```ts
 * import { CrossEntropyLoss } from "./cross_entropy.ts";
 * const loss = new CrossEntropyLoss({ labelSmoothing: 0.1, weight: [1, 2, 3] });
 * console.assert(loss.higherIsBetter === false);
 * ```
 */
export class CrossEntropyLoss extends Loss {
  readonly #settings: Settings;
  #classes: number | null = null;

  constructor(options: CrossEntropyOptions = {}) {
    super();
    this.#settings = takeCrossEntropy("losses.CrossEntropyLoss", options);
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    this.#classes = input.shape[classAxis(input)] ?? null;
    return fromScores(input, target, this.#settings, "losses.CrossEntropyLoss");
  }

  override check(target: Tensor): void {
    checkTarget(target, this.#classes, this.#settings, "losses.CrossEntropyLoss");
  }
}

function checkTarget(target: Tensor, classes: number | null, settings: Settings, owner: string): void {
  if (classes === null || holdsProbabilities(target)) return;
  checkOnHost(target, classes, settings.ignoreIndex, owner);
}

function fromScores(input: Tensor, target: Tensor, settings: Settings, owner: string): Tensor {
  if (settings.normalised || !holdsProbabilities(target)) return fromLabels(input, target, settings, owner);
  if (settings.ignoreIndex >= 0) {
    throw new OptionError(`${owner} cannot use ignoreIndex = ${settings.ignoreIndex} with probabilities`, {
      fix: "leave ignoreIndex out, or give class labels as the target: i32 or u8",
      data: { owner, option: "ignoreIndex", known: ["ignoreIndex"] },
    });
  }
  return fromProbabilities(logSoftmax(input, { dim: classAxis(input) }), target, settings, owner);
}

function fromProbabilities(
  logProbabilities: Tensor,
  target: Tensor,
  settings: Settings,
  owner: string,
): Tensor {
  requireSameShape(logProbabilities, target, owner);
  const axis = classAxis(logProbabilities);
  const classes = logProbabilities.shape[axis]!;
  const { labelSmoothing, reduction } = settings;
  const weight = weightLike(logProbabilities, settings.weight, axis, owner);
  const smooth = labelSmoothing === 0 ? target : target.mul(1 - labelSmoothing).add(labelSmoothing / classes);
  const weighted = weight === null ? smooth : smooth.mul(weight);
  return reduce(sum(logProbabilities.mul(weighted), { dim: axis }).neg(), reduction);
}

/**
 * The loss against labels, from scores or (NLL) from log-probabilities.
 *
 * The gradient is written down instead of derived: with the target distribution `q` (weights and smoothing in it)
 * it is `softmax(x) · Σq - q`, one kernel for what would be a chain of seven.
 */
function fromLabels(input: Tensor, target: Tensor, settings: Settings, owner: string): Tensor {
  requireDType(owner, input, "float");
  requireIntegers(target, owner);
  const { ignoreIndex, labelSmoothing, reduction, normalised } = settings;
  const { hot, kept, invalid, axis } = compareLabels(input, target, ignoreIndex, owner);
  const weight = weightLike(input, settings.weight, axis, owner);
  const share = labelSmoothing / input.shape[axis]!;
  const values = input.detach();
  const logProbabilities = normalised ? values : logSoftmax(values, { dim: axis });
  const weighted = weight === null ? logProbabilities : logProbabilities.mul(weight);
  // A choice, not a product: the classes that are not meant may be at -∞.
  let losses = sum(where(hot, weighted, 0), { dim: axis }).neg();
  if (share > 0) losses = losses.mul(1 - labelSmoothing).sub(sum(weighted, { dim: axis }).mul(share));
  const known = where(invalid, NaN, where(kept, losses, 0));
  const rows = input.derived(known.node, [input], owner, (g) => {
    const q = targetDistribution(hot, weight, labelSmoothing, share);
    const slope = where(logicalAnd(kept, logicalNot(invalid)), g, 0).unsqueeze(axis);
    if (normalised) return [q.neg().mul(slope)];
    const total = weight === null ? 1 : sum(q, { dim: axis, keepdim: true });
    return [logProbabilities.exp().mul(total).sub(q).mul(slope)];
  });
  if (reduction !== "mean") return reduce(rows, reduction);
  const counted = weight === null
    ? kept.to("f32")
    : where(kept, sum(where(hot, weight, 0), { dim: axis }), 0);
  return sum(rows).div(sum(counted)).to(input.dtype);
}

/** What the labels ask for: the label's class, with a share spread over all of them, times the classes' weights. */
function targetDistribution(
  hot: Tensor,
  weight: Tensor | null,
  labelSmoothing: number,
  share: number,
): Tensor {
  const plain = where(hot, 1 - labelSmoothing + share, share).to("f32");
  return weight === null ? plain : plain.mul(weight);
}
