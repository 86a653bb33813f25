import type { CpuLaunch, WasmLaunch } from "../../runtime/cpu/launch.ts";
import { acc, cost, type Expr } from "../expr.ts";
import type { Conv2dSizes, Conv2dWeightKernel } from "../kernel.ts";
import { type LoadPlan, planLoad, planStore, type StorePlan, takePointers } from "./access.ts";
import { acrossLanes } from "./accumulate.ts";
import { FunctionBody, type Local } from "./assembler.ts";
import { Block } from "./block.ts";
import { type ConvWeightTile, generateConvWeightTile } from "./conv_tile.ts";
import { floatCopies } from "./float_copy.ts";
import { launchOf } from "./kernel_code.ts";
import { bindScalars } from "./map.ts";
import { Walk } from "./walk.ts";

/**
 * Lowers the weight gradient of a convolution: a chunk computes all taps of a few output channels for one or a few
 * input channels, image after image, with lanes along the rows of the gradient.
 */
export function lowerConv2dWeight(given: Conv2dWeightKernel, fused: boolean): readonly CpuLaunch[] {
  const s = given.sizes;
  if ([s.groups, s.outChannels, s.inChannels, s.kernelHeight, s.kernelWidth].some((n) => n === 0)) return [];
  const inputSize = s.batch * s.groups * s.inChannels * s.inHeight * s.inWidth;
  const gradSize = s.batch * s.groups * s.outChannels * s.outHeight * s.outWidth;
  const { operands: [input, grad], launches, workspaceBytes } = floatCopies(
    [{ ...given.input, size: inputSize }, { ...given.grad, size: gradSize }],
    given.label,
    fused,
  );
  const kernel = { ...given, input: input!, grad: grad! };
  return [...launches, { ...lowerDirect(kernel, fused), workspaceBytes }];
}

interface WeightPlan {
  readonly sizes: Conv2dSizes;
  /** Output channels of a tile. */
  readonly rows: number;
  /** Input channels of a chunk: more than one only where kernels have a single column. */
  readonly channels: number;
  /** Taps of a kernel row that a tile covers. */
  readonly taps: number;
  readonly input: number;
  readonly inputOffset: number;
  readonly grad: number;
  readonly gradOffset: number;
  readonly loads: readonly LoadPlan[];
  readonly stores: readonly StorePlan[];
}

/** Output channels of a tile beside so many taps, as registers allow. */
const ROWS = [0, 6, 4, 3, 2, 2, 2] as const;
/** Most taps of a tile. */
const MOST_TAPS = 6;

function lowerDirect(kernel: Conv2dWeightKernel, fused: boolean): WasmLaunch {
  const s = kernel.sizes;
  const block = new Block();
  takePointers(block, [kernel.input, kernel.grad, ...kernel.loads, ...kernel.stores]);
  const space = [s.groups * s.outChannels, s.inChannels, s.kernelHeight, s.kernelWidth];
  const channels = s.kernelWidth === 1 ? Math.min(3, s.inChannels) : 1;
  const taps = s.kernelWidth === 1
    ? channels
    : Math.ceil(s.kernelWidth / Math.ceil(s.kernelWidth / MOST_TAPS));
  const plan: WeightPlan = {
    sizes: s,
    rows: Math.min(s.outChannels, ROWS[taps]!),
    channels,
    taps,
    input: block.pointer(kernel.input.slot),
    inputOffset: block.word(4 * kernel.input.offset),
    grad: block.pointer(kernel.grad.slot),
    gradOffset: block.word(4 * kernel.grad.offset),
    loads: kernel.loads.map((l) => planLoad(block, l, space, 3)),
    stores: kernel.stores.map((store) => planStore(block, store, space, 3)),
  };
  const scalars = bindScalars(block, kernel.stores.map((store) => store.value));
  const { loads, stores, ...sizes } = plan;
  const points = space.reduce((a, b) => a * b, 1);
  const price = kernel.stores.reduce((sum, store) => sum + cost(store.value), 0);
  return launchOf(block, {
    label: kernel.label,
    form: `convWeight${fused}|${JSON.stringify(sizes)}`,
    loads,
    stores,
    scalars,
    generate: () => {
      const uses = tilesOf(plan);
      const functions = uses.map((use) => generateConvWeightTile(use.tile, fused));
      return [...functions, new WeightLoop(plan, uses, fused).generate(scalars)];
    },
    chunks: s.groups * Math.ceil(s.outChannels / plan.rows) * Math.ceil(s.inChannels / channels),
    nanoseconds: points * (s.batch * s.outHeight * s.outWidth / 19 + price * 0.1 + 1),
  });
}

