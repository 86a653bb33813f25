/** A decoded image in host memory, 8 bits a channel. */
export interface ImageValue {
  /** 1 grey, 2 grey and alpha, 3 RGB, 4 RGBA. */
  readonly channels: number;
  /** Rows of pixels. */
  readonly height: number;
  /** Pixels in a row. */
  readonly width: number;
  /** One plane after the other: `[channels, height, width]`. */
  readonly data: Uint8Array;
}

/** Whether a value is a decoded image. */
export function isImageValue(value: unknown): value is ImageValue {
  if (typeof value !== "object" || value === null) return false;
  const { channels, height, width, data } = value as Partial<ImageValue>;
  return data instanceof Uint8Array && channels! * height! * width! === data.length;
}

/** Pixels with their channels side by side, `[height, width, channels]`, as planes. */
export function planar(data: Uint8Array, height: number, width: number, channels: number): ImageValue {
  if (channels === 1) return { channels, height, width, data };
  const area = height * width;
  const planes = new Uint8Array(area * channels);
  for (let c = 0; c < channels; c++) {
    for (let i = 0, from = c; i < area; i++, from += channels) planes[c * area + i] = data[from]!;
  }
  return { channels, height, width, data: planes };
}
