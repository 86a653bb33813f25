import { OptionError, ShapeError } from "../errors.ts";
import { structuralNode } from "../compiler/graph.ts";
import type { Conv2dSizes } from "../compiler/kernel.ts";
import { checkedLater, type OptionDefaults, takeOptions } from "../options.ts";
import { showShape } from "../runtime/layout.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { requireOneFloat } from "./dtypes.ts";
import { flip, interleaveZeros, padZeros, permute, reshape, slice } from "./view.ts";

/** One size for both axes, or height and width. */
export type Pair = number | readonly [number, number];

/** Options of {@linkcode conv2d}. */
export interface Conv2dOptions {
  /** `[outChannels]`, added to each output channel. @default null */
  readonly bias?: Tensor | null;
  /** @default 1 */
  readonly stride?: Pair;
  /** Zeros around the input; `"same"` keeps its size (stride 1 only), `"valid"` is 0. @default 0 */
  readonly padding?: Pair | "same" | "valid";
  /** @default 1 */
  readonly dilation?: Pair;
  /** @default 1 */
  readonly groups?: number;
}

/** Both numbers of a pair, checked to be whole and at least `least`. */
export function pairOf(value: Pair, least: number, where: string, name: string): readonly [number, number] {
  const pair = typeof value === "number" ? [value, value] as const : value;
  if (pair.length !== 2 || pair.some((n) => !Number.isInteger(n) || n < least)) {
    throw new OptionError(`${where} cannot use ${name} = ${JSON.stringify(value)}`, {
      where,
      fix: `use a whole number ≥ ${least}, or two of them`,
    });
  }
  return pair;
}

interface Padding {
  readonly before: readonly [number, number];
  readonly after: readonly [number, number];
}

function paddingOf(
  padding: Pair | "same" | "valid",
  kernel: readonly [number, number],
  stride: readonly [number, number],
  dilation: readonly [number, number],
): Padding {
  if (padding === "valid") return { before: [0, 0], after: [0, 0] };
  if (padding !== "same") {
    const both = pairOf(padding, 0, "conv2d", "padding");
    return { before: both, after: both };
  }
  if (stride[0] !== 1 || stride[1] !== 1) {
    throw new OptionError('conv2d cannot use padding = "same" with a stride', {
      where: "conv2d",
      fix: "use stride 1, or numbers for the padding",
    });
  }
  const total = [dilation[0] * (kernel[0] - 1), dilation[1] * (kernel[1] - 1)] as const;
  const before = [Math.floor(total[0] / 2), Math.floor(total[1] / 2)] as const;
  return { before, after: [total[0] - before[0], total[1] - before[1]] };
}

// Sizes are checked below, where the op's name is known.
const CONV: OptionDefaults<Conv2dOptions> = {
  bias: checkedLater<Tensor | null>(null),
  stride: checkedLater<Pair>(1),
  padding: checkedLater<Pair | "same" | "valid">(0),
  dilation: checkedLater<Pair>(1),
  groups: 1,
};

/**
 * 2-D cross-correlation: `[N, C, H, W]` with a weight `[OC, C / groups, KH, KW]` gives `[N, OC, OH, OW]`; an input
 * `[C, H, W]` has no batch. f32 sums. Source: torch `F.conv2d`.
 *
 * @throws {ShapeError} where channels do not fit or the kernel is larger than the padded input.
 * @throws {DTypeError} where input, weight and bias are no floats of one dtype.
 */
