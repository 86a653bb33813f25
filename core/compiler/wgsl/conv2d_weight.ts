import type { DeviceTraits } from "../../runtime/device.ts";
import { packedStrides, sizeOfShape } from "../../runtime/layout.ts";
import type { GpuLaunch } from "../../runtime/webgpu/launch.ts";
import weightWgsl from "../../../shaders/conv2d_weight.wgsl" with { type: "text" };
import type { Conv2dWeightKernel } from "../kernel.ts";
import { Bindings } from "./bindings.ts";
import { distances, fitting, UNROLLED_TAPS } from "./conv2d.ts";
import { gridOf, groupSize } from "./grid.ts";
import { assemble } from "./module.ts";
import {
  decompose,
  emitLoad,
  emitStore,
  type LoadedValue,
  type Place,
  viewLoad,
  viewStores,
} from "./place.ts";
import { addSlices, partialStore, partialSumBytes } from "./product.ts";
import { lowerReduce } from "./reduce.ts";
import { valueFunction } from "./values.ts";
import { Words } from "./words.ts";

/** Software adapters end an invocation silently after 65,535 loop trips. */
const TRIPS = 50_000;

/** Sums that one invocation keeps in registers, and the blocks of channels that make them. */
interface Tile {
  readonly out: number;
  readonly in: number;
  readonly taps: number;
}

/**
 * Lowers the weight gradient of a convolution: a block is one row of taps of a few output and input channels. Where
 * there are few blocks, the rows of pixels are dealt out in slices whose sums a second launch adds in order.
 */
export function lowerConv2dWeight(kernel: Conv2dWeightKernel, traits: DeviceTraits): GpuLaunch[] {
  const { sizes: s } = kernel;
  const space = [s.groups * s.outChannels, s.inChannels, s.kernelHeight, s.kernelWidth];
  if (sizeOfShape(space) === 0) return [];
  const taps = s.kernelWidth <= UNROLLED_TAPS ? s.kernelWidth : 1;
  const out = fitting(
    s.outChannels,
    taps > 5 ? [4, 3, 2, 1] : [8, 6, 5, 4, 3, 2, 1].filter((t) => t * taps <= 32),
  );
  const tile: Tile = {
    out,
    in: fitting(s.inChannels, [4, 3, 2, 1].filter((t) => t * out * taps <= 64)),
    taps,
  };
  const blocks = s.groups * Math.ceil(s.outChannels / tile.out) * Math.ceil(s.inChannels / tile.in) *
    s.kernelHeight * (s.kernelWidth / taps);
  const rows = s.batch * s.outHeight;
  const steps = rows * Math.ceil(s.outWidth / 4);
  const forced = Math.ceil(steps / TRIPS);
  const useful = blocks < 128 && steps >= 128 ? Math.min(Math.ceil(256 / blocks), Math.ceil(steps / 64)) : 1;
  const slices = Math.min(rows, Math.max(1, forced, useful));
  if (slices <= 1) return [launch(kernel, traits, tile, 1, rows, 0)];
  const share = Math.ceil(rows / slices);
  const used = Math.ceil(rows / share);
  const strides = packedStrides(space);
  const bytes = partialSumBytes(space, used);
  const parts: Conv2dWeightKernel = {
    ...kernel,
    loads: [],
    stores: [partialStore([sizeOfShape(space), ...strides])],
  };
  return [
    launch(parts, traits, tile, used, share, bytes),
    ...lowerReduce(addSlices(kernel.label, space, used, strides, kernel.loads, kernel.stores), traits, bytes),
  ];
}

