import { ShapeError } from "../errors.ts";
import * as e from "../compiler/expr.ts";
import { iotaNode, reduceNode } from "../compiler/graph.ts";
import {
  checkedLater,
  number,
  optional,
  type OptionDefaults,
  required,
  type Taken,
  takeOptions,
} from "../options.ts";
import { type DType, isFloat } from "../runtime/dtype.ts";
import { showShape } from "../runtime/layout.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type Pair, pairOf } from "./conv.ts";
import { applyElementwise } from "./define.ts";
import { requireDType } from "./dtypes.ts";
import { pad } from "./join.ts";
import { sum } from "./reduce.ts";
import { expandTo, interleaveZeros, padZeros, reshape, slice, windows } from "./view.ts";

/** Options of {@linkcode maxPool2d} and {@linkcode avgPool2d}. */
export interface Pool2dOptions {
  readonly kernelSize: Pair;
  /** @default the kernel size */
  readonly stride?: Pair | null;
  /** At most half the kernel. @default 0 */
  readonly padding?: Pair;
  /** Whether a last window that reaches beyond the border counts. @default false */
  readonly ceilMode?: boolean;
}

/** Options of {@linkcode avgPool2d}. */
export interface AvgPool2dOptions extends Pool2dOptions {
  /** Whether zeros of the border count in the mean. @default true */
  readonly countIncludePad?: boolean;
  /** What sums are divided by. @default the size of the window */
  readonly divisorOverride?: number | null;
}

interface Windows {
  readonly kernel: readonly [number, number];
  readonly stride: readonly [number, number];
  readonly padding: readonly [number, number];
  /** What windows reach beyond the border, below and to the right. */
  readonly beyond: readonly [number, number];
}

// Sizes are checked below, where the op's name is known.
const POOL: OptionDefaults<Pool2dOptions> = {
  kernelSize: required,
  stride: checkedLater<Pair | null>(null),
  padding: checkedLater<Pair>(0),
  ceilMode: false,
};

const AVG_POOL: OptionDefaults<AvgPool2dOptions> = {
  ...POOL,
  countIncludePad: true,
  divisorOverride: optional(number(required)),
};

function windowsOf(x: Tensor, o: Taken<Pool2dOptions>, name: string): Windows {
  if (x.rank !== 4 && x.rank !== 3) {
    throw new ShapeError(`${name} of an input of shape ${showShape(x.shape)}`, {
      where: name,
      fix: "the input must be [N, C, H, W] or [C, H, W]",
    });
  }
  const kernel = pairOf(o.kernelSize, 1, name, "kernelSize");
  const stride = pairOf(o.stride ?? o.kernelSize, 1, name, "stride");
  const padding = pairOf(o.padding, 0, name, "padding");
  if (padding[0] > kernel[0] / 2 || padding[1] > kernel[1] / 2) {
    throw new ShapeError(`${name} with padding ${padding.join("×")} and a kernel of ${kernel.join("×")}`, {
      where: name,
      fix: "the padding may be at most half the kernel",
    });
  }
  const reach = (d: 0 | 1): number => {
    if (!o.ceilMode) return 0;
    const size = x.shape[x.rank - 2 + d]!;
    let count = Math.ceil((size + 2 * padding[d] - kernel[d]) / stride[d]) + 1;
    // A window that starts beyond the image and its first border is left out, as in torch.
    if ((count - 1) * stride[d] >= size + padding[d]) count--;
    return Math.max(0, (count - 1) * stride[d] + kernel[d] - size - 2 * padding[d]);
  };
  return { kernel, stride, padding, beyond: [reach(0), reach(1)] };
}

function around(x: Tensor, w: Windows): { before: number[]; after: number[] } {
  const lead = new Array<number>(x.rank - 2).fill(0);
  const [height, width] = w.padding;
  return {
    before: [...lead, height, width],
    after: [...lead, height + w.beyond[0], width + w.beyond[1]],
  };
}

