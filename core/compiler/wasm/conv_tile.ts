import { FunctionBody, type Local } from "./assembler.ts";
import { advance, pointersApart, pointersTo } from "./pointers.ts";
import { loadEven } from "./storage.ts";

/** A block of a convolution: `rows` output channels by some vectors of four neighbouring pixels. */
export interface ConvTile {
  readonly rows: number;
  /** Elements from the tile's first input pixel to that of each vector. */
  readonly pixels: readonly number[];
  /** Elements between neighbouring lanes. */
  readonly step: number;
  readonly channels: number;
  /** Elements between input channels. */
  readonly channel: number;
  /** Elements from an input pixel to that under each kernel row, and under each tap of a row. */
  readonly kernelRows: readonly number[];
  readonly kernelColumns: readonly number[];
  /** Elements between the weights of output channels. */
  readonly filter: number;
  /** Bytes from the tile's start in the scratch memory to where each vector of the first channel goes. */
  readonly places: readonly number[];
  /** Bytes there between output channels. */
  readonly place: number;
}

/** Parameters of a tile function: input, weights, scratch (addresses). */
export const CONV_PARAMETERS = 3;
const INPUT = 0;
const WEIGHTS = 1;
const OUT = 2;
/** Taps that are written out; larger kernels loop over their rows. */
const MOST_TAPS = 36;

/** Generates a tile function. */
export function generateConvTile(tile: ConvTile, fused: boolean): FunctionBody {
  const f = new FunctionBody(CONV_PARAMETERS, fused);
  const { rows, pixels, kernelRows, kernelColumns } = tile;
  const columns = kernelColumns.length;
  const sums = Array.from({ length: rows * pixels.length }, () => f.local("v128"));
  const spread = f.local("v128");
  const inputs = pointersTo(f, INPUT, pixels);
  const weights = pointersApart(f, WEIGHTS, rows, tile.filter);
  const taps = (row: number, firstWeight: number): void => {
    kernelColumns.forEach((column, j) => {
      const right = inputs.map((pointer) => loadPixels(f, pointer, row + column, tile.step));
      for (let r = 0; r < rows; r++) {
        f.get(weights[r]!).memory("v128.load32_splat", 4 * (firstWeight + j)).set(spread);
        right.forEach((x, v) => {
          const sum = sums[r * pixels.length + v]!;
          f.get(spread).get(x).get(sum).madd().set(sum);
        });
      }
    });
  };
  const channel = f.keep(() => f.int(0));
  const channels = f.keep(() => f.int(tile.channels));
  f.while(channel, channels, 1, () => {
    if (kernelRows.length * columns <= MOST_TAPS) {
      kernelRows.forEach((row, i) => taps(row, i * columns));
      advance(f, inputs, tile.channel);
      advance(f, weights, kernelRows.length * columns);
    } else {
      const i = f.keep(() => f.int(0));
      const end = f.keep(() => f.int(kernelRows.length));
      f.while(i, end, 1, () => {
        taps(0, 0);
        advance(f, inputs, kernelRows[1] ?? 0);
        advance(f, weights, columns);
      });
      advance(f, inputs, tile.channel - kernelRows.length * (kernelRows[1] ?? 0));
    }
  });
  sums.forEach((sum, i) => {
    const r = Math.floor(i / pixels.length);
    f.get(OUT).get(sum).memory("v128.store", r * tile.place + tile.places[i % pixels.length]!);
  });
  return f;
}

/** Loads four pixels that lie `step` elements apart. */
export function loadPixels(f: FunctionBody, base: Local, offset: number, step: number): Local {
  const result = f.local("v128");
  if (step === 1) {
    f.get(base).memory("v128.load", 4 * offset).set(result);
    return result;
  }
  if (step === 2) return loadEven(f, base, 4 * offset);
  f.get(base).memory("v128.load32_zero", 4 * offset).set(result);
  for (let lane = 1; lane < 4; lane++) {
    f.get(base).get(result).memory("v128.load32_lane", 4 * (offset + lane * step), lane).set(result);
  }
  return result;
}

/** A block of a weight gradient: some output channels by some taps, summed over one image. */
export interface ConvWeightTile {
  readonly rows: number;
  /** Elements from the tile's first input pixel to that under each tap. */
  readonly taps: readonly number[];
  readonly step: number;
  readonly outHeight: number;
  readonly outWidth: number;
  /** Elements between input rows that belong to neighbouring output rows. */
  readonly inputRow: number;
  /** Elements between output channels of the gradient. */
  readonly channel: number;
}

/**
 * Generates a function that adds one image's share to vectors of sums in the scratch memory.
 * Parameters: input, gradient, sums (addresses); sums lie by output channel, then by tap.
 */
export function generateConvWeightTile(tile: ConvWeightTile, fused: boolean): FunctionBody {
  const f = new FunctionBody(CONV_PARAMETERS, fused);
  const { rows, taps, outHeight, outWidth, step } = tile;
  const GRADIENT = 1;
  const sums = Array.from({ length: rows * taps.length }, () => f.local("v128"));
  const left = Array.from({ length: rows }, () => f.local("v128"));
  const strip = (x: number, mask: Local | null): void => {
    left.forEach((g, r) => {
      f.get(GRADIENT).memory("v128.load", 4 * (r * tile.channel + x));
      if (mask !== null) f.get(mask).op("v128.and");
      f.set(g);
    });
    taps.forEach((tap, t) => {
      let pixels = loadPixels(f, INPUT, tap + x * step, step);
      if (mask !== null) pixels = f.v("v128.and", pixels, mask);
      left.forEach((g, r) => {
        const sum = sums[r * taps.length + t]!;
        f.get(g).get(pixels).get(sum).madd().set(sum);
      });
    });
  };
  const whole = Math.floor(outWidth / 4);
  const rest = outWidth % 4;
  const written = whole <= MOST_STRIPS;
  const y = f.keep(() => f.int(0));
  const end = f.keep(() => f.int(outHeight));
  f.while(y, end, 1, () => {
    if (written) {
      for (let v = 0; v < whole; v++) strip(4 * v, null);
    } else {
      const v = f.keep(() => f.int(0));
      const last = f.keep(() => f.int(whole));
      f.while(v, last, 1, () => {
        strip(0, null);
        advance(f, [INPUT], 4 * step);
        advance(f, [GRADIENT], 4);
      });
    }
    const passed = written ? 0 : 4 * whole;
    if (rest > 0) {
      const lanes = [0, 1, 2, 3].map((lane) => lane < rest ? -1 : 0) as [number, number, number, number];
      strip(4 * whole - passed, f.lanes(...lanes));
    }
    advance(f, [INPUT], tile.inputRow - passed * step);
    advance(f, [GRADIENT], outWidth - passed);
  });
  sums.forEach((sum, i) => {
    f.get(OUT).get(OUT).memory("v128.load", 16 * i).get(sum).op("f32x4.add").memory("v128.store", 16 * i);
  });
  return f;
}

/** Vectors of a row that are written out; longer rows loop. */
const MOST_STRIPS = 4;
