import { choice, type OptionDefaults, takeOptions, unsupported } from "../options.ts";
import { exp, log, sum, where } from "../ops/mod.ts";
import type { Tensor } from "../tensor/mod.ts";
import { Loss, reduce, type Reduction, requirePairDTypes, requireSameShape } from "./reduction.ts";
import type { PairLoss } from "./regression.ts";

/** Options of {@linkcode klDiv} and {@linkcode KLDivLoss}. */
export interface KLDivOptions {
  /** `"batchmean"` divides the sum by the batch: the divergence itself; `"mean"` by all elements. @default "mean" */
  readonly reduction?: Reduction | "batchmean";
  /** Whether the target is given as log-probabilities. @default false */
  readonly logTarget?: boolean;
}

const KL_DIV: OptionDefaults<KLDivOptions> = {
  sizeAverage: unsupported(null),
  reduce: unsupported(null),
  reduction: choice("mean", ["mean", "sum", "none", "batchmean"]),
  logTarget: false,
};

interface Settings {
  readonly reduction: Reduction | "batchmean";
  readonly logTarget: boolean;
}

function take(owner: string, options: KLDivOptions): Settings {
  const o = takeOptions<KLDivOptions>(owner, options, KL_DIV);
  return {
    reduction: o.reduction,
    logTarget: o.logTarget,
  };
}

function divergence(
  input: Tensor,
  target: Tensor,
  { reduction, logTarget }: Settings,
  owner: string,
): Tensor {
  requireSameShape(input, target, owner);
  requirePairDTypes(input, target, { input: "float", target: "float" }, owner);
  const losses = logTarget
    ? exp(target).mul(target.sub(input))
    // 0 · log 0 counts as 0; the inner choice keeps its gradient finite as well.
    : where(target.gt(0), target.mul(log(where(target.gt(0), target, 1))), 0).sub(target.mul(input));
  if (reduction !== "batchmean") return reduce(losses, reduction);
  return sum(losses).div(Math.max(1, input.shape[0] ?? 1));
}

/**
 * Kullback-Leibler divergence of log-probabilities `input` from probabilities `target`, both of one shape. Equals
 * `F.kl_div`.
 *
 * @throws {ShapeError} where shapes differ, {@linkcode DTypeError} where not both are floats.
 *
 * @example
 * ```ts
 * import { tensor } from "../tensor/mod.ts";
 * import { klDiv } from "./kl_div.ts";
 * const same = tensor([[0.5, 0.5]]);
 * console.assert(Math.abs(await klDiv(same.log(), same, { reduction: "batchmean" }).item()) < 1e-6);
 * ```
 */
export const klDiv: PairLoss<KLDivOptions> = Object.assign(
  (input: Tensor, target: Tensor, options: KLDivOptions = {}): Tensor =>
    divergence(input, target, take("losses.klDiv", options), "losses.klDiv"),
  { inputs: ["input", "target"] },
);

/** {@linkcode klDiv} as an object. Equals `torch.nn.KLDivLoss`. */
export class KLDivLoss extends Loss {
  readonly #settings: Settings;

  constructor(options: KLDivOptions = {}) {
    super();
    this.#settings = take("losses.KLDivLoss", options);
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return divergence(input, target, this.#settings, "losses.KLDivLoss");
  }
}
