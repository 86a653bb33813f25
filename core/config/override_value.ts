import { CompositionError } from "./hydra_errors.ts";
import { pythonRepr } from "./python_text.ts";
import { type Float, floatText, isFloat, type Key } from "./scalar.ts";

/** A string that was written in quotes: it stays a string, and keeps its quotes when it is written back. */
export class QuotedString {
  /** The text, unescaped. */
  readonly text: string;
  /** The quote that it stood in. */
  readonly quote: "'" | '"';

  constructor(text: string, quote: "'" | '"') {
    this.text = text;
    this.quote = quote;
  }

  /** The text in its quotes; backslashes before a quote are doubled, as the grammar reads them. */
  toString(): string {
    const pattern = new RegExp(`(\\\\*)(${this.quote}|$)`, "g");
    const escaped = this.text.replace(pattern, (_, slashes: string, end: string) => {
      return slashes + slashes + (end === "" ? "" : `\\${end}`);
    });
    return this.quote + escaped + this.quote;
  }
}

/** A value of an override: config data in which strings remember their quotes. */
export type Element =
  | null
  | boolean
  | number
  | bigint
  | string
  | Float
  | QuotedString
  | readonly OverrideValue[]
  | ReadonlyMap<Key, OverrideValue>;

/** A number of a sweep; floats that are integral are wrapped. */
export type Num = number | bigint | Float;

/** `a,b,c` (simple) or `choice(a,b,c)`. */
export interface ChoiceSweep {
  readonly sweep: "choice";
  readonly list: readonly OverrideValue[];
  readonly simple: boolean;
  readonly shuffle: boolean;
  readonly tags: readonly string[];
}

/** `range(start,stop,step)`: half open. */
export interface RangeSweep {
  readonly sweep: "range";
  readonly start: Num;
  readonly stop: Num;
  readonly step: Num;
  readonly shuffle: boolean;
  readonly tags: readonly string[];
}

/** `interval(start,end)`: any number with `start <= value < end`; only optimizing sweepers take it. */
export interface IntervalSweep {
  readonly sweep: "interval";
  readonly start: Element;
  readonly end: Element;
  readonly tags: readonly string[];
}

/** `glob(*)`: the options of the group named by the key. */
export interface GlobSweep {
  readonly sweep: "glob";
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

/** Values that one job each is made of. */
export type Sweep = ChoiceSweep | RangeSweep | IntervalSweep | GlobSweep;

/** What stands right of the `=`. */
export type OverrideValue = Element | Sweep;

/**
 * Whether a value is a sweep.
 *
 * @example
 * ```ts
 * import { isSweep } from "./override_value.ts";
 * console.assert(!isSweep("a"));
 * ```
 */
export function isSweep(value: OverrideValue): value is Sweep {
  return typeof value === "object" && value !== null && "sweep" in value;
}

/** The value as config data: quotes dropped. */
export function unquote(value: OverrideValue): unknown {
  if (isSweep(value)) throw nested();
  if (value instanceof QuotedString) return value.text;
  if (Array.isArray(value)) return value.map(unquote);
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [key, unquote(item)]));
  return value;
}

/** A type as Python calls it, for errors that users know. */
export function typeName(value: unknown): string {
  if (value === null || value === undefined) return "NoneType";
  if (typeof value === "boolean") return "bool";
  if (isFloat(value)) return "float";
  if (typeof value === "number" || typeof value === "bigint") return "int";
  if (typeof value === "string") return "str";
  if (value instanceof QuotedString) return "QuotedString";
  if (Array.isArray(value)) return "list";
  if (value instanceof Map) return "dict";
  const sweep = (value as { sweep?: Sweep["sweep"] }).sweep;
  const names = { choice: "ChoiceSweep", range: "RangeSweep", interval: "IntervalSweep", glob: "Glob" };
  return sweep === undefined ? "object" : names[sweep];
}

/**
 * A value as override text, the way sweepers hand it to a job: what the grammar reads specially is escaped.
 *
 * @example
 * ```ts
 * import { elementText } from "./override_value.ts";
 * console.assert(elementText(["b c", null, 1]) === "[b\\ c,null,1]");
 * ```
 */
export function elementText(value: OverrideValue): string {
  if (isSweep(value)) throw nested();
  if (value === null) return "null";
  // Python's spelling: overrides.yaml holds it, and the grammar reads booleans in any letter case.
  if (typeof value === "boolean") return value ? "True" : "False";
  if (isFloat(value)) return floatText(Number(value));
  if (Array.isArray(value)) return `[${value.map(elementText).join(",")}]`;
  if (value instanceof Map) {
    return `{${
      [...value].map(([key, item]) => `${elementText(key as Element)}:${elementText(item)}`).join(",")
    }}`;
  }
  if (typeof value === "string") return value.replace(/[\\()[\]{}:=, \t]/g, "\\$&");
  return String(value);
}

function nested(): CompositionError {
  return new CompositionError("A sweep stands inside another value", {
    fix: "a sweep must be the whole value of an override",
  });
}

/** A value as Python's `repr` prints it, for errors that users know. */
export function reprText(value: OverrideValue): string {
  if (value === null) return "None";
  if (typeof value === "string") return pythonRepr(value);
  if (Array.isArray(value)) return `[${value.map(reprText).join(", ")}]`;
  if (value instanceof Map) {
    return `{${[...value].map(([key, item]) => `${reprText(key)}: ${reprText(item)}`).join(", ")}}`;
  }
  if (value instanceof QuotedString) {
    const quote = value.quote === "'" ? "single: 0" : "double: 1";
    return `QuotedString(text=${pythonRepr(value.text)}, quote=<Quote.${quote}>)`;
  }
  return isSweep(value) ? typeName(value) : elementText(value);
}
