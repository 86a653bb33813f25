import { Float, float, floatText, isFloat } from "../../config/scalar.ts";

/**
 * A value as Python's `json.dumps` writes it: a blank after `,` and `:`, floats with their point, `NaN` and `Infinity`
 * as bare words, other than ASCII letters escaped.
 *
 * @example
 * ```ts
 * import { Float } from "../../config/scalar.ts";
 * import { pythonJson } from "./python_json.ts";
 * console.assert(pythonJson({ low: new Float(0), choices: ["é", null] }) === '{"low": 0.0, "choices": ["\\u00e9", null]}');
 * ```
 */
export function pythonJson(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (isFloat(value)) return floatJson(Number(value));
  switch (typeof value) {
    case "string":
      return JSON.stringify(value).replace(/[\u007f-\uffff]/g, escaped);
    case "boolean":
    case "number":
    case "bigint":
      return String(value);
  }
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(", ")}]`;
  const entries = value instanceof Map ? [...value] : Object.entries(value as object);
  return `{${entries.map(([key, item]) => `${pythonJson(String(key))}: ${pythonJson(item)}`).join(", ")}}`;
}

function floatJson(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "Infinity" : "-Infinity";
  return floatText(value);
}

function escaped(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** What follows is a word of Python's where JSON has a number. */
const WORDS = /"(?:[^"\\]|\\.)*"|-?\bInfinity\b|\bNaN\b/g;

/** Stands for `NaN`, which JSON has no number for; no such number is ever written. */
const NAN = "-1.2345678901234567e-307";

/**
 * Reads what Python's `json.dumps` writes. Floats that JavaScript would take for integers stay {@linkcode Float}s.
 *
 * @example
 * ```ts
 * import { parsePythonJson } from "./python_json.ts";
 * console.assert(String(parsePythonJson("[1.0, 1, Infinity]")) === "1.0,1,Infinity");
 * ```
 */
export function parsePythonJson(text: string): unknown {
  const json = text.replace(WORDS, (word) => {
    if (word.startsWith('"')) return word;
    return word === "NaN" ? NAN : word.replace("Infinity", "1e999");
  });
  const revive = (_key: string, value: unknown, context?: { readonly source?: string }): unknown => {
    if (typeof value !== "number") return value;
    const source = context?.source ?? "";
    if (source === NAN) return NaN;
    return /[.eE]/.test(source) ? float(value) : value;
  };
  return JSON.parse(json, revive as (key: string, value: unknown) => unknown);
}

/** {@linkcode Float}s as bare numbers, in arrays and objects too. */
export function plainJson(value: unknown): unknown {
  if (value instanceof Float) return value.value;
  if (Array.isArray(value)) return value.map(plainJson);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plainJson(item)]));
}
