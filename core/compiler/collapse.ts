import type { Bounds, Shape } from "../runtime/layout.ts";

/** An access before and after its axes are merged. */
export interface Strided {
  readonly strides: readonly number[];
  readonly mask: readonly Bounds[] | null;
}

/** An iteration space with fewer axes, and the strides of each access over it. */
export interface Collapsed {
  readonly space: number[];
  readonly accesses: { strides: number[]; mask: Bounds[] | null }[];
}

/**
 * Merges neighbouring axes that every access walks evenly, and drops axes of size one.
 *
 * @param barrier Axes below this number never merge with those from it on (kept and reduced axes of a reduction).
 * @returns The new space, accesses in the same order, and how many axes of the new space lie before the barrier.
 */
export function collapse(
  space: Shape,
  accesses: readonly Strided[],
  barrier = space.length,
): Collapsed & { readonly barrier: number } {
  const axes: number[] = [];
  for (let d = 0; d < space.length; d++) {
    if (space[d] !== 1 || accesses.some((a) => restricts(a, d, 1))) axes.push(d);
  }
  const groups: number[][] = [];
  for (const d of axes) {
    const group = groups.at(-1);
    const previous = group?.at(-1);
    if (
      previous !== undefined && (previous < barrier) === (d < barrier) &&
      mergeable(space, accesses, previous, d)
    ) {
      group!.push(d);
    } else {
      groups.push([d]);
    }
  }
  return {
    space: groups.map((group) => group.reduce((size, d) => size * space[d]!, 1)),
    accesses: accesses.map((access) => ({
      strides: groups.map((group) => access.strides[group.at(-1)!]!),
      mask: access.mask === null ? null : groups.map((group): Bounds => {
        if (group.length === 1) return access.mask![group[0]!]!;
        return [0, group.reduce((size, d) => size * space[d]!, 1)];
      }),
    })).map((access, i) => ({
      strides: access.strides,
      mask:
        accesses[i]!.mask !== null && accesses[i]!.mask.some((_, d) => restricts(accesses[i]!, d, space[d]!))
          ? access.mask
          : null,
    })),
    barrier: groups.filter((group) => group[0]! < barrier).length,
  };
}

function restricts(access: Strided, axis: number, size: number): boolean {
  const bounds = access.mask?.[axis];
  return bounds !== undefined && (bounds[0] > 0 || bounds[1] < size);
}

function mergeable(space: Shape, accesses: readonly Strided[], outer: number, inner: number): boolean {
  return accesses.every((access) =>
    access.strides[outer] === access.strides[inner]! * space[inner]! &&
    !restricts(access, outer, space[outer]!) && !restricts(access, inner, space[inner]!)
  );
}
