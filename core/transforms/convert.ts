import { DTypeError, ShapeError, ValueError } from "../errors.ts";
import { either, like, number, required, takeOptions, unsupported } from "../options.ts";
import { type Tensor, variable } from "../tensor/mod.ts";
import type { ImageTransform } from "./image_transform.ts";

/**
 * Images of 8 bits a channel as `f32` in 0 … 1: `x / 255`.
 *
 * Source: `torchvision.transforms.ToTensor`; images are planar already, so no axis moves.
 *
 * @throws {DTypeError} for tensors that are no `u8` images.
 */
export class ToTensor implements ImageTransform {
  readonly batched = true;

  constructor(options: Readonly<Record<never, never>> = {}) {
    takeOptions("transforms.ToTensor", options, {});
  }

  /** `u8 [..., C, H, W] → f32 [..., C, H, W]`. */
  forward(image: Tensor): Tensor {
    if (image.dtype === "u8") return image.to("f32").div(255);
    throw new DTypeError(`ToTensor takes u8 images, not ${image.dtype}`, {
      where: "transforms.ToTensor",
      fix: "leave ToTensor out: these are numbers already, or another ToTensor came before",
    });
  }
}

/** Images as they are, `u8`: the conversion from PIL that torchvision needs is none here. */
export class PILToTensor implements ImageTransform {
  readonly batched = true;

  constructor(options: Readonly<Record<never, never>> = {}) {
    takeOptions("transforms.PILToTensor", options, {});
  }

  /** `u8 [..., C, H, W]`, unchanged. @throws {DTypeError} for tensors that are no `u8` images. */
  forward(image: Tensor): Tensor {
    if (image.dtype === "u8") return image;
    throw new DTypeError(`PILToTensor takes u8 images, not ${image.dtype}`, {
      where: "transforms.PILToTensor",
      fix: "leave PILToTensor out: these are numbers already",
    });
  }
}

const CHANNELS = either(
  number(required),
  like<readonly number[]>(
    "give a list of numbers",
    (value) => Array.isArray(value) && value.length > 0 && value.every((n) => Number.isFinite(n)),
  ),
);

/** Options of {@linkcode Normalize}. */
export interface NormalizeOptions {
  /** Mean of each channel, or of all. */
  readonly mean: number | readonly number[];
  /** Standard deviation of each channel, or of all; not 0. */
  readonly std: number | readonly number[];
}

/**
 * Shifts and scales each channel: `(x - mean) / std`. Source: `torchvision.transforms.Normalize`.
 *
 * @throws {ValueError} where a `std` is 0.
 */
export class Normalize implements ImageTransform {
  readonly batched = true;
  readonly mean: readonly number[];
  readonly std: readonly number[];
  #perChannel: { readonly mean: Tensor; readonly std: Tensor } | null = null;

  constructor(options: NormalizeOptions) {
    const o = takeOptions<NormalizeOptions>("transforms.Normalize", options, {
      mean: CHANNELS,
      std: CHANNELS,
      inplace: unsupported(false, true),
    });
    this.mean = typeof o.mean === "number" ? [o.mean] : o.mean;
    this.std = typeof o.std === "number" ? [o.std] : o.std;
    if (this.std.some((std) => !(Math.abs(std) > 0))) {
      throw new ValueError(`std has a 0, which leads to division by zero: [${this.std.join(", ")}]`, {
        where: "transforms.Normalize",
        fix: "give a positive standard deviation for every channel",
      });
    }
  }

  /**
   * `f32 [..., C, H, W]`, shape kept.
   *
   * @throws {DTypeError} for integer images, {@linkcode ShapeError} where channels do not fit.
   */
  forward(image: Tensor): Tensor {
    if (image.dtype !== "f32" && image.dtype !== "f16") {
      throw new DTypeError(`Normalize takes float images, not ${image.dtype}`, {
        where: "transforms.Normalize",
        fix: "put ToTensor before it",
      });
    }
    // one number is a constant of the kernel; several are a small tensor that the kernel reads
    if (this.mean.length === 1 && this.std.length === 1) return image.sub(this.mean[0]!).div(this.std[0]!);
    const channels = image.shape[image.rank - 3];
    for (const count of [this.mean.length, this.std.length]) {
      if (count === 1 || count === channels) continue;
      throw new ShapeError(
        `Normalize has ${count} channels, the image [${image.shape.join(", ")}] has ${channels}`,
        {
          where: "transforms.Normalize",
          fix: channels === 1
            ? "give mean and std one number"
            : `give mean and std one or ${channels} numbers`,
        },
      );
    }
    this.#perChannel ??= { mean: perChannel(this.mean), std: perChannel(this.std) };
    return image.sub(this.#perChannel.mean).div(this.#perChannel.std);
  }
}

function perChannel(values: readonly number[]): Tensor {
  return variable(Float32Array.from(values), { shape: [values.length, 1, 1], dtype: "f32" });
}
