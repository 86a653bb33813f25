import { precisionText } from "../number_text.ts";

/** One action of a profile. Times are in seconds. */
export interface ProfileRow {
  readonly action: string;
  readonly mean: number;
  readonly calls: number;
  readonly total: number;
}

/**
 * Lightning's profile table; it begins and ends with a line break.
 *
 * @param seconds The wall time of the whole run.
 * @param extended Whether to show calls and percentages, sorted by them, under a row of totals.
 */
export function profileTable(rows: readonly ProfileRow[], seconds: number, extended: boolean): string {
  const width = Math.max(0, ...rows.map(({ action }) => action.length));
  const line = (cells: readonly string[]) => {
    const [action, ...rest] = cells;
    return `\n|  ${action!.padEnd(width)}\t|${rest.map((cell) => `  ${cell.padEnd(15)}\t|`).join("")}`;
  };
  const header = line(
    extended
      ? ["Action", "Mean duration (s)", "Num calls", "Total time (s)", "Percentage %"]
      : ["Action", "Mean duration (s)", "Total time (s)"],
  );
  // One dash more than the row is wide, as Lightning counts the line break too.
  const rule = `\n${"-".repeat(expandedWidth(header))}`;
  const body = extended ? extendedRows(rows, seconds, line, rule) : plainRows(rows, line);
  return `\n${rule}${header}${rule}${body}${rule}\n`;
}

type Line = (cells: readonly string[]) => string;

function extendedRows(rows: readonly ProfileRow[], seconds: number, line: Line, rule: string): string {
  const calls = rows.reduce((sum, row) => sum + row.calls, 0);
  const totals = line(["Total", "-", String(calls), precisionText(seconds, 5), "100 %"]);
  const sorted = [...rows].sort((a, b) => b.total - a.total);
  const lines = sorted.map((row) =>
    line([
      row.action,
      precisionText(row.mean, 5),
      String(row.calls),
      precisionText(row.total, 5),
      precisionText((100 * row.total) / seconds, 5),
    ])
  );
  return totals + rule + lines.join("");
}

function plainRows(rows: readonly ProfileRow[], line: Line): string {
  const sorted = [...rows].sort((a, b) => b.mean - a.mean);
  return sorted.map((row) => line([row.action, precisionText(row.mean, 5), precisionText(row.total, 5)]))
    .join(
      "",
    );
}

/** The width of a row with its tabs expanded to multiples of eight; the line break counts as one. */
function expandedWidth(text: string): number {
  let width = 0;
  for (const character of text.slice(1)) width += character === "\t" ? 8 - (width % 8) : 1;
  return width + 1;
}
