import { YamlError } from "./config_errors.ts";
import { Origin, Source } from "./origin.ts";

/** How large a file may be; a longer text than that is no string any more. */
const MAX_BYTES = 500_000_000;

/**
 * A file's bytes as text; a byte order mark stays.
 *
 * @param name How errors call the file.
 * @throws {YamlError} for bytes that are not UTF-8, with Python's text and the place of the first one.
 *
 * @example
 * ```ts
 * import { decodeUtf8 } from "./decode_utf8.ts";
 * console.assert(decodeUtf8(new TextEncoder().encode("a: é"), "config.yaml") === "a: é");
 * ```
 */
export function decodeUtf8(bytes: Uint8Array, name: string): string {
  if (bytes.length > MAX_BYTES) {
    throw new YamlError(`File has more than ${MAX_BYTES} bytes`, new Origin(new Source(name, ""), 0));
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const lenient = new TextDecoder("utf-8", { ignoreBOM: true });
    const { start, end, reason } = firstFault(bytes);
    const where = end - start === 1
      ? `byte 0x${bytes[start]!.toString(16).padStart(2, "0")} in position ${start}`
      : `bytes in position ${start}-${end - 1}`;
    const before = lenient.decode(bytes.subarray(0, start)).length;
    throw new YamlError(
      `'utf-8' codec can't decode ${where}: ${reason}`,
      new Origin(new Source(name, lenient.decode(bytes)), before),
      { fix: "save the file as UTF-8", cause: error },
    );
  }
}

interface Fault {
  readonly start: number;
  readonly end: number;
  readonly reason: "invalid start byte" | "invalid continuation byte" | "unexpected end of data";
}

/** The first bytes that are no character, as Python cuts them. */
function firstFault(bytes: Uint8Array): Fault {
  let start = 0;
  for (;;) {
    const length = lengthAfter(bytes[start]!);
    if (length === 0) return { start, end: start + 1, reason: "invalid start byte" };
    for (let i = 1; i < length; i++) {
      const byte = bytes[start + i];
      if (byte === undefined) return { start, end: start + i, reason: "unexpected end of data" };
      if (!continues(bytes[start]!, byte, i)) {
        return { start, end: start + i, reason: "invalid continuation byte" };
      }
    }
    start += length;
  }
}

/** How many bytes a character has that begins with this one; 0 where none does. */
function lengthAfter(first: number): number {
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return 2;
  if (first >= 0xe0 && first <= 0xef) return 3;
  return first >= 0xf0 && first <= 0xf4 ? 4 : 0;
}

/** Whether a byte may follow: no surrogates, nothing past U+10FFFF, nothing longer than it needs to be. */
function continues(first: number, byte: number, index: number): boolean {
  if ((byte & 0xc0) !== 0x80) return false;
  if (index > 1) return true;
  if (first === 0xe0) return byte >= 0xa0;
  if (first === 0xed) return byte < 0xa0;
  if (first === 0xf0) return byte >= 0x90;
  return first !== 0xf4 || byte < 0x90;
}
