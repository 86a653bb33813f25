import { defaultGenerator } from "../tensor/mod.ts";
import type { Tensor } from "../tensor/mod.ts";

/** What a random transform drew for one image. */
export type Draw = readonly (number | Draw)[];

/** Height and width in pixels. */
export type Size = readonly [height: number, width: number];

/**
 * A transform of images: `[channels, height, width]`, or with a batch axis before.
 *
 * A random one draws what it does to each image with `draw`, and does it to many images at once with `apply`, so a
 * batch costs a few launches and yet sees the random numbers that Python's image-by-image loop draws.
 */
export interface ImageTransform {
  /** Whether `forward` takes a batch; otherwise images come one by one. */
  readonly batched: boolean;
  /** Transforms an image, or a whole batch in one way, as torchvision does. */
  forward(image: Tensor): Tensor;
  /** The size of the result, where it is not the image's own. */
  outputSize?(size: Size): Size;
  /** Draws what to do to one image of this size; there only where the transform is random. */
  draw?(size: Size): Draw;
  /** Transforms `[batch, channels, height, width]`, each image as its draw says. */
  apply?(images: Tensor, draws: readonly Draw[]): Tensor;
}

/** A transform of images, or a plain function of one image. */
export type ImageFunction = ImageTransform | ((image: Tensor) => Tensor);

/** Height and width of an image or a batch of images. */
export function sizeOfImage(image: Tensor): Size {
  return [image.shape[image.rank - 2]!, image.shape[image.rank - 1]!];
}

/** Whether a random choice of probability `p` falls: torch's `torch.rand(1) < p`. */
export function chance(p: number): boolean {
  return defaultGenerator.uniform(1)[0]! < Math.fround(p);
}

/** A random transform on one image, or in one way on a whole batch. */
export function applyOnce(
  transform: Required<Pick<ImageTransform, "draw" | "apply">>,
  image: Tensor,
): Tensor {
  const draw = transform.draw(sizeOfImage(image));
  if (image.rank === 3) {
    const result = transform.apply(image.unsqueeze(0), [draw]);
    return result.reshape(result.shape.slice(1));
  }
  return transform.apply(image, new Array(image.shape[0]!).fill(draw));
}
