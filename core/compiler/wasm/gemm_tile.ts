import { FunctionBody, type Local } from "./assembler.ts";
import { advance, pointersApart } from "./pointers.ts";

/**
 * Micro-kernels: one function computes a tile of the product from pointers to its first row of A, its first column of
 * B and its place in C, for a stretch of k. V8 keeps 15 vectors in registers, which bounds the tile.
 *
 * Parameters of each function: a, b, c (addresses), count (of k), accumulate (whether C already holds a part).
 */
export const TILE_PARAMETERS = 5;

/** A tile whose lanes run along n: rows of B are contiguous vectors, elements of A are spread to all lanes. */
export interface BroadcastTile {
  readonly kind: "broadcast";
  readonly rows: number;
  readonly vectors: number;
  /** Elements between rows and between columns of A. */
  readonly aRow: number;
  readonly aColumn: number;
  /** Elements between rows of B. */
  readonly bRow: number;
  /** Elements between rows of C. */
  readonly cRow: number;
}

/** A tile whose lanes run along k: rows of A and columns of B are contiguous, sums are taken at the end. */
export interface DotTile {
  readonly kind: "dot";
  readonly rows: number;
  /** At most four. */
  readonly columns: number;
  readonly aRow: number;
  /** Elements between columns of B. */
  readonly bColumn: number;
  readonly cRow: number;
}

const A = 0;
const B = 1;
const C = 2;
const COUNT = 3;
const ACCUMULATE = 4;
/** Steps of k that are written out. */
const UNROLL = 8;
const DOT_UNROLL = 4;

/** Generates a tile function. */
export function generateTile(tile: BroadcastTile | DotTile, fused: boolean): FunctionBody {
  return tile.kind === "broadcast" ? generateBroadcast(tile, fused) : generateDot(tile, fused);
}

function generateBroadcast(tile: BroadcastTile, fused: boolean): FunctionBody {
  const f = new FunctionBody(TILE_PARAMETERS, fused);
  const { rows, vectors } = tile;
  const sums = Array.from({ length: rows * vectors }, () => f.local("v128"));
  const right = Array.from({ length: vectors }, () => f.local("v128"));
  const spread = f.local("v128");
  const place = (r: number, v: number): number => 4 * (r * tile.cRow + 4 * v);
  f.get(ACCUMULATE).if();
  sums.forEach((s, i) => f.get(C).memory("v128.load", place(Math.floor(i / vectors), i % vectors)).set(s));
  f.end();
  const left = pointersApart(f, A, rows, tile.aRow);
  const step = (u: number): void => {
    right.forEach((b, v) => f.get(B).memory("v128.load", 4 * (u * tile.bRow + 4 * v)).set(b));
    for (let r = 0; r < rows; r++) {
      f.get(left[r]!).memory("v128.load32_splat", 4 * u * tile.aColumn).set(spread);
      for (let v = 0; v < vectors; v++) {
        const sum = sums[r * vectors + v]!;
        f.get(spread).get(right[v]!).get(sum).madd().set(sum);
      }
    }
  };
  countDown(f, [UNROLL, 1], 1, (steps) => {
    for (let u = 0; u < steps; u++) step(u);
    advance(f, left, steps * tile.aColumn);
    advance(f, [B], steps * tile.bRow);
  });
  sums.forEach((s, i) => f.get(C).get(s).memory("v128.store", place(Math.floor(i / vectors), i % vectors)));
  return f;
}

/** Runs `body` for as many steps at a time as last, of `size` elements each; what is left stays in the count. */
function countDown(
  f: FunctionBody,
  choices: readonly number[],
  size: number,
  body: (steps: number) => void,
): void {
  for (const steps of choices) {
    const elements = size * steps;
    f.block().get(COUNT).int(elements).op("i32.lt_s").brIf(0).loop();
    body(steps);
    f.get(COUNT).int(elements).op("i32.sub").tee(COUNT).int(elements).op("i32.ge_s").brIf(0);
    f.end().end();
  }
}

function generateDot(tile: DotTile, fused: boolean): FunctionBody {
  const f = new FunctionBody(TILE_PARAMETERS, fused);
  const { rows, columns } = tile;
  const sums = Array.from({ length: rows * columns }, () => f.local("v128"));
  const left = Array.from({ length: rows }, () => f.local("v128"));
  const right = f.local("v128");
  const aRows = pointersApart(f, A, rows, tile.aRow);
  const bColumns = pointersApart(f, B, columns, tile.bColumn);
  const step = (u: number, mask: Local | null): void => {
    const push = (from: Local): void => {
      f.get(from).memory("v128.load", 16 * u);
      if (mask !== null) f.get(mask).op("v128.and");
    };
    left.forEach((a, r) => {
      push(aRows[r]!);
      f.set(a);
    });
    for (let c = 0; c < columns; c++) {
      push(bColumns[c]!);
      f.set(right);
      left.forEach((a, r) => {
        const sum = sums[r * columns + c]!;
        f.get(a).get(right).get(sum).madd().set(sum);
      });
    }
  };
  countDown(f, [DOT_UNROLL, 1], 4, (steps) => {
    for (let u = 0; u < steps; u++) step(u, null);
    advance(f, [...aRows, ...bColumns], 4 * steps);
  });
  // Past the end may lie anything, infinities too, so both factors are masked.
  f.get(COUNT).if();
  const count = f.local("v128");
  f.get(COUNT).op("i32x4.splat").set(count);
  step(0, f.v("i32x4.lt_s", f.lanes(0, 1, 2, 3), count));
  f.end();
  for (let r = 0; r < rows; r++) {
    let row = sumLanes(f, sums.slice(r * columns, (r + 1) * columns));
    const place = 4 * r * tile.cRow;
    f.get(ACCUMULATE).if();
    const before = f.local("v128");
    f.get(C).memory("v128.load", place).set(before);
    const whole = f.v("f32x4.add", row, before);
    f.get(whole).set(row).end();
    f.get(C).get(row).memory("v128.store", place);
    row = whole;
  }
  return f;
}

/** One vector whose lane i is the sum over the lanes of vector i (of up to four). */
function sumLanes(f: FunctionBody, sums: readonly Local[]): Local {
  const [a, b, c, d] = [0, 1, 2, 3].map((i) => sums[i] ?? sums[0]!) as [Local, Local, Local, Local];
  const pair = (x: Local, y: Local): Local =>
    f.v("f32x4.add", f.shuffleWords(x, y, [0, 4, 1, 5]), f.shuffleWords(x, y, [2, 6, 3, 7]));
  const ab = pair(a, b);
  const cd = pair(c, d);
  const result = f.local("v128");
  const low = f.shuffleWords(ab, cd, [0, 1, 4, 5]);
  const high = f.shuffleWords(ab, cd, [2, 3, 6, 7]);
  f.get(low).get(high).op("f32x4.add").set(result);
  return result;
}
