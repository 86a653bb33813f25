import { OptionError } from "../errors.ts";
import { floor, indexSelect, matmul } from "../ops/mod.ts";
import { choice, count, optional, required, showValue, takeOptions } from "../options.ts";
import { type Tensor, variable } from "../tensor/mod.ts";
import { sizeRule } from "./geometry.ts";
import { type ImageTransform, type Size, sizeOfImage } from "./image_transform.ts";
import {
  FIXED_HALF,
  fixedPointHalves,
  type Interpolation,
  INTERPOLATIONS,
  nearestRows,
  resampleWeights,
} from "./resample.ts";

/** Options of {@linkcode Resize}. */
export interface ResizeOptions {
  /** The shorter side, or `[height, width]`. */
  readonly size: number | readonly number[];
  /** @default "bilinear" */
  readonly interpolation?: Interpolation;
  /** The longer side's limit where `size` is one number. @default null */
  readonly maxSize?: number | null;
  /** Whether shrinking `f32` images averages over all pixels; `u8` images always do, as PIL's. @default true */
  readonly antialias?: boolean;
}

/**
 * Brings images to a size. Source: `torchvision.transforms.Resize`.
 *
 * `u8` images come out as PIL makes them: rounded after the horizontal and after the vertical pass; `f32` images as
 * torchvision resizes tensors. Half-pixel centres throughout.
 *
 * @throws {OptionError} for sizes that are none.
 */
export class Resize implements ImageTransform {
  readonly batched = true;
  readonly #size: readonly number[];
  readonly #interpolation: Interpolation;
  readonly #maxSize: number | null;
  readonly #antialias: boolean;
  /** Weights by what they map, so that a batch uploads none. */
  readonly #weights = new Map<string, Tensor>();

  constructor(options: ResizeOptions) {
    const o = takeOptions<ResizeOptions>("transforms.Resize", options, {
      size: sizeRule(),
      interpolation: choice<Interpolation>("bilinear", INTERPOLATIONS),
      maxSize: optional(count(required, 1)),
      antialias: true,
    });
    this.#size = typeof o.size === "number" ? [o.size] : o.size;
    const fits = this.#size.length === 1 || (this.#size.length === 2 && o.maxSize === null);
    if (!fits) {
      throw new OptionError(
        `transforms.Resize cannot use size = ${showValue(o.size)} with max_size = ${o.maxSize}`,
        {
          fix: "give the shorter side, perhaps with max_size, or [height, width] without it",
          data: { owner: "transforms.Resize", option: "size", known: Object.keys(o) },
        },
      );
    }
    this.#interpolation = o.interpolation;
    this.#maxSize = o.maxSize;
    this.#antialias = o.antialias;
  }

  /** `[..., C, H, W] → [..., C, height, width]`, dtype kept. */
  forward(image: Tensor): Tensor {
    const [height, width] = sizeOfImage(image);
    const [newHeight, newWidth] = this.outputSize([height, width]);
    if (newHeight === height && newWidth === width) return image;
    if (this.#interpolation === "nearest" || this.#interpolation === "nearest-exact") {
      const across = indexSelect(image, { dim: image.rank - 1, index: this.#rows(image, width, newWidth) });
      return indexSelect(across, { dim: image.rank - 2, index: this.#rows(image, height, newHeight) });
    }
    const across = width === newWidth ? image.to("f32") : this.#pass(image, "width", width, newWidth);
    const both = height === newHeight ? across : this.#pass(across, "height", height, newHeight, image.dtype);
    return both.to(image.dtype);
  }

  /** The size that an image of this size gets. */
  outputSize([height, width]: Size): Size {
    if (this.#size.length === 2) return [this.#size[0]!, this.#size[1]!];
    const [short, long] = height < width ? [height, width] : [width, height];
    let newShort = this.#size[0]!;
    let newLong = Math.trunc((newShort * long) / short);
    if (this.#maxSize !== null && newLong > this.#maxSize) {
      newShort = Math.trunc((this.#maxSize * newShort) / newLong);
      newLong = this.#maxSize;
    }
    return height < width ? [newShort, newLong] : [newLong, newShort];
  }

  /** Resamples one side: a product with the weights; whole numbers 0 … 255 come out for `u8` images. */
  #pass(image: Tensor, side: "height" | "width", from: number, to: number, dtype = image.dtype): Tensor {
    const x = image.to("f32");
    const times = (weights: Tensor): Tensor =>
      side === "width" ? matmul(x, weights.transpose(0, 1)) : matmul(weights, x);
    const shape = [to, from];
    if (dtype !== "u8") {
      return times(this.#cached(`${from} ${to}`, () => {
        const weights = resampleWeights(this.#interpolation, from, to, this.#antialias);
        return variable(Float32Array.from(weights), { shape, dtype: "f32" });
      }));
    }
    const half = (part: "high" | "low"): Tensor =>
      this.#cached(`${part} ${from} ${to}`, () => {
        const weights = fixedPointHalves(resampleWeights(this.#interpolation, from, to, true))[part];
        return variable(weights, { shape, dtype: "f32" });
      });
    // every number here is whole and below 2^24, so f32 computes PIL's integer arithmetic exactly, ties included
    const carried = floor(times(half("low")).div(FIXED_HALF)).add(times(half("high")));
    return floor(carried.add(FIXED_HALF / 2).div(FIXED_HALF)).clamp({ min: 0, max: 255 });
  }

  #rows(image: Tensor, from: number, to: number): Tensor {
    // PIL's NEAREST takes the pixel under the centre, as "nearest-exact" does; torch's takes the one at the corner
    const centred = image.dtype === "u8" || this.#interpolation === "nearest-exact";
    return this.#cached(`rows ${centred} ${from} ${to}`, () => {
      return variable(nearestRows(from, to, centred), { shape: [to], dtype: "i32" });
    });
  }

  #cached(key: string, make: () => Tensor): Tensor {
    const known = this.#weights.get(key);
    if (known !== undefined) return known;
    const made = make();
    this.#weights.set(key, made);
    return made;
  }
}
