import { styleText } from "node:util";
import { number, takeOptions, unsupported } from "../options.ts";
import type { Callback, HookResult, LoopName, Run } from "../train/callback.ts";
import { formatDuration } from "../train/duration.ts";
import { LiveLine, standardTerminal, type Terminal } from "./live_line.ts";
import { metricsText, only } from "./metrics_text.ts";

/** How progress is shown. */
export interface RichProgressBarOptions {
  /** Times a second that the bar is drawn at most. @default 10 */
  refreshRate?: number;
  /** Whether the last bar stays. @default false */
  leave?: boolean;
}

const LABEL: Record<LoopName, string> = {
  sanity: "Sanity Checking",
  train: "Epoch",
  validate: "Validation",
  test: "Testing",
  predict: "Predicting",
};
const LONGEST_BAR = 28;
const SHORTEST_BAR = 8;
const BAR_GAP = "  ";
const RATE_WIDTH = "1.00 it/s".length;
/** Without a terminal, a line of progress comes this often; and each epoch has its own line. */
const PLAIN_EVERY_MS = 10_000;
const READ_EVERY_MS = 1000;

/** What stands in a live line beside its label and counts, and the columns that its bar needs. */
interface Layout {
  readonly timing: string;
  readonly metrics: string;
  readonly shortest: number;
}

/**
 * Shows progress: a live bar on a terminal, and a line for each epoch everywhere.
 *
 * On a terminal it reads the running means of the epoch about once a second, so that the bar shows how the loss falls;
 * without one it reads them for each line of progress, every ten seconds.
 *
 * @example
 * ```ts
 * import { RichProgressBar } from "./rich_progress_bar.ts";
 * console.assert(new RichProgressBar({ refreshRate: 4 }).onTrainEpochEnd !== undefined);
 * ```
 */
export class RichProgressBar implements Callback {
  readonly monitors = true;
  readonly #terminal: Terminal;
  readonly #line: LiveLine;
  readonly #drawEveryMs: number;
  readonly #leave: boolean;
  readonly #now: () => number;
  #startedAtMs = 0;
  #drawnAtMs = 0;
  #readAtMs = 0;
  #epochStartedAtMs = 0;
  #epochBatches = 0;
  /** Names that validation logs, and whether it has run in this epoch: an epoch's line repeats no older values. */
  readonly #fromValidation = new Set<string>();
  #beforeValidation: Readonly<Record<string, number>> = {};
  #validated = false;

  /** @param terminal Where to draw, and `now` the clock in milliseconds; tests give their own. */
  constructor(
    options: RichProgressBarOptions = {},
    terminal: Terminal = standardTerminal(),
    now: () => number = () => performance.now(),
  ) {
    const o = takeOptions<RichProgressBarOptions>("callbacks.RichProgressBar", options, {
      refreshRate: number(10, { min: 0 }),
      leave: false,
      theme: unsupported(null),
      consoleKwargs: unsupported(null),
    });
    this.#drawEveryMs = o.refreshRate > 0 ? 1000 / o.refreshRate : Infinity;
    this.#leave = o.leave;
    this.#terminal = terminal;
    this.#line = new LiveLine(terminal);
    this.#now = now;
  }

