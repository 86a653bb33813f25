import { MisconfigurationError, ValueError } from "../errors.ts";
import { showValue } from "../options.ts";
import { maximum, minimum } from "../ops/mod.ts";
import { full, hostEffect, noGrad, Tensor, variable } from "../tensor/mod.ts";
import type { LogRule, Reduction } from "./log_rules.ts";

/** What an entry of the log asks of a metric object. */
export interface LoggedMetric {
  /** The value over everything since the last reset, 0-d. */
  compute(): Tensor;
  /** Forgets everything. */
  reset(): void;
}

/** What can be logged: a number, a tensor with one element, or a metric object. */
export type LogValue = number | Tensor | LoggedMetric;

/** A value to read together with others, and what to make of it. */
export interface Pending {
  /** On the device, or already known. */
  readonly value: number | Tensor;
  /** Divides what was read. */
  readonly divisor: number;
}

/** The part of an entry that is plain data. */
export interface SavedEntry {
  readonly name: string;
  readonly rule: LogRule;
  readonly touched: boolean;
  readonly hostTotal: number;
  readonly weight: number;
  /** The metric object that was logged, by the name that {@linkcode LoggedMetric}s have in a checkpoint. */
  readonly metric: string | null;
}

/** Stands between a name and the index of its loader. */
export const DATALOADER = "/dataloader_idx_";

const START: Record<Reduction, number> = { mean: 0, sum: 0, min: Infinity, max: -Infinity };

/** One name logged in one hook: its rule and what has been added up since the epoch began. */
export class LogEntry {
  readonly name: string;
  readonly rule: LogRule;
  /** The loader whose batches log it, where there are several. */
  readonly dataloaderIdx: number | null;
  #metric: LoggedMetric | null = null;
  // Device state: both are updated in place, so that a step records the same work every time.
  #last: Tensor | null = null;
  #total: Tensor | null = null;
  #hostLast: number | null = null;
  #hostTotal: number;
  #weight = 0;
  #touched = false;

  constructor(name: string, rule: LogRule, dataloaderIdx: number | null) {
    this.name = name;
    this.rule = rule;
    this.dataloaderIdx = dataloaderIdx;
    this.#hostTotal = START[rule.reduceFx];
  }

  /** The name for loggers: where batches and epochs are both logged, it says which, in front of the loader. */
  forkedName(when: "step" | "epoch"): string {
    if (!this.rule.onStep || !this.rule.onEpoch) return this.name;
    const end = this.name.indexOf(DATALOADER);
    return end < 0 ? `${this.name}_${when}` : `${this.name.slice(0, end)}_${when}${this.name.slice(end)}`;
  }

  /** Whether anything was logged since the epoch began. */
  get touched(): boolean {
    return this.#touched;
  }