/**
 * Largest value of each window: `[N, C, H, W] → [N, C, OH, OW]`; padding counts as -∞; NaN wins; the gradient goes to
 * the first maximum. Source: torch `F.max_pool2d`.
 */
export const maxPool2d: ((x: Tensor, options: Pool2dOptions) => Tensor) & {
  readonly inputs: readonly string[];
} = Object.assign((x: Tensor, options: Pool2dOptions): Tensor => {
  const o = takeOptions<Pool2dOptions>("ops.maxPool2d", options, POOL);
  requireDType("maxPool2d", x, "number");
  const w = windowsOf(x, o, "maxPool2d");
  const [ph, pw] = w.padding;
  const [bh, bw] = w.beyond;
  const values = x.detach();
  const padded = ph + pw + bh + bw === 0
    ? values
    : pad(values, { pad: [pw, pw + bw, ph, ph + bh], value: smallest(x.dtype) });
  const seen = windows(padded, { kernel: w.kernel, stride: w.stride, dilation: [1, 1] });
  const axes = [seen.rank - 2, seen.rank - 1];
  const top = reduceNode("max", seen.node, axes, x.dtype);
  const place = x.derived(reduceNode("argmax", seen.node, axes, "i32"), [], "argmax", null);
  return x.derived(top, [x], "maxPool2d", (g) => [maxGradient(g, place, padded.shape, w, x)]);
}, { inputs: ["input"] });

/** What padding counts as: no element is smaller. */
function smallest(dtype: DType): number {
  return isFloat(dtype) ? -Infinity : dtype === "i32" ? -(2 ** 31) : 0;
}

/** Each input element collects from the windows whose maximum it is. */
function maxGradient(g: Tensor, place: Tensor, padded: readonly number[], w: Windows, x: Tensor): Tensor {
  const [kh, kw] = w.kernel;
  const disjoint = w.stride[0] === kh && w.stride[1] === kw;
  const full = disjoint ? spreadDisjoint(g, place, w) : gatherOverlapping(g, place, padded, w);
  const rank = full.rank;
  const missing = padded.map((n, d) => d < rank - 2 ? 0 : Math.max(0, n - full.shape[d]!));
  const whole = padZeros(full, missing.map(() => 0), missing);
  return crop(whole, w, x.shape);
}

function crop(x: Tensor, w: Windows, shape: readonly number[]): Tensor {
  const rows = slice(x, { dim: -2, start: w.padding[0], stop: w.padding[0] + shape.at(-2)! });
  return slice(rows, { dim: -1, start: w.padding[1], stop: w.padding[1] + shape.at(-1)! });
}

/** Windows that do not overlap: every input element belongs to one. */
function spreadDisjoint(g: Tensor, place: Tensor, w: Windows): Tensor {
  const [kh, kw] = w.kernel;
  const lead = g.shape.slice(0, -2);
  const [oh, ow] = g.shape.slice(-2) as [number, number];
  const wide = [...lead, oh, kh, ow, kw];
  const spread = (t: Tensor): Tensor => expandTo(reshape(t, [...lead, oh, 1, ow, 1]), wide);
  const codes = expandTo(reshape(iota(g, kh * kw), [kh, 1, kw]), [kh, ow, kw]);
  const hits = select(spread(g), spread(place), expandTo(codes, wide));
  return reshape(hits, [...lead, oh * kh, ow * kw]);
}

/** Windows that overlap: an input element looks at every window that covers it. */
function gatherOverlapping(g: Tensor, place: Tensor, padded: readonly number[], w: Windows): Tensor {
  const [kh, kw] = w.kernel;
  const codes = spreadWindows(applyElementwise("maxPool2d.code", (p) => e.add(p, 1), [place]), padded, w);
  const grads = spreadWindows(g, padded, w);
  // The window that starts i rows above sees the element at row i of its own: codes run backward.
  const own = reshape(iota(g, kh * kw), [kh, kw]);
  const backward = applyElementwise(`maxPool2d.own.${kh * kw}`, (i) => e.sub(kh * kw, i), [own]);
  return sum(select(grads, codes, expandTo(backward, grads.shape)), { dim: [-2, -1] });
}