interface TileUse {
  readonly rows: number;
  readonly taps: number;
  readonly tile: ConvWeightTile;
}

/** Distinct tiles: whole and last ones of output channels, of taps and of input channels. */
function tilesOf(plan: WeightPlan): readonly TileUse[] {
  const { sizes: s } = plan;
  const rest = s.kernelWidth === 1 ? s.inChannels % plan.channels : s.kernelWidth % plan.taps;
  const between = s.kernelWidth === 1 ? s.inHeight * s.inWidth : s.dilationWidth;
  const uses: TileUse[] = [];
  for (const rows of new Set([plan.rows, s.outChannels % plan.rows])) {
    for (const taps of new Set([plan.taps, rest])) {
      if (rows === 0 || taps === 0) continue;
      const tile: ConvWeightTile = {
        rows,
        taps: Array.from({ length: taps }, (_, t) => t * between),
        step: s.strideWidth,
        outHeight: s.outHeight,
        outWidth: s.outWidth,
        inputRow: s.strideHeight * s.inWidth,
        channel: s.outHeight * s.outWidth,
      };
      uses.push({ rows, taps, tile });
    }
  }
  return uses;
}

/** Parameter of `run` that points to the thread's scratch memory: sums first, results behind them. */
const SCRATCH = 2;
/** Bytes of a tile's sums: at most 12 vectors and some room. */
const SUM_BYTES = 256;

/** Generates the loops of a chunk. */
class WeightLoop {
  readonly #f: FunctionBody;
  readonly #plan: WeightPlan;
  readonly #uses: readonly TileUse[];

  constructor(plan: WeightPlan, uses: readonly TileUse[], fused: boolean) {
    this.#f = new FunctionBody(3, fused);
    this.#plan = plan;
    this.#uses = uses;
  }

  generate(scalars: readonly (readonly [Expr, number])[]): FunctionBody {
    const f = this.#f;
    const { sizes: s, rows, channels, loads, stores } = this.#plan;
    const walk = new Walk(f, loads, stores, 3);
    for (const [e, word] of scalars) walk.set(e, f.splatWord(word));
    walk.prepare(stores.map((store) => store.value));
    let rest = 1;
    const next = (count: number, scale: number): Local => {
      const whole = rest;
      const at = f.keep(() => f.get(whole).int(count).op("i32.rem_u").int(scale).op("i32.mul"));
      rest = f.keep(() => f.get(whole).int(count).op("i32.div_u"));
      return at;
    };
    const channel = next(Math.ceil(s.inChannels / channels), channels);
    const row = next(Math.ceil(s.outChannels / rows), rows);
    const group = rest;
    const first = f.keep(() => f.get(group).int(s.outChannels).op("i32.mul").get(row).op("i32.add"));
    const rowsLeft = f.keep(() => f.int(s.outChannels).get(row).op("i32.sub"));
    const channelsLeft = f.keep(() => f.int(s.inChannels).get(channel).op("i32.sub"));
    const place = { group, channel, first };
    const byRows = (rowCount: number): void => {
      if (s.kernelWidth > 1) return this.#taps(walk, place, rowCount, 1);
      this.#choose(channelsLeft, channels, s.inChannels, (count) => this.#taps(walk, place, rowCount, count));
    };
    this.#choose(rowsLeft, rows, s.outChannels, byRows);
    return f;
  }

