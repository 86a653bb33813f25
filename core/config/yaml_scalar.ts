import { parsePythonFloat, parsePythonInt } from "./convert.ts";
import { float, integer, type Scalar } from "./scalar.ts";

const NULL = /^(?:~|null|Null|NULL|)$/;
const BOOL = /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/;
const TRUE = /^(?:yes|true|on)$/i;
const FALSE = /^(?:no|false|off)$/i;
const INT =
  /^(?:[-+]?0b[01_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$/;
// PyYAML's own forms, and those that OmegaConf adds (exponents without a point or a sign).
const FLOAT_FORMS = [
  /[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?/,
  /[-+]?[0-9]+(?:_[0-9]+)*\.[0-9_]*(?:[eE][-+]?[0-9]+)?/,
  /[-+]?[0-9]+(?:_[0-9]+)*[eE][-+]?[0-9]+/,
  /\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?/,
  /[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*/,
  /[-+]?\.(?:inf|Inf|INF)/,
  /\.(?:nan|NaN|NAN)/,
];
const FLOAT = new RegExp(`^(?:${FLOAT_FORMS.map((form) => form.source).join("|")})$`);

/** How long a number may be. */
const MAX_NUMBER = 1_000_000;

/** The tag that a plain YAML scalar gets without saying so. */
export type ImplicitTag = "null" | "bool" | "int" | "float" | "merge" | "value" | "str";

/**
 * How a plain scalar reads in the YAML 1.1 of PyYAML's safe loader with OmegaConf's float rule and without dates.
 *
 * @example
 * ```ts
 * import { implicitTag } from "./yaml_scalar.ts";
 * console.assert(implicitTag("1e3") === "float" && implicitTag("y") === "str" && implicitTag("190:20:30") === "int");
 * ```
 */
export function implicitTag(text: string): ImplicitTag {
  // The first character alone rules most strings out.
  switch (text.charCodeAt(0)) {
    case 0x3c: // <
      return text === "<<" ? "merge" : "str";
    case 0x3d: // =
      return text === "=" ? "value" : "str";
    case 0x2b: // + - . 0-9
    case 0x2d:
    case 0x2e:
    case 0x30:
    case 0x31:
    case 0x32:
    case 0x33:
    case 0x34:
    case 0x35:
    case 0x36:
    case 0x37:
    case 0x38:
    case 0x39:
      // So long a number is refused when it is read.
      if (text.length > MAX_NUMBER) return /^[-+.0-9][-+.:_0-9a-fA-Fx]*$/.test(text) ? "int" : "str";
      return FLOAT.test(text) ? "float" : INT.test(text) ? "int" : "str";
    default:
      return text.length > 5 ? "str" : NULL.test(text) ? "null" : BOOL.test(text) ? "bool" : "str";
  }
}

/** A bool's text in any letter case as its value, or `undefined` where the text is none. */
export function yamlBool(text: string): boolean | undefined {
  return TRUE.test(text) ? true : FALSE.test(text) ? false : undefined;
}

/** An int's text as its value, or `undefined` where the text is none. */
export function yamlInt(text: string): Scalar | undefined {
  if (text.length > MAX_NUMBER) return undefined;
  const bare = text.replaceAll("_", "");
  const [, sign, digits] = /^([-+]?)(.*)$/s.exec(bare)!;
  const signed = (value: bigint) => integer(sign === "-" ? -value : value);
  try {
    if (digits === "0") return 0;
    if (digits!.startsWith("0b")) return signed(BigInt(digits!));
    if (digits!.startsWith("0x")) return signed(BigInt(digits!));
    if (digits!.startsWith("0")) return signed(BigInt(`0o${digits!.slice(1)}`));
    if (digits!.includes(":")) {
      const parts = digits!.split(":");
      if (parts.includes("")) return undefined;
      return signed(parts.reduce((sum, part) => sum * 60n + BigInt(part), 0n));
    }
    // What is left goes to Python's int, which takes blanks around the digits and one more sign.
    const value = parsePythonInt(digits!);
    return value === undefined ? undefined : signed(BigInt(value));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** A float's text as its value, or `undefined` where the text is none. */
export function yamlFloat(text: string): Scalar | undefined {
  const bare = text.replaceAll("_", "").toLowerCase();
  const [, sign, digits] = /^([-+]?)(.*)$/s.exec(bare)!;
  const factor = sign === "-" ? -1 : 1;
  if (digits === ".inf") return factor * Infinity;
  if (digits === ".nan") return NaN;
  const parts = digits!.split(":").map((part) => parsePythonFloat(part));
  if (parts.includes(undefined)) return undefined;
  let value = 0;
  let base = 1;
  for (const part of parts.reverse()) {
    value += part! * base;
    base *= 60;
  }
  return float(factor * value);
}

const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/**
 * Base64 text as bytes, or `undefined` where the text is none. As in Python, characters outside the alphabet are
 * skipped and a complete padding ends the data.
 */
export function decodeBase64(text: string): Uint8Array | undefined {
  const bytes: number[] = [];
  let bits = 0;
  let held = 0;
  let padding = 0;
  for (const char of text) {
    if (char > "\x7f") return undefined;
    if (char === "=") {
      if (held >= 2 && held + ++padding >= 4) return Uint8Array.from(bytes);
      continue;
    }
    const value = BASE64.indexOf(char);
    if (value < 0) continue;
    padding = 0;
    bits = (bits << 6 | value) & 0xffff;
    held = (held + 1) % 4;
    if (held !== 1) bytes.push(bits >> ((4 - held) % 4 * 2) & 0xff);
  }
  return held === 0 ? Uint8Array.from(bytes) : undefined;
}
