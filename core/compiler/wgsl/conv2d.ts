import type { DeviceTraits } from "../../runtime/device.ts";
import { sizeOfShape } from "../../runtime/layout.ts";
import type { GpuLaunch } from "../../runtime/webgpu/launch.ts";
import conv2dWgsl from "../../../shaders/conv2d.wgsl" with { type: "text" };
import type { Conv2dKernel } from "../kernel.ts";
import { Bindings } from "./bindings.ts";
import { gridOf, groupSize } from "./grid.ts";
import { assemble } from "./module.ts";
import { decompose, type Place, viewLoad, viewStores } from "./place.ts";
import { type Epilogue, finishFour, writeOut } from "./product.ts";
import { valueFunction } from "./values.ts";
import { Words } from "./words.ts";

/** Widest row of taps whose products stand in the text one by one; wider ones are walked by a loop. */
export const UNROLLED_TAPS = 8;

/** Lowers a convolution to one launch: a block is a few channels of four or eight pixels of one row. */
export function lowerConv2d(kernel: Conv2dKernel, traits: DeviceTraits): GpuLaunch[] {
  const { sizes: s, loads, stores } = kernel;
  const sizes = [s.batch, s.groups * s.outChannels, s.outHeight, s.outWidth];
  if (sizeOfShape(sizes) === 0) return [];
  const channels = fitting(s.outChannels, [8, 7, 6, 5, 4, 3, 2, 1]);
  const pixels = fitting(s.outWidth, [8, 4]);
  const taps = s.kernelWidth <= UNROLLED_TAPS ? s.kernelWidth : 1;
  const counts = [
    s.batch,
    s.groups,
    Math.ceil(s.outChannels / channels),
    s.outHeight,
    Math.ceil(s.outWidth / pixels),
  ];
  const items = sizeOfShape(counts);
  const bindings = new Bindings(traits.f16);
  const words = new Words();
  const emission = { bindings, words };
  words.whole(items);
  const input = bindings.view(kernel.input.slot, kernel.input.dtype, 1, false);
  const weight = bindings.view(kernel.weight.slot, kernel.weight.dtype, 1, false);
  const loadViews = loads.map((load) => viewLoad(load, loads, sizes, 3, bindings));
  const storeViews = viewStores(stores, sizes, 3, bindings);
  const compute = valueFunction("values", stores.map((store) => store.value), words);
  const epilogue: Epilogue = { loads, stores, loadViews, storeViews, compute };

  const lines: string[] = [];
  const [n, g, o, y, x] = decompose("item", counts, items, "g", words, lines) as [
    string,
    string,
    string,
    string,
    string,
  ];
  const plane = words.whole(s.inHeight * s.inWidth);
  const rowSize = words.whole(s.inWidth);
  const inChannels = words.whole(s.inChannels);
  const outChannels = words.whole(s.outChannels);
  const perChannel = words.whole(s.inChannels * s.kernelHeight * s.kernelWidth);
  const edge = s.outWidth % pixels !== 0;
  lines.push(
    `let row0 = ${o} * ${channels}u;`,
    `let column0 = ${x} * ${pixels / 4}u;`,
    `let corner = ${words.whole(kernel.input.offset)} + (${n} * ${
      words.whole(s.groups)
    } + ${g}) * ${inChannels} * ${plane}` +
      ` + ${y} * ${words.whole(s.strideHeight)} * ${rowSize} + ${x} * ${pixels * s.strideWidth}u;`,
  );
  const rows = Array.from({ length: channels }, (_, r) => r);
  const quads = Array.from({ length: pixels / 4 }, (_, q) => q);
  for (const r of rows) {
    lines.push(
      `let weight${r} = ${words.whole(kernel.weight.offset)} + (${g} * ${outChannels} + ` +
        `min(row0 + ${r}u, ${outChannels} - 1u)) * ${perChannel};`,
    );
    for (const q of quads) lines.push(`var sum${r}_${q} = vec4f();`);
  }
  // Distances from the corner that any pixel and tap of a row touches. Past the edge the last element repeats.
  const reach = distances(pixels, taps, s.strideWidth, s.dilationWidth);
  if (edge) lines.push(`let room = ${rowSize} - 1u - ${x} * ${pixels * s.strideWidth}u;`);
  const loopTaps = taps !== s.kernelWidth;
  const kernelWidth = words.whole(s.kernelWidth);
  lines.push(
    `for (var c = 0u; c < ${inChannels}; c++) {`,
    `for (var i = 0u; i < ${words.whole(s.kernelHeight)}; i++) {`,
    `let line = corner + c * ${plane} + i * ${words.whole(s.dilationHeight)} * ${rowSize};`,
    `let tap = (c * ${words.whole(s.kernelHeight)} + i) * ${kernelWidth};`,
  );
  if (loopTaps) lines.push(`for (var j = 0u; j < ${kernelWidth}; j++) {`);
  const shift = loopTaps ? `j * ${s.dilationWidth}u + ` : "";
  for (const d of reach) {
    const at = edge ? `line + min(${shift}${d}u, room)` : `line + ${shift}${d}u`;
    lines.push(`let x${d}i = ${at};`, `let x${d} = ${bindings.load(input, `x${d}i`)};`);
  }
  for (const r of rows) {
    for (let j = 0; j < taps; j++) {
      const at = loopTaps ? "j" : `${j}u`;
      lines.push(
        `let w${r}_${j}i = weight${r} + tap + ${at};`,
        `let w${r}_${j} = ${bindings.load(weight, `w${r}_${j}i`)};`,
      );
      for (const q of quads) {
        const four = [0, 1, 2, 3].map((p) => `x${(4 * q + p) * s.strideWidth + j * s.dilationWidth}`);
        lines.push(`sum${r}_${q} += w${r}_${j} * vec4f(${four.join(", ")});`);
      }
    }
  }
  lines.push(...(loopTaps ? ["}"] : []), "}", "}");

  const count = s.outWidth % 4 === 0 ? null : `(${words.whole(s.outWidth)} - 4u * column)`;
  const finish = (row: string, column: string, sums: (j: number) => string): string[] => {
    const place: Place = {
      sizes,
      coordinates: [n, `(${g} * ${outChannels} + ${row})`, y, column],
      vector: 3,
      flat: null,
    };
    return finishFour(epilogue, place, sums, count, emission);
  };
  const fours = words.whole(Math.ceil(s.outWidth / 4));
  lines.push(
    ...writeOut(channels, pixels / 4, outChannels, fours, words.whole(channels), finish),
  );
  return [{
    label: kernel.label,
    code: assemble(
      conv2dWgsl,
      { block: lines.join("\n  "), SIZE: groupSize(traits) },
      compute.text,
      emission,
    ),
    bindings: bindings.list,
    ...words.finish(),
    grid: gridOf(Math.ceil(items / groupSize(traits))),
  }];
}

/** The candidate whose multiples cover `count` with the least waste; the first of equals. */
export function fitting(count: number, candidates: readonly number[]): number {
  let best = candidates[0]!;
  for (const candidate of candidates) {
    if (Math.ceil(count / candidate) * candidate < Math.ceil(count / best) * best) best = candidate;
  }
  return best;
}

/** Every `pixel · stride + tap · dilation`, ascending. */
export function distances(pixels: number, taps: number, stride: number, dilation: number): number[] {
  const all = new Set<number>();
  for (let p = 0; p < pixels; p++) for (let j = 0; j < taps; j++) all.add(p * stride + j * dilation);
  return [...all].sort((a, b) => a - b);
}