/** A value per window, laid out so that each input element finds the windows that cover it. */
function spreadWindows(t: Tensor, padded: readonly number[], w: Windows): Tensor {
  const [kh, kw] = w.kernel;
  const fit = (x: Tensor, dim: number, kernel: number, stride: number): Tensor => {
    const wide = interleaveZeros(x, dim, stride);
    const size = padded[dim]!;
    const length = Math.min(wide.shape[dim]!, size);
    const cut = slice(wide, { dim, stop: length });
    const before = padded.map((_, d) => d === dim ? kernel - 1 : 0);
    const after = padded.map((_, d) => d === dim ? size - length : 0);
    return padZeros(cut, before, after);
  };
  const rank = t.rank;
  const spread = fit(fit(t, rank - 2, kh, w.stride[0]), rank - 1, kw, w.stride[1]);
  return windows(spread, { kernel: w.kernel, stride: [1, 1], dilation: [1, 1] });
}

function select(g: Tensor, place: Tensor, code: Tensor): Tensor {
  return applyElementwise(
    "maxPool2d.backward",
    (a, p, c) => e.select(e.eq(p, c), a, 0),
    [g, place, code],
    { result: g.dtype },
  );
}

function iota(like: Tensor, n: number): Tensor {
  return like.derived(iotaNode(n), [], "arange", null);
}

/** Mean of each window, padding zeros included unless told otherwise. Source: torch `F.avg_pool2d`. */
export const avgPool2d: ((x: Tensor, options: AvgPool2dOptions) => Tensor) & {
  readonly inputs: readonly string[];
} = Object.assign((x: Tensor, options: AvgPool2dOptions): Tensor => {
  const o = takeOptions<AvgPool2dOptions>("ops.avgPool2d", options, AVG_POOL);
  requireDType("avgPool2d", x, "float");
  const w = windowsOf(x, o, "avgPool2d");
  const { before, after } = around(x, w);
  const padded = padZeros(x.detach(), before, after);
  const seen = windows(padded, { kernel: w.kernel, stride: w.stride, dilation: [1, 1] });
  const share = shareOf(x, w, o);
  const y = sum(seen, { dim: [-2, -1] }).mul(share);
  return x.derived(y.node, [x], "avgPool2d", (g) => {
    const full = sum(spreadWindows(g.mul(share), padded.shape, w), { dim: [-2, -1] });
    return [crop(full, w, x.shape)];
  });
}, { inputs: ["input"] });

/** What each window's sum is multiplied by: one number, or one per window where windows count different elements. */
function shareOf(x: Tensor, w: Windows, o: Taken<AvgPool2dOptions>): Tensor | number {
  if (o.divisorOverride !== null) return 1 / o.divisorOverride;
  const border = w.padding[0] + w.padding[1];
  const same = w.beyond[0] + w.beyond[1] === 0 && (o.countIncludePad || border === 0);
  if (same) return 1 / (w.kernel[0] * w.kernel[1]);
  const inner = o.countIncludePad ? w.padding : [0, 0] as const;
  const size = [x.shape.at(-2)! + 2 * inner[0], x.shape.at(-1)! + 2 * inner[1]] as const;
  const places = iota(x.detach(), size[0] * size[1]);
  const ones = applyElementwise("avgPool2d.one", () => e.constant(1), [places], { result: "f32" });
  const outer = [w.padding[0] - inner[0], w.padding[1] - inner[1]] as const;
  const counted = padZeros(reshape(ones, [...size]), [...outer], [
    outer[0] + w.beyond[0],
    outer[1] + w.beyond[1],
  ]);
  const seen = windows(counted, { kernel: w.kernel, stride: w.stride, dilation: [1, 1] });
  const counts = sum(seen, { dim: [-2, -1] });
  return applyElementwise("avgPool2d.share", (n) => e.div(1, n), [counts], { result: x.dtype });
}
