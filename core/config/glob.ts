/**
 * Whether a name matches any of the patterns as Python's `fnmatch` has them: `*`, `?`, `[seq]`, `[!seq]`.
 *
 * @example
 * ```ts
 * import { globMatches } from "./glob.ts";
 * console.assert(globMatches("adam", ["a*"]) && !globMatches("sgd", ["[!s]*"]));
 * ```
 */
export function globMatches(name: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => expression(pattern).test(name));
}

function expression(pattern: string): RegExp {
  let source = "";
  for (let i = 0; i < pattern.length; i++) {
    const character = pattern[i]!;
    if (character === "*") source += ".*";
    else if (character === "?") source += ".";
    else if (character === "[") {
      // A bracket closes after its first character at the earliest; one that never closes is itself.
      const close = pattern.indexOf("]", pattern[i + 1] === "!" ? i + 3 : i + 2);
      if (close < 0) source += "\\[";
      else {
        const body = pattern.slice(i + 1, close).replace(/[\\\]^]/g, "\\$&").replace(/^!/, "^");
        source += `[${body}]`;
        i = close;
      }
    } else source += character.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
  }
  return new RegExp(`^(?:${source})$`, "su");
}
