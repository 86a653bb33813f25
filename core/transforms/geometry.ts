import { ShapeError } from "../errors.ts";
import { flip, gather, pad, where } from "../ops/mod.ts";
import {
  count,
  either,
  like,
  list,
  number,
  optional,
  required,
  type Rule,
  takeOptions,
  unsupported,
} from "../options.ts";
import { defaultGenerator, type Tensor, tensor } from "../tensor/mod.ts";
import {
  applyOnce,
  chance,
  type Draw,
  type ImageTransform,
  type Size,
  sizeOfImage,
} from "./image_transform.ts";

/** A height and a width, or one number for both. */
export type SizeOption = number | readonly number[];

/** The option `size` of transforms. */
export function sizeRule(): Rule<SizeOption> {
  const fits = (n: unknown): boolean => Number.isSafeInteger(n) && (n as number) > 0;
  return like<SizeOption>(
    "give a whole number of pixels, or [height, width]",
    (value) => fits(value) || (Array.isArray(value) && [1, 2].includes(value.length) && value.every(fits)),
  );
}

/** Height and width of a `size`. */
export function sizeOf(size: SizeOption): Size {
  const [height, width = height] = typeof size === "number" ? [size] : size;
  return [height!, width!];
}

/** Options of {@linkcode CenterCrop}. */
export interface CenterCropOptions {
  /** Height and width of the result. */
  readonly size: SizeOption;
}

/** The middle of an image; smaller images get a border of zeros. Source: `torchvision.transforms.CenterCrop`. */
export class CenterCrop implements ImageTransform {
  readonly batched = true;
  readonly #size: Size;

  constructor(options: CenterCropOptions) {
    const { size } = takeOptions<CenterCropOptions>("transforms.CenterCrop", options, {
      size: sizeRule(),
    });
    this.#size = sizeOf(size);
  }

  /** `[..., C, H, W] → [..., C, height, width]`, dtype kept. */
  forward(image: Tensor): Tensor {
    const [height, width] = this.#size;
    const [h, w] = sizeOfImage(image);
    const top = Math.max(0, height - h);
    const left = Math.max(0, width - w);
    // an odd border is smaller at the top and at the left, as in torchvision
    const border = [left >> 1, (left + 1) >> 1, top >> 1, (top + 1) >> 1];
    const padded = top > 0 || left > 0 ? pad(image, { pad: border }) : image;
    const [paddedH, paddedW] = sizeOfImage(padded);
    return crop(
      padded,
      roundHalfEven((paddedH - height) / 2),
      roundHalfEven((paddedW - width) / 2),
      this.#size,
    );
  }

  /** Always the crop's size. */
  outputSize(): Size {
    return this.#size;
  }
}

/** Options of {@linkcode RandomCrop}. */
export interface RandomCropOptions {
  /** Height and width of the result. */
  readonly size: SizeOption;
  /** Border added first: of all sides, of left/right and top/bottom, or of left, top, right, bottom. @default null */
  readonly padding?: number | readonly number[] | null;
  /** Whether smaller images get a border. @default false */
  readonly padIfNeeded?: boolean;
  /** What the border holds. @default 0 */
  readonly fill?: number;
}

/**
 * A random part of an image. Source: `torchvision.transforms.RandomCrop` with constant padding; draws the top,
 * then the left, and nothing where the sizes are equal.
 *
 * @throws {ShapeError} where an image is smaller than the crop.
 */
export class RandomCrop implements ImageTransform {
  readonly batched = true;
  readonly #size: Size;
  readonly #border: readonly [left: number, top: number, right: number, bottom: number];
  readonly #padIfNeeded: boolean;
  readonly #fill: number;

  constructor(options: RandomCropOptions) {
    const o = takeOptions<RandomCropOptions>("transforms.RandomCrop", options, {
      size: sizeRule(),
      padding: optional(either(count(required), list(count(required), required, [1, 2, 4]))),
      padIfNeeded: false,
      fill: 0,
      paddingMode: unsupported("constant"),
    });
    this.#size = sizeOf(o.size);
    const border = o.padding === null ? [0] : typeof o.padding === "number" ? [o.padding] : o.padding;
    const [left, top = left, right = left, bottom = top] = border;
    this.#border = [left!, top!, right!, bottom!];
    this.#padIfNeeded = o.padIfNeeded;
    this.#fill = o.fill;
  }

  /** `[..., C, H, W] → [..., C, height, width]`, dtype kept; a batch is cropped in one place. */
  forward(image: Tensor): Tensor {
    return applyOnce(this, image);
  }

  /** Always the crop's size. */
  outputSize(): Size {
    return this.#size;
  }

