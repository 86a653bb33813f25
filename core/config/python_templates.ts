import { formatValue, joined, notSupported, padded } from "./python_format.ts";
import { ExpressionError, item, numeric } from "./python_operators.ts";
import { pythonRepr, pythonTypeName } from "./python_text.ts";
import { isTuple, reprOf, strOf } from "./python_tuple.ts";
import { float, integer, isFloat } from "./scalar.ts";

/** A piece of a template: text, or a field with what stands in its braces. */
export type Piece = string | { readonly field: string; readonly conversion: string; readonly spec: string };

/**
 * The pieces of a text with `{field!conversion:spec}` in it; `{{` and `}}` are braces.
 *
 * @throws {ExpressionError} for braces that do not match, and for fields in a spec.
 */
export function pieces(text: string, kind: "ValueError" | "SyntaxError"): Piece[] {
  const found: Piece[] = [];
  for (let at = 0; at < text.length;) {
    const char = text.charAt(at);
    if ((char === "{" || char === "}") && text.charAt(at + 1) === char) {
      found.push(char);
      at += 2;
    } else if (char === "}") {
      throw new ExpressionError(kind, "Single '}' encountered in format string");
    } else if (char === "{") {
      const end = fieldEnd(text, at + 1, kind);
      found.push(pieceOf(text.slice(at + 1, end)));
      at = end + 1;
    } else {
      const end = text.slice(at).search(/[{}]/);
      found.push(text.slice(at, end < 0 ? text.length : at + end));
      at = end < 0 ? text.length : at + end;
    }
  }
  return found;
}

