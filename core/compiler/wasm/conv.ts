import type { CpuLaunch, WasmLaunch } from "../../runtime/cpu/launch.ts";
import { acc, cost, type Expr } from "../expr.ts";
import type { Conv2dKernel, Conv2dSizes, Load, MatmulKernel } from "../kernel.ts";
import {
  describeLoad,
  describeStore,
  isFull,
  type LoadPlan,
  planLoad,
  planStore,
  type StorePlan,
  takePointers,
} from "./access.ts";
import { encodeModule, FunctionBody, type Local } from "./assembler.ts";
import { Block } from "./block.ts";
import { type ConvTile, generateConvTile } from "./conv_tile.ts";
import { floatCopies } from "./float_copy.ts";
import { bindScalars, pushMin } from "./map.ts";
import { cachedModule } from "./modules.ts";
import { Walk } from "./walk.ts";

/** Where work is cut off into one chunk, in floating-point operations. */
const CHUNK_FLOPS = 1.5e6;
/** Output columns that are computed before their epilogue. */
const SEGMENT = 512;

/**
 * Lowers a convolution to direct kernels with all sizes built in: taps are written out, offsets are part of the loads,
 * nothing is copied. A convolution with 1×1 kernels becomes a matrix product where its result allows it.
 *
 * @param lowerMatmul Lowers matrix products.
 */
export function lowerConv2d(
  given: Conv2dKernel,
  fused: boolean,
  lowerMatmul: (kernel: MatmulKernel) => readonly CpuLaunch[],
): readonly CpuLaunch[] {
  const s = given.sizes;
  if ([s.batch, s.groups, s.outChannels, s.outHeight, s.outWidth].some((n) => n === 0)) return [];
  const product = asMatmul(given);
  if (product !== null) return lowerMatmul(product);
  const inputSize = s.batch * s.groups * s.inChannels * s.inHeight * s.inWidth;
  const weightSize = s.groups * s.outChannels * s.inChannels * s.kernelHeight * s.kernelWidth;
  const { operands: [input, weight], launches, workspaceBytes } = floatCopies(
    [{ ...given.input, size: inputSize }, { ...given.weight, size: weightSize }],
    given.label,
    fused,
  );
  const kernel = { ...given, input: input!, weight: weight! };
  return [...launches, { ...lowerDirect(kernel, fused), workspaceBytes }];
}

/** The matrix product that a 1×1 convolution is, or null where it is none. */
function asMatmul(kernel: Conv2dKernel): MatmulKernel | null {
  const s = kernel.sizes;
  const pointwise = s.kernelHeight === 1 && s.kernelWidth === 1 && s.strideHeight === 1 &&
    s.strideWidth === 1;
  const joins =
    [...kernel.loads, ...kernel.stores].every((a) => a.strides[2] === a.strides[3]! * s.outWidth) &&
    kernel.loads.every((l) =>
      l.mask === null || isFull(l.mask[2]!, s.outHeight) && isFull(l.mask[3]!, s.outWidth)
    );
  const same = s.outHeight === s.inHeight && s.outWidth === s.inWidth;
  const channels = [...kernel.loads, ...kernel.stores].every((a) => s.groups === 1 || a.strides.length === 4);
  if (!pointwise || !joins || !same || !channels) return null;
  const { inChannels: k, outChannels: m } = s;
  const n = s.outHeight * s.outWidth;
  const split = <T extends { readonly strides: readonly number[] }>(access: T): T => {
    const [image, channel, , column] = access.strides as [number, number, number, number];
    return { ...access, strides: [image, channel * m, channel, column] };
  };
  const masked = kernel.loads.some((l) => l.mask !== null && !isFull(l.mask[1]!, s.groups * m));
  if (masked && s.groups > 1) return null;
  const operand = (o: Conv2dKernel["input"], strides: readonly number[]): Load => {
    return { ...o, strides, mask: null, indirect: null };
  };
  return {
    kind: "matmul",
    label: kernel.label,
    batch: [s.batch, s.groups],
    m,
    n,
    k,
    a: operand(kernel.weight, [0, m * k, k, 1]),
    b: operand(kernel.input, [s.groups * k * n, k * n, n, 1]),
    loads: kernel.loads.map((l) => ({
      ...split(l),
      mask: l.mask === null
        ? null
        : [l.mask[0]!, [0, s.groups], s.groups === 1 ? l.mask[1]! : [0, m], [0, n]],
    })),
    stores: kernel.stores.map(split),
  };
}

