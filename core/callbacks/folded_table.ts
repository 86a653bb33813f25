/** A column of a drawn table. */
export interface Column {
  readonly title: string;
  /** @default "left" */
  readonly align?: "left" | "right";
  /** Fewest characters that its cells are folded to; without it they are never folded. */
  readonly fold?: number;
  /** Whether the column may go where folding does not suffice; the last of these goes first. @default false */
  readonly optional?: boolean;
}

/** Room between the bars on both sides of a cell. */
const PADDING = 2;

/**
 * Draws a table as Rich does; one that is wider than `width` has its widest cells folded over several lines, and then
 * loses its optional columns.
 *
 * @example
 * ```ts
 * import { foldedTable } from "./folded_table.ts";
 * const lines = foldedTable([{ title: "Name", fold: 4 }], [["net.model"]], 8);
 * console.assert(lines.every((line) => line.length <= 8) && lines.length === 7);
 * ```
 */
export function foldedTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  width: number,
): string[] {
  const widths = columns.map(({ title }, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]!.length))
  );
  const excess = (): number => widths.reduce((sum, cell) => sum + cell + PADDING + 1, 1) - width;
  while (excess() > 0) {
    const open = widths.keys().filter((column) => widths[column]! > (columns[column]!.fold ?? Infinity));
    const widest = open.reduce<number | null>(
      (best, column) => best === null || widths[column]! > widths[best]! ? column : best,
      null,
    );
    if (widest === null) break;
    widths[widest]! -= 1;
  }
  const last = columns.findLastIndex(({ optional }) => optional === true);
  if (excess() > 0 && last >= 0) {
    const without = <T>(cells: readonly T[]) => cells.filter((_, column) => column !== last);
    return foldedTable(without(columns), rows.map(without), width);
  }
  const rule = (left: string, dash: string, middle: string, right: string) =>
    left + widths.map((cell) => dash.repeat(cell + PADDING)).join(middle) + right;
  const draw = (cells: readonly string[], bar: string): string[] => {
    const folded = cells.map((text, column) => fold(text, widths[column]!));
    return Array.from(
      { length: Math.max(...folded.map((lines) => lines.length)) },
      (_, line) =>
        bar + folded.map((lines, column) => {
          const text = lines[line] ?? "";
          const padded = columns[column]!.align === "right"
            ? text.padStart(widths[column]!)
            : text.padEnd(widths[column]!);
          return ` ${padded} `;
        }).join(bar) + bar,
    );
  };
  return [
    rule("┏", "━", "┳", "┓"),
    ...draw(columns.map(({ title }) => title), "┃"),
    rule("┡", "━", "╇", "┩"),
    ...rows.flatMap((row) => draw(row, "│")),
    rule("└", "─", "┴", "┘"),
  ];
}

/** Breaks a text after points and before capitals where it can, and anywhere else where it must. */
function fold(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/(?<=\.)|(?<=[a-z])(?=[A-Z])/)) {
    for (let rest = word; rest !== "";) {
      if (line !== "" && line.length + rest.length > width) {
        lines.push(line);
        line = "";
      }
      const taken = rest.slice(0, width - line.length);
      line += taken;
      rest = rest.slice(taken.length);
    }
  }
  return [...lines, line];
}
