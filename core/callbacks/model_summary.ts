import { count, takeOptions } from "../options.ts";
import type { Callback, Run } from "../train/callback.ts";
import { type Column, foldedTable } from "./folded_table.ts";
import { standardTerminal, type Terminal } from "./live_line.ts";
import { readableCount, summarise, type Summary } from "./summary_rows.ts";

/** What a summary shows. */
export interface ModelSummaryOptions {
  /** Levels of names: 1 shows the direct parts, -1 all, 0 nothing. @default 1 */
  maxDepth?: number;
}

/** Names and types fold; where that does not suffice, the mode goes first, then the row's number. */
const COLUMNS: readonly Column[] = [
  { title: "", optional: true },
  { title: "Name", fold: 12 },
  { title: "Type", fold: 8 },
  { title: "Params", align: "right" },
  { title: "Mode", optional: true },
];

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
 * Shows the module's parts and parameters when training starts, in a drawn table that folds names to
 * the terminal's width.
 *
 * @example
 * ```ts
 * import { RichModelSummary } from "./model_summary.ts";
 * console.assert(new RichModelSummary().maxDepth === 1);
 * ```
 */
export class RichModelSummary implements Callback {
  readonly maxDepth: number;
  readonly #terminal: Terminal;

  /** @param terminal Where it is shown: the table fits into its width. */
  constructor(options: ModelSummaryOptions = {}, terminal: Terminal = standardTerminal()) {
    this.#terminal = terminal;
    this.maxDepth =
      takeOptions<ModelSummaryOptions>("callbacks.RichModelSummary", options, { maxDepth: count(1, -1) })
        .maxDepth;
  }

  onFitStart(run: Run): void {
    if (this.maxDepth === 0) return;
    // A file or a pipe has no width: its lines stay whole.
    const width = this.#terminal.live ? this.#terminal.width() : Infinity;
    run.print(richTable(summarise(run.module, this.maxDepth), width));
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

function plainTable(summary: Summary): string {
  const rows = cells(summary);
  const titles = COLUMNS.map(({ title }) => title);
  const widths = titles.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]!.length))
  );
  const line = (row: readonly string[]) =>
    row.map((text, column) => text.padEnd(widths[column]!)).join(" | ");
  const header = line(titles);
  const rule = "-".repeat(header.length);
  const totals = footer(summary).map(([value, label]) => `${value.padEnd(10)}${label}`);
  return ["", header, rule, ...rows.map(line), rule, ...totals].join("\n");
}

function richTable(summary: Summary, width: number): string {
  return [
    ...foldedTable(COLUMNS, cells(summary), width),
    ...footer(summary).map(([value, label]) => `${label}: ${value.trimEnd()}`),
  ].join("\n");
}
