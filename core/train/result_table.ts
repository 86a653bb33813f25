import { floatText } from "../config/scalar.ts";

type Corners = readonly [left: string, middle: string, right: string];

const BORDER: Readonly<Record<"top" | "head" | "bottom", Corners>> = {
  top: ["┏", "┳", "┓"],
  head: ["┡", "╇", "┩"],
  bottom: ["└", "┴", "┘"],
};

/**
 * The table of an evaluation's results: one column per loader, rows sorted by name, values as Python prints them.
 *
 * @param title `Test metric` or `Validate metric`.
 * @param width Characters in a line; a table that is wider is drawn without room around its cells.
 *
 * @example
 * ```ts
 * import { resultTable } from "./result_table.ts";
 * console.assert(resultTable("Test metric", [{ "test/ce": 0.5 }]).includes("test/ce"));
 * ```
 */
export function resultTable(
  title: string,
  results: readonly Readonly<Record<string, number>>[],
  width = Infinity,
): string {
  const names = [...new Set(results.flatMap((result) => Object.keys(result)))].sort();
  const rows = names.map((name) => [
    name,
    ...results.map((result) => result[name] === undefined ? "" : floatText(result[name])),
  ]);
  const header = [title, ...results.map((_, index) => `DataLoader ${index}`)];
  const longest = header.map((cell, column) =>
    Math.max(cell.length, ...rows.map((row) => row[column]!.length))
  );
  const roomy = longest.map((length) => Math.max(24, length + 6));
  const isTooWide = roomy.reduce((sum, cells) => sum + cells + 1, 1) > width;
  const widths = isTooWide ? longest.map((length) => length + 2) : roomy;
  const rule = ([left, middle, right]: Corners, dash: string) =>
    left + widths.map((width) => dash.repeat(width)).join(middle) + right;
  const line = (cells: readonly string[], bar: string) =>
    bar + cells.map((cell, column) => centred(cell, widths[column]!)).join(bar) + bar;
  return [
    rule(BORDER.top, "━"),
    line(header, "┃"),
    rule(BORDER.head, "━"),
    ...rows.map((row) => line(row, "│")),
    rule(BORDER.bottom, "─"),
  ].join("\n");
}

function centred(text: string, width: number): string {
  const left = Math.floor((width - text.length) / 2);
  return " ".repeat(left) + text + " ".repeat(width - text.length - left);
}
