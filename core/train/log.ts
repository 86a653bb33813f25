import { MisconfigurationError } from "../errors.ts";
import { cat } from "../ops/mod.ts";
import { noGrad, scope, Tensor } from "../tensor/mod.ts";
import {
  DATALOADER,
  LogEntry,
  type LoggedMetric,
  type LogValue,
  type Pending,
  requireLoggable,
  type SavedEntry,
} from "./log_entry.ts";
import { isBatchHook, type LogOptions, logRule } from "./log_rules.ts";

export type { LoggedMetric, LogValue } from "./log_entry.ts";
export type { LogOptions, Reduction } from "./log_rules.ts";

/** Where a value is logged from. */
export interface LogPlace {
  /** The hook that is running. */
  readonly hook: string;
  /** Says how many items the batch holds; called only where a mean needs it. */
  readonly batchSize: () => number;
  /** The loader's index, where there are several. */
  readonly dataloaderIdx: number | null;
}

/** Numbers by name, sorted by who wants them. */
export interface LogReading {
  /** For the loggers. */
  readonly logger: Record<string, number>;
  /** For callbacks: plain names and the `_step` and `_epoch` forms. */
  readonly callback: Record<string, number>;
  /** For the progress bar. */
  readonly progressBar: Record<string, number>;
}

/** Step values and epoch values, read together. */
export interface LogReadings {
  /** Of the last batch. */
  readonly step: LogReading;
  /** Of the epoch so far; empty where only step values were asked for. */
  readonly epoch: LogReading;
}

/** A loop's log as a checkpoint keeps it. */
export interface SavedLog {
  readonly state: Readonly<Record<string, SavedEntry>>;
  /** Totals, by entry. */
  readonly tensors: Readonly<Record<string, Tensor>>;
  /** Metric objects that have seen batches of this epoch, by name. */
  readonly metrics: ReadonlyMap<string, LoggedMetric>;
}

type When = "step" | "epoch";

/**
 * What a loop has logged in one epoch.
 *
 * Tensors stay on the device; {@linkcode LogBook.read} fetches all of them with one wait.
 */
export class LogBook {
  #entries = new Map<string, LogEntry>();