/** How an output is cut into tiles. */
interface Cut {
  /** Output channels of a tile. */
  readonly rows: number;
  /** Output rows of a tile. */
  readonly height: number;
  /** Vectors of four columns of a tile. */
  readonly vectors: number;
}

/** Vectors that the registers hold beside so many output channels. */
const VECTORS = [0, 6, 4, 3, 2, 2, 2] as const;

function cutOf(s: Conv2dSizes): Cut {
  const rows = Math.ceil(s.outChannels / Math.ceil(s.outChannels / 6));
  const most = VECTORS[rows]!;
  const vectors = Math.min(most, Math.ceil(Math.min(s.outWidth, SEGMENT) / 4));
  return { rows, vectors, height: Math.min(s.outHeight, Math.floor(most / vectors)) };
}

function lowerDirect(kernel: Conv2dKernel, fused: boolean): WasmLaunch {
  const s = kernel.sizes;
  const block = new Block();
  takePointers(block, [kernel.input, kernel.weight, ...kernel.loads, ...kernel.stores]);
  const space = [s.batch, s.groups * s.outChannels, s.outHeight, s.outWidth];
  const plan: ConvPlan = {
    sizes: s,
    cut: cutOf(s),
    input: block.pointer(kernel.input.slot),
    inputOffset: block.word(4 * kernel.input.offset),
    weight: block.pointer(kernel.weight.slot),
    weightOffset: block.word(4 * kernel.weight.offset),
    loads: kernel.loads.map((l) => planLoad(block, l, space, 3)),
    stores: kernel.stores.map((store) => planStore(block, store, space, 3)),
  };
  const scalars = bindScalars(block, kernel.stores.map((store) => store.value));
  const taps = s.inChannels * s.kernelHeight * s.kernelWidth;
  const { cut } = plan;
  const strips = s.batch * s.groups * Math.ceil(s.outChannels / cut.rows) *
    Math.ceil(s.outHeight / cut.height) *
    Math.ceil(s.outWidth / SEGMENT);
  const stripFlops = 2 * taps * cut.rows * cut.height * Math.min(s.outWidth, SEGMENT);
  const perChunk = Math.max(1, Math.min(strips, Math.round(CHUNK_FLOPS / Math.max(1, stripFlops))));
  const { loads, stores, ...sizes } = plan;
  const key = `conv${fused}|${JSON.stringify(sizes)}|${perChunk}|${loads.map(describeLoad).join()}|${
    stores.map(describeStore).join()
  }|${scalars.map(([, word]) => word).join()}`;
  const module = cachedModule(key, () => {
    const uses = tilesOf(plan);
    const functions = uses.map((use) => generateConvTile(use.tile, fused));
    const loop = new ConvLoop(plan, uses, strips, perChunk, fused);
    return encodeModule([...functions, loop.generate(scalars)]);
  });
  const points = space.reduce((a, b) => a * b, 1);
  const price = kernel.stores.reduce((sum, store) => sum + cost(store.value), 0);
  return {
    kind: "wasm",
    label: kernel.label,
    key,
    module,
    pointers: block.pointers,
    words: block.words,
    scalars: block.scalars,
    chunks: Math.ceil(strips / perChunk),
    nanoseconds: points * (taps / 18 + price * 0.1 + 0.3),
    workspaceBytes: 0,
  };
}

interface ConvPlan {
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
