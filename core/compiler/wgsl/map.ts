import type { DeviceTraits } from "../../runtime/device.ts";
import { sizeOfShape } from "../../runtime/layout.ts";
import type { GpuLaunch } from "../../runtime/webgpu/launch.ts";
import mapWgsl from "../../../shaders/map.wgsl" with { type: "text" };
import { exprSize } from "../expr.ts";
import type { MapKernel } from "../kernel.ts";
import { Bindings } from "./bindings.ts";
import { gridOf } from "./grid.ts";
import { assemble } from "./module.ts";
import {
  decompose,
  emitLoad,
  emitStore,
  isAligned,
  isWideLoad,
  type LoadedValue,
  needsCoordinates,
  type Place,
  viewLoad,
  viewStores,
} from "./place.ts";
import { valueFunction } from "./values.ts";
import { Words } from "./words.ts";

const SIZE = 64;

/**
 * Four work items of an invocation, written out: on software adapters, which run an invocation per vector lane, cheap
 * expressions over large spaces gain up to a third.
 */
const FOUR_ITEMS = [
  "let first = 4u * i;",
  "if (first + 3u < params[0].x) { point(first); point(first + 1u); point(first + 2u); point(first + 3u); }",
  "else { for (var j = first; j < params[0].x; j++) { point(j); } }",
].join(" ");

/** Lowers an elementwise kernel to one launch: four neighbours per invocation where rows allow it. */
export function lowerMap(kernel: MapKernel, traits: DeviceTraits): GpuLaunch[] {
  const sizes = kernel.space.length === 0 ? [1] : kernel.space;
  const total = sizeOfShape(sizes);
  if (total === 0 || kernel.stores.length === 0) return [];
  const loads = kernel.space.length === 0 ? kernel.loads.map(onOneAxis) : kernel.loads;
  const stores = kernel.space.length === 0 ? kernel.stores.map(onOneAxis) : kernel.stores;
  const last = sizes.length - 1;
  const inner = sizes[last]!;
  const wanted = stores.some((s) => isAligned(s, sizes, last)) ||
    loads.some((load) => isWideLoad(load, loads, sizes, last));
  const vector = wanted && inner >= 4 && (last === 0 || inner % 4 === 0) ? last : -1;
  const items = vector < 0 ? total : Math.ceil(total / 4);

  const bindings = new Bindings(traits.f16);
  const words = new Words();
  const emission = { bindings, words };
  words.whole(items);
  const loadViews = loads.map((load) => viewLoad(load, loads, sizes, vector, bindings));
  const storeViews = viewStores(stores, sizes, vector, bindings);
  const lines: string[] = [];
  const steps = vector < 0 ? sizes : sizes.map((n, d) => d === vector ? Math.ceil(n / 4) : n);
  const coordinates = last > 0 && needsCoordinates(loads, stores, sizes, vector)
    ? decompose("i", steps, items, "c", words, lines)
    : sizes.map(() => "i");
  const place: Place = { sizes, coordinates, vector, flat: "i" };

  const values = new Map<number, LoadedValue>();
  loads.forEach((_, n) => values.set(n, emitLoad(n, loads, loadViews[n]!, place, values, emission, lines)));
  const compute = valueFunction("values", stores.map((s) => s.value), words);
  const copies = vector < 0 ? [0] : [0, 1, 2, 3];
  for (const j of copies) lines.push(compute.call(`r${j}`, (leaf) => values.get(leaf.value)!(j)));
  const rest = vector >= 0 && inner % 4 !== 0 ? `(${words.whole(total)} - 4u * i)` : null;
  stores.forEach((store, n) =>
    emitStore(`y${n}`, store, storeViews[n]!, place, (j) => compute.value(`r${j}`, n), rest, emission, lines)
  );
  const cheap = exprSize(stores.map((s) => s.value)) <= 8;
  const several = traits.software && vector >= 0 && items >= 4096 && cheap;
  return [{
    label: kernel.label,
    code: assemble(
      mapWgsl,
      { point: lines.join("\n  "), ...(several ? { items: FOUR_ITEMS } : {}) },
      compute.text,
      emission,
    ),
    bindings: bindings.list,
    ...words.finish(),
    grid: gridOf(Math.ceil(items / (several ? 4 * SIZE : SIZE))),
  }];
}

/** An access to a single element, seen as an axis of size one. */
function onOneAxis<A extends { readonly strides: readonly number[]; readonly mask?: unknown }>(access: A): A {
  return { ...access, strides: [0], ...(access.mask ? { mask: [[0, 1]] } : {}) };
}
