import { choice, number, takeOptions } from "../options.ts";
import {
  elu,
  gelu,
  hardsigmoid,
  hardswish,
  leakyRelu,
  logSigmoid,
  logSoftmax,
  mish,
  relu,
  relu6,
  selu,
  sigmoid,
  silu,
  softmax,
  softplus,
  softsign,
  tanh,
} from "../ops/mod.ts";
import { pythonFloat } from "../python_literal.ts";
import type { Tensor } from "../tensor/mod.ts";
import { located } from "./located.ts";
import { Module } from "./module.ts";
import { reprOf } from "./repr.ts";

/** No options. */
export type NoOptions = Readonly<Record<never, never>>;

/** The one option of activations that torch can compute in place. */
export interface InplaceOptions {
  /** Takes torch's option; memory is planned, so both values give the same program. @default false */
  readonly inplace?: boolean;
}

/**
 * `max(x, 0)`, elementwise; shape kept. Equals `torch.nn.ReLU`.
 *
 * @example
 * ```ts
 * import { tensor } from "../tensor/mod.ts";
 * import { ReLU } from "./activation.ts";
 * console.assert((await new ReLU().forward(tensor([-1, 2])).data()).join() === "0,2");
 * ```
 */
export class ReLU extends Module {
  /** Changes nothing here; kept so that the module prints as in torch. */
  readonly inplace: boolean;

  constructor(options: InplaceOptions = {}) {
    super();
    this.inplace = takeOptions("nn.ReLU", options, { inplace: false }).inplace;
  }

  override extraRepr(): string {
    return this.inplace ? "inplace=True" : "";
  }

  override forward(input: Tensor): Tensor {
    return located(this, relu, input);
  }
}

/** Options of {@linkcode LeakyReLU}. */
export interface LeakyReLUOptions extends InplaceOptions {
  /** Factor on negative values. @default 0.01 */
  readonly negativeSlope?: number;
}

/** `x` where positive, else `negativeSlope · x`, elementwise. Equals `torch.nn.LeakyReLU`. */
export class LeakyReLU extends Module {
  readonly negativeSlope: number;

  constructor(options: LeakyReLUOptions = {}) {
    super();
    this.negativeSlope =
      takeOptions<LeakyReLUOptions>("nn.LeakyReLU", options, { negativeSlope: 0.01, inplace: false })
        .negativeSlope;
  }

  override extraRepr(): string {
    return `negative_slope=${pythonFloat(this.negativeSlope)}`;
  }

  override forward(input: Tensor): Tensor {
    return located(this, leakyRelu, input, { negativeSlope: this.negativeSlope });
  }
}

/** Options of {@linkcode ELU}. */
export interface ELUOptions extends InplaceOptions {
  /** Limit for large negative values, negated. @default 1 */
  readonly alpha?: number;
}

/** `x` where positive, else `alpha · (exp(x) - 1)`, elementwise. Equals `torch.nn.ELU`. */
export class ELU extends Module {
  readonly alpha: number;

  constructor(options: ELUOptions = {}) {
    super();
    this.alpha = takeOptions("nn.ELU", options, { alpha: 1, inplace: false }).alpha;
  }

  override extraRepr(): string {
    return `alpha=${pythonFloat(this.alpha)}`;
  }

  override forward(input: Tensor): Tensor {
    return located(this, elu, input, { alpha: this.alpha });
  }
}

/** Options of {@linkcode GELU}. */
export interface GELUOptions {
  /** `"tanh"` takes the usual approximation of the normal distribution. @default "none" */
  readonly approximate?: "none" | "tanh";
}

/** Gaussian error linear unit, `x · Φ(x)`, elementwise. Equals `torch.nn.GELU`. */
export class GELU extends Module {
  readonly approximate: "none" | "tanh";

  constructor(options: GELUOptions = {}) {
    super();
    const o = takeOptions<GELUOptions>("nn.GELU", options, {
      approximate: choice("none", ["none", "tanh"]),
    });
    this.approximate = o.approximate;
  }

  override extraRepr(): string {
    return reprOf({ approximate: this.approximate });
  }

  override forward(input: Tensor): Tensor {
    return located(this, gelu, input, { approximate: this.approximate });
  }
}

/** `x · sigmoid(x)`, elementwise. Equals `torch.nn.SiLU`. */
export class SiLU extends Module {
  /** Changes nothing here; kept so that the module prints as in torch. */
  readonly inplace: boolean;

  constructor(options: InplaceOptions = {}) {
    super();
    this.inplace = takeOptions("nn.SiLU", options, { inplace: false }).inplace;
  }

  override extraRepr(): string {
    return this.inplace ? "inplace=True" : "";
  }

  override forward(input: Tensor): Tensor {
    return located(this, silu, input);
  }
}

/** `1 / (1 + exp(-x))`, elementwise. Equals `torch.nn.Sigmoid`. */
export class Sigmoid extends Module {
  constructor(options: NoOptions = {}) {
    super();
    takeOptions("nn.Sigmoid", options, {});
  }

  override forward(input: Tensor): Tensor {
    return located(this, sigmoid, input);
  }
}

/** Hyperbolic tangent, elementwise. Equals `torch.nn.Tanh`. */
export class Tanh extends Module {
  constructor(options: NoOptions = {}) {
    super();
    takeOptions("nn.Tanh", options, {});
  }

  override forward(input: Tensor): Tensor {
    return located(this, tanh, input);
  }
}

/** `min(max(x, 0), 6)`, elementwise. Equals `torch.nn.ReLU6`. */
export class ReLU6 extends Module {
  /** Changes nothing here; kept so that the module prints as in torch. */
  readonly inplace: boolean;

