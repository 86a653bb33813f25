import { OptionError } from "../errors.ts";
import { checkedLater, isCallable, required, takeOptions, wrongValue } from "../options.ts";
import type { Tensor } from "../tensor/mod.ts";
import type { Draw, ImageFunction, ImageTransform, Size } from "./image_transform.ts";

/** Options of {@linkcode Compose}. */
export interface ComposeOptions {
  /** Transforms of images, first to last. */
  readonly transforms: readonly ImageFunction[];
}

/**
 * Transforms of images one after the other. Source: `torchvision.transforms.Compose`.
 *
 * @throws {OptionError} for a part that is no transform.
 *
 * @example
 * ```ts
 * import { Compose } from "./compose.ts";
 * import { Normalize, ToTensor } from "./convert.ts";
 * import { tensor } from "../tensor/mod.ts";
 * const transform = new Compose([new ToTensor(), new Normalize({ mean: 0.5, std: 0.5 })]);
 * const image = tensor(Uint8Array.of(0, 255), { shape: [1, 1, 2], dtype: "u8" });
 * console.assert((await transform.forward(image).data()).join() === "-1,1");
 * ```
 */
export class Compose implements ImageTransform {
  readonly batched: boolean;
  readonly #transforms: readonly ImageFunction[];

  /** @param options `{ transforms }`, or the list itself. */
  constructor(options: ComposeOptions | readonly ImageFunction[]) {
    const { transforms } = takeOptions<ComposeOptions>(
      "transforms.Compose",
      isList(options) ? { transforms: options } : options,
      { transforms: checkedLater<readonly ImageFunction[]>(required) },
    );
    if (!Array.isArray(transforms)) {
      throw wrongValue("transforms.Compose", "transforms", transforms, "give a list of transforms");
    }
    for (const [i, transform] of transforms.entries()) {
      if (isCallable(transform)) continue;
      throw new OptionError(`transforms.Compose cannot use element ${i}: it is no transform`, {
        fix: "give functions of one image, or objects with forward(image)",
        data: { owner: "transforms.Compose", option: "transforms", known: ["transforms"] },
      });
    }
    this.#transforms = transforms;
    this.batched = transforms.every((transform) => typeof transform !== "function" && transform.batched);
  }

  /** The image after all transforms; on a batch, random ones do the same to every image, as in torchvision. */
  forward(image: Tensor): Tensor {
    return this.#transforms.reduce((x, t) => typeof t === "function" ? t(x) : t.forward(x), image);
  }

  /** The size after all transforms. */
  outputSize(size: Size): Size {
    return this.#parts().reduce((now, transform) => transform.outputSize?.(now) ?? now, size);
  }

  /** Draws for one image, transform by transform. */
  draw(size: Size): Draw {
    let now = size;
    return this.#parts().map((transform) => {
      const draw = transform.draw?.(now) ?? [];
      now = transform.outputSize?.(now) ?? now;
      return draw;
    });
  }

  /** Transforms a batch, each image as its draws say. */
  apply(images: Tensor, draws: readonly Draw[]): Tensor {
    return this.#parts().reduce((x, transform, i) => {
      if (transform.apply === undefined) return transform.forward(x);
      return transform.apply(x, draws.map((draw) => draw[i] as Draw));
    }, images);
  }

  /** The parts, where all take batches. */
  #parts(): readonly ImageTransform[] {
    return this.#transforms as readonly ImageTransform[];
  }
}

function isList(value: ComposeOptions | readonly ImageFunction[]): value is readonly ImageFunction[] {
  return Array.isArray(value);
}

/** Options of {@linkcode Lambda}. */
export interface LambdaOptions {
  /** A function of one image. */
  readonly lambd: (image: Tensor) => Tensor;
}

/** A function of one image as a transform. Source: `torchvision.transforms.Lambda`. */
export class Lambda implements ImageTransform {
  readonly batched = false;
  readonly #lambd: (image: Tensor) => Tensor;

  /** @param options `{ lambd }`, or the function itself. @throws {OptionError} where there is no function. */
  constructor(options: LambdaOptions | ((image: Tensor) => Tensor)) {
    const { lambd } = takeOptions<LambdaOptions>(
      "transforms.Lambda",
      typeof options === "function" ? { lambd: options } : options,
      { lambd: required },
    );
    if (typeof lambd !== "function") {
      throw new OptionError("transforms.Lambda takes a function", {
        fix: "give lambd: a function of one image",
        data: { owner: "transforms.Lambda", option: "lambd", known: ["lambd"] },
      });
    }
    this.#lambd = lambd;
  }

  /** What the function makes of the image. */
  forward(image: Tensor): Tensor {
    return this.#lambd(image);
  }
}
