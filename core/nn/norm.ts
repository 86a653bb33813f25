import { OptionError, ShapeError, ValueError } from "../errors.ts";
import { count, either, list, number, optional, required, takeOptions, unsupported } from "../options.ts";
import { requireDType } from "../ops/dtypes.ts";
import { standardise } from "../ops/mod.ts";
import { pythonLiteral } from "../python_literal.ts";
import { noGrad, ones, type Tensor, variable } from "../tensor/mod.ts";
import { located } from "./located.ts";
import { Module } from "./module.ts";
import { reprOf } from "./repr.ts";
import { requireRank } from "./sizes.ts";

/** Options of {@linkcode BatchNorm1d} and {@linkcode BatchNorm2d}. */
export interface BatchNormOptions {
  /** Channels: the size of axis 1. */
  readonly numFeatures: number;
  /** Added to the variance. @default 1e-5 */
  readonly eps?: number;
  /** Weight of the newest batch in the running statistics; `null` averages all batches equally. @default 0.1 */
  readonly momentum?: number | null;
  /** Whether there is a weight and a bias per channel. @default true */
  readonly affine?: boolean;
  /** Whether running statistics are kept and used in evaluation. @default true */
  readonly trackRunningStats?: boolean;
}

/** What the two batch norms share; they differ in the ranks they take. */
abstract class BatchNorm extends Module {
  readonly numFeatures: number;
  readonly eps: number;
  readonly momentum: number | null;
  /** `[numFeatures]`, or `null`. */
  readonly weight: Tensor | null;
  /** `[numFeatures]`, or `null`. */
  readonly bias: Tensor | null;
  /** `[numFeatures]`, or `null`. */
  readonly runningMean: Tensor | null;
  /** `[numFeatures]`, of the unbiased variance, or `null`. */
  readonly runningVar: Tensor | null;
  /** i32 `[]`, or `null`. */
  readonly numBatchesTracked: Tensor | null;

  constructor(owner: string, options: BatchNormOptions) {
    super();
    const o = takeOptions<BatchNormOptions>(owner, options, {
      numFeatures: count(required),
      eps: number(1e-5, { min: 0 }),
      momentum: optional(number(0.1), 0.1),
      affine: true,
      trackRunningStats: true,
      device: unsupported(null),
      dtype: unsupported(null),
      bias: unsupported(true),
    });
    this.numFeatures = o.numFeatures;
    this.eps = o.eps;
    this.momentum = o.momentum;
    const size = o.numFeatures;
    this.weight = o.affine
      ? this.parameter(variable(new Float32Array(size).fill(1), { shape: [size] }))
      : null;
    this.bias = o.affine ? this.parameter(variable(new Float32Array(size), { shape: [size] })) : null;
    const track = o.trackRunningStats;
    this.runningMean = track ? this.buffer(variable(new Float32Array(size), { shape: [size] })) : null;
    this.runningVar = track ? this.buffer(variable(new Float32Array(size).fill(1), { shape: [size] })) : null;
    this.numBatchesTracked = track
      ? this.buffer(variable(new Int32Array(1), { shape: [], dtype: "i32" }))
      : null;
  }

  override extraRepr(): string {
    const { numFeatures, eps, momentum, weight, bias, runningMean } = this;
    const flags = { affine: weight !== null, bias: bias !== null, trackRunningStats: runningMean !== null };
    return `${numFeatures}, ${reprOf({ eps, momentum, ...flags })}`;
  }

  /** Normalises over every axis but 1. */
  protected normalise(input: Tensor): Tensor {
    located(this, requireDType, this.constructor.name, input, "float");
    if (input.shape[1] !== this.numFeatures) {
      throw new ShapeError(
        `${this.constructor.name} takes ${this.numFeatures} channels and is given ${input.shape[1]}: input [${
          input.shape.join(", ")
        }]`,
        { where: this.location, fix: `set numFeatures to ${input.shape[1]}` },
      );
    }
    const shape = input.shape.map((n, d) => d === 1 ? n : 1);
    const { runningMean, runningVar } = this;
    let normal: Tensor;
    if (this.training || runningMean === null || runningVar === null) {
      normal = this.#byBatch(input);
    } else {
      const deviation = runningVar.add(this.eps).sqrt();
      normal = input.sub(runningMean.reshape(shape)).div(deviation.reshape(shape)).to(input.dtype);
    }
    if (this.weight === null || this.bias === null) return normal;
    return normal.mul(this.weight.reshape(shape)).add(this.bias.reshape(shape)).to(input.dtype);
  }

  #byBatch(input: Tensor): Tensor {
    const count = input.size / this.numFeatures;
    if (this.training && count <= 1) {
      throw new ValueError(
        `${this.constructor.name} needs more than one value per channel in training, and the input is [${
          input.shape.join(", ")
        }]`,
        { where: this.location, fix: "use a larger batch, set drop_last: true, or call eval()" },
      );
    }
    const axes = input.shape.map((_, d) => d).filter((d) => d !== 1);
    const { value, mean, variance } = standardise(input, axes, this.eps);
    if (this.training) this.#track(mean, variance, count);
    return value;
  }

  #track(mean: Tensor, variance: Tensor, count: number): void {
    const { runningMean, runningVar, numBatchesTracked } = this;
    if (runningMean === null || runningVar === null || numBatchesTracked === null) return;
    noGrad(() => {
      const batches = numBatchesTracked.add(1);
      const share = this.momentum ?? ones([]).div(batches.to("f32"));
      const toward = (old: Tensor, value: Tensor): Tensor =>
        old.add(value.reshape(old.shape).sub(old).mul(share));
      numBatchesTracked.assign(batches);
      runningMean.assign(toward(runningMean, mean));
      runningVar.assign(toward(runningVar, variance.mul(count / (count - 1))));
    });
  }
}

