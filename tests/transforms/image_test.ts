import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { OptionError } from "../../core/errors.ts";
import { defaultGenerator } from "../../core/tensor/rng.ts";
import { manualSeed } from "../../core/tensor/seed.ts";
import { init, scope, type Tensor, tensor } from "../../core/tensor/mod.ts";
import {
  CenterCrop,
  Compose,
  type ImageTransform,
  type Interpolation,
  Lambda,
  Normalize,
  PILToTensor,
  RandomCrop,
  RandomHorizontalFlip,
  RandomVerticalFlip,
  Resize,
  TorchVisionTransform,
  ToTensor,
} from "../../core/transforms/mod.ts";
import { golden, type ImageCase } from "./golden.ts";

function bytes({ input, shape }: Pick<ImageCase, "input" | "shape">): Tensor {
  return tensor(Uint8Array.from(input), { shape, dtype: "u8" });
}

const EVERY = bytes({ input: Array.from({ length: 256 }, (_, i) => i), shape: [1, 16, 16] });

Deno.test("ToTensor gives torchvision's bits for every pixel value", async () => {
  deepStrictEqual(await new ToTensor().forward(EVERY).data(), Float32Array.from(golden.to_tensor));
});

Deno.test("ToTensor and Normalize give torchvision's bits for every pixel value", async () => {
  const transform = new Compose([new ToTensor(), new Normalize({ mean: [0.1307], std: [0.3081] })]);
  deepStrictEqual(await transform.forward(EVERY).data(), Float32Array.from(golden.mnist));
});

Deno.test("Normalize takes a mean and a deviation per channel", async () => {
  const { mean, std, output } = golden.normalize_rgb;
  const transform = new Normalize({ mean, std });
  const image = new ToTensor().forward(bytes(golden.normalize_rgb));
  deepStrictEqual(await transform.forward(image).data(), Float32Array.from(output));
});

for (const found of golden.resize_u8) {
  const { shape, size, interpolation, max_size, output, output_shape } = found;
  Deno.test(`Resize brings u8 ${shape} to ${output_shape} by ${interpolation} as PIL does`, async () => {
    const transform = new Resize({
      size,
      interpolation: interpolation as Interpolation,
      maxSize: max_size ?? null,
    });
    const resized = transform.forward(bytes(found));
    deepStrictEqual([resized.dtype, [...resized.shape]], ["u8", output_shape]);
    deepStrictEqual([...await resized.data()], output);
  });
}

for (const found of golden.resize_f32) {
  const { shape, size, interpolation, antialias, output, output_shape } = found;
  const title = `Resize brings f32 ${shape} to ${output_shape} by ${interpolation}, antialias ${antialias}`;
  Deno.test(`${title}, as torchvision does`, async () => {
    const transform = new Resize({
      size,
      interpolation: interpolation as Interpolation,
      antialias: antialias!,
    });
    const resized = transform.forward(tensor(Float32Array.from(found.input), { shape, dtype: "f32" }));
    deepStrictEqual([resized.dtype, [...resized.shape]], ["f32", output_shape]);
    const got = await resized.data();
    const worst = output.reduce((most, expected, i) => Math.max(most, Math.abs(expected - got[i]!)), 0);
    // torch sums the taps in another order: a few roundings of values up to 1.2
    strictEqual(worst <= 5e-7, true, `differs by ${worst}`);
  });
}

for (const found of golden.center_crop) {
  Deno.test(`CenterCrop takes ${JSON.stringify(found.size)} of ${found.shape} where torchvision does`, async () => {
    const cropped = new CenterCrop({ size: found.size }).forward(bytes(found));
    deepStrictEqual([...await cropped.data()], found.output);
  });
}

const RANDOM: Readonly<Record<string, () => ImageTransform>> = {
  "crop 4": () => new RandomCrop({ size: 4 }),
  "crop 6x7": () => new RandomCrop({ size: [6, 7] }),
  "crop 5, padding 2": () => new RandomCrop({ size: 5, padding: 2 }),
  "crop 6, padding 1 2, fill 9": () => new RandomCrop({ size: 6, padding: [1, 2], fill: 9 }),
  "crop 9, pad_if_needed": () => new RandomCrop({ size: 9, padIfNeeded: true }),
  "horizontal flip": () => new RandomHorizontalFlip(),
  "vertical flip 0.3": () => new RandomVerticalFlip({ p: 0.3 }),
  "crop then flip": () => new Compose([new RandomCrop({ size: 4 }), new RandomHorizontalFlip()]),
  "rgb crop then flip": () => new Compose([new RandomCrop({ size: 4 }), new RandomHorizontalFlip()]),
};

for (const found of golden.random) {
  Deno.test(`TorchVisionTransform draws for each image as torchvision's loop does: ${found.name}`, async () => {
    manualSeed(31);
    const transform = new TorchVisionTransform({ transform: RANDOM[found.name!]!(), key: "image" });
    const image = transform.forward({ image: bytes(found) }).image as Tensor;
    deepStrictEqual([...image.shape], found.output_shape);
    deepStrictEqual([...await image.data()], found.output);
    deepStrictEqual(defaultGenerator.randint(0, 2 ** 20, 3), found.after);
  });

  Deno.test(`a random transform on single images is the one on the batch: ${found.name}`, async () => {
    manualSeed(31);
    const transform = RANDOM[found.name!]!();
    const [, ...shape] = found.shape;
    const size = found.input.length / found.shape[0]!;
    const single: number[] = [];
    for (let i = 0; i < found.shape[0]!; i++) {
      const one = bytes({ input: found.input.slice(i * size, (i + 1) * size), shape });
      single.push(...await transform.forward(one).data());
    }
    deepStrictEqual(single, found.output);
  });
}

