import type { CpuLaunch, WasmLaunch } from "../../runtime/cpu/launch.ts";
import { cost } from "../expr.ts";
import type { Conv2dKernel, Conv2dSizes, Load, MatmulKernel } from "../kernel.ts";
import { isFull, planLoad, planStore, takePointers } from "./access.ts";
import { Block } from "./block.ts";
import { type ConvPlan, type Cut, generateConv, SEGMENT } from "./conv_loop.ts";
import { floatCopies } from "./float_copy.ts";
import { launchOf } from "./kernel_code.ts";
import { bindScalars } from "./map.ts";

/** Where work is cut off into one chunk, in floating-point operations. */
const CHUNK_FLOPS = 5e5;
/**
 * Lowers a convolution to direct kernels with all sizes built in: taps are written out, offsets are part of the loads,
 * nothing is copied. A convolution with 1×1 kernels becomes a matrix product where its result allows it.
 *
 * @param lowerMatmul Lowers matrix products.
 */
export function lowerConv2d(
  given: Conv2dKernel,
  fused: boolean,
  lowerMatmul: (kernel: MatmulKernel) => readonly CpuLaunch[],
): readonly CpuLaunch[] {
  const s = given.sizes;
  if ([s.batch, s.groups, s.outChannels, s.outHeight, s.outWidth].some((n) => n === 0)) return [];
  const product = asMatmul(given);
  if (product !== null) return lowerMatmul(product);
  const inputSize = s.batch * s.groups * s.inChannels * s.inHeight * s.inWidth;
  const weightSize = s.groups * s.outChannels * s.inChannels * s.kernelHeight * s.kernelWidth;
  const { operands: [input, weight], launches, workspaceBytes } = floatCopies(
    [{ ...given.input, size: inputSize }, { ...given.weight, size: weightSize }],
    given.label,
    fused,
  );
  const kernel = { ...given, input: input!, weight: weight! };
  return [...launches, { ...lowerDirect(kernel, fused), workspaceBytes }];
}

/** The matrix product that a 1×1 convolution is, or null where it is none. */
function asMatmul(kernel: Conv2dKernel): MatmulKernel | null {
  const s = kernel.sizes;
  const pointwise = s.kernelHeight === 1 && s.kernelWidth === 1 && s.strideHeight === 1 &&
    s.strideWidth === 1;
  const joins =
    [...kernel.loads, ...kernel.stores].every((a) => a.strides[2] === a.strides[3]! * s.outWidth) &&
    kernel.loads.every((l) =>
      l.mask === null || isFull(l.mask[2]!, s.outHeight) && isFull(l.mask[3]!, s.outWidth)
    );
  const same = s.outHeight === s.inHeight && s.outWidth === s.inWidth;
  const channels = [...kernel.loads, ...kernel.stores].every((a) => s.groups === 1 || a.strides.length === 4);
  if (!pointwise || !joins || !same || !channels) return null;
  const { inChannels: k, outChannels: m } = s;
  const n = s.outHeight * s.outWidth;
  const split = <T extends { readonly strides: readonly number[] }>(access: T): T => {
    const [image, channel, , column] = access.strides as [number, number, number, number];
    return { ...access, strides: [image, channel * m, channel, column] };
  };
  const masked = kernel.loads.some((l) => l.mask !== null && !isFull(l.mask[1]!, s.groups * m));
  if (masked && s.groups > 1) return null;
  const operand = (o: Conv2dKernel["input"], strides: readonly number[]): Load => {
    return { ...o, strides, mask: null, indirect: null };
  };
  return {
    kind: "matmul",
    label: kernel.label,
    batch: [s.batch, s.groups],
    m,
    n,
    k,
    a: operand(kernel.weight, [0, m * k, k, 1]),
    b: operand(kernel.input, [s.groups * k * n, k * n, n, 1]),
    loads: kernel.loads.map((l) => ({
      ...split(l),
      mask: l.mask === null
        ? null
        : [l.mask[0]!, [0, s.groups], s.groups === 1 ? l.mask[1]! : [0, m], [0, n]],
    })),
    stores: kernel.stores.map(split),
  };
}

/** Vectors that the registers hold beside so many output channels. */
const VECTORS = [0, 6, 4, 3, 2, 2, 2] as const;

function cutOf(s: Conv2dSizes): Cut {
  const rows = Math.ceil(s.outChannels / Math.ceil(s.outChannels / 6));
  const most = VECTORS[rows]!;
  const vectors = Math.min(most, Math.ceil(Math.min(s.outWidth, SEGMENT) / 4));
  return { rows, vectors, height: Math.min(s.outHeight, Math.floor(most / vectors)) };
}

function lowerDirect(kernel: Conv2dKernel, fused: boolean): WasmLaunch {
  const s = kernel.sizes;
  const block = new Block();
  takePointers(block, [kernel.input, kernel.weight, ...kernel.loads, ...kernel.stores]);
  const space = [s.batch, s.groups * s.outChannels, s.outHeight, s.outWidth];
  const plan: ConvPlan = {
    sizes: s,
    cut: cutOf(s),
    input: block.pointer(kernel.input.slot),
    inputOffset: block.word(4 * kernel.input.offset),
    weight: block.pointer(kernel.weight.slot),
    weightOffset: block.word(4 * kernel.weight.offset),
    loads: kernel.loads.map((l) => planLoad(block, l, space, 3)),
    stores: kernel.stores.map((store) => planStore(block, store, space, 3)),
  };
  const scalars = bindScalars(block, kernel.stores.map((store) => store.value));
  const taps = s.inChannels * s.kernelHeight * s.kernelWidth;
  const { cut } = plan;
  const strips = s.batch * s.groups * Math.ceil(s.outChannels / cut.rows) *
    Math.ceil(s.outHeight / cut.height) *
    Math.ceil(s.outWidth / SEGMENT);
  const stripFlops = 2 * taps * cut.rows * cut.height * Math.min(s.outWidth, SEGMENT);
  const perChunk = Math.max(1, Math.min(strips, Math.round(CHUNK_FLOPS / Math.max(1, stripFlops))));
  const { loads, stores, ...sizes } = plan;
  const points = space.reduce((a, b) => a * b, 1);
  const price = kernel.stores.reduce((sum, store) => sum + cost(store.value), 0);
  return launchOf(block, {
    label: kernel.label,
    form: `conv${fused}|${JSON.stringify(sizes)}|${perChunk}`,
    loads,
    stores,
    scalars,
    generate: () => generateConv(plan, scalars, strips, perChunk, fused),
    chunks: Math.ceil(strips / perChunk),
    nanoseconds: points * (taps / 26 + price * 0.1 + 0.3),
  });
}
