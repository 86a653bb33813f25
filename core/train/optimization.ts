import { MisconfigurationError, nearest, OptionError } from "../errors.ts";
import { camelCase, oneOf } from "../options.ts";
import type { OptimizerEntry, SchedulerConfig, SchedulerEntry, SchedulerLike } from "./lit_module_hooks.ts";

/** What `configureOptimizers` said, in one form. */
export interface Optimization {
  readonly optimizers: readonly OptimizerEntry[];
  readonly schedulers: readonly SchedulerEntry[];
}

/**
 * Brings what `configureOptimizers` returned to one form.
 *
 * @throws {MisconfigurationError} for several optimizers, a plateau scheduler that has nothing to watch, and whatever
 * is none of the forms of {@linkcode OptimizerConfig}.
 */
export function optimizationOf(config: unknown): Optimization {
  if (config === null || config === undefined) return { optimizers: [], schedulers: [] };
  if (!Array.isArray(config)) return onlyOne([setupOf(config)]);
  if (config.length > 0 && config.every(Array.isArray)) {
    const [optimizers, schedulers = [], ...more] = config as unknown[][];
    if (more.length > 0) throw refused(config);
    const entries = schedulers.map((scheduler) => schedulerEntry(scheduler as SchedulerConfig, null));
    const { optimizers: one } = onlyOne(optimizers!.map(setupOf));
    return { optimizers: one, schedulers: entries };
  }
  return onlyOne(config.map(setupOf));
}

/** Puts optimizers and their schedulers together: the trainer steps one optimizer. */
function onlyOne(setups: readonly Optimization[]): Optimization {
  const optimizers = setups.flatMap((setup) => setup.optimizers);
  if (optimizers.length > 1) {
    throw new MisconfigurationError(
      `configureOptimizers gives ${optimizers.length} optimizers; the trainer steps one`,
      {
        where: WHERE,
        fix: "give one optimizer several groups: params: [{ params: a, lr: 0.1 }, { params: b, lr: 0.01 }]",
      },
    );
  }
  return { optimizers, schedulers: setups.flatMap((setup) => setup.schedulers) };
}

/** An optimizer, alone or in an object with its scheduler. */
function setupOf(config: unknown): Optimization {
  if (isOptimizer(config)) return { optimizers: [config], schedulers: [] };
  if (typeof config !== "object" || config === null || config instanceof Promise || Array.isArray(config)) {
    throw refused(config);
  }
  const setup: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(config)) {
    const name = camelCase(key);
    if (!SETUP.includes(name)) throw unknownKey("an optimizer", key, name, SETUP);
    setup[name] = value;
  }
  const { optimizer, lrScheduler = null, monitor = null } = setup;
  if (!isOptimizer(optimizer)) throw refused(config);
  if (lrScheduler === null) return { optimizers: [optimizer], schedulers: [] };
  const scheduler = schedulerEntry(lrScheduler as SchedulerConfig, monitor as string | null);
  return { optimizers: [optimizer], schedulers: [scheduler] };
}

function isOptimizer(value: unknown): value is OptimizerEntry {
  const optimizer = value as Partial<OptimizerEntry> | null;
  return typeof optimizer?.step === "function" && typeof optimizer.zeroGrad === "function";
}

function refused(config: unknown): MisconfigurationError {
  const isObject = typeof config === "object" && config !== null;
  const given = config instanceof Promise
    ? "a promise"
    : Array.isArray(config)
    ? `a list of ${config.length}`
    : isObject
    ? `an object of ${config.constructor?.name ?? "Object"}`
    : String(config);
  return new MisconfigurationError(`configureOptimizers returned ${given}, which holds no optimizer`, {
    where: WHERE,
    fix: config instanceof Promise
      ? "take the async out: optimizers are made at once"
      : "return an optimizer, { optimizer, lrScheduler }, [optimizer], [[optimizer], [scheduler]] or null",
  });
}

function unknownKey(owner: string, key: string, name: string, known: readonly string[]): OptionError {
  const near = nearest(name, known);
  return new OptionError(`configureOptimizers gives ${owner} the unknown key "${key}"`, {
    where: WHERE,
    fix: `${near === undefined ? "" : `did you mean "${near}"? `}keys are ${known.join(", ")}`,
    data: { owner: WHERE, option: key, known },
  });
}

const WHERE = "configureOptimizers";
const SETUP = ["optimizer", "lrScheduler", "monitor"];
const FIELDS = ["scheduler", "interval", "frequency", "monitor", "strict", "reduceOnPlateau", "name"];

function schedulerEntry(config: SchedulerConfig, outerMonitor: string | null): SchedulerEntry {
  const given = (config as { scheduler?: unknown } | null)?.scheduler ?? config as unknown;
  if (typeof (given as Partial<SchedulerLike> | null)?.step !== "function") {
    throw new MisconfigurationError("configureOptimizers gives something that is no scheduler", {
      where: WHERE,
      fix: 'give one of optim, or { scheduler, interval: "step" }',
    });
  }
  const fields: Record<string, unknown> = {};
  for (const [key, value] of Object.entries("scheduler" in config ? config : { scheduler: config })) {
    const name = camelCase(key);
    if (!FIELDS.includes(name)) throw unknownKey("a scheduler", key, name, FIELDS);
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
