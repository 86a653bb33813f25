import { like, type Taken, takeOptions } from "../options.ts";
import { isnan, logicalOr, max, min, sum, where } from "../ops/mod.ts";
import { dynamic, type Tensor } from "../tensor/mod.ts";
import { Metric, METRIC_KWARGS, type MetricState, type StateSpec } from "./metric.ts";

/** Options of the aggregating metrics. */
export interface AggregationOptions {
  /**
   * What happens to NaN: `"warn"` and `"ignore"` leave it out, `"disable"` takes it like any number, a number
   * replaces it. (torch's `"error"` would wait for the device at every step; `"warn"` cannot speak for that reason.)
   * @default "warn"
   */
  readonly nanStrategy?: "warn" | "ignore" | "disable" | number;
}

type NanStrategy = Required<AggregationOptions>["nanStrategy"];

function takeStrategy(owner: string, options: AggregationOptions): NanStrategy {
  return takeOptions<AggregationOptions>(owner, options, {
    nanStrategy: like<Taken<AggregationOptions>["nanStrategy"]>(
      'use "warn", "ignore", "disable" or a number; a run with detect_anomaly stops at NaN',
      (value) => typeof value === "number" || ["warn", "ignore", "disable"].includes(value as string),
      "warn",
    ),
    ...METRIC_KWARGS,
  }).nanStrategy;
}

function scalarSpec(initial: number, reduce: StateSpec["reduce"]): StateSpec {
  return { shape: [], dtype: "f32", initial, reduce };
}

/** A number as a tensor that compiles nothing anew where it changes. */
function asTensor(value: Tensor | number): Tensor {
  return typeof value === "number" ? dynamic(value) : value;
}

/** Values as f32, NaN replaced by what does not count. */
function cleaned(value: Tensor | number, strategy: NanStrategy, neutral: number): Tensor {
  const values = asTensor(value).to("f32");
  if (strategy === "disable") return values;
  return where(isnan(values), typeof strategy === "number" ? strategy : neutral, values);
}

/**
 * The weighted mean of everything it is given; NaN where nothing was. Equals `torchmetrics.MeanMetric`.
 *
 * Each call counts by the elements (or weights) that it brings: a batch's loss counts once, however long the batch.
 *
 * @example
 * ```ts
 * import { init } from "../tensor/mod.ts";
 * import { MeanMetric } from "./mod.ts";
 * await init({ accelerator: "cpu" });
 * const mean = new MeanMetric();
 * mean.update(2, 3);
 * mean.update(4, 3);
 * console.assert((await mean.compute().item()) === 3);
 * ```
 */
export class MeanMetric
  extends Metric<[value: Tensor | number, weight?: Tensor | number], AggregationOptions> {
  static override readonly inputs: readonly string[] = ["value", "weight"];
  override readonly higherIsBetter = null;
  readonly #strategy: NanStrategy;

  constructor(options: AggregationOptions = {}) {
    super(options, { mean_value: scalarSpec(0, "sum"), weight: scalarSpec(0, "sum") });
    this.#strategy = takeStrategy("metrics.MeanMetric", options);
  }

  protected override contribution(value: Tensor | number, weight: Tensor | number = 1): MetricState {
    const values = asTensor(value).to("f32");
    const weights = asTensor(weight).to("f32").expand(values.shape);
    const strategy = this.#strategy;
    if (strategy === "disable") return { mean_value: sum(values.mul(weights)), weight: sum(weights) };
    const missing = logicalOr(isnan(values), isnan(weights));
    const [value0, weight0] = typeof strategy === "number" ? [strategy, 1] : [0, 0];
    const counted = where(missing, weight0, weights);
    return { mean_value: sum(where(missing, value0, values).mul(counted)), weight: sum(counted) };
  }

  protected override value(state: MetricState): Tensor {
    return state["mean_value"]!.div(state["weight"]!);
  }
}

/** The sum of everything it is given; 0 where nothing was. Equals `torchmetrics.SumMetric`. */
export class SumMetric extends Metric<[value: Tensor | number], AggregationOptions> {
  static override readonly inputs: readonly string[] = ["value"];
  override readonly higherIsBetter = null;
  readonly #strategy: NanStrategy;

  constructor(options: AggregationOptions = {}) {
    super(options, { sum_value: scalarSpec(0, "sum") });
    this.#strategy = takeStrategy("metrics.SumMetric", options);
  }

  protected override contribution(value: Tensor | number): MetricState {
    return { sum_value: sum(cleaned(value, this.#strategy, 0)) };
  }

  protected override value(state: MetricState): Tensor {
    return state["sum_value"]!;
  }
}

/** The largest value so far; -∞ where there was none. `forward` gives the batch's. Equals `torchmetrics.MaxMetric`. */
export class MaxMetric extends Metric<[value: Tensor | number], AggregationOptions> {
  static override readonly inputs: readonly string[] = ["value"];
  override readonly higherIsBetter = true;
  readonly #strategy: NanStrategy;

  constructor(options: AggregationOptions = {}) {
    super(options, { max_value: scalarSpec(-Infinity, "max") });
    this.#strategy = takeStrategy("metrics.MaxMetric", options);
  }

  protected override contribution(value: Tensor | number): MetricState {
    return { max_value: max(cleaned(value, this.#strategy, -Infinity)) };
  }

  protected override value(state: MetricState): Tensor {
    return state["max_value"]!;
  }
}

/** The smallest value so far; ∞ where there was none. `forward` gives the batch's. Equals `torchmetrics.MinMetric`. */
export class MinMetric extends Metric<[value: Tensor | number], AggregationOptions> {
  static override readonly inputs: readonly string[] = ["value"];
  override readonly higherIsBetter = false;
  readonly #strategy: NanStrategy;

  constructor(options: AggregationOptions = {}) {
    super(options, { min_value: scalarSpec(Infinity, "min") });
    this.#strategy = takeStrategy("metrics.MinMetric", options);
  }

  protected override contribution(value: Tensor | number): MetricState {
    return { min_value: min(cleaned(value, this.#strategy, Infinity)) };
  }

  protected override value(state: MetricState): Tensor {
    return state["min_value"]!;
  }
}
