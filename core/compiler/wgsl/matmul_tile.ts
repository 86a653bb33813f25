import type { Load, MatmulKernel } from "../kernel.ts";
import { type Emission, isAligned } from "./place.ts";

/** Size of the block of the result that one invocation computes; columns are a multiple of four. */
export interface Tile {
  readonly rows: number;
  readonly columns: number;
}

/** Which axis of an operand lies in aligned fours: the summed one, the other one, or neither. */
type Wide = "k" | "free" | "none";

/** Where a block stands: text of its batch coordinates, block row, block column and slice of `k`. */
export interface TilePlace {
  readonly batch: readonly string[];
  readonly row: string;
  readonly column: string;
  readonly slice: string;
}

const LETTERS = "xyzw";

/** Sums that software adapters are taken to hold in registers. */
const REGISTERS = 64;

/**
 * Emits the sums of one block into variables `sum<row>_<four>`, and `row0` and `column0` (in fours) of its corner.
 * Rows and columns past the edge repeat the last ones, so that no load needs a test.
 *
 * @param share Steps of `k` in a slice, or null where there is one slice.
 */
export function emitTile(
  kernel: MatmulKernel,
  tile: Tile,
  place: TilePlace,
  share: number | null,
  emission: Emission,
  lines: string[],
): void {
  const { words } = emission;
  const { m, n, k, batch } = kernel;
  const rank = batch.length;
  const widthA = wideOf(kernel.a, [...batch, m, k], rank + 1, rank, k, m);
  const widthB = wideOf(kernel.b, [...batch, k, n], rank, rank + 1, k, n);
  const viewA = emission.bindings.view(kernel.a.slot, kernel.a.dtype, widthA === "none" ? 1 : 4, false);
  const viewB = emission.bindings.view(kernel.b.slot, kernel.b.dtype, widthB === "none" ? 1 : 4, false);
  // Operands that lie in fours along k are read four steps at a time; otherwise single steps keep the text short,
  // except in blocks whose sums do not fit the registers: each is then fetched once for four steps.
  const large = tile.rows * tile.columns > REGISTERS && k % 4 === 0;
  const fours = widthA === "k" || widthB === "k" || large;
  const step = fours ? 4 : 1;
  const inner = fours ? [0, 1, 2, 3] : [0];
  const rows = Array.from({ length: tile.rows }, (_, r) => r);
  const quads = Array.from({ length: tile.columns / 4 }, (_, q) => q);

  lines.push(
    `let row0 = ${place.row} * ${tile.rows}u;`,
    `let column0 = ${place.column} * ${tile.columns / 4}u;`,
    ...range(k, step, place, share, words.whole.bind(words)),
  );
  const a = operand(
    "a",
    kernel.a,
    widthA,
    rank,
    rank,
    rank + 1,
    "row0",
    tile.rows,
    m,
    place,
    emission,
    lines,
  );
  const b = operand(
    "b",
    kernel.b,
    widthB,
    rank,
    rank + 1,
    rank,
    "4u * column0",
    tile.columns,
    n,
    place,
    emission,
    lines,
  );
  for (const r of rows) for (const q of quads) lines.push(`var sum${r}_${q} = vec4f();`);
  lines.push("for (; k < end; k++) {");
  const loadA = (index: string): string => emission.bindings.load(viewA, index);
  const loadB = (index: string): string => emission.bindings.load(viewB, index);
  lines.push(...a.steps(inner, step), ...b.steps(inner, step));
  lines.push(...a.loads(0, tile.rows, inner, loadA));
  for (const q of quads) {
    lines.push(...b.loads(4 * q, 4, inner, loadB));
    for (const j of [0, 1, 2, 3]) {
      for (const r of rows) {
        // One sum after the other: a compiler that runs out of registers fetches and spills it once for all steps.
        const target = `sum${r}_${q}.${LETTERS[j]}`;
        lines.push(inner.map((i) => `${target} += ${a.one(r, i)} * ${b.one(4 * q + j, i)};`).join(" "));
      }
    }
  }
  lines.push("}");
}

