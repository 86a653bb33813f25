import { floatText } from "../config/scalar.ts";
import { MisconfigurationError } from "../errors.ts";
import { count, flag, number, optional, required, takeOptions, text } from "../options.ts";
import { type Callback, type Json, pythonStateKey, type Run } from "../train/callback.ts";
import { BestValue, MODE, type Mode, monitored, resolveMode } from "./best_value.ts";
import { countsAsWhole } from "../train/limits.ts";

/** What to watch, and when to stop. */
export interface EarlyStoppingOptions {
  /** The name of a logged metric. */
  monitor: string;
  /** Changes no larger than this are no improvement. @default 0 */
  minDelta?: number;
  /** Checks without improvement before the run stops. @default 3 */
  patience?: number;
  /** Shows a line at each improvement. @default false */
  verbose?: boolean;
  /** Which way the metric improves; `"auto"` asks what logged it. @default "min" */
  mode?: Mode;
  /** Whether a metric that was not logged is an error. @default true */
  strict?: boolean;
  /** Stops when the metric is NaN or infinite. @default true */
  checkFinite?: boolean;
  /** Stops when the metric is better than this. @default null */
  stoppingThreshold?: number | null;
  /** Stops when the metric is worse than this. @default null */
  divergenceThreshold?: number | null;
  /** Checks at the end of training epochs (true) or of validation (false). @default null: as validation is set */
  checkOnTrainEpochEnd?: boolean | null;
  /** With one process there is one rank, so either value means the same. @default false */
  logRankZeroOnly?: boolean;
}

/**
 * Stops a run whose metric no longer improves.
 *
 * @example
 * ```ts
 * import { EarlyStopping } from "./early_stopping.ts";
 * const callback = new EarlyStopping({ monitor: "val/total", patience: 5 });
 * console.assert(callback.stateKey === "EarlyStopping{'monitor': 'val/total', 'mode': 'min'}");
 * ```
 */
export class EarlyStopping implements Callback {
  readonly monitors = true;
  readonly stateKey: string;
  /** Checks since the last improvement. */
  waitCount = 0;
  /** The epoch that stopped the run, 0 if none did. */
  stoppedEpoch = 0;
  readonly #best: BestValue;
  readonly #options: Required<EarlyStoppingOptions>;

  constructor(options: EarlyStoppingOptions) {
    const o = takeOptions<EarlyStoppingOptions>("callbacks.EarlyStopping", options, {
      monitor: text(required),
      minDelta: 0,
      patience: count(3),
      verbose: false,
      mode: MODE,
      strict: true,
      checkFinite: true,
      stoppingThreshold: optional(number(required)),
      divergenceThreshold: optional(number(required)),
      checkOnTrainEpochEnd: optional(flag(required)),
      logRankZeroOnly: false,
    });
    this.#options = o;
    this.#best = new BestValue(o);
    this.stateKey = pythonStateKey("EarlyStopping", { monitor: o.monitor, mode: o.mode });
  }

  /** The best value so far, or `null`. */
  get bestScore(): number | null {
    return this.#best.best;
  }

  onTrainEpochEnd(run: Run): void {
    if (this.#checksOnTrainEpochEnd(run)) this.#check(run);
  }

  onValidationEnd(run: Run): void {
    if (!this.#checksOnTrainEpochEnd(run)) this.#check(run);
  }

  #checksOnTrainEpochEnd(run: Run): boolean {
    const { valCheckInterval, checkValEveryNEpoch } = run.settings;
    return this.#options.checkOnTrainEpochEnd ??
      (countsAsWhole(valCheckInterval) && checkValEveryNEpoch === 1);
  }

  #check(run: Run): void {
    if (run.stage !== "fit" || run.loop === "sanity" || run.settings.fastDevRun > 0) return;
    const { monitor, strict } = this.#options;
    if (!strict && run.callbackMetrics[monitor] === undefined) {
      run.print(`EarlyStopping monitors "${monitor}", which was not logged; it is skipped`);
      return;
    }
    const reason = this.#judge(monitored(run, monitor, "EarlyStopping"), run);
    if (reason === null) return;
    this.stoppedEpoch = run.currentEpoch;
    run.stop(reason);
  }

  /** Why the run should stop, or `null`. */
  #judge(value: number, run: Run): string | null {
    const { monitor, mode, patience, checkFinite, stoppingThreshold, divergenceThreshold, verbose } =
      this.#options;
    const before = this.#best.best;
    if (checkFinite && !Number.isFinite(value)) {
      const best = scoreText(before ?? (resolveMode(mode, monitor, run) === "max" ? -Infinity : Infinity));
      return `Monitored metric ${monitor} = ${
        scoreText(value)
      } is not finite. Previous best value was ${best}. ${SIGNAL}`;
    }
    if (stoppingThreshold !== null && this.#best.beats(value, stoppingThreshold, run)) {
      return `Stopping threshold reached: ${monitor} = ${value} is better than ${stoppingThreshold}. ${SIGNAL}`;
    }
    if (divergenceThreshold !== null && this.#best.beats(-value, -divergenceThreshold, run)) {
      return `Divergence threshold reached: ${monitor} = ${value} is worse than ${divergenceThreshold}. ${SIGNAL}`;
    }
    if (this.#best.update(value, run)) {
      this.waitCount = 0;
      if (verbose) run.print(improvement(monitor, value, before, Math.abs(this.#options.minDelta)));
      return null;
    }
    this.waitCount += 1;
    if (this.waitCount < patience) return null;
    return `Monitored metric ${monitor} did not improve in the last ${this.waitCount} records. ` +
      `Best score: ${scoreText(this.#best.best ?? NaN)}. ${SIGNAL}`;
  }

  state(): Json {
    return {
      waitCount: this.waitCount,
      stoppedEpoch: this.stoppedEpoch,
      bestScore: this.#best.best,
      patience: this.#options.patience,
    };
  }

  loadState(state: Json): void {
    const saved = state as { waitCount?: unknown; stoppedEpoch?: unknown; bestScore?: unknown };
    if (typeof saved.waitCount !== "number" || typeof saved.stoppedEpoch !== "number") {
      throw new MisconfigurationError("The saved state of EarlyStopping lacks its counters", {
        where: this.stateKey,
        fix: "resume from a checkpoint that this version wrote",
      });
    }
    this.waitCount = saved.waitCount;
    this.stoppedEpoch = saved.stoppedEpoch;
    this.#best.restore(typeof saved.bestScore === "number" ? saved.bestScore : null);
  }
}

const SIGNAL = "Signaling Trainer to stop.";

/** A score with three digits after the point, or as Python writes what is no number. */
function scoreText(value: number): string {
  return Number.isFinite(value) ? value.toFixed(3) : floatText(value);
}

function improvement(monitor: string, value: number, before: number | null, minDelta: number): string {
  const best = `New best score: ${scoreText(value)}`;
  if (before === null) return `Metric ${monitor} improved. ${best}`;
  const change = Math.abs(before - value).toFixed(3);
  return `Metric ${monitor} improved by ${change} >= min_delta = ${floatText(minDelta)}. ${best}`;
}
