import { snakeCase } from "../options.ts";
import { pythonLiteral } from "../python_literal.ts";

/** What is printed of a module. */
interface Printed {
  extraRepr(): string;
  toString(): string;
}

/**
 * Options as torch writes them: `in_features=2, bias=True`.
 *
 * @example
 * ```ts
 * import { reprOf } from "./repr.ts";
 * console.assert(reprOf({ kernelSize: [3, 3], bias: false }) === "kernel_size=(3, 3), bias=False");
 * ```
 */
export function reprOf(options: Readonly<Record<string, unknown>>): string {
  return Object.entries(options).map(([name, value]) => `${snakeCase(name)}=${pythonLiteral(value)}`)
    .join(", ");
}

/**
 * A module and those inside, as torch prints them.
 *
 * @param parts The modules directly inside, by name.
 * @param options.collapse Whether neighbours that look alike share a line, as in a `ModuleList`.
 */
export function moduleText(
  module: Printed,
  parts: Iterable<readonly [name: string, part: Printed]>,
  options: { readonly collapse?: boolean } = {},
): string {
  const name = module.constructor.name;
  const extra = module.extraRepr();
  const rows = Array.from(parts, ([name, part]) => [name, part.toString()] as const);
  const lines = options.collapse ? collapsed(rows) : rows.map(([name, text]) => `(${name}): ${text}`);
  if (lines.length === 0 && !extra.includes("\n")) return `${name}(${extra})`;
  const all = [...(extra === "" ? [] : [extra]), ...lines];
  return `${name}(\n${all.map((line) => line.replace(/^/gm, "  ")).join("\n")}\n)`;
}

/** `(0-2): 3 x ReLU()` for neighbours that look alike. */
function collapsed(rows: readonly (readonly [name: string, text: string])[]): string[] {
  const runs: { first: string; last: string; count: number; text: string }[] = [];
  for (const [name, text] of rows) {
    const run = runs.at(-1);
    if (run === undefined || run.text !== text) runs.push({ first: name, last: name, count: 1, text });
    else Object.assign(run, { last: name, count: run.count + 1 });
  }
  return runs.map(({ first, last, count, text }) =>
    count === 1 ? `(${first}): ${text}` : `(${first}-${last}): ${count} x ${text}`
  );
}
