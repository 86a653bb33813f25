import { DataError } from "../../errors.ts";
import { type Block, type Column, stackImages } from "../column.ts";
import { type ImageValue, planar } from "../image.ts";
import { decodePng } from "./png.ts";

/** Decodes an image file; `where` names it in errors. */
export type Decode = (bytes: Uint8Array, where: string) => ImageValue;

/** Decoded pixels that a column keeps, in bytes; beyond it, images are decoded again when asked for. */
const KEPT_BYTES = 256 * 2 ** 20;

/** Image files by their first bytes. */
export function imageKind(bytes: Uint8Array): "png" | "jpeg" | undefined {
  if (bytes[0] === 0x89 && bytes[1] === 0x50 && bytes[2] === 0x4e && bytes[3] === 0x47) return "png";
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return "jpeg";
  return undefined;
}

/** A decoder of PNG images, and of JPEG images where any are among the data: that codec is loaded then only. */
export async function imageDecoder(withJpeg: boolean): Promise<Decode> {
  const jpeg = withJpeg ? (await import("./jpeg.ts")).decodeJpeg : undefined;
  return (bytes, where) => {
    const kind = imageKind(bytes);
    if (kind === "png") return decodePng(bytes, where);
    if (kind === "jpeg" && jpeg !== undefined) return jpeg(bytes, where);
    throw new DataError("Image is neither PNG nor JPEG", {
      where,
      fix: "convert the image to PNG or JPEG",
    });
  };
}

/** Images that are decoded when first used, and kept while there is room. */
export class EncodedImageColumn implements Column {
  readonly length: number;
  readonly #read: (row: number) => Uint8Array;
  readonly #name: (row: number) => string;
  readonly #decode: Decode;
  readonly #kept = new Map<number, ImageValue>();
  #keptBytes = 0;

  /**
   * @param read Bytes of a row's image file.
   * @param name What to call the row's image in errors.
   */
  constructor(
    length: number,
    read: (row: number) => Uint8Array,
    name: (row: number) => string,
    decode: Decode,
  ) {
    this.length = length;
    this.#read = read;
    this.#name = name;
    this.#decode = decode;
  }

  cell(row: number): ImageValue {
    const kept = this.#kept.get(row);
    if (kept !== undefined) return kept;
    const image = this.#decode(this.#read(row), this.#name(row));
    if (this.#keptBytes + image.data.length <= KEPT_BYTES) {
      this.#kept.set(row, image);
      this.#keptBytes += image.data.length;
    }
    return image;
  }

  gather(rows: ArrayLike<number>): Block | unknown[] {
    return stackImages(Array.from(rows, (row) => this.cell(row)));
  }
}

/** Interleaved RGBA pixels as planar RGB, or as grey where the file holds one channel. */
export function fromRgba(data: Uint8Array, height: number, width: number, channels: 1 | 3): ImageValue {
  const out = new Uint8Array(height * width * channels);
  for (let i = 0; i < height * width; i++) {
    for (let c = 0; c < channels; c++) out[i * channels + c] = data[4 * i + c]!;
  }
  return planar(out, height, width, channels);
}
