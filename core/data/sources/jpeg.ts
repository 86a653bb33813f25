import { decode } from "npm:jpeg-js@^0.4.4";
import { DataError } from "../../errors.ts";
import type { ImageValue } from "../image.ts";
import { fromRgba } from "./images.ts";

/** Decoded images beyond this many megabytes are refused, as protection from damaged headers. */
const MEMORY_LIMIT_MB = 2048;

/**
 * Decodes a JPEG image to 8 bits a channel: grey, or RGB.
 *
 * @param where The image's file or row, for errors.
 * @throws {DataError} for a damaged image.
 */
export function decodeJpeg(bytes: Uint8Array, where: string): ImageValue {
  try {
    const { data, height, width } = decode(bytes, {
      useTArray: true,
      maxMemoryUsageInMB: MEMORY_LIMIT_MB,
      tolerantDecoding: false,
    });
    return fromRgba(data, height, width, componentsOf(bytes) === 1 ? 1 : 3);
  } catch (cause) {
    throw new DataError(`JPEG image is damaged: ${cause instanceof Error ? cause.message : cause}`, {
      where,
      fix: "fetch or save the image again",
      cause,
    });
  }
}

/** Colour components, from the frame header (markers FFC0 … FFC2). */
function componentsOf(bytes: Uint8Array): number {
  for (let at = 2; at + 9 < bytes.length && bytes[at] === 0xff;) {
    const marker = bytes[at + 1]!;
    if (marker >= 0xc0 && marker <= 0xc2) return bytes[at + 9]!;
    at += 2 + ((bytes[at + 2]! << 8) | bytes[at + 3]!);
  }
  return 3;
}
