import { acc, add, input, max, mul } from "../../core/compiler/expr.ts";
import type {
  Conv2dKernel,
  Conv2dSizes,
  Conv2dWeightKernel,
  Load,
  Store,
} from "../../core/compiler/kernel.ts";
import type { DType } from "../../core/runtime/dtype.ts";
import { packedStrides } from "../../core/runtime/layout.ts";
import { openWebGpu } from "../../core/runtime/webgpu/device.ts";
import {
  assertAsReference,
  gpuTest,
  HAS_ADAPTER,
  randomContents,
  seeded,
  stored,
} from "../support/gpu_kernels.ts";

const device = HAS_ADAPTER ? await openWebGpu() : null!;
if (HAS_ADAPTER) Deno.test.afterAll(() => device.close());

/** Sizes of a convolution whose input holds exactly what its windows touch, and a little more. */
function convolution(
  batch: number,
  groups: number,
  [inChannels, outChannels]: readonly [number, number],
  [outHeight, outWidth]: readonly [number, number],
  [kernelHeight, kernelWidth]: readonly [number, number],
  stride = 1,
  dilation = 1,
  extra = 0,
): Conv2dSizes {
  return {
    batch,
    groups,
    inChannels,
    outChannels,
    inHeight: (outHeight - 1) * stride + (kernelHeight - 1) * dilation + 1 + extra,
    inWidth: (outWidth - 1) * stride + (kernelWidth - 1) * dilation + 1 + extra,
    outHeight,
    outWidth,
    kernelHeight,
    kernelWidth,
    strideHeight: stride,
    strideWidth: stride,
    dilationHeight: dilation,
    dilationWidth: dilation,
  };
}

const CASES: readonly (readonly [string, Conv2dSizes])[] = [
  ["3×3", convolution(2, 1, [3, 8], [6, 8], [3, 3])],
  ["3×3 with odd sizes", convolution(2, 1, [5, 7], [5, 7], [3, 3])],
  ["5×5 of one channel", convolution(3, 1, [1, 6], [12, 12], [5, 5])],
  ["1×1", convolution(2, 1, [6, 10], [4, 4], [1, 1])],
  ["stride 2 with unused rows", convolution(2, 1, [4, 8], [4, 5], [3, 3], 2, 1, 1)],
  ["dilation 2", convolution(1, 1, [3, 4], [5, 9], [3, 2], 1, 2)],
  ["groups", convolution(2, 3, [2, 4], [4, 8], [3, 3])],
  ["depthwise", convolution(2, 8, [1, 1], [5, 6], [3, 3])],
  ["a kernel wider than the unrolled taps", convolution(1, 1, [2, 3], [3, 6], [2, 11])],
  ["one row", convolution(2, 1, [3, 4], [1, 20], [1, 3])],
];

const load = (slot: number, strides: readonly number[]): Load => ({
  slot,
  dtype: "f32",
  strides,
  offset: 0,
  mask: null,
  indirect: null,
});
const count = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

for (const [what, sizes] of CASES) {
  const s = sizes;
  const inputShape = [s.batch, s.groups * s.inChannels, s.inHeight, s.inWidth];
  const outShape = [s.batch, s.groups * s.outChannels, s.outHeight, s.outWidth];
  const weightShape = [s.groups * s.outChannels, s.inChannels, s.kernelHeight, s.kernelWidth];

  for (const dtype of ["f32", "f16"] as const satisfies readonly DType[]) {
    gpuTest(`lowerGpu convolves ${dtype} with ${what}, a bias and an activation`, async () => {
      const random = seeded(31);
      const offset = 3;
      const stores: Store[] = [
        { slot: 2, dtype: "f32", strides: packedStrides(outShape), offset: 0, value: acc(0) },
        {
          slot: 3,
          dtype: "f32",
          strides: packedStrides(outShape),
          offset: 0,
          value: max(add(acc(0), input(0)), 0),
        },
      ];
      const kernel: Conv2dKernel = {
        kind: "conv2d",
        label: `conv2d ${what}`,
        sizes,
        input: { slot: 0, dtype, offset },
        weight: { slot: 1, dtype, offset: 0 },
        loads: [load(4, [0, 1, 0, 0])],
        stores,
      };
      await assertAsReference(
        device,
        kernel,
        [
          randomContents(dtype, offset + count(inputShape), random),
          randomContents(dtype, count(weightShape), random),
          stored("f32", new Array(count(outShape)).fill(0)),
          stored("f32", new Array(count(outShape)).fill(0)),
          randomContents("f32", s.groups * s.outChannels, random),
        ],
        [],
        { relative: 1e-6, absolute: 4 * s.inChannels * s.kernelHeight * s.kernelWidth * 2 ** -24 },
      );
    });

    gpuTest(`lowerGpu computes the weight gradient of a convolution of ${dtype} with ${what}`, async () => {
      const random = seeded(32);
      const value = add(mul(acc(0), 0.5), input(0));
      const kernel: Conv2dWeightKernel = {
        kind: "conv2dWeight",
        label: `conv2d weight ${what}`,
        sizes,
        input: { slot: 0, dtype, offset: 0 },
        grad: { slot: 1, dtype, offset: 4 },
        loads: [load(3, packedStrides(weightShape))],
        stores: [{ slot: 2, dtype: "f32", strides: packedStrides(weightShape), offset: 0, value }],
      };
      await assertAsReference(
        device,
        kernel,
        [
          randomContents(dtype, count(inputShape), random),
          randomContents(dtype, 4 + count(outShape), random),
          stored("f32", new Array(count(weightShape)).fill(0)),
          randomContents("f32", count(weightShape), random),
        ],
        [],
        { relative: 1e-6, absolute: 4 * s.batch * s.outHeight * s.outWidth * 2 ** -24 },
      );
    });
  }
}

gpuTest("lowerGpu adds the slices of a weight gradient over many images", async () => {
  const random = seeded(33);
  const sizes = convolution(40, 1, [1, 6], [12, 12], [5, 5]);
  const kernel: Conv2dWeightKernel = {
    kind: "conv2dWeight",
    label: "conv2d weight, many images",
    sizes,
    input: { slot: 0, dtype: "f32", offset: 0 },
    grad: { slot: 1, dtype: "f32", offset: 0 },
    loads: [],
    stores: [{ slot: 2, dtype: "f32", strides: [25, 25, 5, 1], offset: 0, value: acc(0) }],
  };
  await assertAsReference(
    device,
    kernel,
    [
      randomContents("f32", 40 * 16 * 16, random),
      randomContents("f32", 40 * 6 * 144, random),
      stored("f32", new Array(150).fill(0)),
    ],
    [],
    { relative: 1e-6, absolute: 1e-3 },
  );
});
