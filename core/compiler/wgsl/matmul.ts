import type { DeviceTraits } from "../../runtime/device.ts";
import { packedStrides, sizeOfShape } from "../../runtime/layout.ts";
import type { GpuLaunch } from "../../runtime/webgpu/launch.ts";
import matmulWgsl from "../../../shaders/matmul.wgsl" with { type: "text" };
import sharedWgsl from "../../../shaders/matmul_shared.wgsl" with { type: "text" };
import type { MatmulKernel } from "../kernel.ts";
import { Bindings } from "./bindings.ts";
import { gridOf, groupSize } from "./grid.ts";
import { emitSharedTile, SHARED_BLOCK, SHARED_PLACES } from "./matmul_shared.ts";
import { emitTile, type Tile } from "./matmul_tile.ts";
import { assemble } from "./module.ts";
import { decompose, type Place, viewLoad, viewStores } from "./place.ts";
import { addSlices, type Epilogue, finishFour, partialStore, partialSumBytes, writeOut } from "./product.ts";
import { lowerReduce } from "./reduce.ts";
import { valueFunction } from "./values.ts";
import { Words } from "./words.ts";

/** Software adapters end an invocation silently after 65,535 loop trips. */
const TRIPS = 50_000;
/** Blocks that keep two processors with eight lanes each busy. */
const FEWEST_BLOCKS = 16;

/**
 * Lowers a matrix product to one launch, or to two where a small result has very long sums: the first leaves sums of
 * slices of `k` in temporary memory, the second adds them in slice order.
 */
export function lowerMatmul(kernel: MatmulKernel, traits: DeviceTraits): GpuLaunch[] {
  const { batch, m, n, k } = kernel;
  const space = [...batch, m, n];
  if (sizeOfShape(space) === 0) return [];
  const shared = !traits.software && m > 32 && n > 32;
  const tile = shared ? { rows: SHARED_BLOCK, columns: SHARED_BLOCK } : tileOf(kernel, traits);
  const blocks = sizeOfShape(batch) * Math.ceil(m / tile.rows) * Math.ceil(n / tile.columns);
  const slices = slicesOf(blocks, k, shared ? 64 : 16);
  if (slices === 1) return [launch(kernel, traits, tile, shared, 1, k, 0)];
  const share = Math.ceil(k / slices / 4) * 4;
  const used = Math.ceil(k / share);
  const bytes = partialSumBytes(space, used);
  const strides = packedStrides(space);
  const parts: MatmulKernel = {
    ...kernel,
    loads: [],
    stores: [partialStore([sizeOfShape(space), ...strides])],
  };
  return [
    launch(parts, traits, tile, shared, used, share, bytes),
    ...lowerReduce(addSlices(kernel.label, space, used, strides, kernel.loads, kernel.stores), traits, bytes),
  ];
}

/** Rows and columns of a register block: smaller where the result is. */
function tileOf({ batch, m, n }: MatmulKernel, { software }: DeviceTraits): Tile {
  if (software) {
    const large = { rows: largeEdge(m), columns: largeEdge(n) };
    const blocks = sizeOfShape(batch) * Math.ceil(m / large.rows) * Math.ceil(n / large.columns);
    if (Math.min(m, n) >= 8 && blocks >= FEWEST_BLOCKS) return large;
  }
  const rows = m >= 8 ? 8 : m >= 4 ? 4 : m >= 2 ? 2 : 1;
  return { rows, columns: n > 4 ? 8 : 4 };
}

/**
 * Sixteen, where that covers an axis with little waste, else eight. Software adapters fetch one element after the
 * other, so what counts is how many sums each element serves, even where the sums spill.
 */
function largeEdge(count: number): number {
  const covered = Math.ceil(count / 16) * 16;
  return covered <= 1.25 * Math.ceil(count / 8) * 8 ? 16 : 8;
}

function slicesOf(blocks: number, k: number, wanted: number): number {
  const forced = Math.ceil(k / TRIPS);
  const useful = blocks < wanted && k >= 1024
    ? Math.min(Math.ceil((2 * wanted) / blocks), Math.floor(k / 256))
    : 1;
  return Math.max(1, forced, useful);
}

function launch(
  kernel: MatmulKernel,
  traits: DeviceTraits,
  tile: Tile,
  shared: boolean,
  slices: number,
  share: number,
  temporaryBytes: number,
): GpuLaunch {
  const { batch, m, n, loads, stores } = kernel;
  const split = slices > 1;
  const sizes = split ? [slices, ...batch, m, n] : [...batch, m, n];
  const axis = sizes.length - 1;
  const bindings = new Bindings(traits.f16, temporaryBytes);
  const words = new Words();
  const emission = { bindings, words };
  const counts = [...batch, Math.ceil(m / tile.rows), Math.ceil(n / tile.columns)];
  const items = sizeOfShape(counts) * slices;
  words.whole(items);
  const loadViews = loads.map((load) => viewLoad(load, loads, sizes, axis, bindings));
  const storeViews = viewStores(stores, sizes, axis, bindings);
  const compute = valueFunction("values", stores.map((s) => s.value), words);
  const epilogue: Epilogue = { loads, stores, loadViews, storeViews, compute };

  const lines: string[] = [];
  const at = decompose("item", split ? [slices, ...counts] : counts, items, "g", words, lines);
  const slice = split ? at.shift()! : "0u";
  const place = { batch: at.slice(0, -2), row: at.at(-2)!, column: at.at(-1)!, slice };
  const part = split ? share : null;
  if (shared) emitSharedTile(kernel, place, part, items / slices, emission, lines);
  else emitTile(kernel, tile, place, part, emission, lines);

  const rows = words.whole(m);
  const fours = words.whole(Math.ceil(n / 4));
  const count = n % 4 === 0 ? null : `(${words.whole(n)} - 4u * column)`;
  const finish = (row: string, column: string, sums: (j: number) => string): string[] => {
    const coordinates = [...(split ? ["slice"] : []), ...place.batch, row, column];
    const here: Place = { sizes, coordinates, vector: axis, flat: null };
    return finishFour(epilogue, here, sums, count, emission);
  };
  // An invocation of a shared block keeps eight rows of eight columns.
  const own = shared ? { rows: 8, fours: 2 } : { rows: tile.rows, fours: tile.columns / 4 };
  const places = shared ? SHARED_PLACES : undefined;
  lines.push(...writeOut(own.rows, own.fours, rows, fours, words.whole(own.rows), finish, places));
  const size = groupSize(traits);
  return {
    label: kernel.label,
    code: shared
      ? assemble(sharedWgsl, { block: lines.join("\n  ") }, compute.text, emission)
      : assemble(matmulWgsl, { block: lines.join("\n  "), SIZE: size }, compute.text, emission),
    bindings: bindings.list,
    ...words.finish(),
    grid: gridOf(shared ? items : Math.ceil(items / size)),
  };
}
