import type { Flag } from "./flags.ts";

/** The width that Python's argparse leaves to itself of 80 columns. */
const WIDTH = 78;

/** How an app's command line is written, folded as argparse folds it: flags, then overrides on a line of their own. */
export function usageText(app: string, flags: readonly Flag[]): string {
  const parts = flags.map(({ name, value, alone }) => {
    const given = value === undefined ? "" : alone === undefined ? ` ${value}` : ` [${value}]`;
    return `[--${name}${given}]`;
  });
  const head = `usage: ${app}`;
  const overrides = "[overrides ...]";
  // A long name stands alone.
  if (head.length > 0.75 * WIDTH) {
    return [head, ...folded(parts, "usage: ".length), overrides].join("\n       ");
  }
  const indent = head.length + 1;
  return `${head} ${[...folded(parts, indent), overrides].join(`\n${" ".repeat(indent)}`)}`;
}

/** Parts in lines that fit beside an indent. */
function folded(parts: readonly string[], indent: number): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    if (last === undefined || indent + last.length + 1 + part.length > WIDTH) lines.push(part);
    else lines[lines.length - 1] = `${last} ${part}`;
  }
  return lines;
}
