import { type ConfigNode, DictNode, isContainer, ListNode, ValueNode } from "./node.ts";
import { EnumMember, Float, floatText, isInt } from "./scalar.ts";

/**
 * A value as Python's `str` writes it; what an interpolation inside a longer text turns into.
 *
 * @param value Config data or a node.
 *
 * @example
 * ```ts
 * import { pythonStr } from "./python_text.ts";
 * console.assert(pythonStr(null) === "None" && pythonStr([1, "a", true]) === "[1, 'a', True]");
 * ```
 */
export function pythonStr(value: unknown): string {
  if (typeof value === "string") return value;
  if (value instanceof ValueNode) return pythonStr(value.raw);
  if (value instanceof EnumMember) return String(value);
  if (isContainer(value as ConfigNode) && (value as ConfigNode).isMissing) return "???";
  return pythonRepr(value);
}

/**
 * A value as Python's `repr` writes it.
 *
 * @example
 * ```ts
 * import { pythonRepr } from "./python_text.ts";
 * console.assert(pythonRepr("it's") === `"it's"` && pythonRepr(new Map([["q", 1]])) === "{'q': 1}");
 * ```
 */
export function pythonRepr(value: unknown): string {
  switch (typeof value) {
    case "string":
      return stringRepr(value);
    case "boolean":
      return value ? "True" : "False";
    case "number":
      return isInt(value) ? String(value) : floatText(value);
    case "bigint":
      return String(value);
    case "undefined":
      return "None";
    default:
      return objectRepr(value);
  }
}

function objectRepr(value: unknown): string {
  if (value === null) return "None";
  if (value instanceof Float) return value.toString();
  if (value instanceof EnumMember) return `<${value}: ${pythonRepr(value.value)}>`;
  if (value instanceof Uint8Array) return bytesRepr(value);
  if (value instanceof ValueNode) return pythonRepr(value.raw);
  if (value instanceof DictNode || value instanceof ListNode) {
    if (value.isNone) return "None";
    if (value.special !== undefined) return `'${value.text}'`;
  }
  if (value instanceof DictNode) {
    return dictRepr([...value.children()].map((child): [unknown, unknown] => [child.key, child]));
  }
  if (value instanceof ListNode) return `[${value.children().map(pythonRepr).join(", ")}]`;
  if (Array.isArray(value)) return `[${value.map(pythonRepr).join(", ")}]`;
  if (value instanceof Map) return dictRepr([...value]);
  const name = typeof value === "function" ? value.name : value?.constructor?.name ?? "object";
  return typeof value === "function" ? `<function ${name}>` : `<${name} object>`;
}

function dictRepr(entries: readonly (readonly [unknown, unknown])[]): string {
  return `{${entries.map(([key, value]) => `${pythonRepr(key)}: ${pythonRepr(value)}`).join(", ")}}`;
}

function stringRepr(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  let body = "";
  for (const char of text) {
    const code = char.codePointAt(0)!;
    if (char === quote || char === "\\") body += `\\${char}`;
    else if (char === "\n") body += "\\n";
    else if (char === "\r") body += "\\r";
    else if (char === "\t") body += "\\t";
    else if (code < 0x20 || code === 0x7f) body += `\\x${code.toString(16).padStart(2, "0")}`;
    else if (isPrintable(char)) body += char;
    else if (code < 0x100) body += `\\x${code.toString(16).padStart(2, "0")}`;
    else if (code < 0x10000) body += `\\u${code.toString(16).padStart(4, "0")}`;
    else body += `\\U${code.toString(16).padStart(8, "0")}`;
  }
  return quote + body + quote;
}

function isPrintable(char: string): boolean {
  return char === " " || !/[\p{C}\p{Z}]/u.test(char);
}

function bytesRepr(bytes: Uint8Array): string {
  let body = "";
  for (const code of bytes) {
    const char = String.fromCharCode(code);
    if (char === "'" || char === "\\") body += `\\${char}`;
    else if (char === "\n") body += "\\n";
    else if (char === "\r") body += "\\r";
    else if (char === "\t") body += "\\t";
    else body += code < 0x20 || code > 0x7e ? `\\x${code.toString(16).padStart(2, "0")}` : char;
  }
  return `b'${body}'`;
}

/** The Python type's name of config data or a node: `int`, `str`, `dict`; a class name for a live object. */
export function pythonTypeName(value: unknown): string {
  switch (typeof value) {
    case "string":
      return "str";
    case "boolean":
      return "bool";
    case "number":
      return isInt(value) ? "int" : "float";
    case "bigint":
      return "int";
    case "function":
      return "function";
    case "undefined":
      return "NoneType";
  }
  if (value === null) return "NoneType";
  if (value instanceof Float) return "float";
  if (value instanceof Uint8Array) return "bytes";
  if (value instanceof EnumMember) return value.type;
  if (value instanceof ValueNode) return pythonTypeName(value.raw);
  if (value instanceof DictNode) return "DictConfig";
  if (value instanceof ListNode) return "ListConfig";
  if (Array.isArray(value)) return "list";
  if (value instanceof Map) return "dict";
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype
    ? "dict"
    : prototype.constructor?.name ?? "object";
}
