import type { Bounds } from "../../runtime/layout.ts";
import type { Access, Load, Store } from "../kernel.ts";
import { type Bindings, LOADED, VECTOR, type View, type Width } from "./bindings.ts";
import { intText } from "./render.ts";
import type { ScalarType } from "../expr.ts";
import type { Words } from "./words.ts";

/** Where in an iteration space generated code stands. */
export interface Place {
  readonly sizes: readonly number[];
  /** Text of each coordinate; on the axis `vector` it counts fours. */
  readonly coordinates: readonly string[];
  /** Axis along which four neighbours are handled at once, or -1. */
  readonly vector: number;
  /** Text of the row-major number of this place (in fours where there is a vector axis), if at hand. */
  readonly flat: string | null;
  /** Leading axes whose part of each address is computed once, before the loop over the others. */
  readonly before?: { readonly axes: number; readonly prefix: string; readonly lines: string[] };
}

/** What the parts of a kernel's code share. */
export interface Emission {
  readonly bindings: Bindings;
  readonly words: Words;
}

const FULL_DIVISION = 2 ** 24;

/**
 * Statements that split a flat index into coordinates, innermost last.
 *
 * @param largest Upper bound of the index: below 2²⁴ one product replaces each division.
 */
export function decompose(
  flat: string,
  sizes: readonly number[],
  largest: number,
  prefix: string,
  words: Words,
  lines: string[],
): string[] {
  const names = sizes.map((_, d) => `${prefix}${d}`);
  let rest = flat;
  for (let d = sizes.length - 1; d >= 0; d--) {
    if (d === 0) {
      names[0] = rest;
      break;
    }
    const size = words.whole(sizes[d]!);
    const next = `${prefix}q${d}`;
    lines.push(
      largest < FULL_DIVISION
        ? `let ${next} = quotient(${rest}, ${size}, ${words.float(1 / sizes[d]!)});`
        : `let ${next} = ${rest} / ${size};`,
      `let ${names[d]} = ${rest} - ${next} * ${size};`,
    );
    rest = next;
  }
  return names;
}

/** Whether four neighbours along `axis` lie at an aligned run of four elements. */
export function isAligned(access: Access, sizes: readonly number[], axis: number): boolean {
  if (axis < 0 || access.strides[axis] !== 1 || access.offset % 4 !== 0) return false;
  return access.strides.every((s, d) => d === axis || sizes[d] === 1 || s % 4 === 0);
}

/** Whether a load may fetch four neighbours along `axis` at once. */
export function isWideLoad(
  load: Load,
  loads: readonly Load[],
  sizes: readonly number[],
  axis: number,
): boolean {
  if (load.slot === -1 || !isAligned(load, sizes, axis)) return false;
  if (load.mask !== null && restricts(load.mask[axis]!, sizes[axis]!)) return false;
  if (load.indirect === null) return true;
  return load.indirect.stride % 4 === 0 && !variesAlong(loads[load.indirect.load]!, axis, loads, sizes);
}

/** Whether a load's value depends on a coordinate. */
export function variesAlong(
  load: Load,
  axis: number,
  loads: readonly Load[],
  sizes: readonly number[],
): boolean {
  if (load.strides[axis] !== 0 && sizes[axis] !== 1) return true;
  if (load.mask !== null && restricts(load.mask[axis]!, sizes[axis]!)) return true;
  return load.indirect !== null && variesAlong(loads[load.indirect.load]!, axis, loads, sizes);
}

function restricts(bounds: Bounds, size: number): boolean {
  return bounds[0] > 0 || bounds[1] < size;
}

/** Whether addresses grow evenly with the row-major number of the point. */
function isEven(access: Access, sizes: readonly number[]): boolean {
  for (let d = sizes.length - 2; d >= 0; d--) {
    if (access.strides[d] !== access.strides[d + 1]! * sizes[d + 1]!) return false;
  }
  return true;
}

