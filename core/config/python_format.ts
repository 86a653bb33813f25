import { ExpressionError, numeric } from "./python_operators.ts";
import { fixed, general, scientific } from "./python_number_format.ts";
import { pythonRepr, pythonStr, pythonTypeName } from "./python_text.ts";
import { strOf } from "./python_tuple.ts";
import { float, isFloat } from "./scalar.ts";

/** How long a formatted text may be, and how many decimals a number may have. */
const MAX_LENGTH = 100_000;
const MAX_PLACES = 40;

const SPEC = /^(?:([\s\S])?([<>=^]))?([-+ ]?)(#?)(0?)(\d*)([,_]?)(?:\.(\d+))?([a-zA-Z%]?)$/u;

interface Spec {
  readonly fill: string;
  readonly align: string;
  /** Whether a 0 stands before the width. */
  readonly isZero: boolean;
  readonly sign: string;
  readonly prefixed: boolean;
  readonly width: number;
  readonly group: string;
  readonly precision: number | undefined;
  readonly type: string;
}

/**
 * A value as Python's `format(value, spec)` writes it: `>10`, `05d`, `.3f`, `,`, `.1%`.
 *
 * @throws {ExpressionError} named as Python names the failure.
 *
 * @example
 * ```ts
 * import { formatValue } from "./python_format.ts";
 * console.assert(formatValue(7, "03d") === "007" && formatValue("a", "^5") === "  a  ");
 * ```
 */
export function formatValue(value: unknown, text: string): string {
  if (text === "") return strOf(value);
  if (typeof value === "string") return formatText(value, parse(text));
  const number = numeric(value);
  if (number === undefined) {
    const type = typeName(value);
    throw new ExpressionError("TypeError", `unsupported format string passed to ${type}.__format__`);
  }
  const spec = parse(text);
  return formatNumber(number, spec, isFloat(value) ? "float" : "int");
}

function typeName(value: unknown): string {
  return value === null ? "NoneType" : pythonTypeName(value);
}

function parse(text: string): Spec {
  const match = SPEC.exec(text);
  if (match === null) throw new ExpressionError("ValueError", `Invalid format specifier ${pythonRepr(text)}`);
  const [, fill, align = "", sign = "", alternate, zero, width, group = "", precision, type = ""] = match;
  const spec = {
    fill: fill ?? (zero === "0" ? "0" : " "),
    align,
    isZero: zero === "0",
    sign,
    prefixed: alternate === "#",
    width: Number(width),
    group,
    precision: precision === undefined ? undefined : Number(precision),
    type,
  };
  if (spec.width > MAX_LENGTH) tooLong();
  return spec;
}

function formatText(text: string, spec: Spec): string {
  const { type, sign, align, group, prefixed, precision } = spec;
  if (type !== "" && type !== "s") throw unknownCode(type, "str");
  if (sign !== "") throw new ExpressionError("ValueError", "Sign not allowed in string format specifier");
  if (prefixed) {
    throw new ExpressionError("ValueError", "Alternate form (#) not allowed in string format specifier");
  }
  if (group !== "") throw new ExpressionError("ValueError", `Cannot specify '${group}' with 's'.`);
  if (align === "=") {
    throw new ExpressionError("ValueError", "'=' alignment not allowed in string format specifier");
  }
  const shown = precision === undefined ? text : Array.from(text).slice(0, precision).join("");
  return padded(shown, align || "<", spec.fill, spec.width);
}

function unknownCode(type: string, name: string): ExpressionError {
  return new ExpressionError("ValueError", `Unknown format code '${type}' for object of type '${name}'`);
}

function formatNumber(number: bigint | number, spec: Spec, name: "int" | "float"): string {
  const isInt = typeof number === "bigint" && !/^[eEfFgG%]$/.test(spec.type);
  const [prefix, digits] = isInt ? wholeDigits(number, spec) : floatDigits(Number(number), spec, name);
  const isNegative = typeof number === "bigint" ? number < 0n : number < 0 || Object.is(number, -0);
  const sign = isNegative ? "-" : spec.sign === "-" ? "" : spec.sign;
  const before = sign + prefix;
  const { fill, width } = spec;
  const align = spec.align || (spec.isZero ? "=" : ">");
  if (spec.group !== "") {
    const size = /^[boxX]$/.test(spec.type) ? 4 : 3;
    const least = align === "=" && fill === "0" ? width - before.length : 0;
    return padded(before + grouped(digits, spec.group, size, least), align, fill, width);
  }
  if (align !== "=") return padded(before + digits, align, fill, width);
  return before + padded(digits, ">", fill, width - before.length);
}

/** The digits of a whole number, with what stands before them. */
function wholeDigits(number: bigint, { type, prefixed, precision, group, sign }: Spec): [string, string] {
  if (precision !== undefined) {
    throw new ExpressionError("ValueError", "Precision not allowed in integer format specifier");
  }
  const size = number < 0n ? -number : number;
  switch (type) {
    case "":
    case "d":
    case "n":
      if (type === "n" && group !== "") {
        throw new ExpressionError("ValueError", `Cannot specify '${group}' with 'n'.`);
      }
      return ["", String(size)];
    case "c":
      if (sign !== "") {
        throw new ExpressionError("ValueError", "Sign not allowed with integer format specifier 'c'");
      }
      if (number < 0n || number > 0x10ffffn) {
        throw new ExpressionError("OverflowError", "%c arg not in range(0x110000)");
      }
      return ["", String.fromCodePoint(Number(number))];
    case "b":
    case "o":
    case "x":
    case "X": {
      if (group === ",") throw new ExpressionError("ValueError", `Cannot specify ',' with '${type}'.`);
      const digits = size.toString({ b: 2, o: 8, x: 16, X: 16 }[type]);
      return [prefixed ? `0${type}` : "", type === "X" ? digits.toUpperCase() : digits];
    }
    default:
      throw unknownCode(type, "int");
  }
}

function floatDigits(number: number, spec: Spec, name: string): [string, string] {
  const { type, precision = 6 } = spec;
  if (type !== "" && !/^[eEfFgGn%]$/.test(type)) throw unknownCode(type, name);
  if (type === "n" && spec.group !== "") {
    throw new ExpressionError("ValueError", `Cannot specify '${spec.group}' with 'n'.`);
  }
  if (spec.prefixed) throw notSupported("the format '#' of floats");
  if (precision > MAX_PLACES) throw notSupported(`a precision above ${MAX_PLACES}`);
  const size = Math.abs(type === "%" ? number * 100 : number);
  const end = type === "%" ? "%" : "";
  if (!Number.isFinite(size)) {
    const word = Number.isNaN(size) ? "nan" : "inf";
    return ["", (/[EFG]/.test(type) ? word.toUpperCase() : word) + end];
  }
  switch (type) {
    case "":
      if (spec.precision === undefined) return ["", pythonStr(float(size))];
      return ["", general(size, precision, true)];
    case "e":
    case "E":
      return ["", type === "E" ? scientific(size, precision).toUpperCase() : scientific(size, precision)];
    case "g":
    case "n":
    case "G":
      return ["", type === "G" ? general(size, precision).toUpperCase() : general(size, precision)];
    default:
      return ["", fixed(size, precision) + end];
  }
}

/** Digits in groups, with zeros before them until they are `least` characters long. */
function grouped(digits: string, mark: string, size: number, least: number): string {
  const [, whole, rest] = (size === 4 ? /^([0-9a-fA-F]*)(.*)$/ : /^([0-9]*)(.*)$/).exec(digits)!;
  let padded = whole!;
  const shown = (): string => {
    const groups = new RegExp(`\\B(?=(?:[0-9a-fA-F]{${size}})+$)`, "g");
    return padded.replace(groups, mark) + rest;
  };
  if (whole === "") return digits.padStart(least, "0");
  // One mark comes with every few digits, so this many zeros are enough.
  if (least > digits.length) {
    padded = padded.padStart(Math.floor((least - rest!.length) * size / (size + 1)), "0");
  }
  while (shown().length < least) padded = `0${padded}`;
  return shown();
}

/** A text in the middle or at a side of a width. */
export function padded(text: string, align: string, fill: string, width: number): string {
  const missing = width - Array.from(text).length;
  if (missing <= 0) return text;
  if (width > MAX_LENGTH) tooLong();
  const before = align === ">" ? missing : align === "^" ? Math.floor(missing / 2) : 0;
  return fill.repeat(before) + text + fill.repeat(missing - before);
}

/** What Python has and an expression cannot use here. */
export function notSupported(what: string): ExpressionError {
  return new ExpressionError(
    "NotImplementedError",
    `${what} is not supported here`,
    "write the value that it gives, or register a resolver of your own",
  );
}

/** A text that grows piece by piece. @throws {ExpressionError} where it grows too long. */
export function joined(pieces: Iterable<string>): string {
  let text = "";
  for (const piece of pieces) {
    text += piece;
    if (text.length > MAX_LENGTH) tooLong();
  }
  return text;
}

function tooLong(): never {
  throw new ExpressionError("OverflowError", `the result is larger than ${MAX_LENGTH} items or bits`);
}
