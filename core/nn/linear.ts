import { ShapeError } from "../errors.ts";
import { count, required, takeOptions, unsupported } from "../options.ts";
import { linear } from "../ops/mod.ts";
import { type Tensor, variable } from "../tensor/mod.ts";
import { fanInUniform, kaimingUniform } from "./init.ts";
import { located } from "./located.ts";
import { Module } from "./module.ts";
import { reprOf } from "./repr.ts";

/** Options of {@linkcode Linear}. */
export interface LinearOptions {
  /** Size of the last axis of the input. */
  readonly inFeatures: number;
  /** Size of the last axis of the output. */
  readonly outFeatures: number;
  /** Whether a bias is added. @default true */
  readonly bias?: boolean;
}

/**
 * `x · weightᵀ + bias` over the last axis: `[…, inFeatures] → […, outFeatures]`.
 *
 * Weights and bias start as U(±1 / √inFeatures), with torch's draws for the same seed. Equals `torch.nn.Linear`.
 *
 * @throws {ShapeError} where the input's last axis has another size.
 * @throws {DTypeError} where the input's dtype is not the weight's.
 *
 * @example
 * ```ts
 * import { Linear } from "./linear.ts";
 * const layer = new Linear({ inFeatures: 3, outFeatures: 2 });
 * console.assert(layer.weight.shape.join() === "2,3");
 * ```
 */
export class Linear extends Module {
  readonly inFeatures: number;
  readonly outFeatures: number;
  /** `[outFeatures, inFeatures]`. */
  readonly weight: Tensor;
  /** `[outFeatures]`, or `null`. */
  readonly bias: Tensor | null;

  constructor(options: LinearOptions) {
    super();
    const o = takeOptions<LinearOptions>("nn.Linear", options, {
      inFeatures: count(required),
      outFeatures: count(required),
      bias: true,
      device: unsupported(null),
      dtype: unsupported(null),
    });
    this.inFeatures = o.inFeatures;
    this.outFeatures = o.outFeatures;
    const shape = [o.outFeatures, o.inFeatures];
    this.weight = this.parameter(variable(kaimingUniform(shape, { a: Math.sqrt(5) }), { shape }));
    this.bias = o.bias
      ? this.parameter(variable(fanInUniform([o.outFeatures], o.inFeatures), { shape: [o.outFeatures] }))
      : null;
  }

  override extraRepr(): string {
    return reprOf({ inFeatures: this.inFeatures, outFeatures: this.outFeatures, bias: this.bias !== null });
  }

  override forward(input: Tensor): Tensor {
    const width = input.shape.at(-1);
    if (width !== this.inFeatures) {
      const shapes = `input [${input.shape.join(", ")}], weight [${this.weight.shape.join(", ")}]`;
      throw new ShapeError(
        `Linear takes ${this.inFeatures} features and is given ${width ?? "none"}: ${shapes}`,
        {
          where: this.location,
          fix: width === undefined
            ? "the input needs at least one axis"
            : `set in_features to ${width}, or flatten or reshape the input`,
        },
      );
    }
    return located(this, linear, input, this.weight, this.bias);
  }
}