  /**
   * Records a value.
   *
   * @throws {MisconfigurationError} where the hook cannot log, the name was logged there with other options, or the
   * value is none that can be logged.
   */
  record(place: LogPlace, name: string, value: LogValue, options: LogOptions): void {
    requireLoggable(name, value);
    const rule = logRule(place.hook, name, options);
    const suffixed = place.dataloaderIdx !== null && (options.addDataloaderIdx ?? true);
    const full = suffixed ? `${name}${DATALOADER}${place.dataloaderIdx}` : name;
    const key = `${place.hook}.${full}`;
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      this.#entries.set(key, entry = new LogEntry(full, rule, place.dataloaderIdx));
    }
    if (entry.dataloaderIdx !== place.dataloaderIdx) {
      throw new MisconfigurationError(`log("${name}") has the same name for two loaders`, {
        where: `log("${name}") in ${place.hook}`,
        fix: "leave addDataloaderIdx at true, or give each loader's value a name of its own",
      });
    }
    if (JSON.stringify(entry.rule) !== JSON.stringify(rule)) {
      throw new MisconfigurationError(
        `You called log("${name}") twice in ${place.hook} with different options`,
        {
          where: `log("${name}")`,
          fix: "give both calls the same options, or another name",
        },
      );
    }
    if (typeof value === "object" && !(value instanceof Tensor) && rule.onStep) {
      throw new MisconfigurationError(`log("${name}") was given a metric object with onStep: true`, {
        where: `${place.hook}`,
        fix: "log the metric with onStep: false, and its batch value under another name",
      });
    }
    const weighted = rule.onEpoch && rule.reduceFx === "mean" && isBatchHook(place.hook);
    const isMetric = typeof value === "object" && !(value instanceof Tensor);
    entry.add(value, !weighted || isMetric ? 1 : options.batchSize ?? place.batchSize());
  }

  /** Which way a name improves, as its calls declared. */
  direction(name: string): "min" | "max" | null {
    for (const entry of this.#entries.values()) if (entry.name === name) return entry.rule.better;
    return null;
  }

  /** The value over the epoch so far of a name, still on the device where it is kept there. */
  epochValue(name: string): Tensor | number | null {
    for (const entry of this.#entries.values()) {
      const pending = entry.name === name ? entry.epoch() : null;
      if (pending === null) continue;
      const { value, divisor } = pending;
      if (divisor === 1) return value;
      return typeof value === "number" ? Math.fround(value / divisor) : value.div(divisor);
    }
    return null;
  }

  /** Whether single batches log values that a logger or the progress bar wants. */
  get hasStepValues(): boolean {
    return [...this.#entries.values()].some((entry) => entry.touched && entry.rule.onStep);
  }

  /**
   * Reads the values of the last batch and, with `"epoch"`, those of the epoch so far.
   *
   * @param dataloaderIdx The loader of that batch, where there are several.
   * This waits for the device, once for all of them, and only where there are tensors to read.
   */
  async read(until: When, dataloaderIdx: number | null = null): Promise<LogReadings> {
    const pending: [When, LogEntry, Pending][] = [];
    // One flat tensor, so that one read fetches all values.
    const packed = scope(() =>
      noGrad(() => {
        for (const entry of this.#entries.values()) {
          const step = entry.dataloaderIdx === dataloaderIdx ? entry.step() : null;
          if (step !== null) pending.push(["step", entry, step]);
          const epoch = until === "epoch" ? entry.epoch() : null;
          if (epoch !== null) pending.push(["epoch", entry, epoch]);
        }
        const tensors = pending.map(([, , { value }]) => value).filter((value) => value instanceof Tensor);
        return tensors.length === 0
          ? null
          : cat(tensors.map((one) => one.to("f32").reshape([1])), { dim: 0 });
      })
    );
    const numbers = packed === null ? [] : Array.from(await packed.data());
    packed?.dispose();
    const readings: LogReadings = { step: emptyReading(), epoch: emptyReading() };
    for (const [when, entry, { value, divisor }] of pending) {
      const number = value instanceof Tensor ? numbers.shift()! : value;
      place(readings[when], entry, when, divisor === 1 ? number : Math.fround(number / divisor));
    }
    return readings;
  }

  /** What was added up since the epoch began, for a checkpoint. `metrics` has metric objects by name. */
  saved(metrics: ReadonlyMap<string, LoggedMetric>): SavedLog {
    const state: Record<string, SavedEntry> = {};
    const tensors: Record<string, Tensor> = {};
    const used = new Map<string, LoggedMetric>();
    for (const [key, entry] of this.#entries) {
      const found = [...metrics].find(([, metric]) => metric === entry.metric);
      if (found !== undefined) used.set(...found);
      const { state: own, total } = entry.saved(found?.[0] ?? null);
      state[key] = own;
      if (total !== null) tensors[key] = total;
    }
    return { state, tensors, metrics: used };
  }

  /** Goes on from what {@linkcode LogBook.saved} gave. */
  restore(
    state: Readonly<Record<string, SavedEntry>>,
    tensors: Readonly<Record<string, Tensor>>,
    metrics: ReadonlyMap<string, LoggedMetric>,
  ): void {
    this.dispose();
    for (const [key, own] of Object.entries(state)) {
      const metric = own.metric === null ? null : metrics.get(own.metric) ?? null;
      this.#entries.set(key, LogEntry.restored(own, tensors[key] ?? null, metric));
    }
  }

  /** Begins a new epoch: totals are cleared and metric objects reset. */
  reset(): void {
    scope(() => {
      for (const entry of this.#entries.values()) entry.reset();
    });
  }

  /** Frees device memory and forgets every name. */
  dispose(): void {
    for (const entry of this.#entries.values()) entry.dispose();
    this.#entries.clear();
  }
}

function emptyReading(): LogReading {
  return { logger: {}, callback: {}, progressBar: {} };
}

function place(reading: LogReading, entry: LogEntry, when: When, value: number): void {
  const { name, rule } = entry;
  const forked = entry.forkedName(when);
  if (rule.logger) reading.logger[forked] = value;
  if (rule.progBar) reading.progressBar[forked] = value;
  reading.callback[name] = value;
  reading.callback[forked] = value;
}
