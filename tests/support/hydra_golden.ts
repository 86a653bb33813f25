import { Float, floatText, isFloat } from "../../core/config/scalar.ts";
import { rangeValues } from "../../core/config/override_range.ts";
import { elementText, isSweep, type OverrideValue, QuotedString } from "../../core/config/override_value.ts";

/** A value as the golden file writes it, so that int, float, str and quoted str stay apart. */
export function encode(value: OverrideValue): unknown {
  if (value === null || typeof value === "boolean" || typeof value === "string") return value;
  if (value instanceof QuotedString) return { q: value.text, c: value.quote };
  if (value instanceof Float || isFloat(value)) return { f: floatText(Number(value)) };
  if (typeof value === "number" || typeof value === "bigint") return { i: String(BigInt(value)) };
  if (Array.isArray(value)) return value.map(encode);
  if (value instanceof Map) return { d: [...value].map(([k, v]) => [encode(k), encode(v)]) };
  if (!isSweep(value)) throw new TypeError("not an override value");
  switch (value.sweep) {
    case "choice":
      return {
        sweep: "choice",
        list: value.list.map(encode),
        simple: value.simple,
        shuffle: value.shuffle,
        tags: value.tags,
      };
    case "range":
      return {
        sweep: "range",
        start: encode(value.start),
        stop: encode(value.stop),
        step: encode(value.step),
        shuffle: value.shuffle,
        tags: value.tags,
      };
    case "interval":
      return { sweep: "interval", start: encode(value.start), end: encode(value.end), tags: value.tags };
    case "glob":
      return { sweep: "glob", include: value.include, exclude: value.exclude };
  }
}

/** The values a sweeper would emit for an override, at most 20; null where the golden file has none. */
export function texts(value: OverrideValue): string[] | null {
  if (!isSweep(value)) return [elementText(value)];
  if (value.sweep === "glob" || value.sweep === "interval" || value.shuffle) return null;
  if (value.sweep === "choice") return value.list.map(elementText);
  const result: string[] = [];
  for (const item of rangeValues(value)) {
    result.push(elementText(item));
    if (result.length === 20) break;
  }
  return result;
}