/** Where the brace stands that closes a field; braces, brackets and quotes inside belong to it. */
function fieldEnd(text: string, start: number, kind: "ValueError" | "SyntaxError"): number {
  let open = 0;
  let quote = "";
  for (let at = start; at < text.length; at++) {
    const char = text.charAt(at);
    if (quote !== "") {
      if (char === quote) quote = "";
    } else if (kind === "SyntaxError" && /['"]/.test(char)) quote = char;
    else if (/[{[(]/.test(char)) open++;
    else if (char === "}" && open === 0) return at;
    else if (/[}\])]/.test(char)) open--;
  }
  throw new ExpressionError(kind, "expected '}' before end of string");
}

function pieceOf(text: string): Piece {
  const cut = topLevel(text, ":");
  const [head, spec] = cut < 0 ? [text, ""] : [text.slice(0, cut), text.slice(cut + 1)];
  if (/[{}]/.test(spec)) throw notSupported("a field inside a format");
  const [, field, conversion = ""] = /^([\s\S]*?)(?:!([a-zA-Z]))?$/.exec(head)!;
  return { field: field!, conversion, spec };
}

/** Where a sign stands outside of brackets and quotes. */
function topLevel(text: string, sign: string): number {
  let open = 0;
  let quote = "";
  for (let at = 0; at < text.length; at++) {
    const char = text.charAt(at);
    if (quote !== "") {
      if (char === quote) quote = "";
    } else if (/['"]/.test(char)) quote = char;
    else if (/[{[(]/.test(char)) open++;
    else if (/[}\])]/.test(char)) open--;
    else if (char === sign && open === 0) return at;
  }
  return -1;
}

/** A field's value as it is written: converted, then formatted. */
export function written(value: unknown, conversion: string, spec: string): string {
  if (conversion === "r") return formatValue(reprOf(value), spec);
  if (conversion === "s") return formatValue(strOf(value), spec);
  if (conversion === "") return formatValue(value, spec);
  if (conversion === "a") throw notSupported("the conversion !a");
  throw new ExpressionError("ValueError", `Unknown conversion specifier ${conversion}`);
}

/** Python's `text.format(*args, **kwargs)`. */
export function formatMethod(
  text: string,
  args: readonly unknown[],
  named: ReadonlyMap<string, unknown>,
): string {
  let next = 0;
  let numbering: "automatic" | "manual" | undefined;
  const argument = (name: string): unknown => {
    if (name !== "" && !/^\d+$/.test(name)) {
      if (named.has(name)) return named.get(name);
      throw new ExpressionError("KeyError", pythonRepr(name));
    }
    const kind = name === "" ? "automatic" : "manual";
    if (numbering !== undefined && numbering !== kind) {
      const [from, to] = kind === "manual"
        ? ["automatic field numbering", "manual field specification"]
        : ["manual field specification", "automatic field numbering"];
      throw new ExpressionError("ValueError", `cannot switch from ${from} to ${to}`);
    }
    numbering = kind;
    const index = name === "" ? next++ : Number(name);
    if (index < args.length) return args[index];
    throw new ExpressionError(
      "IndexError",
      `Replacement index ${index} out of range for positional args tuple`,
    );
  };
  const texts = pieces(text, "ValueError").map((piece) => () => {
    if (typeof piece === "string") return piece;
    const [, name, path] = /^([^.[]*)([\s\S]*)$/.exec(piece.field)!;
    return written(inside(argument(name!), path!), piece.conversion, piece.spec);
  });
  return joined(texts.map((write) => write()));
}

/** What `[key]` after a field's name leads to. */
function inside(value: unknown, path: string): unknown {
  let found = value;
  for (const [step, key] of path.matchAll(/\[([^\]]*)\]|[\s\S]+/g)) {
    if (key === undefined) throw notSupported(`'${step}' in a format string`);
    found = item(found, /^\d+$/.test(key) ? integer(BigInt(key)) : key);
  }
  return found;
}

const PERCENT = /%(?:\(([^)]*)\))?([-+ #0]*)(\*|\d*)(?:\.(\*|\d*))?[hlL]?([\s\S]?)/g;

/**
 * Python's `text % value`: a tuple gives several values, a dictionary named ones, anything else is one.
 *
 * @example
 * ```ts
 * import { percentFormat } from "./python_templates.ts";
 * console.assert(percentFormat("%03d|%%", 7) === "007|%");
 * ```
 */
export function percentFormat(text: string, right: unknown): string {
  return joined(percentPieces(text, right));
}

function* percentPieces(text: string, right: unknown): IterableIterator<string> {
  const values = isTuple(right) ? right : [right];
  let next = 0;
  const taken = (name: string | undefined): unknown => {
    if (name !== undefined) {
      if (right instanceof Map) return item(right, name);
      throw new ExpressionError("TypeError", "format requires a mapping");
    }
    if (next < values.length) return values[next++];
    throw new ExpressionError("TypeError", "not enough arguments for format string");
  };
  let end = 0;
  for (const match of text.matchAll(PERCENT)) {
    const [whole, name, flags, width, precision, type] = match;
    yield text.slice(end, match.index);
    end = match.index + whole.length;
    if (width === "*" || precision === "*") throw notSupported("'*' in a format string");
    if (type === "") throw new ExpressionError("ValueError", "incomplete format");
    if (whole === "%%") {
      yield "%";
      continue;
    }
    const value = taken(name);
    if (!/^[diuoxXeEfFgGcrsa]$/.test(type!)) {
      const code = type!.codePointAt(0)!.toString(16);
      throw new ExpressionError(
        "ValueError",
        `unsupported format character '${type}' (0x${code}) at index ${end - 1}`,
      );
    }
    const places = precision === undefined ? undefined : Number(precision);
    yield percentField(value, flags!, Number(width), places, type!);
  }
  // A list or a dictionary need not be used up.
  const mayRemain = right instanceof Map || (Array.isArray(right) && !isTuple(right));
  if (next < values.length && !mayRemain) {
    throw new ExpressionError("TypeError", "not all arguments converted during string formatting");
  }
  yield text.slice(end);
}

function percentField(
  value: unknown,
  flags: string,
  width: number,
  precision: number | undefined,
  type: string,
): string {
  const align = flags.includes("-") ? "<" : ">";
  if (/^[rsa]$/.test(type)) {
    if (type === "a") throw notSupported("the format %a");
    const text = type === "r" ? reprOf(value) : strOf(value);
    return padded(
      precision === undefined ? text : Array.from(text).slice(0, precision).join(""),
      align,
      " ",
      width,
    );
  }
  if (type === "c") {
    const isChar = typeof value === "string" && Array.from(value).length === 1;
    if (!isChar && typeof numeric(value) !== "bigint") {
      throw new ExpressionError("TypeError", "%c requires int or char");
    }
    return padded(isChar ? value as string : formatValue(value, "c"), align, " ", width);
  }
  const number = percentNumber(value, type);
  const sign = flags.includes("+") ? "+" : flags.includes(" ") ? " " : "";
  const zero = flags.includes("0") && align !== "<" ? "0" : "";
  const kind = /[diu]/.test(type) ? "d" : type;
  if (kind === "d" || /[oxX]/.test(kind)) {
    if (precision !== undefined) throw notSupported(`a precision of %${type}`);
    const alternate = flags.includes("#") ? "#" : "";
    return formatValue(number, `${zero === "" ? align : ""}${sign}${alternate}${zero}${width || ""}${kind}`);
  }
  if (flags.includes("#")) throw notSupported("the flag # of floats");
  const places = `.${precision ?? 6}`;
  return formatValue(number, `${zero === "" ? align : ""}${sign}${zero}${width || ""}${places}${kind}`);
}

function percentNumber(value: unknown, type: string): unknown {
  const number = numeric(value);
  const isWhole = /[diuoxX]/.test(type);
  const type_ = value === null ? "NoneType" : pythonTypeName(value);
  if (number === undefined) {
    throw new ExpressionError(
      "TypeError",
      isWhole && /[diu]/.test(type)
        ? `%${type} format: a real number is required, not ${type_}`
        : isWhole
        ? `%${type} format: an integer is required, not ${type_}`
        : `must be real number, not ${type_}`,
    );
  }
  if (!isWhole) return float(Number(number));
  if (typeof number === "bigint") return integer(number);
  if (/[oxX]/.test(type)) {
    throw new ExpressionError("TypeError", `%${type} format: an integer is required, not ${type_}`);
  }
  if (!Number.isFinite(number) || !isFloat(value)) {
    const what = Number.isNaN(number) ? ["ValueError", "NaN"] : ["OverflowError", "infinity"];
    throw new ExpressionError(what[0]!, `cannot convert float ${what[1]} to integer`);
  }
  return integer(BigInt(Math.trunc(number)));
}