function launch(
  kernel: Conv2dWeightKernel,
  traits: DeviceTraits,
  tile: Tile,
  slices: number,
  share: number,
  temporaryBytes: number,
): GpuLaunch {
  const { sizes: s, loads, stores } = kernel;
  const split = slices > 1;
  const sizes = [
    ...(split ? [slices] : []),
    s.groups * s.outChannels,
    s.inChannels,
    s.kernelHeight,
    s.kernelWidth,
  ];
  const tapBlocks = s.kernelWidth / tile.taps;
  const counts = [
    slices,
    s.groups,
    Math.ceil(s.outChannels / tile.out),
    Math.ceil(s.inChannels / tile.in),
    s.kernelHeight,
    tapBlocks,
  ];
  const items = sizeOfShape(counts);
  const bindings = new Bindings(traits.f16, temporaryBytes);
  const words = new Words();
  const emission = { bindings, words };
  words.whole(items);
  const wideGrad = s.outWidth % 4 === 0 && kernel.grad.offset % 4 === 0;
  const input = bindings.view(kernel.input.slot, kernel.input.dtype, 1, false);
  const grad = bindings.view(kernel.grad.slot, kernel.grad.dtype, wideGrad ? 4 : 1, false);
  const loadViews = loads.map((load) => viewLoad(load, loads, sizes, -1, bindings));
  const storeViews = viewStores(stores, sizes, -1, bindings);
  const compute = valueFunction("values", stores.map((store) => store.value), words);

  const lines: string[] = [];
  const [slice, g, o, c, i, jBlock] = decompose("item", counts, items, "g", words, lines) as string[];
  const plane = words.whole(s.inHeight * s.inWidth);
  const rowSize = words.whole(s.inWidth);
  const inChannels = words.whole(s.inChannels);
  const outChannels = words.whole(s.outChannels);
  const outHeight = words.whole(s.outHeight);
  const unit = wideGrad ? 4 : 1;
  const gradRow = words.whole(s.outWidth / unit);
  const groups = words.whole(s.groups);
  const outs = Array.from({ length: tile.out }, (_, r) => r);
  const ins = Array.from({ length: tile.in }, (_, q) => q);
  const taps = Array.from({ length: tile.taps }, (_, j) => j);
  lines.push(
    `let o0 = ${o} * ${tile.out}u;`,
    `let c0 = ${c} * ${tile.in}u;`,
    `let j0 = ${jBlock} * ${tile.taps}u;`,
  );
  for (const r of outs) {
    lines.push(`let o${r + 1} = min(o0 + ${r}u, ${outChannels} - 1u) * ${outHeight} * ${gradRow};`);
  }
  for (const q of ins) lines.push(`let c${q + 1} = min(c0 + ${q}u, ${inChannels} - 1u) * ${plane};`);
  for (const r of outs) {
    for (const q of ins) for (const j of taps) lines.push(`var sum${r}_${q}_${j} = 0.0f;`);
  }
  const shared = words.whole(share);
  lines.push(
    `let first = ${slice} * ${shared};`,
    `let last = min(first + ${shared}, ${words.whole(s.batch * s.outHeight)});`,
    `var n = first / ${outHeight};`,
    `var y = first - n * ${outHeight};`,
    "for (var row = first; row < last; row++) {",
    `let gradAt = ${
      words.whole(kernel.grad.offset / unit)
    } + (n * ${groups} + ${g}) * ${outChannels} * ${outHeight} * ${gradRow} + y * ${gradRow};`,
    `let inputAt = ${
      words.whole(kernel.input.offset)
    } + (n * ${groups} + ${g}) * ${inChannels} * ${plane} + ` +
      `(y * ${words.whole(s.strideHeight)} + ${i} * ${
        words.whole(s.dilationHeight)
      }) * ${rowSize} + j0 * ${s.dilationWidth}u;`,
  );
  const reach = distances(4, tile.taps, s.strideWidth, s.dilationWidth);
  lines.push(`for (var x = 0u; x < ${words.whole(Math.ceil(s.outWidth / 4))}; x++) {`);
  for (const r of outs) {
    if (wideGrad) {
      lines.push(`let d${r}i = gradAt + o${r + 1} + x;`, `let d${r} = ${bindings.load(grad, `d${r}i`)};`);
      continue;
    }
    // Past the end of a row the gradient counts as zero, and the input that it meets is clamped into its row.
    const parts = [0, 1, 2, 3].map((p) => `d${r}_${p}`);
    for (const p of [0, 1, 2, 3]) {
      lines.push(
        `let d${r}_${p}i = gradAt + o${r + 1} + min(4u * x + ${p}u, ${gradRow} - 1u);`,
        `let d${r}_${p} = select(0.0f, ${bindings.load(grad, `d${r}_${p}i`)}, 4u * x + ${p}u < ${gradRow});`,
      );
    }
    lines.push(`let d${r} = vec4f(${parts.join(", ")});`);
  }
  for (const q of ins) {
    const at = `4u * x * ${s.strideWidth}u`;
    for (const d of reach) {
      const distance = wideGrad
        ? `${at} + ${d}u`
        : `min(${at} + ${d}u, ${rowSize} - 1u - j0 * ${s.dilationWidth}u)`;
      lines.push(
        `let x${q}_${d}i = inputAt + c${q + 1} + ${distance};`,
        `let x${q}_${d} = ${bindings.load(input, `x${q}_${d}i`)};`,
      );
    }
    for (const r of outs) {
      for (const j of taps) {
        const four = [0, 1, 2, 3].map((p) =>
          `d${r}.${"xyzw"[p]} * x${q}_${p * s.strideWidth + j * s.dilationWidth}`
        );
        lines.push(`sum${r}_${q}_${j} += (${four[0]} + ${four[1]}) + (${four[2]} + ${four[3]});`);
      }
    }
  }
  lines.push("}", "y++;", `if (y == ${outHeight}) {`, "y = 0u;", "n++;", "}", "}");

  const names = outs.flatMap((r) => ins.flatMap((q) => taps.map((j) => `sum${r}_${q}_${j}`)));
  const perOut = tile.in * tile.taps;
  const place: Place = {
    sizes,
    coordinates: [...(split ? [slice!] : []), `(${g} * ${outChannels} + oAt)`, "cAt", i!, "jAt"],
    vector: -1,
    flat: null,
  };
  lines.push(
    // As in `writeOut`: a loop of a length that drivers do not know, over registers.
    `for (var part = 0u; part < ${words.whole(names.length)}; part++) {`,
    `let oAt = o0 + part / ${perOut}u;`,
    `let cAt = c0 + part % ${perOut}u / ${tile.taps}u;`,
    `let jAt = j0 + part % ${tile.taps}u;`,
    `if (oAt < ${outChannels} && cAt < ${inChannels}) {`,
  );
  const values = new Map<number, LoadedValue>();
  loads.forEach((_, n) => values.set(n, emitLoad(n, loads, loadViews[n]!, place, values, emission, lines)));
  lines.push(
    `var sum = ${names[0]};`,
    ...names.slice(1).map((name, n) => `sum = select(sum, ${name}, part == ${n + 1}u);`),
    compute.call("r", (leaf) => leaf.op === "acc" ? "sum" : values.get(leaf.value)!(0)),
  );
  stores.forEach((store, n) =>
    emitStore(`y${n}`, store, storeViews[n]!, place, () => compute.value("r", n), null, emission, lines)
  );
  lines.push("}", "}");
  return {
    label: kernel.label,
    code: assemble(
      weightWgsl,
      { block: lines.join("\n  "), SIZE: groupSize(traits) },
      compute.text,
      emission,
    ),
    bindings: bindings.list,
    ...words.finish(),
    grid: gridOf(Math.ceil(items / groupSize(traits))),
  };
}
