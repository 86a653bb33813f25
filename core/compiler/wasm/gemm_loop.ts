import { acc, type Expr } from "../expr.ts";
import type { LoadPlan, StorePlan } from "./access.ts";
import { FunctionBody, type Local } from "./assembler.ts";
import { type BroadcastTile, type DotTile, generateTile } from "./gemm_tile.ts";
import { pushMin } from "./map.ts";
import { type Lanes, Walk } from "./walk.ts";

/** An operand of a product: words of its address and offset, strides in elements. */
export interface OperandPlan {
  readonly pointer: number;
  readonly offset: number;
  readonly batch: readonly number[];
  readonly row: number;
  readonly column: number;
  readonly panel: number;
}

/** Everything that is built into the code of a product. */
export interface GemmPlan {
  readonly kind: "dot" | "broadcast";
  readonly batch: readonly number[];
  readonly m: number;
  readonly n: number;
  readonly k: number;
  /** Width of a panel of columns, in vectors of four. */
  readonly vectors: number;
  readonly tileRows: number;
  /** Rows of A that one chunk covers. */
  readonly blockRows: number;
  readonly panelsPerChunk: number;
  /** Length of k that is worked off before moving on to the next tile. */
  readonly depth: number;
  readonly a: OperandPlan;
  readonly b: OperandPlan;
  /** Elements between rows of the result where tiles may write it themselves; null where an epilogue does. */
  readonly plain: number | null;
  readonly loads: readonly LoadPlan[];
  readonly stores: readonly StorePlan[];
}

/** A tile function that the loops call: for whole or last rows, whole or last columns, straight to the result or not. */
interface TileUse {
  readonly lastRows: boolean;
  readonly lastColumns: boolean;
  readonly tile: BroadcastTile | DotTile;
}

/** Distinct tiles that a product needs. */
export function tilesOf(plan: GemmPlan): readonly TileUse[] {
  const width = 4 * plan.vectors;
  const restRows = plan.m % plan.blockRows % plan.tileRows;
  const restColumns = plan.n % width;
  const uses: TileUse[] = [];
  for (const lastRows of [false, true]) {
    const rows = lastRows ? restRows : Math.min(plan.tileRows, plan.m);
    for (const lastColumns of [false, true]) {
      const columns = lastColumns ? restColumns : width;
      if (rows === 0 || columns === 0 || (!lastColumns && plan.n < width)) continue;
      const cRow = plan.plain !== null && !lastColumns ? plan.plain : width;
      uses.push({ lastRows, lastColumns, tile: tileOf(plan, rows, columns, cRow) });
    }
  }
  return uses;
}

function tileOf(plan: GemmPlan, rows: number, columns: number, cRow: number): BroadcastTile | DotTile {
  const { a, b } = plan;
  if (plan.kind === "dot") return { kind: "dot", rows, columns, aRow: a.row, bColumn: b.column, cRow };
  const vectors = Math.ceil(columns / 4);
  return { kind: "broadcast", rows, vectors, aRow: a.row, aColumn: a.column, bRow: b.row, cRow };
}

/** Generates the tile functions and, last, the function that runs one chunk. */
export function generateGemm(
  plan: GemmPlan,
  scalars: readonly (readonly [Expr, number])[],
  fused: boolean,
): FunctionBody[] {
  const uses = tilesOf(plan);
  const functions = uses.map((use) => generateTile(use.tile, fused));
  functions.push(new GemmLoop(plan, uses, fused).generate(scalars));
  return functions;
}

class GemmLoop {
  readonly #f: FunctionBody;
  readonly #plan: GemmPlan;
  readonly #uses: readonly TileUse[];

  constructor(plan: GemmPlan, uses: readonly TileUse[], fused: boolean) {
    this.#f = new FunctionBody(3, fused);
    this.#plan = plan;
    this.#uses = uses;
  }

