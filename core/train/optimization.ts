import { MisconfigurationError } from "../errors.ts";
import {
  checkedLater,
  choice,
  count,
  flag,
  optional,
  type OptionDefaults,
  required,
  takeOptions,
  text,
} from "../options.ts";
import type {
  OptimizerEntry,
  OptimizerSetup,
  SchedulerConfig,
  SchedulerEntry,
  SchedulerLike,
} from "./lit_module_hooks.ts";

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
 * @throws {OptionError} for an unknown key, and a value that its key does not take.
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
        fix:
          "give one optimizer several groups: params: [{ params: a, lr: 0.1 }, { params: b, lr: 0.01 }]; " +
          "manual optimization, which steps several, is not supported",
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
  if (!isOptimizer((config as Partial<OptimizerSetup>).optimizer)) throw refused(config);
  const { optimizer, lrScheduler, monitor } = takeOptions<OptimizerSetup>(
    WHERE,
    config as OptimizerSetup,
    SETUP,
  );
  if (lrScheduler === null) return { optimizers: [optimizer], schedulers: [] };
  return { optimizers: [optimizer], schedulers: [schedulerEntry(lrScheduler, monitor)] };
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

const WHERE = "configureOptimizers";

const SETUP: OptionDefaults<OptimizerSetup> = {
  optimizer: checkedLater<OptimizerEntry>(required),
  lrScheduler: checkedLater<SchedulerConfig | null>(null),
  monitor: optional(text(required)),
};

interface Fields {
  scheduler: SchedulerLike;
  interval?: "epoch" | "step";
  frequency?: number;
  monitor?: string | null;
  strict?: boolean;
  reduceOnPlateau?: boolean | null;
  name?: string | null;
}

const FIELDS: OptionDefaults<Fields> = {
  scheduler: checkedLater<SchedulerLike>(required),
  interval: choice<"epoch" | "step">("epoch", ["epoch", "step"]),
  frequency: count(1, 1),
  monitor: optional(text(required)),
  strict: true,
  reduceOnPlateau: optional(flag(required)),
  name: optional(text(required)),
};

function schedulerEntry(config: SchedulerConfig, outerMonitor: string | null): SchedulerEntry {
  const given = (config as { scheduler?: unknown } | null)?.scheduler ?? config as unknown;
  if (typeof (given as Partial<SchedulerLike> | null)?.step !== "function") {
    throw new MisconfigurationError("configureOptimizers gives something that is no scheduler", {
      where: WHERE,
      fix: 'give one of optim, or { scheduler, interval: "step" }',
    });
  }
  const fields = "scheduler" in config ? config as Fields : { scheduler: config };
  const taken = takeOptions<Fields>("configureOptimizers, lrScheduler", fields, FIELDS);
  const { scheduler } = taken;
  const reduceOnPlateau = taken.reduceOnPlateau ?? scheduler.constructor.name === "ReduceLROnPlateau";
  const monitor = taken.monitor ?? outerMonitor;
  if (reduceOnPlateau && monitor === null) {
    throw new MisconfigurationError("ReduceLROnPlateau needs a metric to watch", {
      where: WHERE,
      fix: 'return { optimizer, lrScheduler: { scheduler, monitor: "val/total" } }',
    });
  }
  return { ...taken, reduceOnPlateau, monitor };
}
