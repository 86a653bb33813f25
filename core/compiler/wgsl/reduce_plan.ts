import type { DeviceTraits } from "../../runtime/device.ts";
import { type Bounds, sizeOfShape } from "../../runtime/layout.ts";
import type { Load, ReduceKernel, Store } from "../kernel.ts";
import { isWideLoad, variesAlong } from "./place.ts";

/** A reduction with at least one axis of each sort, and how its work is dealt out. */
export interface ReducePlan {
  readonly kernel: ReduceKernel;
  /** Kept axes, then reduced ones. */
  readonly sizes: readonly number[];
  readonly keptRank: number;
  readonly loads: readonly Load[];
  readonly stores: readonly Store[];
  readonly elementStores: readonly Store[];
  /** Per load, whether its value changes along reduced axes. */
  readonly varies: readonly boolean[];
  /** The axis handled in fours, or -1. */
  readonly vector: number;
  /** Whether the innermost kept axis is the one that lies packed in memory. */
  readonly byColumns: boolean;
  /** Kept points. */
  readonly points: number;
  /** Kept points that one work item handles: 1 or 4. */
  readonly width: number;
  /** Loop steps over all reduced elements. */
  readonly steps: number;
  /** Parts that the steps are split into, each a work item of its own; combined in order by a later launch. */
  readonly slices: number;
  /** Invocations that share a work item. */
  readonly lanes: number;
  /** Work items of a workgroup. */
  readonly columns: number;
}

/** Software adapters end an invocation silently after 65,535 loop trips. */
const TRIPS = 50_000;
const MOST_SLICES = 256;

/** Decides how a reduction is walked. */
export function planReduce(kernel: ReduceKernel, traits: DeviceTraits): ReducePlan {
  const kept = kernel.kept.length === 0 ? [1] : kernel.kept;
  const reduced = kernel.reduced.length === 0 ? [1] : kernel.reduced;
  const sizes = [...kept, ...reduced];
  const noKept = kernel.kept.length === 0;
  const noReduced = kernel.reduced.length === 0;
  const loads = kernel.loads.map((load) => widen(load, noKept, noReduced));
  const elementStores = kernel.elementStores.map((store) => widen(store, noKept, noReduced));
  const stores = kernel.stores.map((store) => widen(store, noKept, false));
  const keptRank = kept.length;
  const last = sizes.length - 1;
  const varies = loads.map((load) => reduced.some((_, d) => variesAlong(load, keptRank + d, loads, sizes)));
  const looped = loads.filter((_, i) => varies[i]);
  const along = (axis: number): number =>
    sizes[axis] === 1 ? 0 : [...looped, ...elementStores].filter((a) => a.strides[axis] === 1).length;
  const byColumns = along(keptRank - 1) > along(last);
  const axis = byColumns ? keptRank - 1 : last;
  // Software adapters walk single columns faster than fours: the unrolled loop keeps more rows in flight.
  const wanted = !byColumns || !traits.software;
  const fits = wanted && sizes[axis]! % 4 === 0 &&
    looped.some((load) => isWideLoad(load, loads, sizes, axis));
  const vector = fits ? axis : -1;
  const points = sizeOfShape(kept);
  const width = fits && byColumns ? 4 : 1;
  const steps = sizeOfShape(reduced) / (fits && !byColumns ? 4 : 1);
  return {
    kernel,
    sizes,
    keptRank,
    loads,
    stores,
    elementStores,
    varies,
    vector,
    byColumns,
    points,
    width,
    steps,
    ...deal(points / width, steps, byColumns, kernel, traits.software),
  };
}

function deal(
  items: number,
  steps: number,
  byColumns: boolean,
  kernel: ReduceKernel,
  software: boolean,
): Pick<ReducePlan, "slices" | "lanes" | "columns"> {
  const walks = kernel.phases.length + (kernel.elementStores.length > 0 ? 1 : 0);
  const forced = Math.ceil((walks * steps) / TRIPS);
  if (software) {
    const useful = items < 64 && steps >= 4096 ? Math.min(Math.ceil(128 / items), Math.ceil(steps / 512)) : 1;
    const slices = Math.min(Math.max(forced, useful), Math.max(forced, MOST_SLICES));
    return { slices, lanes: 1, columns: 8 };
  }
  let lanes = byColumns ? 8 : 256;
  while (lanes > 1 && lanes > steps) lanes /= 2;
  let columns = byColumns ? 32 : Math.max(1, 64 / lanes);
  while (columns > 1 && columns > items) columns /= 2;
  const groups = Math.ceil(items / columns);
  const useful = groups < 256
    ? Math.min(Math.ceil(512 / groups), Math.floor(steps / (lanes * 16)), MOST_SLICES)
    : 1;
  return { slices: Math.max(1, useful, Math.ceil(forced / lanes)), lanes, columns };
}

type Strided = { readonly strides: readonly number[]; readonly mask?: readonly Bounds[] | null };

/** The access with axes of size one where the kernel has none. */
function widen<A extends Strided>(access: A, before: boolean, after: boolean): A {
  if (!before && !after) return access;
  const around = <T>(values: readonly T[], unit: T): T[] => [
    ...(before ? [unit] : []),
    ...values,
    ...(after ? [unit] : []),
  ];
  const strides = around(access.strides, 0);
  return access.mask
    ? { ...access, strides, mask: around<Bounds>(access.mask, [0, 1]) }
    : { ...access, strides };
}
