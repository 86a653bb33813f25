import { MisconfigurationError } from "../errors.ts";
import type { SchedulerEntry } from "./lit_module_hooks.ts";
import { moduleName } from "./module_name.ts";
import type { RunState } from "./run_state.ts";
import { requireSynchronous } from "./synchronous.ts";

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
    if (step !== undefined) {
      const result: unknown = step.call(run.module, run, entry.scheduler, metric);
      requireSynchronous("lrSchedulerStep", result, `${moduleName(run.module)}.lrSchedulerStep`);
    } else if (metric === null) entry.scheduler.step();
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
