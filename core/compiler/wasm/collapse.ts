import type { Bounds } from "../../runtime/layout.ts";
import type { Load, Store } from "../kernel.ts";
import { isFull } from "./access.ts";

/** Accesses over one space of axes. */
export interface Accesses {
  readonly loads: readonly Load[];
  readonly stores: readonly Store[];
}

/** A rearranged space and its accesses. */
export interface Collapsed extends Accesses {
  readonly space: readonly number[];
}

/**
 * Drops axes of size one and merges neighbours that every access walks as one, within each of the consecutive groups
 * of axes. Gives the new number of axes per group.
 */
export function collapse(
  space: readonly number[],
  accesses: Accesses,
  groups: readonly number[],
): { readonly collapsed: Collapsed; readonly groups: readonly number[] } {
  const all: readonly (Load | Store)[] = [...accesses.loads, ...accesses.stores];
  const fullMask = (d: number): boolean =>
    accesses.loads.every((l) => l.mask === null || isFull(l.mask[d]!, space[d]!));
  const runs: number[][] = [];
  const sizes = groups.map(() => 0);
  let start = 0;
  groups.forEach((count, group) => {
    let open: number[] | undefined;
    for (let d = start; d < start + count; d++) {
      if (space[d] === 1 && fullMask(d)) continue;
      const last = open?.at(-1);
      const joins = last !== undefined && fullMask(d) && fullMask(last) &&
        all.every((a) => stride(a, last) === stride(a, d) * space[d]!);
      if (joins) {
        open!.push(d);
      } else {
        open = [d];
        runs.push(open);
        sizes[group]!++;
      }
    }
    start += count;
  });
  const stridesOf = (a: Load | Store): number[] => runs.map((run) => stride(a, run.at(-1)!));
  return {
    groups: sizes,
    collapsed: {
      space: runs.map((run) => run.reduce((size, d) => size * space[d]!, 1)),
      loads: accesses.loads.map((l) => ({ ...l, strides: stridesOf(l), mask: maskOf(l, runs) })),
      stores: accesses.stores.map((s) => ({ ...s, strides: stridesOf(s) })),
    },
  };
}

/** Stores of a reduction name fewer axes than its loads; along the others they stand still. */
function stride(access: Load | Store, axis: number): number {
  return access.strides[axis] ?? 0;
}

function maskOf(load: Load, runs: readonly (readonly number[])[]): readonly Bounds[] | null {
  if (load.mask === null) return null;
  return runs.map((run): Bounds => run.length === 1 ? load.mask![run[0]!]! : [0, 2 ** 31 - 1]);
}

/** The same accesses with axes in another order. */
export function permuteAxes(from: Collapsed, order: readonly number[]): Collapsed {
  const pick = <T>(values: readonly T[]): T[] => order.map((d) => values[d]!);
  return {
    space: pick(from.space),
    loads: from.loads.map((l) => ({
      ...l,
      strides: pick(l.strides),
      mask: l.mask === null ? null : pick(l.mask),
    })),
    stores: from.stores.map((s) => ({ ...s, strides: pick(s.strides) })),
  };
}
