import { type DType, sizeOf } from "../../runtime/dtype.ts";
import type { Bounds } from "../../runtime/layout.ts";
import type { Expr } from "../expr.ts";
import type { Load, Store } from "../kernel.ts";
import type { Block } from "./block.ts";

/** How neighbouring lanes lie in memory: at one place, side by side, every second one, or anywhere. */
export type LaneStep = "none" | "unit" | "pair" | "any";

/** Word of a stride in the parameter block, or null where the stride is zero. */
export type StrideWord = number | null;

/** A load or store with its numbers in the parameter block; equal descriptions give equal code. */
export interface AccessPlan {
  /** Word of the buffer's address; null where the value is the address itself. */
  readonly pointer: number | null;
  readonly offset: number;
  readonly dtype: DType;
  /** Bytes (elements, for an iota) per step of each axis. */
  readonly strides: readonly StrideWord[];
  readonly lane: LaneStep;
}

export interface LoadPlan extends AccessPlan {
  /** Words of the low and high bound per axis; null where every coordinate is valid. */
  readonly mask: readonly (readonly [low: number, high: number] | null)[];
  /** Words of the stride and of the last index. */
  readonly indirect: { readonly load: number; readonly stride: number; readonly last: number } | null;
}

export interface StorePlan extends AccessPlan {
  readonly value: Expr;
}

/** Takes the pointers of all accesses: they come first in the block. */
export function takePointers(block: Block, accesses: readonly { readonly slot: number }[]): void {
  for (const { slot } of accesses) if (slot !== IOTA) block.pointer(slot);
}

const IOTA = -1;

/** Puts a load's numbers into the block. `lane` is the axis that lanes run along. */
export function planLoad(block: Block, load: Load, space: readonly number[], lane: number): LoadPlan {
  const unit = load.slot === IOTA ? 1 : sizeOf(load.dtype);
  const indirect = load.indirect === null ? null : {
    load: load.indirect.load,
    stride: block.word(load.indirect.stride * unit),
    last: block.word(load.indirect.size - 1),
  };
  return {
    ...planAccess(block, load, unit, space, lane),
    mask: space.map((n, d) => {
      const bounds = load.mask?.[d];
      return bounds === undefined || isFull(bounds, n)
        ? null
        : [block.word(bounds[0]), block.word(bounds[1])];
    }),
    indirect,
  };
}

/** Puts a store's numbers into the block. */
export function planStore(block: Block, store: Store, space: readonly number[], lane: number): StorePlan {
  return { ...planAccess(block, store, sizeOf(store.dtype), space, lane), value: store.value };
}

function planAccess(
  block: Block,
  access: Load | Store,
  unit: number,
  space: readonly number[],
  lane: number,
): AccessPlan {
  const strides = space.map((n, d) => n === 1 ? 0 : access.strides[d]!);
  const step = strides[lane] ?? 0;
  const even = step === 2 && unit === 4 && access.slot !== IOTA;
  return {
    pointer: access.slot === IOTA ? null : block.pointer(access.slot),
    offset: block.word(access.offset * unit),
    dtype: access.dtype,
    strides: strides.map((s) => s === 0 ? null : block.word(s * unit)),
    lane: step === 0 ? "none" : step === 1 ? "unit" : even ? "pair" : "any",
  };
}

/** Whether a mask allows every coordinate of an axis. */
export function isFull(bounds: Bounds, size: number): boolean {
  return bounds[0] <= 0 && bounds[1] >= size;
}

/** Text that is equal for accesses with equal code. */
export function describeLoad(p: LoadPlan): string {
  const mask = p.mask.map((m) => m === null ? "" : "m").join();
  const indirect = p.indirect === null ? "" : `@${p.indirect.load}`;
  return `${describeAccess(p)}[${mask}]${indirect}`;
}

/** Text that is equal for stores with equal code. */
export function describeStore(p: StorePlan): string {
  return `${describeAccess(p)}=${p.value.id}`;
}

function describeAccess(p: AccessPlan): string {
  return `${p.pointer ?? "i"}${p.dtype}${p.strides.map((s) => s === null ? "0" : "s").join("")}${p.lane}`;
}
