import { OptionError, ShapeError } from "../errors.ts";
import { number, optional, required, type Taken, takeOptions, unsupported, wrongValue } from "../options.ts";
import { avgPool2d, maxPool2d } from "../ops/mod.ts";
import type { Tensor } from "../tensor/mod.ts";
import { located } from "./located.ts";
import { Module } from "./module.ts";
import { reprOf } from "./repr.ts";
import { pair, requireRank, type Size2, size2 } from "./sizes.ts";

/** Options of {@linkcode MaxPool2d}. */
export interface Pool2dOptions {
  /** Size of the window. */
  readonly kernelSize: Size2;
  /** Step between windows. @default kernelSize */
  readonly stride?: Size2 | null;
  /** Border added on each side: of -∞ for the maximum, of zeros for the average. @default 0 */
  readonly padding?: Size2;
  /** Whether a last window that reaches beyond the border counts. @default false */
  readonly ceilMode?: boolean;
}

/** Options of {@linkcode AvgPool2d}. */
export interface AvgPool2dOptions extends Pool2dOptions {
  /** Whether zeros of the border count in the mean. @default true */
  readonly countIncludePad?: boolean;
  /** What sums are divided by. @default the size of the window */
  readonly divisorOverride?: number | null;
}

/** Window, step and border of a pool. */
interface Window {
  readonly kernelSize: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  readonly ceilMode: boolean;
}

/**
 * Largest value of each window: `[batch, c, h, w] → [batch, c, h', w']`, `h' = ⌊(h + 2·padding - kernel) / stride⌋ + 1`.
 * Equals `torch.nn.MaxPool2d` without dilation and indices.
 *
 * @throws {OptionError} where the padding exceeds half the kernel.
 *
 * @example
 * ```ts
 * import { arange } from "../tensor/mod.ts";
 * import { MaxPool2d } from "./pool.ts";
 * const pooled = new MaxPool2d({ kernelSize: 2 }).forward(arange(16).to("f32").reshape([1, 1, 4, 4]));
 * console.assert((await pooled.data()).join() === "5,7,13,15");
 * ```
 */
export class MaxPool2d extends Module {
  readonly window: Window;

  constructor(options: Pool2dOptions) {
    super();
    const owner = "nn.MaxPool2d";
    const o = takeOptions<Pool2dOptions>(owner, options, {
      ...WINDOW,
      dilation: unsupported(1, [1, 1]),
      returnIndices: unsupported(false),
      ceilMode: false,
    });
    this.window = takeWindow(owner, o);
  }

  override extraRepr(): string {
    return reprOf({ ...printed(this.window), dilation: 1, ceilMode: this.window.ceilMode });
  }

  override forward(input: Tensor): Tensor {
    return pooled(this, input, (x) => maxPool2d(x, this.window));
  }
}

/**
 * Mean of each window, zeros of the border counted unless told otherwise: `[batch, c, h, w] → [batch, c, h', w']`.
 * Equals `torch.nn.AvgPool2d`.
 *
 * @throws {OptionError} where the padding exceeds half the kernel.
 */
export class AvgPool2d extends Module {
  readonly window: Window;
  readonly countIncludePad: boolean;
  readonly divisorOverride: number | null;

  constructor(options: AvgPool2dOptions) {
    super();
    const owner = "nn.AvgPool2d";
    const o = takeOptions<AvgPool2dOptions>(owner, options, {
      ...WINDOW,
      ceilMode: false,
      countIncludePad: true,
      divisorOverride: optional(number(required)),
    });
    if (o.divisorOverride === 0) throw wrongValue(owner, "divisor_override", 0, "give a number other than 0");
    this.window = takeWindow(owner, o);
    this.countIncludePad = o.countIncludePad;
    this.divisorOverride = o.divisorOverride;
  }

  override extraRepr(): string {
    return reprOf(printed(this.window));
  }

  override forward(input: Tensor): Tensor {
    const { countIncludePad, divisorOverride } = this;
    return pooled(
      this,
      input,
      (x) => avgPool2d(x, { ...this.window, countIncludePad, divisorOverride }),
    );
  }
}

/** Options of {@linkcode AdaptiveAvgPool2d}. */
export interface AdaptivePool2dOptions {
  /** Height and width of the result. */
  readonly outputSize: Size2;
}

/**
 * Means of windows that divide the image evenly: `[batch, c, h, w] → [batch, c, …outputSize]`. Equals
 * `torch.nn.AdaptiveAvgPool2d` where the sizes are multiples of the result's.
 *
 * @throws {ShapeError} where they are not.
 */
export class AdaptiveAvgPool2d extends Module {
  readonly outputSize: readonly [number, number];

  constructor(options: AdaptivePool2dOptions) {
    super();
    const o = takeOptions<AdaptivePool2dOptions>("nn.AdaptiveAvgPool2d", options, {
      outputSize: size2(required, 1),
    });
    this.outputSize = pair("nn.AdaptiveAvgPool2d", "outputSize", o.outputSize, 1);
  }

  override extraRepr(): string {
    return reprOf({ outputSize: single(this.outputSize) });
  }

  override forward(input: Tensor): Tensor {
    return pooled(this, input, (x) => {
      const [height, width] = this.outputSize;
      const kernelSize: [number, number] = [x.shape[2]! / height, x.shape[3]! / width];
      if (kernelSize.some((n) => !Number.isInteger(n) || n === 0)) {
        throw new ShapeError(
          `An image of ${x.shape[2]}×${x.shape[3]} does not divide into ${height}×${width}`,
          {
            where: this.location,
            fix: "use an outputSize that divides the image, or AvgPool2d",
          },
        );
      }
      return avgPool2d(x, { kernelSize });
    });
  }
}

const WINDOW = { kernelSize: size2(required, 1), stride: optional(size2(required, 1)), padding: size2(0, 0) };

function takeWindow(owner: string, o: Taken<Pool2dOptions>): Window {
  const kernelSize = pair(owner, "kernelSize", o.kernelSize, 1);
  const stride = o.stride === null ? kernelSize : pair(owner, "stride", o.stride, 1);
  const padding = pair(owner, "padding", o.padding, 0);
  if (padding.some((n, d) => 2 * n > kernelSize[d]!)) {
    throw new OptionError(
      `${owner} cannot use padding = ${JSON.stringify(padding)} with kernel ${kernelSize}`,
      {
        fix: "the padding may be half the kernel at most, so that no window lies in it alone",
        data: { owner, option: "padding", known: ["kernelSize", "stride", "padding"] },
      },
    );
  }
  return { kernelSize, stride, padding, ceilMode: o.ceilMode };
}

/** A window as torch writes it: one number where both axes agree. */
function printed({ kernelSize, stride, padding }: Window): Record<string, unknown> {
  return { kernelSize: single(kernelSize), stride: single(stride), padding: single(padding) };
}

function single([height, width]: readonly [number, number]): Size2 {
  return height === width ? height : [height, width];
}

function pooled(layer: Module, input: Tensor, pool: (input: Tensor) => Tensor): Tensor {
  requireRank(input, [3, 4], "[batch, channels, height, width]", layer.location);
  return input.rank === 3 ? located(layer, pool, input.unsqueeze(0)).squeeze(0) : located(layer, pool, input);
}