/**
 * Normalises each channel over the batch: `[batch, c] → [batch, c]` or `[batch, c, length]`, kept.
 *
 * In training with the batch's mean and biased variance; in evaluation with the running ones. Equals
 * `torch.nn.BatchNorm1d`.
 *
 * @throws {ValueError} where a channel has a single value in training, {@linkcode DTypeError} for whole numbers.
 *
 * @example
 * ```ts
 * import { BatchNorm1d } from "./norm.ts";
 * const names = Object.keys(new BatchNorm1d({ numFeatures: 4 }).stateDict());
 * console.assert(names.join() === "weight,bias,running_mean,running_var,num_batches_tracked");
 * ```
 */
export class BatchNorm1d extends BatchNorm {
  constructor(options: BatchNormOptions) {
    super("nn.BatchNorm1d", options);
  }

  override forward(input: Tensor): Tensor {
    requireRank(input, [2, 3], "[batch, channels] or [batch, channels, length]", this.location);
    return this.normalise(input);
  }
}

/**
 * Normalises each channel over the batch and the image: `[batch, c, h, w]`, kept. Equals `torch.nn.BatchNorm2d`.
 *
 * @throws {ValueError} where a channel has a single value in training, {@linkcode DTypeError} for whole numbers.
 */
export class BatchNorm2d extends BatchNorm {
  constructor(options: BatchNormOptions) {
    super("nn.BatchNorm2d", options);
  }

  override forward(input: Tensor): Tensor {
    requireRank(input, [4], "[batch, channels, height, width]", this.location);
    return this.normalise(input);
  }
}

/** Options of {@linkcode LayerNorm}. */
export interface LayerNormOptions {
  /** Sizes of the trailing axes that are normalised together; a number is one axis. */
  readonly normalizedShape: number | readonly number[];
  /** Added to the variance. @default 1e-5 */
  readonly eps?: number;
  /** Whether there is a weight per element. @default true */
  readonly elementwiseAffine?: boolean;
  /** Whether there is a bias beside the weight. @default true */
  readonly bias?: boolean;
}

/**
 * Normalises each sample over its trailing axes, with the biased variance: `[…, normalizedShape]`, kept. Equals
 * `torch.nn.LayerNorm`.
 *
 * @throws {ShapeError} where the input does not end in `normalizedShape`, {@linkcode DTypeError} for whole numbers.
 *
 * @example
 * ```ts
 * import { LayerNorm } from "./norm.ts";
 * console.assert(new LayerNorm({ normalizedShape: [4, 2] }).weight?.shape.join() === "4,2");
 * ```
 */
export class LayerNorm extends Module {
  readonly normalizedShape: readonly number[];
  readonly eps: number;
  readonly weight: Tensor | null;
  readonly bias: Tensor | null;

  constructor(options: LayerNormOptions) {
    super();
    const owner = "nn.LayerNorm";
    const o = takeOptions<LayerNormOptions>(owner, options, {
      normalizedShape: either(count(required), list(count(required))),
      eps: number(1e-5, { min: 0 }),
      elementwiseAffine: true,
      bias: true,
      device: unsupported(null),
      dtype: unsupported(null),
    });
    const shape = typeof o.normalizedShape === "number" ? [o.normalizedShape] : [...o.normalizedShape];
    if (shape.length === 0) {
      throw new OptionError(`${owner} cannot use normalizedShape = []`, {
        fix: "name at least one axis",
        data: { owner, option: "normalizedShape", known: ["normalizedShape"] },
      });
    }
    this.normalizedShape = shape;
    this.eps = o.eps;
    const size = shape.reduce((product, n) => product * n, 1);
    this.weight = o.elementwiseAffine
      ? this.parameter(variable(new Float32Array(size).fill(1), { shape }))
      : null;
    this.bias = o.elementwiseAffine && o.bias
      ? this.parameter(variable(new Float32Array(size), { shape }))
      : null;
  }

  override extraRepr(): string {
    return `${pythonLiteral(this.normalizedShape)}, ${
      reprOf({ eps: this.eps, elementwiseAffine: this.weight !== null, bias: this.bias !== null })
    }`;
  }

  override forward(input: Tensor): Tensor {
    const { normalizedShape: shape } = this;
    const lead = input.rank - shape.length;
    if (lead < 0 || shape.some((n, d) => input.shape[lead + d] !== n)) {
      throw new ShapeError(
        `LayerNorm takes […, ${shape.join(", ")}] and is given [${input.shape.join(", ")}]`,
        {
          where: this.location,
          fix: "set normalizedShape to the input's trailing sizes",
        },
      );
    }
    located(this, requireDType, "LayerNorm", input, "float");
    const normal = standardise(input, shape.map((_, d) => lead + d), this.eps).value;
    const scaled = this.weight === null ? normal : normal.mul(this.weight);
    return (this.bias === null ? scaled : scaled.add(this.bias)).to(input.dtype);
  }
}