export const conv2d: ((input: Tensor, weight: Tensor, options?: Conv2dOptions) => Tensor) & {
  readonly inputs: readonly string[];
} = Object.assign((input: Tensor, weight: Tensor, options: Conv2dOptions = {}): Tensor => {
  const o = takeOptions<Conv2dOptions>("ops.conv2d", options, CONV);
  if (input.rank === 3) {
    const single = conv2d(reshape(input, [1, ...input.shape]), weight, options);
    return reshape(single, single.shape.slice(1));
  }
  if (o.bias === null) requireOneFloat("conv2d", input, weight);
  else requireOneFloat("conv2d", input, weight, o.bias);
  const stride = pairOf(o.stride, 1, "conv2d", "stride");
  const dilation = pairOf(o.dilation, 1, "conv2d", "dilation");
  const [outChannels, perGroup, kernelHeight, kernelWidth] = weight.shape as [number, number, number, number];
  const channelsFit = input.rank === 4 && weight.rank === 4 && input.shape[1] === perGroup * o.groups &&
    outChannels % o.groups === 0;
  if (!channelsFit) {
    throw new ShapeError(
      `conv2d of an input of shape ${showShape(input.shape)} with a weight of shape ${
        showShape(weight.shape)
      }` +
        (o.groups === 1 ? "" : ` in ${o.groups} groups`),
      { where: "conv2d", fix: `the input needs ${perGroup * o.groups} channels in axis 1` },
    );
  }
  const { before, after } = paddingOf(o.padding, [kernelHeight, kernelWidth], stride, dilation);
  const x = padZeros(input, [0, 0, ...before], [0, 0, ...after]);
  const [batch, , inHeight, inWidth] = x.shape as [number, number, number, number];
  const sizes: Conv2dSizes = {
    batch,
    groups: o.groups,
    inChannels: perGroup,
    outChannels: outChannels / o.groups,
    inHeight,
    inWidth,
    outHeight: Math.floor((inHeight - dilation[0] * (kernelHeight - 1) - 1) / stride[0]) + 1,
    outWidth: Math.floor((inWidth - dilation[1] * (kernelWidth - 1) - 1) / stride[1]) + 1,
    kernelHeight,
    kernelWidth,
    strideHeight: stride[0],
    strideWidth: stride[1],
    dilationHeight: dilation[0],
    dilationWidth: dilation[1],
  };
  if (sizes.outHeight < 1 || sizes.outWidth < 1) {
    throw new ShapeError(
      `A kernel of ${kernelHeight}×${kernelWidth} does not fit a padded input of ${inHeight}×${inWidth}`,
      { where: "conv2d", fix: "use a smaller kernel, less dilation or more padding" },
    );
  }
  const y = convolve(x, weight, sizes);
  return o.bias === null ? y : y.add(reshape(o.bias, [outChannels, 1, 1]));
}, { inputs: ["input", "weight"] });

function convolve(x: Tensor, weight: Tensor, sizes: Conv2dSizes): Tensor {
  const shape = [sizes.batch, sizes.groups * sizes.outChannels, sizes.outHeight, sizes.outWidth];
  const node = structuralNode({ kind: "conv2d", sizes }, [x.node, weight.node], shape, x.dtype);
  return x.derived(node, [x, weight], "conv2d", (g) => [
    x.requiresGrad ? inputGradient(g, weight, sizes) : null,
    weight.requiresGrad ? weightGradient(x, g, sizes, weight.shape) : null,
  ]);
}

function weightGradient(x: Tensor, g: Tensor, sizes: Conv2dSizes, shape: readonly number[]): Tensor {
  const node = structuralNode({ kind: "conv2dWeight", sizes }, [x.node, g.node], shape, g.dtype);
  return g.derived(node, [], "conv2d.backward", null);
}

/** The gradient spread to stride 1 and correlated with the flipped weight. */
function inputGradient(g: Tensor, weight: Tensor, s: Conv2dSizes): Tensor {
  const reachHeight = s.dilationHeight * (s.kernelHeight - 1);
  const reachWidth = s.dilationWidth * (s.kernelWidth - 1);
  const rows = slice(interleaveZeros(g, 2, s.strideHeight), {
    dim: 2,
    stop: (s.outHeight - 1) * s.strideHeight + 1,
  });
  const spread = slice(interleaveZeros(rows, 3, s.strideWidth), {
    dim: 3,
    stop: (s.outWidth - 1) * s.strideWidth + 1,
  });
  const around = [0, 0, reachHeight, reachWidth];
  const full = padZeros(spread, around, around);
  const grouped = reshape(weight.detach(), [
    s.groups,
    s.outChannels,
    s.inChannels,
    s.kernelHeight,
    s.kernelWidth,
  ]);
  const turned = flip(permute(grouped, [0, 2, 1, 3, 4]), [3, 4]);
  const mirrored = reshape(turned, [s.groups * s.inChannels, s.outChannels, s.kernelHeight, s.kernelWidth]);
  const outHeight = full.shape[2]! - reachHeight;
  const outWidth = full.shape[3]! - reachWidth;
  const dx = convolve(full, mirrored, {
    ...s,
    inChannels: s.outChannels,
    outChannels: s.inChannels,
    inHeight: full.shape[2]!,
    inWidth: full.shape[3]!,
    outHeight,
    outWidth,
    strideHeight: 1,
    strideWidth: 1,
  });
  return padZeros(dx, [0, 0, 0, 0], [0, 0, s.inHeight - outHeight, s.inWidth - outWidth]);
}
