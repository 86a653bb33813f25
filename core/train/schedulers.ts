import { MisconfigurationError } from "../errors.ts";
import { nearest, OptionError } from "../errors.ts";
import { camelCase, oneOf } from "../options.ts";
import type {
  OptimizerConfig,
  OptimizerEntry,
  SchedulerConfig,
  SchedulerEntry,
  SchedulerLike,
} from "./lit_module_hooks.ts";
import type { RunState } from "./run_state.ts";

/** What `configureOptimizers` said, in one form. */
export interface Optimization {
  readonly optimizers: readonly OptimizerEntry[];
  readonly schedulers: readonly SchedulerEntry[];
}

/**
 * Brings what `configureOptimizers` returned to one form.
 *
 * @throws {MisconfigurationError} for a plateau scheduler that has nothing to watch.
 */
export function optimizationOf(config: OptimizerConfig): Optimization {
  if (config === null) return { optimizers: [], schedulers: [] };
  if (!("optimizer" in config)) return { optimizers: [config], schedulers: [] };
  const { optimizer, lrScheduler, monitor } = config;
  const schedulers = lrScheduler === undefined || lrScheduler === null
    ? []
    : [schedulerEntry(lrScheduler, monitor ?? null)];
  return { optimizers: [optimizer], schedulers };
}

const FIELDS = ["scheduler", "interval", "frequency", "monitor", "strict", "reduceOnPlateau", "name"];

function schedulerEntry(config: SchedulerConfig, outerMonitor: string | null): SchedulerEntry {
  const fields: Record<string, unknown> = {};
  for (const [key, value] of Object.entries("scheduler" in config ? config : { scheduler: config })) {
    const name = camelCase(key);
    if (!FIELDS.includes(name)) {
      const near = nearest(name, FIELDS);
      throw new OptionError(`configureOptimizers gives a scheduler the unknown key "${key}"`, {
        fix: `${near === undefined ? "" : `did you mean "${near}"? `}keys are ${FIELDS.join(", ")}`,
      });
    }
    fields[name] = value;
  }
  const scheduler = fields.scheduler as SchedulerLike;
  const plateau = (fields.reduceOnPlateau as boolean | undefined) ??
    scheduler.constructor.name === "ReduceLROnPlateau";
  const monitor = (fields.monitor as string | null | undefined) ?? outerMonitor;
  if (plateau && monitor === null) {
    throw new MisconfigurationError("ReduceLROnPlateau needs a metric to watch", {
      where: "configureOptimizers",
      fix: 'return { optimizer, lrScheduler: { scheduler, monitor: "val/total" } }',
    });
  }
  return {
    scheduler,
    interval: oneOf("configureOptimizers", "interval", fields.interval ?? "epoch", ["epoch", "step"]),
    frequency: (fields.frequency as number | undefined) ?? 1,
    monitor,
    strict: (fields.strict as boolean | undefined) ?? true,
    reduceOnPlateau: plateau,
    name: (fields.name as string | null | undefined) ?? null,
  };
}

/**
 * Steps the schedulers of an interval whose turn it is.
 *
 * @param index The index of the batch within its epoch, or of the epoch: frequencies count these.
 * @param plateau Whether the turn is that of schedulers which watch a metric.
 * @throws {MisconfigurationError} where a watched metric was not logged.
 */
export function stepSchedulers(
  run: RunState,
  interval: "step" | "epoch",
  index: number,
  plateau: boolean,
): void {
  for (const entry of run.schedulers) {
    if (entry.interval !== interval || entry.reduceOnPlateau !== plateau) continue;
    if ((index + 1) % entry.frequency !== 0) continue;
    const metric = entry.reduceOnPlateau ? watched(run, entry) : null;
    if (entry.reduceOnPlateau && metric === null) continue;
    const step = run.module.lrSchedulerStep;
    if (step !== undefined) step.call(run.module, run, entry.scheduler, metric);
    else if (metric === null) entry.scheduler.step();
    else entry.scheduler.step(metric);
  }
}

function watched(run: RunState, { monitor, strict }: SchedulerEntry): number | null {
  const value = run.callbackMetrics[monitor!];
  if (value !== undefined) return value;
  const names = Object.keys(run.callbackMetrics).join(", ") || "none";
  const what = `ReduceLROnPlateau watches "${monitor}", which was not logged`;
  if (!strict) {
    run.print(`${what}; its step is skipped. Logged are ${names}`);
    return null;
  }
  throw new MisconfigurationError(what, {
    where: "configureOptimizers",
    fix: `logged are ${names}; watch one of them; in code, strict: false skips the step`,
  });
}
