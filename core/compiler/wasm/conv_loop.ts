import { acc, type Expr } from "../expr.ts";
import type { Conv2dSizes } from "../kernel.ts";
import type { LoadPlan, StorePlan } from "./access.ts";
import { FunctionBody, type Local } from "./assembler.ts";
import { type ConvTile, generateConvTile } from "./conv_tile.ts";
import { pushMin } from "./map.ts";
import { Walk } from "./walk.ts";

/** Output columns that are computed before their epilogue. */
export const SEGMENT = 512;

/** How an output is cut into tiles. */
export interface Cut {
  /** Output channels of a tile. */
  readonly rows: number;
  /** Output rows of a tile. */
  readonly height: number;
  /** Vectors of four columns of a tile. */
  readonly vectors: number;
}

/** Everything that is built into the code of a convolution. */
export interface ConvPlan {
  readonly sizes: Conv2dSizes;
  readonly cut: Cut;
  readonly input: number;
  readonly inputOffset: number;
  readonly weight: number;
  readonly weightOffset: number;
  readonly loads: readonly LoadPlan[];
  readonly stores: readonly StorePlan[];
}

interface TileUse {
  readonly lastChannels: boolean;
  readonly lastRows: boolean;
  readonly vectors: number;
  readonly tile: ConvTile;
}

/** Floats between rows of the scratch memory. */
function scratchWidth(s: Conv2dSizes): number {
  return 4 * Math.ceil(Math.min(s.outWidth, SEGMENT) / 4);
}

/** Distinct tiles: whole and last ones of channels and rows, and the widths that occur. */
function tilesOf({ sizes: s, cut }: ConvPlan): readonly TileUse[] {
  const width = scratchWidth(s);
  const segments = s.outWidth > SEGMENT ? [SEGMENT, s.outWidth % SEGMENT] : [s.outWidth];
  const widths = new Set<number>();
  for (const segment of segments) {
    const vectors = Math.ceil(segment / 4);
    if (vectors >= cut.vectors) widths.add(cut.vectors);
    widths.add(vectors % cut.vectors);
  }
  const uses: TileUse[] = [];
  for (const lastChannels of [false, true]) {
    const rows = lastChannels ? s.outChannels % cut.rows : cut.rows;
    for (const lastRows of [false, true]) {
      const height = lastRows ? s.outHeight % cut.height : cut.height;
      for (const vectors of widths) {
        if (rows === 0 || height === 0 || vectors === 0) continue;
        const grid = Array.from(
          { length: height * vectors },
          (_, i) => [Math.floor(i / vectors), i % vectors] as const,
        );
        const tile: ConvTile = {
          rows,
          pixels: grid.map(([y, v]) => y * s.strideHeight * s.inWidth + 4 * v * s.strideWidth),
          step: s.strideWidth,
          channels: s.inChannels,
          channel: s.inHeight * s.inWidth,
          kernelRows: Array.from({ length: s.kernelHeight }, (_, i) => i * s.dilationHeight * s.inWidth),
          kernelColumns: Array.from({ length: s.kernelWidth }, (_, j) => j * s.dilationWidth),
          filter: s.inChannels * s.kernelHeight * s.kernelWidth,
          places: grid.map(([y, v]) => 4 * (y * width + 4 * v)),
          place: 4 * cut.height * width,
        };
        uses.push({ lastChannels, lastRows, vectors, tile });
      }
    }
  }
  return uses;
}

/** Generates the tile functions and, last, the function that runs one chunk of strips. */
export function generateConv(
  plan: ConvPlan,
  scalars: readonly (readonly [Expr, number])[],
  strips: number,
  perChunk: number,
  fused: boolean,
): FunctionBody[] {
  const uses = tilesOf(plan);
  const functions = uses.map((use) => generateConvTile(use.tile, fused));
  return [...functions, new ConvLoop(plan, uses, strips, perChunk, fused).generate(scalars)];
}

