import { styleText } from "node:util";
import { number, takeOptions, unsupported } from "../options.ts";
import type { Callback, LoopName, Run } from "../train/callback.ts";
import { formatDuration } from "../train/duration.ts";
import { LiveLine, standardTerminal, type Terminal } from "./live_line.ts";

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
/** Without a terminal, a line of progress comes this often; and each epoch has its own line. */
const PLAIN_EVERY_MS = 10_000;
const READ_EVERY_MS = 1000;

/**
 * Shows progress: a live bar on a terminal, and a line for each epoch everywhere.
 *
 * On a terminal it reads the running means of the epoch about once a second, so that the bar shows how the loss falls;
 * without one it never waits for the device.
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
  }

  onValidationStart(): void {
    this.#begin();
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

  async onTrainBatchEnd(run: Run): Promise<void> {
    this.#epochBatches += 1;
    const now = this.#now();
    if (this.#terminal.live && now - this.#readAtMs >= READ_EVERY_MS) {
      this.#readAtMs = now;
      await run.readProgress();
    }
    this.#progress(run);
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
    const metrics = metricsText(run.progressBarMetrics);
    const speed = `${seconds.toFixed(1)} s, ${rateText(this.#epochBatches / seconds)}`;
    if (!this.#leave) this.#line.clear();
    run.print(`${epochLabel(run)}  ${metrics}${metrics === "" ? "" : " · "}${this.#dim(speed)}`);
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
    else run.print(`${this.#label(run)}  ${run.batchIdx + 1}/${run.totalBatches}  ${this.#timing(run, now)}`);
  }

  #label(run: Run): string {
    return run.loop === "train" ? epochLabel(run) : LABEL[run.loop].padEnd("Validation".length);
  }

  /** The live line; on a narrow terminal the bar shrinks first, then times and metrics go. */
  #bar(run: Run, now: number): string {
    const done = run.batchIdx + 1;
    const counts = `  ${String(done).padStart(String(run.totalBatches).length)}/${run.totalBatches}  `;
    const head = `${this.#label(run)}  `;
    // One column stays free: a full last column would make some terminals wrap.
    const width = this.#terminal.width() - 1;
    const timing = `${this.#timing(run, now)}  `;
    const fits = head.length + SHORTEST_BAR + counts.length + timing.length <= width;
    const tail = fits ? counts + timing : counts;
    const length = Math.max(0, Math.min(LONGEST_BAR, width - head.length - tail.length));
    const filled = Math.round(length * Math.min(1, done / Math.max(1, run.totalBatches)));
    const bar = this.#style("cyan", "━".repeat(filled)) + this.#dim("━".repeat(length - filled));
    return head + bar + this.#dim(tail) +
      metricsText(run.progressBarMetrics, width - head.length - length - tail.length);
  }

  /** Elapsed and remaining time, and batches a second. */
  #timing(run: Run, now: number): string {
    const done = run.batchIdx + 1;
    const elapsedMs = now - this.#startedAtMs;
    const remainingMs = (elapsedMs / done) * (run.totalBatches - done);
    const rate = rateText(done / (elapsedMs / 1000));
    return `${formatDuration(elapsedMs)} • ${formatDuration(remainingMs)}  ${rate}`;
  }

  #style(style: "cyan" | "dim", text: string): string {
    return text === "" || !this.#terminal.live ? text : styleText(style, text);
  }

  #dim(text: string): string {
    return this.#style("dim", text);
  }
}

function epochLabel(run: Run): string {
  const { maxEpochs } = run.settings;
  return `Epoch ${run.currentEpoch}${maxEpochs > 0 ? `/${maxEpochs - 1}` : ""}`.padEnd("Validation".length);
}

function rateText(rate: number): string {
  return Number.isFinite(rate) ? `${rate.toFixed(rate < 10 ? 2 : 0)} it/s` : "";
}

/**
 * Values by stage, as many as there is room for: `train total 0.203 accuracy 0.938 · val total 0.107`.
 *
 * A loss that equals its stage's total says nothing new and is left out.
 */
function metricsText(metrics: Readonly<Record<string, number>>, room = Infinity): string {
  let text = "";
  let open = "";
  for (const name of Object.keys(metrics).sort((a, b) => stageOrder(a) - stageOrder(b))) {
    const slash = name.indexOf("/");
    const stage = name.slice(0, Math.max(0, slash));
    const value = metrics[name]!;
    if (!name.endsWith("/total") && value === metrics[`${stage}/total`] && !name.endsWith("/best")) continue;
    const label = stage === open ? "" : `${text === "" ? "" : "· "}${stage} `;
    const next = `${text === "" ? "" : " "}${label}${name.slice(slash + 1)} ${value.toFixed(3)}`;
    if (text.length + next.length > room) break;
    text += next;
    open = stage;
  }
  return text;
}

/** Training values stand before the others; within a stage the order of logging stays. */
function stageOrder(name: string): number {
  return name.startsWith("train/") ? 0 : 1;
}
