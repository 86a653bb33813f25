import { MisconfigurationError } from "../errors.ts";
import { choice, optional, takeOptions } from "../options.ts";
import type { Callback, HookResult, Run } from "../train/callback.ts";
import type { OptimizerEntry, ParamGroup, SchedulerEntry } from "../train/lit_module_hooks.ts";

/** When and what to log. */
export interface LearningRateMonitorOptions {
  /** `"step"`, `"epoch"`, or `null` for each scheduler's own interval. @default null */
  loggingInterval?: "step" | "epoch" | null;
  /** Also logs momentum (Adam: its first beta). @default false */
  logMomentum?: boolean;
  /** Also logs weight decay. @default false */
  logWeightDecay?: boolean;
}

/**
 * Logs learning rates as `lr-Adam`, or under their scheduler's name, straight to the loggers.
 *
 * @example
 * ```ts
 * import { LearningRateMonitor } from "./learning_rate_monitor.ts";
 * const callback = new LearningRateMonitor({ loggingInterval: "epoch" });
 * console.assert(callback.onTrainStart !== undefined);
 * ```
 */
export class LearningRateMonitor implements Callback {
  readonly #interval: "step" | "epoch" | null;
  readonly #logMomentum: boolean;
  readonly #logWeightDecay: boolean;

  constructor(options: LearningRateMonitorOptions = {}) {
    const owner = "callbacks.LearningRateMonitor";
    const o = takeOptions<LearningRateMonitorOptions>(owner, options, {
      loggingInterval: optional(choice("step", ["step", "epoch"])),
      logMomentum: false,
      logWeightDecay: false,
    });
    this.#interval = o.loggingInterval;
    this.#logMomentum = o.logMomentum;
    this.#logWeightDecay = o.logWeightDecay;
  }

  onTrainStart(run: Run): void {
    if (run.loggers.length > 0) return;
    throw new MisconfigurationError("LearningRateMonitor cannot be used without a logger", {
      where: "callbacks.LearningRateMonitor",
      fix: "add a logger, such as logger=csv, or leave the callback out",
    });
  }

  onTrainBatchStart(run: Run): HookResult {
    if (this.#interval === "epoch") return;
    const every = run.settings.logEveryNSteps;
    const isDue = run.shouldStop || (run.loggedStep + 1) % every === 0;
    if (every > 0 && isDue) return this.#log(run, "step");
  }

  async onTrainEpochStart(run: Run): Promise<void> {
    if (this.#interval !== "step") await this.#log(run, "epoch");
  }

  async #log(run: Run, interval: "step" | "epoch"): Promise<void> {
    const metrics: Record<string, number> = {};
    const names = optimizerNames(run.optimizers);
    run.optimizers.forEach((optimizer, index) => {
      const scheduler: SchedulerEntry | undefined = run.schedulers[index];
      // Without a scheduler the rate is logged at both intervals.
      if (this.#interval === null && scheduler !== undefined && scheduler.interval !== interval) return;
      Object.assign(metrics, this.#rates(optimizer, scheduler?.name ?? names[index]!));
    });
    if (Object.keys(metrics).length > 0) await run.logToLoggers(metrics, run.loggedStep);
  }

  #rates(optimizer: OptimizerEntry, name: string): Record<string, number> {
    const rates: Record<string, number> = {};
    const groups = optimizer.paramGroups;
    groups.forEach((group, index) => {
      const key = groups.length === 1 ? name : `${name}/pg${index + 1}`;
      rates[key] = group.lr;
      if (this.#logMomentum) rates[`${key}-momentum`] = momentum(group);
      if (this.#logWeightDecay) {
        rates[`${key}-weight_decay`] = Number((group as { weightDecay?: number }).weightDecay ?? 0);
      }
    });
    return rates;
  }
}

function momentum(group: ParamGroup): number {
  const { betas, momentum: own } = group as { betas?: readonly number[]; momentum?: number };
  return betas?.[0] ?? own ?? 0;
}

/** `lr-Adam` for the first Adam, `lr-Adam-1` for the second. */
function optimizerNames(optimizers: readonly OptimizerEntry[]): string[] {
  const seen = new Map<string, number>();
  return optimizers.map((optimizer) => {
    const base = `lr-${optimizer.constructor.name}`;
    const count = seen.get(base) ?? 0;
    seen.set(base, count + 1);
    return count === 0 ? base : `${base}-${count}`;
  });
}
