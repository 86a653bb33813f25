import { number, type OptionDefaults, takeOptions, unsupported } from "../options.ts";
import { abs, square, where } from "../ops/mod.ts";
import type { Tensor } from "../tensor/mod.ts";
import {
  Loss,
  type LossOptions,
  type PairDTypes,
  reduce,
  REDUCTION,
  type Reduction,
  requirePairDTypes,
  requireSameShape,
} from "./reduction.ts";

/** A loss between two tensors of one shape. */
export type PairLoss<O> = ((input: Tensor, target: Tensor, options?: O) => Tensor) & {
  readonly inputs: readonly string[];
};

const INPUTS = { inputs: ["input", "target"] } as const;

/** Options of {@linkcode smoothL1Loss} and {@linkcode SmoothL1Loss}. */
export interface SmoothL1Options extends LossOptions {
  /** Where the square ends and the absolute value begins; 0 is L1. @default 1 */
  readonly beta?: number;
}

/** Options of {@linkcode huberLoss} and {@linkcode HuberLoss}. */
export interface HuberOptions extends LossOptions {
  /** Where the square ends and the absolute value begins. @default 1 */
  readonly delta?: number;
}

const PLAIN: OptionDefaults<LossOptions> = {
  sizeAverage: unsupported(null),
  reduce: unsupported(null),
  reduction: REDUCTION,
};

const SMOOTH_L1: OptionDefaults<SmoothL1Options> = { ...PLAIN, beta: number(1, { min: 0 }) };

const HUBER: OptionDefaults<HuberOptions> = { reduction: REDUCTION, delta: number(1, { above: 0 }) };

function takeReduction(owner: string, options: LossOptions): Reduction {
  return takeOptions<LossOptions>(owner, options, PLAIN).reduction;
}

/** Dtypes that squares take; torch's absolute difference takes no bool beside them, and Huber's no whole input. */
const SQUARE: PairDTypes = {};
const ABSOLUTE: PairDTypes = { input: "number", target: "number" };
const FLOAT_INPUT: PairDTypes = { input: "float" };

function difference(input: Tensor, target: Tensor, accepts: PairDTypes, owner: string): Tensor {
  requireSameShape(input, target, owner);
  requirePairDTypes(input, target, accepts, owner);
  return numbers(input).sub(numbers(target));
}

/** Truth counts as 0 and 1. */
function numbers(x: Tensor): Tensor {
  return x.dtype === "bool" ? x.to("u8") : x;
}

function takeSmoothL1(
  owner: string,
  options: SmoothL1Options,
): { readonly beta: number; readonly reduction: Reduction } {
  return takeOptions<SmoothL1Options>(owner, options, SMOOTH_L1);
}

function takeHuber(
  owner: string,
  options: HuberOptions,
): { readonly delta: number; readonly reduction: Reduction } {
  return takeOptions<HuberOptions>(owner, options, HUBER);
}

function smoothL1(error: Tensor, beta: number): Tensor {
  const size = abs(error);
  if (beta === 0) return size;
  return where(size.lt(beta), square(error).mul(0.5 / beta), size.sub(0.5 * beta));
}

function huber(error: Tensor, delta: number): Tensor {
  const size = abs(error);
  return where(size.le(delta), square(error).mul(0.5), size.sub(0.5 * delta).mul(delta));
}

/**
 * Squared difference; both of one shape. Equals `F.mse_loss`.
 *
 * @throws {ShapeError} where shapes differ, {@linkcode DTypeError} for dtypes that torch refuses.
 *
 * @example
 * ```ts
 * import { tensor } from "../tensor/mod.ts";
 * import { mseLoss } from "./regression.ts";
 * console.assert(await mseLoss(tensor([1, 2]), tensor([1, 4])).item() === 2);
 * ```
 */
export const mseLoss: PairLoss<LossOptions> = Object.assign(
  (input: Tensor, target: Tensor, options: LossOptions = {}): Tensor =>
    reduce(
      square(difference(input, target, SQUARE, "losses.mseLoss")),
      takeReduction("losses.mseLoss", options),
    ),
  INPUTS,
);