  /** The top and the left of the crop. */
  draw(size: Size): Draw {
    const [height, width] = this.#size;
    const [h, w] = this.#paddedSize(size);
    if (h < height || w < width) {
      throw new ShapeError(
        `Required crop size (${height}, ${width}) is larger than input image size (${h}, ${w})`,
        { where: "transforms.RandomCrop", fix: "set pad_if_needed or padding, or crop less" },
      );
    }
    if (h === height && w === width) return [0, 0];
    const [top] = defaultGenerator.randint(0, h - height + 1, 1);
    const [left] = defaultGenerator.randint(0, w - width + 1, 1);
    return [top!, left!];
  }

  /** Crops each image at its place: one gather, whose positions are data, so no place compiles anew. */
  apply(images: Tensor, draws: readonly Draw[]): Tensor {
    const [height, width] = this.#size;
    const [left, top, right, bottom] = this.#borders(sizeOfImage(images));
    const padded = left + top + right + bottom === 0
      ? images
      : pad(images, { pad: [left, right, top, bottom], value: this.#fill });
    const [h, w] = sizeOfImage(padded);
    const [count, channels] = images.shape as [number, number];
    const index = new Int32Array(count * height * width);
    for (let i = 0, at = 0; i < count; i++) {
      const [y0, x0] = draws[i] as readonly [number, number];
      for (let y = y0; y < y0 + height; y++) {
        for (let x = x0; x < x0 + width; x++) index[at++] = y * w + x;
      }
    }
    const positions = tensor(index, { shape: [count, 1, height * width], dtype: "i32" });
    const flat = padded.reshape([count, channels, h * w]);
    return gather(flat, { dim: 2, index: positions.expand([count, channels, height * width]) })
      .reshape([count, channels, height, width]);
  }

  #paddedSize(size: Size): Size {
    const [left, top, right, bottom] = this.#borders(size);
    return [size[0] + top + bottom, size[1] + left + right];
  }

  /** The border of an image: the padding, and what an image that is too small lacks, on both sides. */
  #borders([h, w]: Size): readonly [left: number, top: number, right: number, bottom: number] {
    const [left, top, right, bottom] = this.#border;
    if (!this.#padIfNeeded) return this.#border;
    const y = Math.max(0, this.#size[0] - (h + top + bottom));
    const x = Math.max(0, this.#size[1] - (w + left + right));
    return [left + x, top + y, right + x, bottom + y];
  }
}

/** Options of {@linkcode RandomHorizontalFlip} and {@linkcode RandomVerticalFlip}. */
export interface RandomFlipOptions {
  /** How often images are flipped. @default 0.5 */
  readonly p?: number;
}

/** Mirrors an image left to right with probability `p`. Source: `torchvision.transforms.RandomHorizontalFlip`. */
export class RandomHorizontalFlip implements ImageTransform {
  readonly batched = true;
  readonly #p: number;

  constructor(options: RandomFlipOptions = {}) {
    this.#p = takeProbability("transforms.RandomHorizontalFlip", options);
  }

  /** `[..., C, H, W]`, shape and dtype kept; a batch is flipped as a whole or not at all. */
  forward(image: Tensor): Tensor {
    return applyOnce(this, image);
  }

  /** Whether to flip. */
  draw(): Draw {
    return [chance(this.#p) ? 1 : 0];
  }

  /** Flips the images whose draw says so. */
  apply(images: Tensor, draws: readonly Draw[]): Tensor {
    return flipWhere(images, draws, 3);
  }
}

/** Turns an image upside down with probability `p`. Source: `torchvision.transforms.RandomVerticalFlip`. */
export class RandomVerticalFlip implements ImageTransform {
  readonly batched = true;
  readonly #p: number;

  constructor(options: RandomFlipOptions = {}) {
    this.#p = takeProbability("transforms.RandomVerticalFlip", options);
  }

  /** `[..., C, H, W]`, shape and dtype kept; a batch is flipped as a whole or not at all. */
  forward(image: Tensor): Tensor {
    return applyOnce(this, image);
  }

  /** Whether to flip. */
  draw(): Draw {
    return [chance(this.#p) ? 1 : 0];
  }

  /** Flips the images whose draw says so. */
  apply(images: Tensor, draws: readonly Draw[]): Tensor {
    return flipWhere(images, draws, 2);
  }
}

function takeProbability(owner: string, options: RandomFlipOptions): number {
  return takeOptions<RandomFlipOptions>(owner, options, { p: number(0.5, { min: 0, max: 1 }) }).p;
}

function flipWhere(images: Tensor, draws: readonly Draw[], axis: number): Tensor {
  const flags = Uint8Array.from(draws, (draw) => draw[0] as number);
  const flipped = tensor(flags, { shape: [flags.length, 1, 1, 1], dtype: "bool" });
  return where(flipped, flip(images, [axis]), images);
}

function crop(image: Tensor, top: number, left: number, [height, width]: Size): Tensor {
  return image
    .slice({ dim: -2, start: top, stop: top + height })
    .slice({ dim: -1, start: left, stop: left + width });
}

function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  return x - floor === 0.5 ? floor + (floor % 2) : Math.round(x);
}
