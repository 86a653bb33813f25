import type { CpuLaunch } from "../../runtime/cpu/launch.ts";
import { cost, type Expr, visit } from "../expr.ts";
import type { Load, MapKernel, Store } from "../kernel.ts";
import { planLoad, planStore, takePointers } from "./access.ts";
import { FunctionBody, type Local } from "./assembler.ts";
import { Block } from "./block.ts";
import { collapse, type Collapsed, permuteAxes } from "./collapse.ts";
import { launchOf } from "./kernel_code.ts";
import { type Coordinate, Walk } from "./walk.ts";

/** Lowers an elementwise kernel: rows of the outer axes, four lanes at a time along the inner one. */
export function lowerMap(kernel: MapKernel, fused: boolean): readonly CpuLaunch[] {
  if (kernel.space.some((n) => n === 0)) return [];
  const { collapsed } = collapse(kernel.space, kernel, [kernel.space.length]);
  const { space, loads, stores, crossed } = lanesLast(collapsed);
  const block = new Block();
  takePointers(block, [...loads, ...stores]);
  const laneAxis = space.length - 1;
  const loadPlans = loads.map((l) => planLoad(block, l, space, laneAxis));
  const storePlans = stores.map((s) => planStore(block, s, space, laneAxis));
  const price = stores.reduce((sum, s) => sum + cost(s.value), 0);
  const grid = new RowGrid(
    block,
    space,
    Math.max(256, Math.ceil(CHUNK / (1 + price / 16) / 16) * 16),
    crossed,
  );
  const scalars = bindScalars(block, stores.map((s) => s.value));
  return [launchOf(block, {
    label: kernel.label,
    form: `map${fused}|${space.length}`,
    loads: loadPlans,
    stores: storePlans,
    scalars,
    generate: () => {
      const f = new FunctionBody(3, fused);
      const walk = new Walk(f, loadPlans, storePlans, laneAxis);
      for (const [e, word] of scalars) walk.set(e, f.splatWord(word));
      const values = stores.map((s) => s.value);
      walk.prepare(values);
      grid.generate(f, walk, values, () => walk.storeAll(0, stores.length));
      return [f];
    },
    chunks: grid.chunks,
    nanoseconds: space.reduce((a, b) => a * b, 1) * (0.2 + price * 0.1),
  })];
}

/** Gives every dynamic scalar of the expressions its word. */
export function bindScalars(block: Block, roots: readonly Expr[]): (readonly [Expr, number])[] {
  const bound: (readonly [Expr, number])[] = [];
  visit(roots, (e) => {
    if (e.op === "scalar") bound.push([e, block.scalar(e.value, e.type)]);
  });
  return bound;
}

/**
 * Puts the axis that most accesses walk in steps of one last, and makes sure that there is one. Where some load walks
 * another axis in steps of one, that axis comes next to it: the two are then worked off in blocks.
 */
function lanesLast(c: Collapsed): Collapsed & { readonly crossed: boolean } {
  if (c.space.length === 0) {
    const still = <T extends Load | Store>(a: T): T => ({ ...a, strides: [0] });
    return {
      space: [1],
      loads: c.loads.map((l) => ({ ...still(l), mask: l.mask === null ? null : [[0, 1]] })),
      stores: c.stores.map(still),
      crossed: false,
    };
  }
  const scores = c.space.map((n, d) => {
    let score = 0;
    for (const s of c.stores) score += s.strides[d] === 1 ? 3 : -3;
    for (const l of c.loads) if (l.strides[d] !== 0) score += l.strides[d] === 1 ? 2 : -2;
    return (score + 0.001 * d) * (n < 4 ? 0.25 : 1) - (n < 4 ? 4 : 0);
  });
  const best = scores.indexOf(Math.max(...scores));
  const across = [...c.loads, ...c.stores].filter((a) =>
    a.slot !== -1 && Math.abs(a.strides[best]!) >= CROSSED_STEP
  )
    .map((a) => a.strides.findIndex((s, d) => s === 1 && d !== best && c.space[d]! > 1)).find((d) => d >= 0);
  const last = across === undefined ? [best] : [across, best];
  const order = [...c.space.map((_, d) => d).filter((d) => !last.includes(d)), ...last];
  const crossed = across !== undefined;
  return order.every((d, i) => d === i) ? { ...c, crossed } : { ...permuteAxes(c, order), crossed };
}

/** Elements between neighbouring lanes from which each lies in a cache line of its own. */
const CROSSED_STEP = 16;
/** Lanes' axis of a block in which two axes cross: few enough for every line to be used up while it is cached,
 * even where rows lie a power of two apart. */
const CROSSED_SEGMENT = 8;
/** Elements of such a block. */
const CROSSED_CHUNK = 512;

/** Elements of one chunk of a cheap expression. */
const CHUNK = 8192;