/**
 * Absolute difference; both of one shape. Equals `F.l1_loss`.
 *
 * @throws {ShapeError} where shapes differ, {@linkcode DTypeError} for dtypes that torch refuses.
 */
export const l1Loss: PairLoss<LossOptions> = Object.assign(
  (input: Tensor, target: Tensor, options: LossOptions = {}): Tensor =>
    reduce(
      abs(difference(input, target, ABSOLUTE, "losses.l1Loss")),
      takeReduction("losses.l1Loss", options),
    ),
  INPUTS,
);

/**
 * `d² / (2·beta)` for differences below `beta`, else `|d| - beta / 2`. Equals `F.smooth_l1_loss`.
 *
 * @throws {ShapeError} where shapes differ, {@linkcode DTypeError} for dtypes that torch refuses.
 */
export const smoothL1Loss: PairLoss<SmoothL1Options> = Object.assign(
  (input: Tensor, target: Tensor, options: SmoothL1Options = {}): Tensor => {
    const { beta, reduction } = takeSmoothL1("losses.smoothL1Loss", options);
    return reduce(smoothL1(difference(input, target, SQUARE, "losses.smoothL1Loss"), beta), reduction);
  },
  INPUTS,
);

/**
 * `d² / 2` for differences up to `delta`, else `delta · (|d| - delta / 2)`. Equals `F.huber_loss`.
 *
 * @throws {ShapeError} where shapes differ, {@linkcode DTypeError} for dtypes that torch refuses.
 */
export const huberLoss: PairLoss<HuberOptions> = Object.assign(
  (input: Tensor, target: Tensor, options: HuberOptions = {}): Tensor => {
    const { delta, reduction } = takeHuber("losses.huberLoss", options);
    return reduce(huber(difference(input, target, FLOAT_INPUT, "losses.huberLoss"), delta), reduction);
  },
  INPUTS,
);

/** {@linkcode mseLoss} as an object. Equals `torch.nn.MSELoss`. */
export class MSELoss extends Loss {
  readonly reduction: Reduction;

  constructor(options: LossOptions = {}) {
    super();
    this.reduction = takeReduction("losses.MSELoss", options);
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return reduce(square(difference(input, target, SQUARE, "losses.MSELoss")), this.reduction);
  }
}

/** {@linkcode l1Loss} as an object. Equals `torch.nn.L1Loss`. */
export class L1Loss extends Loss {
  readonly reduction: Reduction;

  constructor(options: LossOptions = {}) {
    super();
    this.reduction = takeReduction("losses.L1Loss", options);
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return reduce(abs(difference(input, target, ABSOLUTE, "losses.L1Loss")), this.reduction);
  }
}

/** {@linkcode smoothL1Loss} as an object. Equals `torch.nn.SmoothL1Loss`. */
export class SmoothL1Loss extends Loss {
  readonly beta: number;
  readonly reduction: Reduction;

  constructor(options: SmoothL1Options = {}) {
    super();
    ({ beta: this.beta, reduction: this.reduction } = takeSmoothL1("losses.SmoothL1Loss", options));
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return reduce(
      smoothL1(difference(input, target, SQUARE, "losses.SmoothL1Loss"), this.beta),
      this.reduction,
    );
  }
}

/** {@linkcode huberLoss} as an object. Equals `torch.nn.HuberLoss`. */
export class HuberLoss extends Loss {
  readonly delta: number;
  readonly reduction: Reduction;

  constructor(options: HuberOptions = {}) {
    super();
    ({ delta: this.delta, reduction: this.reduction } = takeHuber("losses.HuberLoss", options));
  }

  override forward(input: Tensor, target: Tensor): Tensor {
    return reduce(
      huber(difference(input, target, FLOAT_INPUT, "losses.HuberLoss"), this.delta),
      this.reduction,
    );
  }
}
