/**
 * A value as an error shows it: as JSON where it is data, by its class where it is an object.
 *
 * @example
 * ```ts
 * import { showValue } from "./show_value.ts";
 * console.assert(showValue({ a: [1, "x", NaN] }) === '{"a":[1,"x",NaN]}');
 * ```
 */
export function showValue(value: unknown): string {
  return shown(value, 0);
}

function shown(value: unknown, depth: number): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "function") return value.name === "" ? "a function" : `the function ${value.name}`;
  if (typeof value !== "object" || value === null) return String(value);
  if (Array.isArray(value)) {
    if (depth > 3) return "[…]";
    const items = value.slice(0, 20).map((item) => shown(item, depth + 1));
    return `[${items.join(",")}${value.length > 20 ? ",…" : ""}]`;
  }
  const prototype = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    const name = prototype.constructor?.name ?? "";
    return name === "" ? "an object" : `an object of ${name}`;
  }
  if (depth > 3) return "{…}";
  const entries = Object.entries(value).map(([key, item]) =>
    `${JSON.stringify(key)}:${shown(item, depth + 1)}`
  );
  return `{${entries.join(",")}}`;
}
