import { sizeOfShape } from "../../runtime/layout.ts";
import { storageBytes } from "../../runtime/dtype.ts";
import { acc, type Expr, input, substitute } from "../expr.ts";
import type { Load, ReduceKernel, Store } from "../kernel.ts";
import { TEMPORARY, type View } from "./bindings.ts";
import { type Emission, emitLoad, emitStore, type LoadedValue, type Place } from "./place.ts";
import type { ValueFunction } from "./values.ts";

/** What follows a contraction: loads and stores at each element of its result. */
export interface Epilogue {
  readonly loads: readonly Load[];
  readonly stores: readonly Store[];
  readonly loadViews: readonly (View | null)[];
  readonly storeViews: readonly View[];
  readonly compute: ValueFunction;
}

/**
 * Statements that finish four neighbours of a contraction's result.
 *
 * @param sums Text of the four sums, by neighbour.
 * @param count Text of how many neighbours exist, or null where it is always four.
 */
export function finishFour(
  epilogue: Epilogue,
  place: Place,
  sums: (j: number) => string,
  count: string | null,
  emission: Emission,
): string[] {
  const { loads, stores, loadViews, storeViews, compute } = epilogue;
  const lines: string[] = [];
  const values = new Map<number, LoadedValue>();
  loads.forEach((_, i) => values.set(i, emitLoad(i, loads, loadViews[i]!, place, values, emission, lines)));
  const leaf = (e: Expr, j: number): string => e.op === "acc" ? sums(j) : values.get(e.value)!(j);
  for (const j of [0, 1, 2, 3]) lines.push(compute.call(`r${j}`, (e) => leaf(e, j)));
  stores.forEach((store, n) =>
    emitStore(`y${n}`, store, storeViews[n]!, place, (j) => compute.value(`r${j}`, n), count, emission, lines)
  );
  return lines;
}

/** Where the sums of a block stand in the result. */
export interface BlockPlaces {
  /** Text of the row of row `part` of the block. */
  readonly row: string;
  /** Text of the column of four `q` of the block, in fours. */
  column(q: number): string;
}

/** A block of neighbours. */
const NEIGHBOURS: BlockPlaces = { row: "row0 + part", column: (q) => `column0 + ${q}u` };

/**
 * Statements that finish a block of sums `sum<row>_<four>` whose corner is (`row0`, `column0`), columns in fours.
 * A loop over its rows, so that the epilogue stands in the text once for each four of a row.
 *
 * @param rowLimit Text of the number of rows there are.
 * @param fourLimit Text of the number of fours there are.
 * @param total Text of `rows`: read from a word, because drivers unroll loops of known length.
 */
export function writeOut(
  rows: number,
  fours: number,
  rowLimit: string,
  fourLimit: string,
  total: string,
  finish: (row: string, column: string, sums: (j: number) => string) => string[],
  places = NEIGHBOURS,
): string[] {
  const others = Array.from({ length: rows - 1 }, (_, i) => i + 1);
  // An array indexed by the loop would live in memory and its loop be unrolled: choosing among registers is cheaper.
  return [
    `for (var part = 0u; part < ${total}; part++) {`,
    `let row = ${places.row};`,
    `if (row < ${rowLimit}) {`,
    ...Array.from({ length: fours }, (_, q) => [
      "{",
      `let column = ${places.column(q)};`,
      `if (column < ${fourLimit}) {`,
      `var sum = sum0_${q};`,
      ...others.map((r) => `sum = select(sum, sum${r}_${q}, part == ${r}u);`),
      ...finish("row", "column", (j) => `sum.${"xyzw"[j]}`),
      "}",
      "}",
    ]).flat(),
    "}",
    "}",
  ];
}

/** A store of plain sums into temporary memory. */
export function partialStore(strides: readonly number[]): Store {
  return { slot: TEMPORARY, dtype: "f32", strides, offset: 0, value: acc(0) };
}

/** Bytes of the sums of so many slices. */
export function partialSumBytes(space: readonly number[], slices: number): number {
  return storageBytes("f32", sizeOfShape(space) * slices);
}

/** The reduction that adds the slices of a contraction in order and finishes them. */
export function addSlices(
  label: string,
  space: readonly number[],
  slices: number,
  strides: readonly number[],
  loads: readonly Load[],
  stores: readonly Store[],
): ReduceKernel {
  const shifted = (e: Expr): Expr => e.op === "input" ? input(e.value + 1, e.type) : e;
  return {
    kind: "reduce",
    label,
    kept: space,
    reduced: [slices],
    loads: [
      {
        slot: TEMPORARY,
        dtype: "f32",
        strides: [...strides, sizeOfShape(space)],
        offset: 0,
        mask: null,
        indirect: null,
      },
      ...loads.map((load) => ({
        ...load,
        strides: [...load.strides, 0],
        mask: load.mask === null ? null : [...load.mask, [0, slices] as const],
        indirect: load.indirect === null ? null : { ...load.indirect, load: load.indirect.load + 1 },
      })),
    ],
    phases: [[{ combine: "sum", value: input(0) }]],
    stores: stores.map((store) => ({ ...store, value: substitute(store.value, shifted) })),
    elementStores: [],
  };
}