/** Statements that declare the loop's variable `k` and its `end`, both in steps. */
function range(
  k: number,
  step: number,
  place: TilePlace,
  share: number | null,
  whole: (value: number) => string,
): string[] {
  const end = whole(k / step);
  if (share === null) return ["var k = 0u;", `let end = ${end};`];
  const part = whole(share / step);
  return [`let slice = ${place.slice};`, `var k = slice * ${part};`, `let end = min(k + ${part}, ${end});`];
}

function wideOf(
  load: Load,
  sizes: readonly number[],
  summed: number,
  free: number,
  k: number,
  count: number,
): Wide {
  if (k % 4 === 0 && isAligned(load, sizes, summed)) return "k";
  if (count % 4 === 0 && isAligned(load, sizes, free)) return "free";
  return "none";
}

interface Operand {
  /** Statements that advance the addresses of one step. */
  steps(inner: readonly number[], step: number): string[];
  /** Statements that load one step of `count` neighbours from free position `from` on. */
  loads(from: number, count: number, inner: readonly number[], load: (index: string) => string): string[];
  /** Text of the value at free position `at` and step `i`. */
  one(at: number, i: number): string;
}

/** Prepares the addresses of one operand and says how its values are read inside the loop. */
function operand(
  name: string,
  load: Load,
  wide: Wide,
  rank: number,
  free: number,
  summed: number,
  corner: string,
  span: number,
  count: number,
  place: TilePlace,
  { words }: Emission,
  lines: string[],
): Operand {
  const unit = wide === "none" ? 1 : 4;
  const terms = [words.whole(load.offset / unit)];
  for (let d = 0; d < rank; d++) {
    if (load.strides[d] !== 0) terms.push(`${place.batch[d]} * ${words.whole(load.strides[d]! / unit)}`);
  }
  lines.push(`let ${name}Base = ${terms.join(" + ")};`);
  const byFours = wide === "free" && span >= 4;
  const starts = Array.from({ length: byFours ? span / 4 : span }, (_, i) => i);
  const last = words.whole(byFours ? count / 4 - 1 : count - 1);
  const freeStep = wide === "free" ? "" : ` * ${words.whole(load.strides[free]! / unit)}`;
  for (const i of starts) {
    const at = byFours ? `(${corner}) / 4u + ${i}u` : `${corner} + ${i}u`;
    const position = `min(${at}, ${last})`;
    // A narrow block reads whole fours and picks its elements from them.
    lines.push(
      wide === "free" && !byFours
        ? `let ${name}At${i} = ${name}Base + ${position} / 4u;`
        : `let ${name}At${i} = ${name}Base + ${position}${freeStep};`,
    );
    if (wide === "free" && !byFours) lines.push(`let ${name}Pick${i} = ${position} % 4u;`);
  }
  const summedStep = wide === "k" ? "" : words.whole(load.strides[summed]! / unit);
  const one = (at: number, i: number): string => {
    if (wide === "k") return `${name}${at}.${LETTERS[i]}`;
    if (byFours) return `${name}${i}_${at >> 2}.${LETTERS[at & 3]}`;
    return `${name}${i}_${at}`;
  };
  return {
    steps(inner, step) {
      if (wide === "k") return [];
      return inner.map((i) => `let ${name}K${i} = (k * ${step}u + ${i}u) * ${summedStep};`);
    },
    loads(from, count, inner, text) {
      const own = byFours
        ? starts.slice(from / 4, Math.ceil((from + count) / 4))
        : starts.slice(from, from + count);
      if (wide === "k") {
        return own.flatMap((s) => [
          `let ${name}${s}i = ${name}At${s} + k;`,
          `let ${name}${s} = ${text(`${name}${s}i`)};`,
        ]);
      }
      return inner.flatMap((i) =>
        own.flatMap((s) => {
          const value = `${name}${i}_${s}`;
          return [
            `let ${value}i = ${name}At${s} + ${name}K${i};`,
            `let ${value} = ${text(`${value}i`)}${wide === "free" && !byFours ? `[${name}Pick${s}]` : ""};`,
          ];
        })
      );
    },
    one,
  };
}
