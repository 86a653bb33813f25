import { MisconfigurationError, nearest, OptionError } from "../errors.ts";
import { camelCase, hasMethods, isRecord, oneOf, showValue } from "../options.ts";
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
 * @throws {MisconfigurationError} for a plateau scheduler that has nothing to watch, several optimizers, or what is
 * none.
 */
export function optimizationOf(config: OptimizerConfig): Optimization {
  if (config === null || config === undefined) return { optimizers: [], schedulers: [] };
  if (Array.isArray(config)) return fromList(config);
  if (!isRecord(config) || !("optimizer" in config)) {
    return { optimizers: [requireOptimizer(config)], schedulers: [] };
  }
  const fields: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(config)) {
    const name = camelCase(key);
    if (!OPTIMIZER_FIELDS.includes(name)) throw unknownKey("an optimizer", key, OPTIMIZER_FIELDS);
    fields[name] = value;
  }
  const { lrScheduler } = fields;
  const monitor = fields.monitor as string | undefined;
  const schedulers = lrScheduler === undefined || lrScheduler === null
    ? []
    : [schedulerEntry(lrScheduler as SchedulerConfig, monitor ?? null)];
  return { optimizers: [requireOptimizer(fields.optimizer)], schedulers };
}

const OPTIMIZER_FIELDS = ["optimizer", "lrScheduler", "monitor"];

/** `[optimizer]`, or `[[optimizer], [schedulers]]`, as Lightning takes them. */
function fromList(config: readonly unknown[]): Optimization {
  const both = config.length === 2 && config.some(Array.isArray);
  const optimizers = [both ? config[0] : config].flat() as OptimizerConfig[];
  const given = both ? [config[1]].flat() as SchedulerConfig[] : [];
  if (optimizers.length === 0) return { optimizers: [], schedulers: [] };
  if (optimizers.length > 1) {
    throw new MisconfigurationError(`configureOptimizers returned ${optimizers.length} optimizers`, {
      where: "configureOptimizers",
      fix: "return one; parameters with options of their own are groups of it: params: [{ params, lr }, …]",
    });
  }
  const own = optimizationOf(optimizers[0]!);
  return { ...own, schedulers: [...own.schedulers, ...given.map((one) => schedulerEntry(one, null))] };
}

function requireOptimizer(value: unknown): OptimizerEntry {
  const groups = (value as Partial<OptimizerEntry> | null | undefined)?.paramGroups;
  if (Array.isArray(groups) && hasMethods(value, "step", "zeroGrad", "stateDict", "loadStateDict")) {
    return value as OptimizerEntry;
  }
  throw new MisconfigurationError(`configureOptimizers returned ${showValue(value)} as an optimizer`, {
    where: "configureOptimizers",
    fix: "return an optimizer, { optimizer, lrScheduler }, [optimizer] or [[optimizer], [scheduler]]",
  });
}

function unknownKey(what: string, key: string, known: readonly string[]): OptionError {
  const near = nearest(camelCase(key), known);
  return new OptionError(`configureOptimizers gives ${what} the unknown key "${key}"`, {
    fix: `${near === undefined ? "" : `did you mean "${near}"? `}keys are ${known.join(", ")}`,
  });
}

const FIELDS = ["scheduler", "interval", "frequency", "monitor", "strict", "reduceOnPlateau", "name"];

function schedulerEntry(config: SchedulerConfig, outerMonitor: string | null): SchedulerEntry {
  const fields: Record<string, unknown> = {};
  for (
    const [key, value] of Object.entries(
      isRecord(config) && "scheduler" in config ? config : { scheduler: config },
    )
  ) {
    const name = camelCase(key);
    if (!FIELDS.includes(name)) throw unknownKey("a scheduler", key, FIELDS);
    fields[name] = value;
  }
  const scheduler = fields.scheduler as SchedulerLike;
  if (!hasMethods(scheduler, "step", "stateDict", "loadStateDict")) {
    throw new MisconfigurationError(`configureOptimizers returned ${showValue(scheduler)} as a scheduler`, {
      where: "configureOptimizers",
      fix: "give an object with step, stateDict and loadStateDict, such as optim.StepLR",
    });
  }
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
    fix: `logged are ${names}; watch one of them, or set strict: false`,
  });
}