  generate(scalars: readonly (readonly [Expr, number])[]): FunctionBody {
    const f = this.#f;
    const { m, n, batch, vectors, blockRows, panelsPerChunk, loads, stores } = this.#plan;
    const rank = batch.length + 2;
    const walk = new Walk(f, loads, stores, rank - 1);
    for (const [e, word] of scalars) walk.set(e, f.splatWord(word));
    walk.prepare(stores.map((s) => s.value));
    const panels = Math.ceil(n / (4 * vectors));
    const groups = Math.ceil(panels / panelsPerChunk);
    const chunk = 1;
    const group = f.keep(() => f.get(chunk).int(groups).op("i32.rem_u"));
    const rest = f.keep(() => f.get(chunk).int(groups).op("i32.div_u"));
    const blocks = Math.ceil(m / blockRows);
    const firstRow = f.keep(() => f.get(rest).int(blocks).op("i32.rem_u").int(blockRows).op("i32.mul"));
    let batchIndex = f.keep(() => f.get(rest).int(blocks).op("i32.div_u"));
    const coordinates: { axis: number; at: Local }[] = [];
    for (let d = batch.length - 1; d >= 0; d--) {
      const whole = batchIndex;
      coordinates.push({ axis: d, at: f.keep(() => f.get(whole).int(batch[d]!).op("i32.rem_u")) });
      batchIndex = f.keep(() => f.get(whole).int(batch[d]!).op("i32.div_u"));
    }
    const rows = f.keep(() => {
      const left = f.keep(() => f.int(m).get(firstRow).op("i32.sub"));
      pushMin(f, left, f.keep(() => f.int(blockRows)));
    });
    const a = this.#operandAt(this.#plan.a, coordinates);
    const b = this.#operandAt(this.#plan.b, coordinates);
    f.get(a).get(firstRow).int(4 * this.#plan.a.row).op("i32.mul").op("i32.add").set(a);
    walk.enter(coordinates, "all", () => {
      const panel = f.keep(() => f.get(group).int(panelsPerChunk).op("i32.mul"));
      const end = f.keep(() => f.get(panel).int(panelsPerChunk).op("i32.add"));
      const whole = Math.floor(n / (4 * vectors));
      const endWhole = f.keep(() => pushMin(f, end, f.keep(() => f.int(whole))));
      const bAt = f.local("i32");
      const place = (): void => {
        f.get(b).get(panel).int(4 * this.#plan.b.panel).op("i32.mul").op("i32.add").set(bAt);
      };
      if (whole > 0) {
        f.while(panel, endWhole, 1, () => {
          place();
          this.#panel(walk, { a, b: bAt, panel, firstRow, rows }, false);
        });
      }
      if (whole === panels) return;
      f.get(end).int(whole).op("i32.gt_s").if();
      f.int(whole).set(panel);
      place();
      this.#panel(walk, { a, b: bAt, panel, firstRow, rows }, true);
      f.end();
    });
    return f;
  }

  /** Address of an operand at a batch. */
  #operandAt(
    operand: OperandPlan,
    coordinates: readonly { readonly axis: number; readonly at: Local }[],
  ): Local {
    const f = this.#f;
    return f.keep(() => {
      f.get(f.word(operand.pointer)).get(f.word(operand.offset)).op("i32.add");
      for (const { axis, at } of coordinates) {
        f.get(at).int(4 * operand.batch[axis]!).op("i32.mul").op("i32.add");
      }
    });
  }

  /** One panel of columns: every tile of the chunk's rows, for each stretch of k, then the epilogue. */
  #panel(walk: Walk, at: PanelPlace, lastColumns: boolean): void {
    const f = this.#f;
    const { k, depth, plain, vectors, tileRows } = this.#plan;
    const direct = plain !== null && !lastColumns;
    const c = direct ? this.#resultAt(walk, at) : SCRATCH;
    const cRow = 4 * (direct ? plain : 4 * vectors);
    const done = f.keep(() => f.int(0));
    const total = f.keep(() => f.int(Math.max(k, 1)));
    f.while(done, total, depth, () => {
      const count = f.keep(() => {
        const left = f.keep(() => f.int(k).get(done).op("i32.sub"));
        pushMin(f, left, f.keep(() => f.int(depth)));
      });
      const accumulate = f.keep(() => f.get(done).int(0).op("i32.gt_s"));
      const aAt = f.keep(() =>
        f.get(at.a).get(done).int(4 * this.#plan.a.column).op("i32.mul").op("i32.add")
      );
      const bAt = f.keep(() => f.get(at.b).get(done).int(4 * this.#plan.b.row).op("i32.mul").op("i32.add"));
      const cAt = f.keep(() => f.get(c));
      const call = (lastRows: boolean): void => {
        f.get(aAt).get(bAt).get(cAt).get(count).get(accumulate);
        f.call(this.#uses.findIndex((u) => u.lastRows === lastRows && u.lastColumns === lastColumns));
      };
      const row = f.keep(() => f.int(0));
      const full = f.keep(() => f.get(at.rows).int(tileRows - 1).op("i32.sub"));
      f.while(row, full, tileRows, () => {
        call(false);
        f.get(aAt).int(4 * tileRows * this.#plan.a.row).op("i32.add").set(aAt);
        f.get(cAt).int(tileRows * cRow).op("i32.add").set(cAt);
      });
      if (!this.#uses.some((u) => u.lastRows)) return;
      f.get(row).get(at.rows).op("i32.lt_s").if();
      call(true);
      f.end();
    });
    if (!direct) this.#epilogue(walk, at, lastColumns);
  }

  /** Address of the result's first element of a panel. */
  #resultAt(walk: Walk, at: PanelPlace): Local {
    const f = this.#f;
    const { plain, vectors } = this.#plan;
    const start = walk.addressOfStore(0);
    return f.keep(() => {
      f.get(start).get(at.firstRow).int(4 * plain!).op("i32.mul").op("i32.add");
      f.get(at.panel).int(16 * vectors).op("i32.mul").op("i32.add");
    });
  }

  /** Evaluates the stores for the tile columns that lie in the scratch memory. */
  #epilogue(walk: Walk, at: PanelPlace, lastColumns: boolean): void {
    const f = this.#f;
    const { n, vectors, batch, stores } = this.#plan;
    const width = 4 * vectors;
    const row = f.keep(() => f.int(0));
    const column = f.local("i32");
    const from = f.local("i32");
    const columns = lastColumns ? n % width : width;
    f.while(row, at.rows, 1, () => {
      const m = f.keep(() => f.get(at.firstRow).get(row).op("i32.add"));
      walk.enter([{ axis: batch.length, at: m }], "all", () => {
        walk.prepare(stores.map((s) => s.value));
        for (let v = 0; 4 * v < columns; v++) {
          f.get(at.panel).int(width).op("i32.mul").int(4 * v).op("i32.add").set(column);
          f.get(row).int(4 * width).op("i32.mul").get(SCRATCH).op("i32.add").set(from);
          const rest = columns - 4 * v;
          const lanes: Lanes = rest >= 4 ? "all" : { count: f.keep(() => f.int(rest)) };
          walk.enter([{ axis: batch.length + 1, at: column }], lanes, () => {
            const sum = f.local("v128");
            f.get(from).memory("v128.load", 16 * v).set(sum);
            walk.set(acc(0), sum);
            walk.storeAll(0, stores.length);
          });
        }
      });
    });
  }
}

/** Parameter of `run` that points to the thread's scratch memory. */
const SCRATCH = 2;

interface PanelPlace {
  readonly a: Local;
  readonly b: Local;
  readonly panel: Local;
  readonly firstRow: Local;
  readonly rows: Local;
}
