import { joined, padded } from "./python_format.ts";
import { ExpressionError, numeric } from "./python_operators.ts";
import { pythonRepr, pythonTypeName } from "./python_text.ts";
import { asTuple } from "./python_tuple.ts";

/** A string method: the string and the arguments of the call. */
export type StringMethod = (text: string, args: readonly unknown[]) => unknown;

// What Python's str.strip() and str.split() take for white space.
// deno-lint-ignore no-control-regex
const SPACE = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

/** The string methods an expression may call: Python's own of these names. */
export const METHODS: Readonly<Record<string, StringMethod>> = {
  capitalize: (text) => text.slice(0, 1).toUpperCase() + text.slice(1).toLowerCase(),
  center: (text, [width, fill = " "]) => {
    const missing = limit(width) - Array.from(text).length;
    // The odd one goes before the text where the width is odd.
    const before = missing <= 0 ? 0 : Math.floor(missing / 2) + (missing & limit(width) & 1);
    return padded(
      padded(text, ">", char(fill), Array.from(text).length + before),
      "<",
      char(fill),
      limit(width),
    );
  },
  count: (text, [part]) => str(part) === "" ? Array.from(text).length + 1 : text.split(str(part)).length - 1,
  endswith: (text, [part]) => some(part, (end) => text.endsWith(end)),
  find: (text, [part]) =>
    Array.from(text.slice(0, Math.max(0, text.indexOf(str(part))))).length -
    (text.includes(str(part)) ? 0 : 1),
  isalnum: (text) => /^[\p{L}\p{N}]+$/u.test(text),
  isalpha: (text) => /^\p{L}+$/u.test(text),
  isdigit: (text) => /^\p{Nd}+$/u.test(text),
  isspace: (text) => text !== "" && Array.from(text).every((letter) => SPACE.test(letter)),
  islower: (text) => /\p{Ll}/u.test(text) && text === text.toLowerCase(),
  isupper: (text) => /\p{Lu}/u.test(text) && text === text.toUpperCase(),
  join: (text, [parts]) => join(text, parts),
  ljust: (text, [width, fill = " "]) => padded(text, "<", char(fill), limit(width)),
  lower: (text) => text.toLowerCase(),
  lstrip: (text, [chars = null]) => strip(text, chars, true, false),
  partition: (text, [part]) => {
    if (str(part) === "") throw new ExpressionError("ValueError", "empty separator");
    const at = text.indexOf(str(part));
    return asTuple(
      at < 0 ? [text, "", ""] : [text.slice(0, at), str(part), text.slice(at + str(part).length)],
    );
  },
  removeprefix: (text, [part]) => text.startsWith(str(part)) ? text.slice(str(part).length) : text,
  removesuffix: (text, [part]) => {
    const end = str(part);
    return end !== "" && text.endsWith(end) ? text.slice(0, -end.length) : text;
  },
  replace: (text, [from, to, count = -1]) => replace(text, str(from), str(to), limit(count)),
  rjust: (text, [width, fill = " "]) => padded(text, ">", char(fill), limit(width)),
  rsplit: (text, [by = null, count = -1]) => split(text, by, limit(count), true),
  rstrip: (text, [chars = null]) => strip(text, chars, false, true),
  split: (text, [by = null, count = -1]) => split(text, by, limit(count), false),
  startswith: (text, [part]) => some(part, (start) => text.startsWith(start)),
  strip: (text, [chars = null]) => strip(text, chars, true, true),
  swapcase: (text) =>
    Array.from(
      text,
      (letter) => letter === letter.toUpperCase() ? letter.toLowerCase() : letter.toUpperCase(),
    )
      .join(""),
  title: (text) =>
    text.toLowerCase().replace(/\p{L}+/gu, (word) => word.slice(0, 1).toUpperCase() + word.slice(1)),
  upper: (text) => text.toUpperCase(),
  zfill: (text, [width]) => zfill(text, limit(width)),
};

function str(value: unknown): string {
  if (typeof value === "string") return value;
  throw new ExpressionError("TypeError", `must be str, not ${pythonTypeName(value)}`);
}

/** What fills a width: one character. */
function char(value: unknown): string {
  if (typeof value === "string" && Array.from(value).length === 1) return value;
  throw new ExpressionError("TypeError", "The fill character must be exactly one character long");
}

function limit(value: unknown): number {
  const number = numeric(value);
  if (typeof number === "bigint" && number <= 100_000n) return Number(number);
  throw new ExpressionError("TypeError", `${pythonRepr(value)} cannot be interpreted as a count`);
}

function some(parts: unknown, test: (part: string) => boolean): boolean {
  return Array.isArray(parts) ? parts.some((part) => test(str(part))) : test(str(parts));
}

function join(separator: string, parts: unknown): string {
  const texts = typeof parts === "string"
    ? Array.from(parts)
    : Array.isArray(parts)
    ? parts.map(str)
    : undefined;
  if (texts !== undefined) return joined(texts.map((text, i) => i === 0 ? text : separator + text));
  throw new ExpressionError("TypeError", "can only join an iterable");
}

function strip(text: string, chars: unknown, atStart: boolean, atEnd: boolean): string {
  const drops = chars === null
    ? (char: string) => SPACE.test(char)
    : (char: string) => str(chars).includes(char);
  const letters = Array.from(text);
  let from = 0;
  let to = letters.length;
  while (atStart && from < to && drops(letters[from]!)) from++;
  while (atEnd && to > from && drops(letters[to - 1]!)) to--;
  return letters.slice(from, to).join("");
}

function replace(text: string, from: string, to: string, count: number): string {
  const parts = from === "" ? ["", ...Array.from(text), ""] : text.split(from);
  const last = count < 0 ? parts.length : count;
  if (parts.length * to.length > 100_000) {
    throw new ExpressionError("OverflowError", "the result is too long");
  }
  return parts.reduce((joined, part, i) => i === 0 ? part : joined + (i <= last ? to : from) + part, "");
}

function split(text: string, by: unknown, count: number, fromEnd: boolean): string[] {
  if (by === null) return splitBlanks(text, count, fromEnd);
  const separator = str(by);
  if (separator === "") throw new ExpressionError("ValueError", "empty separator");
  const parts = text.split(separator);
  if (count < 0 || parts.length <= count + 1) return parts;
  return fromEnd
    ? [parts.slice(0, parts.length - count).join(separator), ...parts.slice(parts.length - count)]
    : [...parts.slice(0, count), parts.slice(count).join(separator)];
}

function splitBlanks(text: string, count: number, fromEnd: boolean): string[] {
  const parts: string[] = [];
  let rest = strip(text, null, true, true);
  const pattern = fromEnd
    ? new RegExp(`^([\\s\\S]*?)${SPACE.source}+((?:(?!${SPACE.source})[\\s\\S])+)$`)
    : new RegExp(`^((?:(?!${SPACE.source})[\\s\\S])+)${SPACE.source}+([\\s\\S]*)$`);
  while (rest !== "" && (count < 0 || parts.length < count)) {
    const match = pattern.exec(rest);
    if (match === null) break;
    const [, first, second] = match;
    if (fromEnd) parts.unshift(second!);
    else parts.push(first!);
    rest = fromEnd ? first! : second!;
  }
  if (rest === "") return parts;
  return fromEnd ? [rest, ...parts] : [...parts, rest];
}

function zfill(text: string, width: number): string {
  const sign = /^[+-]/.exec(text)?.[0] ?? "";
  const missing = width - Array.from(text).length;
  return missing <= 0 ? text : sign + "0".repeat(missing) + text.slice(sign.length);
}
