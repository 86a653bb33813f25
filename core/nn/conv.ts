import { OptionError, ShapeError } from "../errors.ts";
import { choice, count, either, required, takeOptions, unsupported } from "../options.ts";
import { conv2d } from "../ops/mod.ts";
import { type Tensor, variable } from "../tensor/mod.ts";
import { fanInUniform, kaimingUniform } from "./init.ts";
import { pythonLiteral } from "../python_literal.ts";
import { located } from "./located.ts";
import { Module } from "./module.ts";
import { reprOf } from "./repr.ts";
import { pair, requireRank, type Size2, size2 } from "./sizes.ts";

/** Options of {@linkcode Conv2d}. */
export interface Conv2dOptions {
  /** Channels of the input. */
  readonly inChannels: number;
  /** Channels of the output. */
  readonly outChannels: number;
  /** Size of the kernel. */
  readonly kernelSize: Size2;
  /** Step between outputs. @default 1 */
  readonly stride?: Size2;
  /** Zeros added on each side; `"same"` keeps the size at stride 1. @default 0 */
  readonly padding?: Size2 | "valid" | "same";
  /** Step between kernel elements. @default 1 */
  readonly dilation?: Size2;
  /** Groups of channels that do not see each other. @default 1 */
  readonly groups?: number;
  /** Whether a bias is added. @default true */
  readonly bias?: boolean;
  /** What lies outside the image; zeros only. @default "zeros" */
  readonly paddingMode?: "zeros";
}

/**
 * Two-dimensional cross-correlation: `[batch, inChannels, h, w] → [batch, outChannels, h', w']` with
 * `h' = ⌊(h + 2·padding - dilation·(kernel - 1) - 1) / stride⌋ + 1`.
 *
 * An input without batch axis is taken as a batch of one. Initial values are torch's for the same seed. Equals
 * `torch.nn.Conv2d`.
 *
 * @throws {OptionError} where sizes or groups do not go together.
 * @throws {ShapeError} where the input has other channels.
 * @throws {DTypeError} where the input's dtype is not the weight's.
 *
 * @example
 * ```ts
 * import { Conv2d } from "./conv.ts";
 * const layer = new Conv2d({ inChannels: 1, outChannels: 8, kernelSize: 3, padding: 1 });
 * console.assert(layer.weight.shape.join() === "8,1,3,3");
 * ```
 */
export class Conv2d extends Module {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernelSize: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  readonly dilation: readonly [number, number];
  readonly groups: number;
  /** `[outChannels, inChannels / groups, kernelHeight, kernelWidth]`. */
  readonly weight: Tensor;
  /** `[outChannels]`, or `null`. */
  readonly bias: Tensor | null;
  /** The padding as it was given, in Python's words. */
  readonly #padding: string;

  constructor(options: Conv2dOptions) {
    super();
    const owner = "nn.Conv2d";
    const o = takeOptions<Conv2dOptions>(owner, options, {
      inChannels: count(required, 1),
      outChannels: count(required, 1),
      kernelSize: size2(required, 1),
      stride: size2(1, 1),
      padding: either(size2(0, 0), choice("same", ["valid", "same"])),
      dilation: size2(1, 1),
      groups: count(1, 1),
      bias: true,
      paddingMode: choice("zeros", ["zeros"]),
      device: unsupported(null),
      dtype: unsupported(null),
    });
    this.inChannels = o.inChannels;
    this.outChannels = o.outChannels;
    this.groups = o.groups;
    if (o.inChannels % o.groups !== 0 || o.outChannels % o.groups !== 0) {
      throw new OptionError(
        `${owner} cannot split ${o.inChannels} and ${o.outChannels} channels into ${o.groups} groups`,
        {
          fix: "inChannels and outChannels must be multiples of groups",
          data: { owner, option: "groups", known: ["groups"] },
        },
      );
    }
    this.kernelSize = pair(owner, "kernelSize", o.kernelSize, 1);
    this.stride = pair(owner, "stride", o.stride, 1);
    this.dilation = pair(owner, "dilation", o.dilation, 1);
    this.padding = typeof o.padding === "string"
      ? this.#namedPadding(o.padding)
      : pair(owner, "padding", o.padding, 0);
    this.#padding = typeof o.padding === "string" ? o.padding : pythonLiteral(this.padding);
    const shape = [o.outChannels, o.inChannels / o.groups, ...this.kernelSize];
    this.weight = this.parameter(variable(kaimingUniform(shape, { a: Math.sqrt(5) }), { shape }));
    const fanIn = shape[1]! * shape[2]! * shape[3]!;
    this.bias = o.bias
      ? this.parameter(variable(fanInUniform([o.outChannels], fanIn), { shape: [o.outChannels] }))
      : null;
  }

  override extraRepr(): string {
    return [
      `${this.inChannels}, ${this.outChannels}, ${
        reprOf({ kernelSize: this.kernelSize, stride: this.stride })
      }`,
      ...(this.#padding === "(0, 0)" ? [] : [`padding=${this.#padding}`]),
      ...(this.dilation.every((n) => n === 1) ? [] : [reprOf({ dilation: this.dilation })]),
      ...(this.groups === 1 ? [] : [reprOf({ groups: this.groups })]),
      ...(this.bias === null ? ["bias=False"] : []),
    ].join(", ");
  }

  override forward(input: Tensor): Tensor {
    requireRank(input, [3, 4], "[batch, channels, height, width]", this.location);
    if (input.rank === 3) return this.forward(input.unsqueeze(0)).squeeze(0);
    if (input.shape[1] !== this.inChannels) {
      const shapes = `input [${input.shape.join(", ")}], weight [${this.weight.shape.join(", ")}]`;
      throw new ShapeError(
        `Conv2d takes ${this.inChannels} channels and is given ${input.shape[1]}: ${shapes}`,
        {
          where: this.location,
          fix: `set inChannels to ${input.shape[1]}, or give the input as [batch, channels, height, width]`,
        },
      );
    }
    const { stride, padding, dilation, groups } = this;
    return located(this, conv2d, input, this.weight, { bias: this.bias, stride, padding, dilation, groups });
  }

  #namedPadding(name: "valid" | "same"): [number, number] {
    if (name === "valid") return [0, 0];
    const total = this.kernelSize.map((k, d) => this.dilation[d]! * (k - 1));
    if (this.stride.some((s) => s !== 1) || total.some((n) => n % 2 !== 0)) {
      throw new OptionError(
        `nn.Conv2d cannot use padding = "same" with stride ${this.stride} and kernel ${this.kernelSize}`,
        {
          fix: "use stride 1 and an odd kernel, or give the padding as numbers",
          data: { owner: "nn.Conv2d", option: "padding", known: ["padding"] },
        },
      );
    }
    return [total[0]! / 2, total[1]! / 2];
  }
}