/** Text of `offset + Σ coordinate · stride`, divided by `unit`; strides of 0 and 1 are part of the text, others words. */
export function addressText(access: Access, place: Place, unit: Width, skip: number, words: Words): string {
  if (place.flat !== null && skip < 0 && isEven(access, place.sizes) && place.sizes.length > 0) {
    const inner = access.strides[place.sizes.length - 1]!;
    const offset = words.whole(access.offset / unit);
    if (inner === 0) return offset;
    return inner === 1 ? `${offset} + ${place.flat}` : `${offset} + ${place.flat} * ${words.whole(inner)}`;
  }
  const terms = [words.whole(access.offset / unit)];
  const hoisted = place.before?.axes ?? 0;
  let loop = "";
  access.strides.forEach((stride, d) => {
    if (d === hoisted && place.before !== undefined) loop = hoist(terms, place.before);
    if (stride === 0 || d === skip) return;
    const at = place.coordinates[d]!;
    const unitStep = d === place.vector ? unit === 4 : stride === 1;
    terms.push(
      unitStep && isUnitClass(d, place) ? at : `${at} * ${words.whole(unitStep ? 1 : stride / unit)}`,
    );
  });
  return loop === "" ? terms.join(" + ") : [loop, ...terms].join(" + ");
}

/** Whether a stride of one on this axis is part of the text. Elsewhere it is a word like any other stride. */
function isUnitClass(axis: number, place: Place): boolean {
  return axis === place.vector || axis === place.sizes.length - 1;
}

/** Moves the terms gathered so far before the loop. */
function hoist(terms: string[], { prefix, lines }: NonNullable<Place["before"]>): string {
  const name = `${prefix}${lines.length}`;
  lines.push(`let ${name} = ${terms.join(" + ")};`);
  terms.length = 0;
  return name;
}

/** Whether any of the accesses needs coordinates, not only the flat index. */
export function needsCoordinates(
  loads: readonly Load[],
  stores: readonly Store[],
  sizes: readonly number[],
  vector: number,
): boolean {
  const uneven = (access: Access): boolean =>
    !isEven(access, sizes) ||
    (vector >= 0 && !isAligned(access, sizes, vector) && access.strides[vector] !== 0);
  return loads.some((load) => uneven(load) || load.mask !== null || load.indirect !== null) ||
    stores.some(uneven);
}

/** The value of a load at a place: text for neighbour `j` (0 without a vector axis). */
export type LoadedValue = (j: number) => string;

/** Announces the memory that a load touches, if any. */
export function viewLoad(
  load: Load,
  loads: readonly Load[],
  sizes: readonly number[],
  vector: number,
  bindings: Bindings,
): View | null {
  if (load.slot === -1) return null;
  return bindings.view(load.slot, load.dtype, isWideLoad(load, loads, sizes, vector) ? 4 : 1, false);
}

/** Emits one load. `known` holds the values of earlier loads, for indirection. */
export function emitLoad(
  index: number,
  loads: readonly Load[],
  view: View | null,
  place: Place,
  known: ReadonlyMap<number, LoadedValue>,
  emission: Emission,
  lines: string[],
): LoadedValue {
  const { bindings, words } = emission;
  const load = loads[index]!;
  const name = `x${index}`;
  const wide = view?.width === 4;
  const varies = place.vector >= 0 && !wide && variesAlong(load, place.vector, loads, place.sizes);
  const copies = varies ? [0, 1, 2, 3] : [0];
  const skip = varies ? place.vector : -1;
  lines.push(`let ${name}a = ${addressText(load, place, wide ? 4 : 1, skip, words)};`);
  const inner = varies ? load.strides[place.vector]! : 0;
  const step = inner === 0 || inner === 1 ? "" : words.whole(inner);
  const indirect = load.indirect === null ? null : {
    limit: words.whole(load.indirect.size - 1),
    stride: words.whole(load.indirect.stride / (wide ? 4 : 1)),
    type: LOADED[loads[load.indirect.load]!.dtype],
  };
  const outer = maskText(load, place, varies ? place.vector : -1, words);
  const innerMask =
    varies && load.mask !== null && restricts(load.mask[place.vector]!, place.sizes[place.vector]!)
      ? {
        low: words.whole(load.mask[place.vector]![0]),
        count: words.whole(spanOf(load.mask[place.vector]!)),
      }
      : null;
  for (const j of copies) {
    const at = varies ? `(4u * ${place.coordinates[place.vector]} + ${j}u)` : "";
    const parts = [`${name}a`];
    if (inner !== 0) parts.push(inner === 1 ? at : `${at} * ${step}`);
    if (indirect !== null) {
      const value = known.get(load.indirect!.load)!(j);
      const clamped = indirect.type === "i32"
        ? `u32(clamp(${value}, 0i, i32(${indirect.limit})))`
        : indirect.type === "f32"
        ? `u32(clamp(i32(${value}), 0i, i32(${indirect.limit})))`
        : `min(u32(${value}), ${indirect.limit})`;
      parts.push(`${clamped} * ${indirect.stride}`);
    }
    const inside: string[] = outer === "" ? [] : [outer];
    if (innerMask !== null) inside.push(`((${at} - ${innerMask.low}) < ${innerMask.count})`);
    const condition = inside.join(" & ");
    const own = varies ? `${name}_${j}` : name;
    let address = parts.join(" + ");
    if (view === null) {
      const value = `i32(${address})`;
      lines.push(`let ${own} = ${condition === "" ? value : `select(0i, ${value}, ${condition})`};`);
      continue;
    }
    const zero = zeroText(LOADED[view.dtype], wide);
    if (condition !== "") {
      lines.push(`let ${own}m = ${condition};`);
      address = `select(0u, ${address}, ${own}m)`;
    }
    lines.push(`let ${own}i = ${address};`);
    const value = bindings.load(view, `${own}i`);
    lines.push(`let ${own} = ${condition === "" ? value : `select(${zero}, ${value}, ${own}m)`};`);
  }
  if (wide) return (j) => `${name}.${"xyzw"[j]}`;
  return varies ? (j) => `${name}_${j}` : () => name;
}

