/** An image (or several), and what a transform makes of it. */
export interface ImageCase {
  readonly name?: string;
  readonly shape: number[];
  readonly input: number[];
  readonly output: number[];
  readonly output_shape: number[];
  readonly size: number | number[];
  readonly interpolation: string;
  readonly antialias?: boolean;
  readonly max_size?: number;
  readonly after: number[];
  readonly mean: number[];
  readonly std: number[];
}

interface Golden {
  readonly to_tensor: number[];
  readonly mnist: number[];
  readonly normalize_rgb: ImageCase;
  readonly resize_u8: ImageCase[];
  readonly resize_f32: ImageCase[];
  readonly center_crop: ImageCase[];
  readonly random: ImageCase[];
}

/** What real torchvision gives; see tests/golden/make_data.py. */
export const golden: Golden = JSON.parse(
  Deno.readTextFileSync(new URL("../golden/transforms.json", import.meta.url)),
);
