import { OptionError } from "../../errors.ts";
import { choice, either, list, number, required, takeOptions } from "../../options.ts";
import { type Scheduled, scheduled, type SchedulerOptions, type SchedulerState } from "./scheduler.ts";

/** Options of {@linkcode ReduceLROnPlateau}. */
export interface ReduceLROnPlateauOptions extends SchedulerOptions {
  /** Whether lower or higher values are better. @default "min" */
  readonly mode?: "min" | "max";
  /** Factor of each reduction. @default 0.1 */
  readonly factor?: number;
  /** Values without improvement that are waited for. @default 10 */
  readonly patience?: number;
  /** How much better counts as an improvement. @default 1e-4 */
  readonly threshold?: number;
  /** Whether the threshold is a share of the best value, or a difference. @default "rel" */
  readonly thresholdMode?: "rel" | "abs";
  /** Values after a reduction that do not count as bad. @default 0 */
  readonly cooldown?: number;
  /** The least rate: one for all groups, or one per group. @default 0 */
  readonly minLr?: number | readonly number[];
  /** A reduction by less than this is not made. @default 1e-8 */
  readonly eps?: number;
}

/**
 * Multiplies the rate by `factor` when a value has not improved for `patience` calls. Equals
 * `torch.optim.lr_scheduler.ReduceLROnPlateau`.
 *
 * @throws {OptionError} where `factor` is 1 or more.
 *
 * @example
 * ```ts
 * import { ReduceLROnPlateau } from "./plateau.ts";
 * const optimizer = { paramGroups: [{ lr: 1 }] };
 * const scheduler = new ReduceLROnPlateau({ optimizer, patience: 1, factor: 0.5 });
 * for (const loss of [3, 3, 3]) scheduler.step(loss);
 * console.assert(optimizer.paramGroups[0]?.lr === 0.5);
 * ```
 */
export class ReduceLROnPlateau {
  readonly optimizer: Scheduled;
  readonly mode: "min" | "max";
  readonly factor: number;
  readonly patience: number;
  readonly threshold: number;
  readonly thresholdMode: "rel" | "abs";
  readonly cooldown: number;
  readonly minLrs: readonly number[];
  readonly eps: number;
  /** The best value so far. */
  best: number;
  /** Values since the best one. */
  numBadEpochs = 0;
  /** Values left that do not count as bad. */
  cooldownCounter = 0;
  /** Calls so far. */
  lastEpoch = 0;
  #lastLr: number[];

  constructor(options: ReduceLROnPlateauOptions) {
    const owner = "optim.ReduceLROnPlateau";
    const o = takeOptions<ReduceLROnPlateauOptions>(owner, options, {
      optimizer: scheduled(),
      mode: choice("min", ["min", "max"]),
      factor: number(0.1, { below: 1 }),
      patience: number(10, { min: 0 }),
      threshold: 1e-4,
      thresholdMode: choice("rel", ["rel", "abs"]),
      cooldown: number(0, { min: 0 }),
      minLr: either(number(0), list(number(required))),
      eps: 1e-8,
    });
    const groups = o.optimizer.paramGroups;
    const minLrs = typeof o.minLr === "number"
      ? new Array<number>(groups.length).fill(o.minLr)
      : [...o.minLr];
    if (minLrs.length !== groups.length) {
      throw new OptionError(`${owner} is given ${minLrs.length} least rates for ${groups.length} groups`, {
        fix: "give one number, or one per group",
        data: { owner, option: "minLr", known: ["minLr"] },
      });
    }
    this.optimizer = o.optimizer;
    this.mode = o.mode;
    this.factor = o.factor;
    this.patience = o.patience;
    this.threshold = o.threshold;
    this.thresholdMode = o.thresholdMode;
    this.cooldown = o.cooldown;
    this.minLrs = minLrs;
    this.eps = o.eps;
    this.best = this.#worst();
    this.#lastLr = groups.map((group) => group.lr);
  }

  /** Takes the next value and reduces the rate where it is time. NaN is no improvement. */
  step(metric: number): void {
    this.lastEpoch++;
    if (this.#isBetter(metric)) {
      this.best = metric;
      this.numBadEpochs = 0;
    } else {
      this.numBadEpochs++;
    }
    if (this.cooldownCounter > 0) {
      this.cooldownCounter--;
      this.numBadEpochs = 0;
    }
    if (this.numBadEpochs > this.patience) {
      this.#reduce();
      this.cooldownCounter = this.cooldown;
      this.numBadEpochs = 0;
    }
    this.#lastLr = this.optimizer.paramGroups.map((group) => group.lr);
  }

  /** The rates after the last call. */
  getLastLr(): number[] {
    return [...this.#lastLr];
  }

  /** What it has to remember, under torch's names. */
  stateDict(): SchedulerState {
    return {
      mode: this.mode,
      factor: this.factor,
      patience: this.patience,
      threshold: this.threshold,
      threshold_mode: this.thresholdMode,
      cooldown: this.cooldown,
      min_lrs: [...this.minLrs],
      eps: this.eps,
      // Nothing seen is null: an infinity does not survive JSON.
      best: Number.isFinite(this.best) ? this.best : null,
      num_bad_epochs: this.numBadEpochs,
      cooldown_counter: this.cooldownCounter,
      last_epoch: this.lastEpoch,
      _last_lr: [...this.#lastLr],
    };
  }

  /** Continues from a state: what was seen so far; its settings stay as they were given. */
  loadStateDict(state: Readonly<SchedulerState>): void {
    this.best = typeof state["best"] === "number" ? state["best"] : this.#worst();
    this.numBadEpochs = Number(state["num_bad_epochs"]);
    this.cooldownCounter = Number(state["cooldown_counter"]);
    this.lastEpoch = Number(state["last_epoch"]);
    this.#lastLr = [...(state["_last_lr"] as readonly number[])];
  }

  #worst(): number {
    return this.mode === "min" ? Infinity : -Infinity;
  }

  #isBetter(value: number): boolean {
    const { mode, thresholdMode, threshold, best } = this;
    if (mode === "min") return value < (thresholdMode === "rel" ? best * (1 - threshold) : best - threshold);
    return value > (thresholdMode === "rel" ? best * (threshold + 1) : best + threshold);
  }

  #reduce(): void {
    for (const [i, group] of this.optimizer.paramGroups.entries()) {
      const next = Math.max(group.lr * this.factor, this.minLrs[i]!);
      if (group.lr - next > this.eps) group.lr = next;
    }
  }
}