function zeroText(type: ScalarType, wide: boolean): string {
  if (wide) return `${VECTOR[type]}()`;
  return type === "f32" ? "0.0f" : type === "i32" ? intText(0) : type === "u32" ? "0u" : "false";
}

function spanOf(bounds: Bounds): number {
  return Math.max(0, bounds[1] - bounds[0]);
}

/** Condition that the place is inside the load's mask, without the axis `skip`; empty where nothing is masked. */
function maskText(load: Load, place: Place, skip: number, words: Words): string {
  if (load.mask === null) return "";
  const tests: string[] = [];
  load.mask.forEach((bounds, d) => {
    if (d === skip || !restricts(bounds, place.sizes[d]!)) return;
    tests.push(`((${place.coordinates[d]} - ${words.whole(bounds[0])}) < ${words.whole(spanOf(bounds))})`);
  });
  return tests.join(" & ");
}

/** Announces the memory that stores touch. */
export function viewStores(
  stores: readonly Store[],
  sizes: readonly number[],
  vector: number,
  bindings: Bindings,
): View[] {
  return stores.map((store) =>
    bindings.view(store.slot, store.dtype, isAligned(store, sizes, vector) ? 4 : 1, true)
  );
}

/**
 * Emits one store.
 *
 * @param value Text of the value for neighbour `j`.
 * @param count Text of how many neighbours exist, where it may be fewer than four; else null.
 */
export function emitStore(
  name: string,
  store: Store,
  view: View,
  place: Place,
  value: (j: number) => string,
  count: string | null,
  emission: Emission,
  lines: string[],
): void {
  const { bindings, words } = emission;
  const wide = view.width === 4;
  const many = place.vector >= 0;
  const skip = many && !wide ? place.vector : -1;
  lines.push(`let ${name}a = ${addressText(store, place, wide ? 4 : 1, skip, words)};`);
  if (wide) {
    const all = [0, 1, 2, 3].map(value).join(", ");
    lines.push(`let ${name} = ${VECTOR[LOADED[view.dtype]]}(${all});`);
    const whole = bindings.store(view, `${name}a`, name);
    lines.push(
      count === null
        ? whole
        : `if (${count} >= 4u) { ${whole} } else { ${bindings.storeSome(view, `${name}a`, name, count)} }`,
    );
    return;
  }
  const inner = many ? store.strides[place.vector]! : 0;
  const step = inner === 1 ? "" : ` * ${words.whole(inner)}`;
  for (const j of many ? [0, 1, 2, 3] : [0]) {
    lines.push(
      `let ${name}_${j} = ${name}a${
        many ? ` + (4u * ${place.coordinates[place.vector]} + ${j}u)${step}` : ""
      };`,
    );
    const statement = bindings.store(view, `${name}_${j}`, value(j));
    lines.push(count === null || j === 0 ? statement : `if (${count} > ${j}u) { ${statement} }`);
  }
}
