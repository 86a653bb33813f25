import type { Tensor } from "../tensor/mod.ts";
import { stateKeyOf } from "./callback.ts";
import type { LoggedMetric } from "./log_entry.ts";
import type { RunState } from "./run_state.ts";

/** What may hold metric objects and other tensors beside weights: the module and the callbacks. */
export interface StateHolder {
  /** Tensors that a checkpoint keeps; restored in place. */
  stateTensors?(): Readonly<Record<string, Tensor>>;
  /** Metric objects that the holder logs, by a name of its own. */
  loggedMetrics?(): Readonly<Record<string, LoggedMetric>>;
}

/** The module and the callbacks, and the name each goes by in a checkpoint. */
export function stateHolders(run: RunState): [owner: string, holder: StateHolder][] {
  return [
    ["module", run.module],
    ...run.callbacks.map((
      callback,
    ): [string, StateHolder] => [`callback.${stateKeyOf(callback)}`, callback]),
  ];
}

/**
 * Metric objects that may be logged, by the name that they have in a checkpoint: those that a holder names, and
 * those that it has as plain properties, as Lightning finds them.
 */
export function loggedMetrics(run: RunState): Map<string, LoggedMetric> {
  const found = new Map<string, LoggedMetric>();
  for (const [owner, holder] of stateHolders(run)) {
    const named = { ...plainMetrics(holder), ...holder.loggedMetrics?.() };
    for (const [name, metric] of Object.entries(named)) found.set(`${owner}.${name}`, metric);
  }
  return found;
}

function plainMetrics(holder: object): Record<string, LoggedMetric> {
  return Object.fromEntries(Object.entries(holder).filter(([, value]) => isMetric(value)));
}

function isMetric(value: unknown): value is LoggedMetric {
  if (typeof value !== "object" || value === null) return false;
  const { compute, reset } = value as Partial<LoggedMetric>;
  return typeof compute === "function" && typeof reset === "function";
}

/** The state variables of a metric object, by name; none for one that keeps its state elsewhere. */
export function metricStates(metric: LoggedMetric): readonly (readonly [name: string, value: Tensor])[] {
  const { states } = metric as { readonly states?: readonly { name: string; value: Tensor }[] };
  return Array.isArray(states) ? states.map(({ name, value }) => [name, value]) : [];
}