  /** Generates `body` for whole tiles and, where the size does not divide, for the last one. */
  #choose(left: Local, step: number, size: number, body: (count: number) => void): void {
    if (size % step === 0) return body(step);
    if (size < step) return body(size);
    const f = this.#f;
    f.get(left).int(step).op("i32.ge_s").if();
    body(step);
    f.else();
    body(size % step);
    f.end();
  }

  #taps(walk: Walk, at: WeightPlace, rows: number, channels: number): void {
    const f = this.#f;
    const { sizes: s, taps } = this.#plan;
    const i = f.keep(() => f.int(0));
    const end = f.keep(() => f.int(s.kernelHeight));
    f.while(i, end, 1, () => {
      if (s.kernelWidth === 1) {
        this.#tile(at, i, 0, rows, channels);
        this.#store(walk, at, i, rows, channels);
        return;
      }
      for (let j = 0; j < s.kernelWidth; j += taps) {
        this.#tile(at, i, j, rows, Math.min(taps, s.kernelWidth - j));
      }
      this.#store(walk, at, i, rows, 1);
    });
  }

  /** Sums one tile over all images and leaves the results in the scratch memory, by output channel and tap. */
  #tile(at: WeightPlace, i: Local, j: number, rows: number, taps: number): void {
    const f = this.#f;
    const { sizes: s, input, inputOffset, grad, gradOffset } = this.#plan;
    const plane = s.inHeight * s.inWidth;
    const outPlane = s.outHeight * s.outWidth;
    const zero = f.i32(0);
    for (let n = 0; n < rows * taps; n++) f.get(SCRATCH).get(zero).memory("v128.store", 16 * n);
    const x = f.keep(() => {
      f.get(f.word(input)).get(f.word(inputOffset)).op("i32.add");
      f.get(at.group).int(s.inChannels).op("i32.mul").get(at.channel).op("i32.add").int(4 * plane).op(
        "i32.mul",
      );
      f.op("i32.add").get(i).int(4 * s.dilationHeight * s.inWidth).op("i32.mul").op("i32.add");
      f.int(4 * j * s.dilationWidth).op("i32.add");
    });
    const g = f.keep(() => {
      f.get(f.word(grad)).get(f.word(gradOffset)).op("i32.add");
      f.get(at.first).int(4 * outPlane).op("i32.mul").op("i32.add");
    });
    const image = f.keep(() => f.int(0));
    const images = f.keep(() => f.int(s.batch));
    f.while(image, images, 1, () => {
      f.get(x).get(g).get(SCRATCH).call(this.#uses.findIndex((u) => u.rows === rows && u.taps === taps));
      f.get(x).int(4 * s.groups * s.inChannels * plane).op("i32.add").set(x);
      f.get(g).int(4 * s.groups * s.outChannels * outPlane).op("i32.add").set(g);
    });
    for (let r = 0; r < rows; r++) {
      for (let t = 0; t < taps; t++) {
        const sum = f.local("v128");
        f.get(SCRATCH).memory("v128.load", 16 * (r * taps + t)).set(sum);
        acrossLanes(f, SUM, { value: sum, position: null });
        f.get(SCRATCH).get(sum).memory("v128.store32_lane", this.#resultAt(r, t, j), 0);
      }
    }
  }

  /** Bytes from the scratch memory's start to a result: by output channel, then by input channel or column. */
  #resultAt(row: number, tap: number, j: number): number {
    const width = 16 * Math.ceil(this.#plan.sizes.kernelWidth / 4);
    return this.#plan.sizes.kernelWidth === 1
      ? SUM_BYTES + 16 * (row * this.#plan.channels + tap)
      : SUM_BYTES + row * width + 4 * (j + tap);
  }

  /** Evaluates the stores for one kernel row. */
  #store(walk: Walk, at: WeightPlace, i: Local, rows: number, channels: number): void {
    const f = this.#f;
    const { sizes: s, stores } = this.#plan;
    for (let r = 0; r < rows; r++) {
      for (let c = 0; c < channels; c++) {
        const o = f.keep(() => f.get(at.first).int(r).op("i32.add"));
        const channel = f.keep(() => f.get(at.channel).int(c).op("i32.add"));
        walk.enter([{ axis: 0, at: o }, { axis: 1, at: channel }, { axis: 2, at: i }], "all", () => {
          for (let j = 0; j < s.kernelWidth; j += 4) {
            const column = f.keep(() => f.int(j));
            const count = f.keep(() => f.int(Math.min(4, s.kernelWidth - j)));
            walk.enter([{ axis: 3, at: column }], j + 4 <= s.kernelWidth ? "all" : { count }, () => {
              const sum = f.local("v128");
              f.get(SCRATCH).memory("v128.load", this.#resultAt(r, s.kernelWidth === 1 ? c : j, 0)).set(sum);
              walk.set(acc(0), sum);
              walk.storeAll(0, stores.length);
            });
          }
        });
      }
    }
  }
}

const SUM = { combine: "sum", value: acc(0) } as const;

interface WeightPlace {
  readonly group: Local;
  readonly channel: Local;
  /** First output channel, counted through all groups. */
  readonly first: Local;
}