/** Generates the loops of a chunk: strips of some channels by some rows by a segment of columns. */
class ConvLoop {
  readonly #f: FunctionBody;
  readonly #plan: ConvPlan;
  readonly #uses: readonly TileUse[];
  readonly #strips: number;
  readonly #perChunk: number;

  constructor(plan: ConvPlan, uses: readonly TileUse[], strips: number, perChunk: number, fused: boolean) {
    this.#f = new FunctionBody(3, fused);
    this.#plan = plan;
    this.#uses = uses;
    this.#strips = strips;
    this.#perChunk = perChunk;
  }

  generate(scalars: readonly (readonly [Expr, number])[]): FunctionBody {
    const f = this.#f;
    const { loads, stores } = this.#plan;
    const walk = new Walk(f, loads, stores, 3);
    for (const [e, word] of scalars) walk.set(e, f.splatWord(word));
    walk.prepare(stores.map((store) => store.value));
    const strip = f.keep(() => f.get(1).int(this.#perChunk).op("i32.mul"));
    const end = f.keep(() => {
      const last = f.keep(() => f.get(strip).int(this.#perChunk).op("i32.add"));
      pushMin(f, last, f.keep(() => f.int(this.#strips)));
    });
    f.while(strip, end, 1, () => this.#strip(walk, strip));
    return f;
  }

  #strip(walk: Walk, strip: Local): void {
    const f = this.#f;
    const { sizes: s, cut } = this.#plan;
    let rest = strip;
    const next = (count: number): Local => {
      const whole = rest;
      const at = f.keep(() => f.get(whole).int(count).op("i32.rem_u"));
      rest = f.keep(() => f.get(whole).int(count).op("i32.div_u"));
      return at;
    };
    const x = this.#scaled(next(Math.ceil(s.outWidth / SEGMENT)), SEGMENT);
    const y = this.#scaled(next(Math.ceil(s.outHeight / cut.height)), cut.height);
    const channel = this.#scaled(next(Math.ceil(s.outChannels / cut.rows)), cut.rows);
    const group = next(s.groups);
    const image = rest;
    const channels = this.#left(channel, s.outChannels, cut.rows);
    const rows = this.#left(y, s.outHeight, cut.height);
    const columns = this.#left(x, s.outWidth, SEGMENT);
    const first = f.keep(() => f.get(group).int(s.outChannels).op("i32.mul").get(channel).op("i32.add"));
    const weight = f.keep(() => {
      f.get(f.word(this.#plan.weight)).get(f.word(this.#plan.weightOffset)).op("i32.add");
      f.get(first).int(4 * s.inChannels * s.kernelHeight * s.kernelWidth).op("i32.mul").op("i32.add");
    });
    const input = f.keep(() => {
      const plane = s.inHeight * s.inWidth;
      f.get(f.word(this.#plan.input)).get(f.word(this.#plan.inputOffset)).op("i32.add");
      f.get(image).int(s.groups).op("i32.mul").get(group).op("i32.add").int(4 * s.inChannels * plane).op(
        "i32.mul",
      );
      f.op("i32.add").get(y).int(4 * s.strideHeight * s.inWidth).op("i32.mul").op("i32.add");
      f.get(x).int(4 * s.strideWidth).op("i32.mul").op("i32.add");
    });
    this.#tiles({ input, weight, channels, rows, columns });
    this.#epilogue(walk, { image, first, y, x, channels, rows, columns });
  }

  #scaled(index: Local, by: number): Local {
    return this.#f.keep(() => this.#f.get(index).int(by).op("i32.mul"));
  }

  /** How many of `step` places from `at` lie below `size`. */
  #left(at: Local, size: number, step: number): Local {
    const f = this.#f;
    return f.keep(() =>
      pushMin(f, f.keep(() => f.int(size).get(at).op("i32.sub")), f.keep(() => f.int(step)))
    );
  }

  #tiles(at: { input: Local; weight: Local; channels: Local; rows: Local; columns: Local }): void {
    const f = this.#f;
    const { sizes: s, cut } = this.#plan;
    const input = f.keep(() => f.get(at.input));
    const out = f.keep(() => f.get(SCRATCH));
    const left = f.keep(() => f.get(at.columns).int(3).op("i32.add").int(2).op("i32.shr_u"));
    const call = (vectors: number): void => {
      // Four ways to be at an edge; sizes that divide evenly have fewer functions.
      const choose = (lastChannels: boolean, lastRows: boolean): void => {
        const index = this.#uses.findIndex((u) =>
          u.lastChannels === lastChannels && u.lastRows === lastRows && u.vectors === vectors
        );
        f.get(input).get(at.weight).get(out).call(index);
      };
      const byRows = (lastChannels: boolean): void => {
        if (s.outHeight % cut.height === 0) return choose(lastChannels, false);
        f.get(at.rows).int(cut.height).op("i32.eq").if();
        choose(lastChannels, false);
        f.else();
        choose(lastChannels, true);
        f.end();
      };
      if (s.outChannels % cut.rows === 0) return byRows(false);
      f.get(at.channels).int(cut.rows).op("i32.eq").if();
      byRows(false);
      f.else();
      byRows(true);
      f.end();
    };
    const widths = [...new Set(this.#uses.map((u) => u.vectors))].sort((a, b) => b - a);
    for (const vectors of widths) {
      f.block().loop();
      f.get(left).int(vectors).op("i32.lt_s").brIf(1);
      call(vectors);
      f.get(input).int(16 * vectors * s.strideWidth).op("i32.add").set(input);
      f.get(out).int(16 * vectors).op("i32.add").set(out);
      f.get(left).int(vectors).op("i32.sub").set(left);
      f.br(0).end().end();
    }
  }

  #epilogue(walk: Walk, at: StripPlace): void {
    const f = this.#f;
    const { sizes: s, cut, stores } = this.#plan;
    const values = stores.map((store) => store.value);
    const width = scratchWidth(s);
    const r = f.keep(() => f.int(0));
    f.while(r, at.channels, 1, () => {
      const channel = f.keep(() => f.get(at.first).get(r).op("i32.add"));
      walk.enter([{ axis: 0, at: at.image }, { axis: 1, at: channel }], "all", () => {
        walk.prepare(values);
        const row = f.keep(() => f.int(0));
        f.while(row, at.rows, 1, () => {
          const y = f.keep(() => f.get(at.y).get(row).op("i32.add"));
          const from = f.keep(() => {
            f.get(r).int(cut.height).op("i32.mul").get(row).op("i32.add").int(4 * width).op("i32.mul");
            f.get(SCRATCH).op("i32.add");
          });
          walk.enter([{ axis: 2, at: y }], "all", () => {
            walk.prepare(values);
            const column = f.keep(() => f.get(at.x));
            const end = f.keep(() => f.get(at.x).get(at.columns).op("i32.add"));
            const limit = f.keep(() => f.get(end).int(3).op("i32.sub"));
            const body = (): void => {
              const sum = f.local("v128");
              f.get(from).memory("v128.load").set(sum);
              f.get(from).int(16).op("i32.add").set(from);
              walk.set(acc(0), sum);
              walk.storeAll(0, stores.length);
            };
            f.while(column, limit, 4, () => walk.enter([{ axis: 3, at: column }], "all", body));
            f.get(column).get(end).op("i32.lt_s").if();
            const count = f.keep(() => f.get(end).get(column).op("i32.sub"));
            walk.enter([{ axis: 3, at: column }], { count }, body);
            f.end();
          });
        });
      });
    });
  }
}

interface StripPlace {
  readonly image: Local;
  /** First output channel, counted through all groups. */
  readonly first: Local;
  readonly y: Local;
  readonly x: Local;
  readonly channels: Local;
  readonly rows: Local;
  readonly columns: Local;
}

/** Parameter of `run` that points to the thread's scratch memory. */
const SCRATCH = 2;
