/**
 * Splits a key path as OmegaConf does: `a.b[0].c` → `a`, `b`, `0`, `c`; leading dots give empty steps.
 *
 * @example
 * ```ts
 * import { splitKey } from "./key_path.ts";
 * console.assert(splitKey("a[b].c").join("/") === "a/b/c");
 * ```
 */
export function splitKey(path: string): string[] {
  const head = /^\.*[^.[]*/.exec(path)![0];
  const steps = head.split(".");
  if (head.length === path.length) return steps;
  // A path that begins with a bracket has an empty head that is no step.
  if (path[head.length] === "[" && steps.at(-1) === "") steps.pop();
  for (const [, dotted, bracketed] of path.slice(head.length).matchAll(/\.([^.[]*)|\[(.*?)\]/g)) {
    steps.push(dotted || (bracketed ?? ""));
  }
  return steps;
}

/**
 * A list index as Python's `int` reads it, or `undefined` for other text.
 *
 * @example
 * ```ts
 * import { indexOf } from "./key_path.ts";
 * console.assert(indexOf("-1") === -1 && indexOf("a") === undefined);
 * ```
 */
export function indexOf(step: string): number | undefined {
  const text = step.trim();
  return /^[+-]?[0-9]+(?:_[0-9]+)*$/.test(text) ? Number(text.replaceAll("_", "")) : undefined;
}