/** Cuts a space into chunks of whole rows, or of parts of one row, and generates the loops over a chunk. */
export class RowGrid {
  readonly chunks: number;
  readonly #space: readonly number[];
  readonly #words: {
    readonly sizes: readonly number[];
    readonly inner: number;
    readonly rows: number;
    readonly segment: number;
    readonly segments: number;
    readonly rowsPerChunk: number;
  };

  /**
   * @param target Elements of the space that one chunk should have; a multiple of 16 where rows may be cut.
   * @param crossed Whether a chunk should rather be a block of many rows by few columns.
   */
  constructor(block: Block, space: readonly number[], target: number, crossed = false) {
    const inner = space.at(-1)!;
    const rows = space.slice(0, -1).reduce((a, b) => a * b, 1);
    const widest = crossed ? CROSSED_SEGMENT : target;
    const segments = Math.max(1, Math.ceil(inner / widest));
    const segment = segments === 1 ? inner : widest;
    const rowsPerChunk = segments === 1 || crossed
      ? Math.max(1, Math.floor((crossed ? CROSSED_CHUNK : target) / segment))
      : 1;
    this.chunks = Math.ceil(rows / rowsPerChunk) * segments;
    this.#space = space;
    this.#words = {
      sizes: space.map((n) => block.word(n)),
      inner: block.word(inner),
      rows: block.word(rows),
      segment: block.word(segment),
      segments: block.word(segments),
      rowsPerChunk: block.word(rowsPerChunk),
    };
  }

  /**
   * Generates the loops: `body` is generated twice, for four lanes and for the rest of a row.
   *
   * @param roots Expressions whose row-wise parts are computed once per row.
   * @param block Generates several vectors from a coordinate at once; it enters the lanes' axis itself.
   */
  generate(
    f: FunctionBody,
    walk: Walk,
    roots: readonly Expr[],
    body: () => void,
    block: { readonly vectors: number; readonly body: (at: Local) => void } | null = null,
  ): void {
    const w = this.#words;
    const chunk = 1;
    const laneAxis = this.#space.length - 1;
    const low = f.keep(() =>
      f.get(chunk).get(f.word(w.segments)).op("i32.rem_u").get(f.word(w.segment)).op("i32.mul")
    );
    const high = f.keep(() => {
      const end = f.keep(() => f.get(low).get(f.word(w.segment)).op("i32.add"));
      pushMin(f, end, f.word(w.inner));
    });
    this.generateRows(f, walk, roots, () => {
      const i = f.local("i32");
      f.get(low).set(i);
      if (block !== null) {
        const limit = f.keep(() => f.get(high).int(4 * block.vectors - 1).op("i32.sub"));
        f.while(i, limit, 4 * block.vectors, () => block.body(i));
      }
      const limit = f.keep(() => f.get(high).int(3).op("i32.sub"));
      f.while(i, limit, 4, () => walk.enter([{ axis: laneAxis, at: i }], "all", body));
      f.get(i).get(high).op("i32.lt_s").if();
      const count = f.keep(() => f.get(high).get(i).op("i32.sub"));
      walk.enter([{ axis: laneAxis, at: i }], { count }, body);
      f.end();
    });
  }

  /** Generates the loop over a chunk's rows alone; `body` stands at the outer axes' coordinates. */
  generateRows(f: FunctionBody, walk: Walk, roots: readonly Expr[], body: () => void): void {
    const w = this.#words;
    const chunk = 1;
    const row = f.keep(() =>
      f.get(chunk).get(f.word(w.segments)).op("i32.div_u").get(f.word(w.rowsPerChunk)).op("i32.mul")
    );
    const end = f.keep(() => {
      const last = f.keep(() => f.get(row).get(f.word(w.rowsPerChunk)).op("i32.add"));
      pushMin(f, last, f.word(w.rows));
    });
    const sizes = w.sizes.slice(0, -1).map((size, axis) => ({ axis, size }));
    f.while(row, end, 1, () => {
      walk.enter(splitIndex(f, row, sizes), "all", () => {
        walk.prepare(roots);
        body();
      });
    });
  }
}

/** Pushes the smaller of two i32 locals. */
export function pushMin(f: FunctionBody, a: Local, b: Local): void {
  f.get(a).get(b).get(a).get(b).op("i32.lt_s").op("select");
}

/** Coordinates of axes (outermost first, sizes in words) from their row-major index. */
export function splitIndex(
  f: FunctionBody,
  index: Local,
  axes: readonly { readonly axis: number; readonly size: number }[],
): Coordinate[] {
  const coordinates: Coordinate[] = [];
  let rest = index;
  for (let i = axes.length - 1; i > 0; i--) {
    const { axis, size } = axes[i]!;
    const whole = rest;
    const quotient = f.keep(() => f.get(whole).get(f.word(size)).op("i32.div_u"));
    const at = f.keep(() => f.get(whole).get(quotient).get(f.word(size)).op("i32.mul").op("i32.sub"));
    coordinates.unshift({ axis, at });
    rest = quotient;
  }
  if (axes.length > 0) coordinates.unshift({ axis: axes[0]!.axis, at: rest });
  return coordinates;
}