  setup(run: Run): void {
    if (this.#terminal.live) run.setPrinter((text) => this.#line.print(text));
  }

  teardown(): void {
    this.#line.clear();
  }

  onException(): void {
    this.#line.clear();
  }

  onSanityCheckStart(): void {
    this.#begin();
  }

  onSanityCheckEnd(): void {
    this.#line.clear();
  }

  onTrainEpochStart(): void {
    this.#begin();
    this.#epochStartedAtMs = this.#now();
    this.#epochBatches = 0;
    this.#validated = false;
  }

  onValidationStart(run: Run): void {
    this.#begin();
    this.#beforeValidation = { ...run.progressBarMetrics };
  }

  onValidationEnd(run: Run): void {
    this.#validated = true;
    for (const [name, value] of Object.entries(run.progressBarMetrics)) {
      if (!Object.is(value, this.#beforeValidation[name])) this.#fromValidation.add(name);
    }
  }

  onTestStart(): void {
    this.#begin();
  }

  onTestEnd(): void {
    this.#line.clear();
  }

  onPredictStart(): void {
    this.#begin();
  }

  onPredictEnd(): void {
    this.#line.clear();
  }

  onTrainBatchEnd(run: Run): HookResult {
    this.#epochBatches += 1;
    const now = this.#now();
    const isDue = now - this.#readAtMs >= (this.#terminal.live ? READ_EVERY_MS : PLAIN_EVERY_MS);
    if (!isDue) return this.#progress(run);
    this.#readAtMs = now;
    return run.readProgress().then(() => this.#progress(run));
  }

  onValidationBatchEnd(run: Run): void {
    this.#progress(run);
  }

  onTestBatchEnd(run: Run): void {
    this.#progress(run);
  }

  onPredictBatchEnd(run: Run): void {
    this.#progress(run);
  }

  onTrainEpochEnd(run: Run): void {
    const seconds = (this.#now() - this.#epochStartedAtMs) / 1000;
    const width = this.#terminal.live ? this.#terminal.width() : Infinity;
    const label = `${epochLabel(run)}  `;
    const lines = fold(metricsText(this.#ofThisEpoch(run)), width - label.length);
    const room = width - label.length - lines.at(-1)!.length;
    const joint = lines.at(-1) === "" ? "" : " · ";
    const speeds = [
      `${seconds.toFixed(1)} s, ${rateText(this.#epochBatches / seconds)}`,
      `${seconds.toFixed(1)} s`,
    ];
    const speed = speeds.find((text) => joint.length + text.length <= room) ?? speeds[1]!;
    if (!this.#leave) this.#line.clear();
    run.print(label + lines.join(`\n${" ".repeat(label.length)}`) + joint + this.#dim(speed));
  }

  #ofThisEpoch(run: Run): Record<string, number> {
    return only(run.progressBarMetrics, (name) => this.#validated || !this.#fromValidation.has(name));
  }

  #begin(): void {
    this.#startedAtMs = this.#now();
    this.#drawnAtMs = this.#terminal.live ? 0 : this.#startedAtMs;
    this.#readAtMs = this.#startedAtMs;
  }

  #progress(run: Run): void {
    const now = this.#now();
    const last = run.batchIdx + 1 >= run.totalBatches;
    const every = this.#terminal.live ? this.#drawEveryMs : PLAIN_EVERY_MS;
    if (now - this.#drawnAtMs < every && !(last && this.#terminal.live)) return;
    this.#drawnAtMs = now;
    if (this.#terminal.live) this.#line.draw(this.#bar(run, now));
    else {
      const metrics = metricsText(run.loop === "train" ? this.#ofThisEpoch(run) : {});
      const parts = [
        this.#label(run),
        `${run.batchIdx + 1}/${run.totalBatches}`,
        this.#timings(run, now)[0],
        metrics,
      ];
      run.print(parts.filter((part) => part !== "").join("  "));
    }
  }

  #label(run: Run): string {
    return run.loop === "train" ? epochLabel(run) : LABEL[run.loop].padEnd("Validation".length);
  }

  /**
   * The live line. Where it is narrow the bar shrinks first; then the speed goes, the remaining time, and the elapsed
   * time, so that training values stay in sight, or at least the first.
   */
  #bar(run: Run, now: number): string {
    const done = run.batchIdx + 1;
    const counts = `${String(done).padStart(String(run.totalBatches).length)}/${run.totalBatches}  `;
    const head = `${this.#label(run)}  `;
    // One column stays free: a full last column would make some terminals wrap.
    const width = this.#terminal.width() - 1;
    const [full, ...shorter] = this.#timings(run, now).map((text) => `${text}  `);
    const all = metricsText(run.progressBarMetrics);
    const stage = metricsText(only(run.progressBarMetrics, (name) => name.startsWith(`${run.loop}/`))) || all;
    const first = /^(?:\S+ ){2,}?[-\d.a-z]+(?= |$)/.exec(stage)?.[0] ?? stage;
    const layouts: readonly Layout[] = [
      { timing: full!, metrics: all, shortest: SHORTEST_BAR + BAR_GAP.length },
      ...[full!, ...shorter, ""].map((timing) => ({
        timing,
        metrics: stage,
        shortest: SHORTEST_BAR + BAR_GAP.length,
      })),
      ...[...shorter, ""].map((timing) => ({
        timing,
        metrics: first,
        shortest: SHORTEST_BAR + BAR_GAP.length,
      })),
      { timing: "", metrics: first, shortest: 0 },
      { timing: "", metrics: "", shortest: 0 },
    ];
    const widthOf = ({ timing, metrics, shortest }: Layout) =>
      head.length + shortest + counts.length + timing.length + metrics.length;
    const { timing, metrics } = layouts.find((layout) => widthOf(layout) <= width) ?? layouts.at(-1)!;
    const tail = counts + timing;
    const free = width - head.length - tail.length - metrics.length - BAR_GAP.length;
    const length = free < SHORTEST_BAR ? 0 : Math.min(LONGEST_BAR, free);
    const filled = Math.round(length * Math.min(1, done / Math.max(1, run.totalBatches)));
    const bar = length === 0
      ? ""
      : this.#style("cyan", "━".repeat(filled)) + this.#rest(length - filled) + BAR_GAP;
    const room = width - head.length - (length === 0 ? 0 : length + BAR_GAP.length) - tail.length;
    return head + bar + this.#dim(tail) + metricsText(run.progressBarMetrics, room);
  }

  /** The part of the bar that is still open; without colours it must differ by more than its colour. */
  #rest(length: number): string {
    return this.#terminal.color ? this.#dim("━".repeat(length)) : " ".repeat(length);
  }

  /** Elapsed and remaining time and batches a second; then with less and less of it. */
  #timings(run: Run, now: number): [string, ...string[]] {
    const done = run.batchIdx + 1;
    const elapsedMs = now - this.#startedAtMs;
    const elapsed = formatDuration(elapsedMs);
    const times = `${elapsed} • ${formatDuration((elapsedMs / done) * (run.totalBatches - done))}`;
    const rate = rateText(done / (elapsedMs / 1000));
    // As wide as it is most of the time, so that the live bar keeps its length.
    return [`${times}  ${this.#terminal.live ? rate.padStart(RATE_WIDTH) : rate}`, times, elapsed];
  }

  #style(style: "cyan" | "dim", text: string): string {
    const styled = this.#terminal.live && this.#terminal.color;
    return text === "" || !styled ? text : styleText(style, text, { validateStream: false });
  }

  #dim(text: string): string {
    return this.#style("dim", text);
  }
}

function epochLabel(run: Run): string {
  const { maxEpochs } = run.settings;
  return `Epoch ${run.currentEpoch}${maxEpochs > 0 ? `/${maxEpochs - 1}` : ""}`.padEnd("Validation".length);
}

/** Breaks values before a stage where they do not fit into a line. */
function fold(metrics: string, room: number): string[] {
  const lines: string[] = [];
  for (const part of metrics.split(" · ")) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 3 + part.length <= room) {
      lines[lines.length - 1] = `${line} · ${part}`;
    } else lines.push(part);
  }
  return lines;
}

function rateText(rate: number): string {
  return Number.isFinite(rate) ? `${rate.toFixed(rate < 10 ? 2 : 0)} it/s` : "";
}
