import { count, takeOptions } from "../options.ts";
import type { Callback, Run } from "../train/callback.ts";
import { readableCount, summarise, type Summary } from "./summary_rows.ts";

/** What a summary shows. */
export interface ModelSummaryOptions {
  /** Levels of names: 1 shows the direct parts, -1 all, 0 nothing. @default 1 */
  maxDepth?: number;
}

const COLUMNS = ["", "Name", "Type", "Params", "Mode"];

/**
 * Shows the module's parts and parameters when training starts, in plain characters.
 *
 * @example
 * ```ts
 * import { ModelSummary } from "./model_summary.ts";
 * console.assert(new ModelSummary({ maxDepth: -1 }).maxDepth === -1);
 * ```
 */
export class ModelSummary implements Callback {
  readonly maxDepth: number;

  constructor(options: ModelSummaryOptions = {}) {
    this.maxDepth =
      takeOptions<ModelSummaryOptions>("callbacks.ModelSummary", options, { maxDepth: count(1, -1) })
        .maxDepth;
  }

  onFitStart(run: Run): void {
    if (this.maxDepth !== 0) run.print(plainTable(summarise(run.module, this.maxDepth)));
  }
}

/**
 * Shows the module's parts and parameters when training starts, in a drawn table.
 *
 * @example
 * ```ts
 * import { RichModelSummary } from "./model_summary.ts";
 * console.assert(new RichModelSummary().maxDepth === 1);
 * ```
 */
export class RichModelSummary implements Callback {
  readonly maxDepth: number;

  constructor(options: ModelSummaryOptions = {}) {
    this.maxDepth =
      takeOptions<ModelSummaryOptions>("callbacks.RichModelSummary", options, { maxDepth: count(1, -1) })
        .maxDepth;
  }

  onFitStart(run: Run): void {
    if (this.maxDepth !== 0) run.print(richTable(summarise(run.module, this.maxDepth)));
  }
}

function cells(summary: Summary): string[][] {
  return summary.rows.map(({ name, type, params, mode }, index) => [
    String(index),
    name,
    type,
    readableCount(params),
    mode,
  ]);
}

function footer(summary: Summary): readonly (readonly [value: string, label: string])[] {
  return [
    [readableCount(summary.trainable), "Trainable params"],
    [readableCount(summary.frozen), "Non-trainable params"],
    [readableCount(summary.trainable + summary.frozen), "Total params"],
    [summary.megabytes.toFixed(3), "Total estimated model params size (MB)"],
    [String(summary.inTrainMode), "Modules in train mode"],
    [String(summary.inEvalMode), "Modules in eval mode"],
  ];
}

function widthsOf(rows: readonly (readonly string[])[]): number[] {
  return COLUMNS.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]!.length)));
}

function plainTable(summary: Summary): string {
  const rows = cells(summary);
  const widths = widthsOf(rows);
  const line = (row: readonly string[]) =>
    row.map((text, column) => text.padEnd(widths[column]!)).join(" | ");
  const header = line(COLUMNS);
  const rule = "-".repeat(header.length);
  const totals = footer(summary).map(([value, label]) => `${value.padEnd(10)}${label}`);
  return ["", header, rule, ...rows.map(line), rule, ...totals].join("\n");
}

function richTable(summary: Summary): string {
  const rows = cells(summary);
  const widths = widthsOf(rows);
  const rule = (left: string, dash: string, middle: string, right: string) =>
    left + widths.map((width) => dash.repeat(width + 2)).join(middle) + right;
  const line = (row: readonly string[], bar: string) =>
    bar + row.map((text, column) => ` ${align(text, widths[column]!, column)} `).join(bar) + bar;
  return [
    rule("┏", "━", "┳", "┓"),
    line(COLUMNS, "┃"),
    rule("┡", "━", "╇", "┩"),
    ...rows.map((row) => line(row, "│")),
    rule("└", "─", "┴", "┘"),
    ...footer(summary).map(([value, label]) => `${label}: ${value.trimEnd()}`),
  ].join("\n");
}

/** Counts stand to the right, names to the left. */
function align(text: string, width: number, column: number): string {
  return column === 3 ? text.padStart(width) : text.padEnd(width);
}