Deno.test("random transforms of a second batch compile nothing anew and leave no buffer behind", async () => {
  const device = await init({ accelerator: "cpu" });
  const transform = new TorchVisionTransform({
    transform: new Compose([
      new RandomCrop({ size: 5, padding: 1 }),
      new RandomHorizontalFlip(),
      new Resize({ size: [4, 9] }),
      new ToTensor(),
      new Normalize({ mean: [0.4, 0.5, 0.6], std: [0.2, 0.3, 0.4] }),
    ]),
    key: "image",
  });
  const step = async (first: number): Promise<{ compiled: number; liveBuffers: number }> => {
    const input = Array.from({ length: 6 * 3 * 6 * 7 }, (_, i) => (first + i * 37) % 256);
    const image = scope(() =>
      transform.forward({ image: bytes({ input, shape: [6, 3, 6, 7] }) }).image as Tensor
    );
    await image.data();
    image.dispose();
    const { compiled, liveBuffers } = device.stats;
    return { compiled, liveBuffers };
  };
  const first = await step(0);
  for (let i = 1; i < 5; i++) deepStrictEqual(await step(i), first);
});

Deno.test("TorchVisionTransform calls a plain function image by image, and stacks what it gives", async () => {
  const shapes: string[] = [];
  const transform = new TorchVisionTransform({
    transform: new Lambda((image: Tensor) => {
      shapes.push(image.shape.join("×"));
      return image.to("f32").mul(2);
    }),
    key: "x",
  });
  const batch = transform.forward({ x: bytes({ input: [1, 2, 3, 4], shape: [2, 1, 1, 2] }) });
  deepStrictEqual(shapes, ["1×1×2", "1×1×2"]);
  deepStrictEqual([...await (batch.x as Tensor).data()], [2, 4, 6, 8]);
});

Deno.test("TorchVisionTransform takes images of different sizes one by one, and stacks them once they are alike", () => {
  const image = [
    bytes({ input: [1, 2, 3, 4], shape: [1, 2, 2] }),
    bytes({ input: [1, 2, 3, 4, 5, 6], shape: [1, 2, 3] }),
  ];
  const same = new TorchVisionTransform({ transform: new Resize({ size: [4, 4] }), key: "image" });
  deepStrictEqual([...(same.forward({ image }).image as Tensor).shape], [2, 1, 4, 4]);
  const different = new TorchVisionTransform({ transform: new PILToTensor(), key: "image" });
  deepStrictEqual((different.forward({ image }).image as Tensor[]).length, 2);
});

Deno.test("TorchVisionTransform leaves the batch it is given as it is", () => {
  const batch = { image: bytes({ input: [1], shape: [1, 1, 1, 1] }) };
  const { image } = batch;
  new TorchVisionTransform({ transform: new ToTensor(), key: "image" }).forward(batch);
  strictEqual(batch.image, image);
});

for (
  const [title, call, message] of [
    [
      "TorchVisionTransform lists the batch's keys for one that is not there",
      () =>
        new TorchVisionTransform({ transform: new ToTensor(), key: "imag" }).forward({ image: 1, label: 2 }),
      [
        'Batch has no key "imag", which the mapping gives to "image"',
        '  where: transforms.TorchVisionTransform "imag"',
        '  fix: did you mean "image"? The batch has image, label',
      ],
    ],
    [
      "ToTensor refuses what is no image",
      () => new ToTensor().forward(tensor([1, 2])),
      [
        "ToTensor takes u8 images, not f32",
        "  where: transforms.ToTensor",
        "  fix: leave ToTensor out: these are numbers already, or another ToTensor came before",
      ],
    ],
    [
      "Normalize refuses u8 images",
      () => new Normalize({ mean: 0, std: 1 }).forward(EVERY),
      [
        "Normalize takes float images, not u8",
        "  where: transforms.Normalize",
        "  fix: put ToTensor before it",
      ],
    ],
    [
      "Normalize refuses a deviation of 0",
      () => new Normalize({ mean: 0, std: [1, 0] }),
      [
        "std has a 0, which leads to division by zero: [1, 0]",
        "  where: transforms.Normalize",
        "  fix: give a positive standard deviation for every channel",
      ],
    ],
    [
      "Normalize refuses means that do not fit the channels",
      () => new Normalize({ mean: [0, 0, 0], std: [1, 1, 1] }).forward(new ToTensor().forward(EVERY)),
      [
        "Normalize has 3 channels, the image [1, 16, 16] has 1",
        "  where: transforms.Normalize",
        "  fix: give mean and std one number",
      ],
    ],
    [
      "RandomCrop refuses an image that is too small, in torchvision's words",
      () => new RandomCrop({ size: 10 }).forward(bytes({ input: new Array(16).fill(0), shape: [1, 4, 4] })),
      [
        "Required crop size (10, 10) is larger than input image size (4, 4)",
        "  where: transforms.RandomCrop",
        "  fix: set pad_if_needed or padding, or crop less",
      ],
    ],
    [
      "Resize names the interpolations there are",
      () => new Resize({ size: 3, interpolation: "linear" as Interpolation }),
      [
        'transforms.Resize cannot use interpolation = "linear"',
        '  fix: did you mean "bilinear"? valid: nearest, nearest-exact, bilinear, bicubic',
      ],
    ],
  ] as const
) {
  Deno.test(title, () => throws(call, { message: message.join("\n") }));
}

Deno.test("Compose refuses a part that is no transform", () => {
  throws(() => new Compose([new ToTensor(), 3 as never]), OptionError);
});
