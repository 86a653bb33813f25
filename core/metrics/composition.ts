import {
  type Batch,
  callNamed,
  checkMapping,
  mapBatch,
  mappingsRule,
  type NamedCallable,
  ownInputs,
} from "../batch.ts";
import { nearest, OptionError } from "../errors.ts";
import { hasMethods, optional, record, takeOptions, text } from "../options.ts";
import type { Tensor } from "../tensor/mod.ts";
import type { Metric } from "./metric.ts";

/** Options of {@linkcode MetricsComposition}. */
export interface MetricsCompositionOptions {
  /** Metrics by name. */
  readonly metrics: Readonly<Record<string, Metric>>;
  /** For each metric: batch key → argument name. A metric without an entry takes arguments under their own names. */
  readonly mapping?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Put before each name in results. @default "" */
  readonly prefix?: string | null;
  /** Put after each name in results. @default "" */
  readonly postfix?: string | null;
}

/** Names to give a clone's results. */
export interface CloneOptions {
  /** @default the same */
  readonly prefix?: string;
  /** @default the same */
  readonly postfix?: string;
}

/**
 * Several metrics over one batch; results are named, in alphabetical order as in torchmetrics.
 *
 * @throws {OptionError} where `mapping` names a metric that is not there.
 *
 * @example
 * ```ts
 * import { init, tensor } from "../tensor/mod.ts";
 * import { MeanSquaredError, MetricsComposition } from "./mod.ts";
 * await init({ accelerator: "cpu" });
 * const metrics = new MetricsComposition({
 *   metrics: { mse: new MeanSquaredError() },
 *   mapping: { mse: { output: "preds", label: "target" } },
 *   prefix: "val/",
 * });
 * metrics.update({ output: tensor([1, 2]), label: tensor([1, 4]) });
 * console.assert((await metrics.compute()["val/mse"]!.item()) === 2);
 * ```
 */
export class MetricsComposition {
  /** Metrics by their bare names. */
  readonly metrics: Readonly<Record<string, Metric>>;
  readonly mapping: Readonly<Record<string, Readonly<Record<string, string>>>>;
  readonly prefix: string;
  readonly postfix: string;

  constructor(options: MetricsCompositionOptions) {
    const owner = "metrics.MetricsComposition";
    const o = takeOptions<MetricsCompositionOptions>(owner, options, {
      metrics: record<Metric>(
        "give metrics by name; each has update, compute, forward, reset and clone",
        (value) => hasMethods(value, "update", "compute", "forward", "reset", "clone"),
      ),
      mapping: mappingsRule({}),
      prefix: optional(text(""), ""),
      postfix: optional(text(""), ""),
    });
    const names = Object.keys(o.metrics).sort();
    for (const name of Object.keys(o.mapping)) {
      if (names.includes(name)) continue;
      const near = nearest(name, names);
      throw new OptionError(`${owner} has no metric "${name}", which mapping names`, {
        fix: `${near === undefined ? "" : `did you mean "${near}"? `}The metrics are ${names.join(", ")}`,
        data: { owner, option: "mapping", known: ["mapping"] },
      });
    }
    for (const [name, given] of Object.entries(o.mapping)) checkMapping(owner, o.metrics[name]!, given, name);
    this.metrics = Object.fromEntries(names.map((name) => [name, o.metrics[name]!]));
    this.mapping = o.mapping;
    this.prefix = o.prefix ?? "";
    this.postfix = o.postfix ?? "";
  }

  /** Names of the results. */
  keys(): string[] {
    return Object.keys(this.metrics).map((name) => this.resultName(name));
  }

  /** A metric by its bare name or its result's name. */
  get(name: string): Metric | undefined {
    const bare = Object.keys(this.metrics).find((key) => key === name || this.resultName(key) === name);
    return bare === undefined ? undefined : this.metrics[bare];
  }

  /** The name of a metric's result. */
  resultName(name: string): string {
    return this.prefix + name + this.postfix;
  }

  /**
   * Takes a batch into account.
   *
   * @throws {DataError} where a mapping names a batch key that is not there; it lists the keys.
   */
  update(batch: Batch): void {
    for (const [name, metric] of Object.entries(this.metrics)) this.#call(name, metric, batch, "update");
  }

  /** Takes a batch into account and gives each metric's value of this batch alone. */
  forward(batch: Batch): Record<string, Tensor> {
    return this.#results((name, metric) => this.#call(name, metric, batch, "forward") as Tensor);
  }

  /** Each metric's value since the last reset. */
  compute(): Record<string, Tensor> {
    return this.#results((_, metric) => metric.compute());
  }

  /** Forgets everything. */
  reset(): void {
    for (const metric of Object.values(this.metrics)) metric.reset();
  }

  /** Copies with a state of their own, such as one per stage. */
  clone(options: CloneOptions = {}): MetricsComposition {
    return new MetricsComposition({
      metrics: Object.fromEntries(
        Object.entries(this.metrics).map(([name, metric]) => [name, metric.clone()]),
      ),
      mapping: this.mapping,
      prefix: options.prefix ?? this.prefix,
      postfix: options.postfix ?? this.postfix,
    });
  }

  #call(name: string, metric: Metric, batch: Batch, method: "update" | "forward"): unknown {
    const where = `metrics.${name}`;
    const mapping = this.mapping[name];
    const named = mapping === undefined
      ? ownInputs(batch, metric, where, `mapping.${name}`)
      : mapBatch(batch, mapping, where);
    return callNamed(calling(metric, method), named, where);
  }

  #results(value: (name: string, metric: Metric) => Tensor): Record<string, Tensor> {
    return Object.fromEntries(
      Object.entries(this.metrics).map(([name, metric]) => [this.resultName(name), value(name, metric)]),
    );
  }
}

/** A metric as an object whose `forward` is one of its methods, under its own name and with its own inputs. */
function calling(metric: Metric, method: "update" | "forward"): NamedCallable {
  if (method === "forward") return metric as unknown as NamedCallable;
  return Object.create(metric, { forward: { value: metric.update.bind(metric) } }) as NamedCallable;
}
