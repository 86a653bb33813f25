import { type Batch, mapBatch } from "../batch.ts";
import { DataError } from "../errors.ts";
import { stack } from "../ops/mod.ts";
import { isCallable, like, required, takeOptions, text } from "../options.ts";
import { Tensor } from "../tensor/mod.ts";
import { type ImageFunction, sizeOfImage } from "./image_transform.ts";

/** Options of {@linkcode TorchVisionTransform}. */
export interface TorchVisionTransformOptions {
  /** A transform of images, or a function of one image. */
  readonly transform: ImageFunction;
  /** Batch key of the images. */
  readonly key: string;
}

/**
 * Applies a transform of images to one key of a batch.
 *
 * A batch of images of one size is transformed at once, as recorded ops: `ToTensor` and then `Normalize` on `u8`
 * images are one kernel for the whole batch. Random transforms draw for each image, in the order of Python's loop.
 * Plain functions, and images of different sizes, are taken one by one.
 *
 * Source: the Python template's `TorchVisionTransform`.
 *
 * @throws {DataError} where the batch has no such key, or no images there.
 *
 * @example
 * ```ts
 * import { TorchVisionTransform } from "./torchvision_transform.ts";
 * import { ToTensor } from "./convert.ts";
 * import { type Tensor, tensor } from "../tensor/mod.ts";
 * const transform = new TorchVisionTransform({ transform: new ToTensor(), key: "image" });
 * const image = tensor(Uint8Array.of(0, 255), { shape: [2, 1, 1, 1], dtype: "u8" });
 * const batch = transform.forward({ image });
 * console.assert((await (batch.image as Tensor).data()).join() === "0,1");
 * ```
 */
export class TorchVisionTransform {
  readonly #transform: ImageFunction;
  readonly #key: string;

  constructor(options: TorchVisionTransformOptions) {
    const o = takeOptions<TorchVisionTransformOptions>("transforms.TorchVisionTransform", options, {
      transform: like<ImageFunction>(
        "give a transform of images, such as transforms.ToTensor, or a function of one image",
        isCallable,
      ),
      key: text(required),
    });
    this.#transform = o.transform;
    this.#key = o.key;
  }

  /** The batch with transformed images; the batch given stays as it is. */
  forward(batch: Batch): Batch {
    const where = `transforms.TorchVisionTransform "${this.#key}"`;
    const { image } = mapBatch(batch, { [this.#key]: "image" }, where);
    if (image instanceof Tensor) return { ...batch, [this.#key]: this.#batch(image) };
    if (Array.isArray(image) && image.every((one) => one instanceof Tensor)) {
      return { ...batch, [this.#key]: restack(image.map((one: Tensor) => this.#one(one))) };
    }
    throw new DataError(`Batch key "${this.#key}" holds no images`, {
      where,
      fix: "name a column of images or numbers",
    });
  }

  #batch(images: Tensor): Tensor | Tensor[] {
    const transform = this.#transform;
    if (typeof transform === "function" || !transform.batched) {
      const count = images.shape[0]!;
      const one = images.shape.slice(1);
      const parts = Array.from(
        { length: count },
        (_, i) => images.slice({ dim: 0, start: i, stop: i + 1 }).reshape(one),
      );
      return restack(parts.map((part) => this.#one(part)));
    }
    if (transform.draw === undefined || transform.apply === undefined) return transform.forward(images);
    const size = sizeOfImage(images);
    return transform.apply(images, Array.from({ length: images.shape[0]! }, () => transform.draw!(size)));
  }

  #one(image: Tensor): Tensor {
    return typeof this.#transform === "function" ? this.#transform(image) : this.#transform.forward(image);
  }
}

/** Images as one batch where they have one shape, so that the next transform can take them at once. */
function restack(images: Tensor[]): Tensor | Tensor[] {
  const shapes = new Set(images.map((image) => image.shape.join()));
  return shapes.size === 1 ? stack(images, { dim: 0 }) : images;
}