  constructor(options: InplaceOptions = {}) {
    super();
    this.inplace = takeOptions("nn.ReLU6", options, { inplace: false }).inplace;
  }

  override extraRepr(): string {
    return this.inplace ? "inplace=True" : "";
  }

  override forward(input: Tensor): Tensor {
    return located(this, relu6, input);
  }
}

/** Scaled exponential linear unit, elementwise. Equals `torch.nn.SELU`. */
export class SELU extends Module {
  /** Changes nothing here; kept so that the module prints as in torch. */
  readonly inplace: boolean;

  constructor(options: InplaceOptions = {}) {
    super();
    this.inplace = takeOptions("nn.SELU", options, { inplace: false }).inplace;
  }

  override extraRepr(): string {
    return this.inplace ? "inplace=True" : "";
  }

  override forward(input: Tensor): Tensor {
    return located(this, selu, input);
  }
}

/** `x · tanh(softplus(x))`, elementwise. Equals `torch.nn.Mish`. */
export class Mish extends Module {
  /** Changes nothing here; kept so that the module prints as in torch. */
  readonly inplace: boolean;

  constructor(options: InplaceOptions = {}) {
    super();
    this.inplace = takeOptions("nn.Mish", options, { inplace: false }).inplace;
  }

  override extraRepr(): string {
    return this.inplace ? "inplace=True" : "";
  }

  override forward(input: Tensor): Tensor {
    return located(this, mish, input);
  }
}

/** `x · min(max(x + 3, 0), 6) / 6`, elementwise. Equals `torch.nn.Hardswish`. */
export class Hardswish extends Module {
  /** Changes nothing here; kept so that the module prints as in torch. */
  readonly inplace: boolean;

  constructor(options: InplaceOptions = {}) {
    super();
    this.inplace = takeOptions("nn.Hardswish", options, { inplace: false }).inplace;
  }

  override extraRepr(): string {
    return this.inplace ? "inplace=True" : "";
  }

  override forward(input: Tensor): Tensor {
    return located(this, hardswish, input);
  }
}

/** `min(max(x + 3, 0), 6) / 6`, elementwise. Equals `torch.nn.Hardsigmoid`. */
export class Hardsigmoid extends Module {
  /** Changes nothing here; kept so that the module prints as in torch. */
  readonly inplace: boolean;

  constructor(options: InplaceOptions = {}) {
    super();
    this.inplace = takeOptions("nn.Hardsigmoid", options, { inplace: false }).inplace;
  }

  override extraRepr(): string {
    return this.inplace ? "inplace=True" : "";
  }

  override forward(input: Tensor): Tensor {
    return located(this, hardsigmoid, input);
  }
}

/** `x / (1 + |x|)`, elementwise. Equals `torch.nn.Softsign`. */
export class Softsign extends Module {
  constructor(options: NoOptions = {}) {
    super();
    takeOptions("nn.Softsign", options, {});
  }

  override forward(input: Tensor): Tensor {
    return located(this, softsign, input);
  }
}

/** The logarithm of the sigmoid, without its loss of precision, elementwise. Equals `torch.nn.LogSigmoid`. */
export class LogSigmoid extends Module {
  constructor(options: NoOptions = {}) {
    super();
    takeOptions("nn.LogSigmoid", options, {});
  }

  override forward(input: Tensor): Tensor {
    return located(this, logSigmoid, input);
  }
}

/** Options of {@linkcode Softplus}. */
export interface SoftplusOptions {
  /** Steepness. @default 1 */
  readonly beta?: number;
  /** Above this value of `beta · x` the result is `x` itself. @default 20 */
  readonly threshold?: number;
}

/** `log(1 + exp(beta · x)) / beta`, elementwise. Equals `torch.nn.Softplus`. */
export class Softplus extends Module {
  readonly beta: number;
  readonly threshold: number;

  constructor(options: SoftplusOptions = {}) {
    super();
    const o = takeOptions<SoftplusOptions>("nn.Softplus", options, { beta: 1, threshold: 20 });
    this.beta = o.beta;
    this.threshold = o.threshold;
  }

  override extraRepr(): string {
    return `beta=${pythonFloat(this.beta)}, threshold=${pythonFloat(this.threshold)}`;
  }

  override forward(input: Tensor): Tensor {
    return located(this, softplus, input, { beta: this.beta, threshold: this.threshold });
  }
}

/** Options of {@linkcode Softmax} and {@linkcode LogSoftmax}. */
export interface SoftmaxOptions {
  /** The axis that sums to one. @default -1, where torch warns and guesses */
  readonly dim?: number;
}

const AXIS = number(-1, { integer: true });

/** `exp(x)` over its sum along one axis. Equals `torch.nn.Softmax`. */
export class Softmax extends Module {
  readonly dim: number;

  constructor(options: SoftmaxOptions = {}) {
    super();
    this.dim = takeOptions<SoftmaxOptions>("nn.Softmax", options, { dim: AXIS }).dim;
  }

  override extraRepr(): string {
    return reprOf({ dim: this.dim });
  }

  override forward(input: Tensor): Tensor {
    return located(this, softmax, input, { dim: this.dim });
  }
}

/** The logarithm of {@linkcode Softmax}, without its loss of precision. Equals `torch.nn.LogSoftmax`. */
export class LogSoftmax extends Module {
  readonly dim: number;

  constructor(options: SoftmaxOptions = {}) {
    super();
    this.dim = takeOptions<SoftmaxOptions>("nn.LogSoftmax", options, { dim: AXIS }).dim;
  }

  override extraRepr(): string {
    return reprOf({ dim: this.dim });
  }

  override forward(input: Tensor): Tensor {
    return located(this, logSoftmax, input, { dim: this.dim });
  }
}
