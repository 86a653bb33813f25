import { inflateSync } from "node:zlib";
import { DataError } from "../../errors.ts";
import { type ImageValue, planar } from "../image.ts";

/** Samples of a pixel by colour type: grey, RGB, palette index, grey and alpha, RGBA. */
const SAMPLES: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

interface Header {
  readonly width: number;
  readonly height: number;
  readonly bits: number;
  readonly colour: number;
  readonly interlaced: boolean;
}

/**
 * Decodes a PNG image to 8 bits a channel: 16-bit samples keep their high byte, palette colours become RGB.
 *
 * @param where The image's file or row, for errors.
 * @throws {DataError} for damaged and for interlaced images.
 */
export function decodePng(bytes: Uint8Array, where: string): ImageValue {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const parts: Uint8Array[] = [];
  let header: Header | null = null;
  let palette: Uint8Array | null = null;
  for (let at = 8; at + 12 <= bytes.length;) {
    const length = view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const data = bytes.subarray(at + 8, at + 8 + length);
    if (type === "IHDR") header = readHeader(view, at + 8);
    else if (type === "PLTE") palette = data;
    else if (type === "IDAT") parts.push(data);
    else if (type === "IEND") break;
    at += 12 + length;
  }
  const samples = SAMPLES[header?.colour ?? -1];
  if (header === null || samples === undefined || parts.length === 0) {
    throw damaged("it has no header or no pixels", where);
  }
  if (header.interlaced) {
    throw new DataError("Interlaced PNG images are not supported", {
      where,
      fix: "save the image without interlacing",
    });
  }
  const lines = unfilter(inflate(parts, where), header, samples, where);
  const { width, height, bits, colour } = header;
  const pixels = toBytes(lines, width * samples, height, bits, colour === 3);
  if (colour !== 3) return planar(pixels, height, width, samples);
  if (palette === null) throw damaged("it has no palette", where);
  const rgb = new Uint8Array(width * height * 3);
  for (let i = 0; i < pixels.length; i++) {
    for (let c = 0; c < 3; c++) rgb[3 * i + c] = palette[3 * pixels[i]! + c] ?? 0;
  }
  return planar(rgb, height, width, 3);
}

function readHeader(view: DataView, at: number): Header {
  return {
    width: view.getUint32(at),
    height: view.getUint32(at + 4),
    bits: view.getUint8(at + 8),
    colour: view.getUint8(at + 9),
    interlaced: view.getUint8(at + 12) !== 0,
  };
}

function inflate(parts: readonly Uint8Array[], where: string): Uint8Array {
  const packed = parts.length === 1
    ? parts[0]!
    : new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
  if (parts.length > 1) {
    let at = 0;
    for (const part of parts) {
      packed.set(part, at);
      at += part.length;
    }
  }
  try {
    return inflateSync(packed);
  } catch (cause) {
    throw damaged("its pixels do not unpack", where, cause);
  }
}

/** Undoes the filter of each line, in place; the filters' names are the format's: Sub, Up, Average, Paeth. */
function unfilter(data: Uint8Array, header: Header, samples: number, where: string): Uint8Array {
  const lineBytes = Math.ceil((header.width * samples * header.bits) / 8);
  const step = Math.max(1, (samples * header.bits) >> 3);
  if (data.length < (lineBytes + 1) * header.height) throw damaged("it has too few pixels", where);
  const out = new Uint8Array(lineBytes * header.height);
  for (let y = 0; y < header.height; y++) {
    const from = y * (lineBytes + 1) + 1;
    const to = y * lineBytes;
    const filter = data[from - 1]!;
    if (filter === 0) {
      out.set(data.subarray(from, from + lineBytes), to);
      continue;
    }
    for (let x = 0; x < lineBytes; x++) {
      const left = x >= step ? out[to + x - step]! : 0;
      const up = y > 0 ? out[to + x - lineBytes]! : 0;
      const corner = x >= step && y > 0 ? out[to + x - lineBytes - step]! : 0;
      out[to + x] = data[from + x]! + predict(filter, left, up, corner);
    }
  }
  return out;
}

function predict(filter: number, left: number, up: number, corner: number): number {
  switch (filter) {
    case 1:
      return left;
    case 2:
      return up;
    case 3:
      return (left + up) >> 1;
    default: {
      const estimate = left + up - corner;
      const toLeft = Math.abs(estimate - left);
      const toUp = Math.abs(estimate - up);
      const toCorner = Math.abs(estimate - corner);
      if (toLeft <= toUp && toLeft <= toCorner) return left;
      return toUp <= toCorner ? up : corner;
    }
  }
}

/** One byte a sample; small greys are spread over 0 … 255, palette indices stay. */
function toBytes(
  lines: Uint8Array,
  perLine: number,
  height: number,
  bits: number,
  indices: boolean,
): Uint8Array {
  if (bits === 8) return lines;
  const out = new Uint8Array(perLine * height);
  if (bits === 16) {
    for (let i = 0; i < out.length; i++) out[i] = lines[2 * i]!;
    return out;
  }
  const lineBytes = Math.ceil((perLine * bits) / 8);
  const top = (1 << bits) - 1;
  const scale = indices ? 1 : 255 / top;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < perLine; x++) {
      const bit = x * bits;
      const byte = lines[y * lineBytes + (bit >> 3)]!;
      out[y * perLine + x] = ((byte >> (8 - bits - (bit & 7))) & top) * scale;
    }
  }
  return out;
}

function damaged(why: string, where: string, cause?: unknown): DataError {
  return new DataError(`PNG image is damaged: ${why}`, {
    where,
    fix: "fetch or save the image again",
    cause,
  });
}