  /**
   * Adds one value.
   *
   * @param batchSize The weight of the value in a mean.
   * @throws {ValueError} for a tensor with more than one element.
   */
  add(value: LogValue, batchSize: number): void {
    // Host effects, so that a captured step counts at each replay too.
    hostEffect(() => this.#touched = true);
    if (typeof value === "number") hostEffect(() => this.#addNumber(Math.fround(value), batchSize));
    else if (value instanceof Tensor) this.#addTensor(value, batchSize);
    else hostEffect(() => this.#metric = value);
  }

  #addNumber(value: number, batchSize: number): void {
    this.#hostLast = value;
    const { reduceFx } = this.rule;
    const total = this.#hostTotal;
    if (reduceFx === "mean") this.#hostTotal = Math.fround(total + Math.fround(value * batchSize));
    else if (reduceFx === "sum") this.#hostTotal = Math.fround(total + value);
    else this.#hostTotal = reduceFx === "min" ? Math.min(total, value) : Math.max(total, value);
    this.#weight += batchSize;
  }

  #addTensor(value: Tensor, batchSize: number): void {
    if (value.size !== 1) {
      throw new ValueError(`log("${this.name}") was given a tensor of shape [${value.shape.join(", ")}]`, {
        where: `log("${this.name}")`,
        fix: "log one number: reduce it first, for example with mean()",
      });
    }
    noGrad(() => {
      const scalar = value.detach().to("f32").reshape([]);
      if (this.rule.onStep) (this.#last ??= scalarVariable(0)).assign(scalar);
      if (!this.rule.onEpoch) return;
      const { reduceFx } = this.rule;
      const total = this.#total ??= scalarVariable(START[reduceFx]);
      if (reduceFx === "mean") total.assign(total.add(batchSize === 1 ? scalar : scalar.mul(batchSize)));
      else if (reduceFx === "sum") total.assign(total.add(scalar));
      else total.assign(reduceFx === "min" ? minimum(total, scalar) : maximum(total, scalar));
      hostEffect(() => this.#weight += batchSize);
    });
  }

  /** The value of the last batch, where step values are logged. */
  step(): Pending | null {
    if (!this.rule.onStep || !this.#touched) return null;
    const value = this.#last ?? this.#hostLast;
    return value === null ? null : { value, divisor: 1 };
  }

  /** The value of the epoch so far, where epoch values are logged. */
  epoch(): Pending | null {
    if (!this.rule.onEpoch || !this.#touched) return null;
    if (this.#metric !== null) return { value: this.#metric.compute(), divisor: 1 };
    const divisor = this.rule.reduceFx === "mean" ? this.#weight : 1;
    return { value: this.#total ?? this.#hostTotal, divisor };
  }

  /** The metric object that was logged since the epoch began. */
  get metric(): LoggedMetric | null {
    return this.#metric;
  }

  /**
   * What the entry has added up, and its tensor, for a checkpoint; a metric object keeps its state itself.
   *
   * @param metric The name by which the entry's metric object is found again.
   */
  saved(metric: string | null): { readonly state: SavedEntry; readonly total: Tensor | null } {
    const state = {
      name: this.name,
      rule: this.rule,
      touched: this.#touched,
      hostTotal: this.#hostTotal,
      weight: this.#weight,
      metric,
    };
    return { state, total: this.#touched ? this.#total : null };
  }

  /** An entry that goes on from what {@linkcode LogEntry.saved} gave. */
  static restored(saved: SavedEntry, total: Tensor | null, metric: LoggedMetric | null): LogEntry {
    const { name, rule, touched, hostTotal, weight } = saved;
    const entry = new LogEntry(name, rule, null);
    // Where a metric object is gone there is nothing to show before the next batch is logged.
    entry.#touched = touched && (total !== null || weight > 0 || metric !== null);
    entry.#metric = metric;
    entry.#hostTotal = hostTotal;
    entry.#weight = weight;
    if (total !== null) (entry.#total = scalarVariable(0)).assign(total);
    return entry;
  }

  /** Begins a new epoch; a metric object is reset with it. */
  reset(): void {
    if (!this.#touched) return;
    this.#touched = false;
    this.#metric?.reset();
    this.#metric = null;
    this.#hostLast = null;
    this.#hostTotal = START[this.rule.reduceFx];
    this.#weight = 0;
    this.#total?.assign(full([], START[this.rule.reduceFx]));
  }

  /** Frees device memory. */
  dispose(): void {
    this.#last?.dispose();
    this.#total?.dispose();
  }
}

/**
 * Refuses values that no logger could write.
 *
 * @throws {MisconfigurationError} for texts, booleans, records and the like.
 */
export function requireLoggable(name: string, value: unknown): asserts value is LogValue {
  if (typeof name !== "string") {
    throw new MisconfigurationError(`log() was given the name ${showValue(name)}`, {
      where: "log()",
      fix: 'give a text, such as "train/loss"',
    });
  }
  if (typeof value === "number" || value instanceof Tensor) return;
  const metric = value as Partial<LoggedMetric> | null | undefined;
  if (typeof metric?.compute === "function" && typeof metric.reset === "function") return;
  const given = typeof value === "string"
    ? JSON.stringify(value)
    : typeof value === "object" && value !== null
    ? `an object with ${Object.keys(value).join(", ") || "no keys"}`
    : String(value);
  const fix = typeof value === "boolean"
    ? `log a number: run.log("${name}", Number(value))`
    : typeof value === "object" && value !== null
    ? "log each of its values under its own name"
    : "log a number, a tensor with one element, or a metric object; run.print() shows text";
  throw new MisconfigurationError(`log("${name}") was given ${given}`, {
    where: `log("${name}")`,
    fix,
    data: { owner: "log", option: "value", known: ["name", "value", "options"] },
  });
}

function scalarVariable(value: number): Tensor {
  return variable(new Float32Array([value]), { shape: [] });
}
