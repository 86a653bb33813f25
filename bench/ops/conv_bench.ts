import { acc } from "../../core/compiler/expr.ts";
import type { Conv2dSizes } from "../../core/compiler/kernel.ts";
import { benchThroughput, f32, type Throughput } from "./throughput.ts";

interface Case {
  readonly batch: number;
  readonly channels: number;
  readonly outChannels: number;
  /** Edge of the output image. */
  readonly edge: number;
  readonly kernel: number;
  readonly stride?: number;
  readonly groups?: number;
}

/** A convolution and its weight gradient. */
function convolutions(c: Case): Throughput[] {
  const { batch, edge, kernel, stride = 1, groups = 1 } = c;
  const inEdge = (edge - 1) * stride + kernel;
  const sizes: Conv2dSizes = {
    batch,
    groups,
    inChannels: c.channels / groups,
    outChannels: c.outChannels / groups,
    inHeight: inEdge,
    inWidth: inEdge,
    outHeight: edge,
    outWidth: edge,
    kernelHeight: kernel,
    kernelWidth: kernel,
    strideHeight: stride,
    strideWidth: stride,
    dilationHeight: 1,
    dilationWidth: 1,
  };
  const filter = sizes.inChannels * kernel * kernel;
  const elements = [
    batch * c.channels * inEdge ** 2,
    c.outChannels * filter,
    batch * c.outChannels * edge ** 2,
  ];
  const work = 2 * batch * c.outChannels * edge ** 2 * filter;
  const packed = (slot: number): { slot: number; dtype: "f32"; offset: number } => ({
    slot,
    dtype: "f32",
    offset: 0,
  });
  const name = `${c.channels}→${c.outChannels} k${kernel} s${stride} @${edge}² g${groups} ×${batch}`;
  const outStrides = [c.outChannels * edge ** 2, edge ** 2, edge, 1];
  const weightStrides = [filter, kernel ** 2, kernel, 1];
  return [
    {
      name,
      kernel: {
        kind: "conv2d",
        label: "bench",
        sizes,
        input: packed(0),
        weight: packed(1),
        loads: [],
        stores: [{ ...f32(2, outStrides), value: acc(0) }],
      },
      elements,
      work,
      unit: "GFLOP/s",
    },
    {
      name: `${name} dW`,
      kernel: {
        kind: "conv2dWeight",
        label: "bench",
        sizes,
        input: packed(0),
        grad: packed(2),
        loads: [],
        stores: [{ ...f32(1, weightStrides), value: acc(0) }],
      },
      elements,
      work,
      unit: "GFLOP/s",
    },
  ];
}

await benchThroughput(
  "conv2d",
  [
    { batch: 4, channels: 64, outChannels: 64, edge: 32, kernel: 3 },
    { batch: 4, channels: 256, outChannels: 256, edge: 8, kernel: 3 },
    { batch: 4, channels: 512, outChannels: 512, edge: 4, kernel: 3 },
    { batch: 4, channels: 64, outChannels: 128, edge: 16, kernel: 3, stride: 2 },
    { batch: 4, channels: 64, outChannels: 64, edge: 32, kernel: 1 },
    { batch: 4, channels: 64, outChannels: 64, edge: 32, kernel: 3, groups: 64 },
    { batch: 64, channels: 1, outChannels: 6, edge: 28, kernel: 5 },
    { batch: 64, channels: 6, outChannels: 16, edge: 10, kernel: 5 },
    { batch: 64, channels: 1, outChannels: 32, edge: 26, kernel: 3 },
  ].flatMap(convolutions),
);
