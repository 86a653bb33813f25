import { ShapeError } from "../errors.ts";
import { count, takeOptions } from "../options.ts";
import { abs, square, sum } from "../ops/mod.ts";
import { full, type Tensor } from "../tensor/mod.ts";
import { Metric, METRIC_KWARGS, type MetricState, type StateSpec } from "./metric.ts";

/** Options of {@linkcode MeanSquaredError}. */
export interface MeanSquaredErrorOptions {
  /** Whether the mean is given as it is; `false` gives its root. @default true */
  readonly squared?: boolean;
  /** Outputs per sample; more than one gives an error for each: inputs are `[batch, numOutputs]`. @default 1 */
  readonly numOutputs?: number;
}

/** Options of {@linkcode MeanAbsoluteError}. */
export interface MeanAbsoluteErrorOptions {
  /** Outputs per sample; more than one gives an error for each: inputs are `[batch, numOutputs]`. @default 1 */
  readonly numOutputs?: number;
}

function errorSpecs(name: string, numOutputs: number): Record<string, StateSpec> {
  const shape = numOutputs === 1 ? [] : [numOutputs];
  return {
    [name]: { shape, dtype: "f32", initial: 0, reduce: "sum" },
    total: { shape: [], dtype: "i32", initial: 0, reduce: "sum" },
  };
}

/** The sum of errors per output and the number of samples. */
function errors(
  name: string,
  preds: Tensor,
  target: Tensor,
  numOutputs: number,
  owner: string,
  measure: (difference: Tensor) => Tensor,
): MetricState {
  if (preds.shape.join() !== target.shape.join() || (numOutputs > 1 && preds.shape[1] !== numOutputs)) {
    throw new ShapeError(`preds has shape [${preds.shape.join(", ")}], target [${target.shape.join(", ")}]`, {
      where: owner,
      fix: numOutputs === 1 ? "give both in one shape" : `give both as [batch, ${numOutputs}]`,
    });
  }
  const measured = measure(preds.to("f32").sub(target.to("f32")));
  const total = numOutputs === 1 ? preds.size : preds.shape[0]!;
  return {
    [name]: numOutputs === 1 ? sum(measured) : sum(measured, { dim: 0 }),
    total: full([], total, { dtype: "i32" }),
  };
}

/**
 * The mean of squared differences, or its root. Equals `torchmetrics.MeanSquaredError`.
 *
 * @throws {ShapeError} where shapes differ.
 *
 * @example
 * ```ts
 * import { init, tensor } from "../tensor/mod.ts";
 * import { MeanSquaredError } from "./mod.ts";
 * await init({ accelerator: "cpu" });
 * const error = new MeanSquaredError();
 * error.update(tensor([2.5, 0, 2, 8]), tensor([3, -0.5, 2, 7]));
 * console.assert((await error.compute().item()) === 0.375);
 * ```
 */
export class MeanSquaredError extends Metric<[preds: Tensor, target: Tensor], MeanSquaredErrorOptions> {
  override readonly higherIsBetter = false;
  readonly squared: boolean;
  readonly numOutputs: number;

  constructor(options: MeanSquaredErrorOptions = {}) {
    const o = takeOptions<MeanSquaredErrorOptions>("metrics.MeanSquaredError", options, {
      squared: true,
      numOutputs: count(1, 1),
      ...METRIC_KWARGS,
    });
    super(options, errorSpecs("sum_squared_error", o.numOutputs));
    this.squared = o.squared;
    this.numOutputs = o.numOutputs;
  }

  protected override contribution(preds: Tensor, target: Tensor): MetricState {
    return errors("sum_squared_error", preds, target, this.numOutputs, "metrics.MeanSquaredError", square);
  }

  protected override value(state: MetricState): Tensor {
    const mean = state["sum_squared_error"]!.div(state["total"]!);
    return this.squared ? mean : mean.sqrt();
  }
}

/**
 * The mean of absolute differences. Equals `torchmetrics.MeanAbsoluteError`.
 *
 * @throws {ShapeError} where shapes differ.
 */
export class MeanAbsoluteError extends Metric<[preds: Tensor, target: Tensor], MeanAbsoluteErrorOptions> {
  override readonly higherIsBetter = false;
  readonly numOutputs: number;

  constructor(options: MeanAbsoluteErrorOptions = {}) {
    const o = takeOptions<MeanAbsoluteErrorOptions>("metrics.MeanAbsoluteError", options, {
      numOutputs: count(1, 1),
      ...METRIC_KWARGS,
    });
    super(options, errorSpecs("sum_abs_error", o.numOutputs));
    this.numOutputs = o.numOutputs;
  }

  protected override contribution(preds: Tensor, target: Tensor): MetricState {
    return errors("sum_abs_error", preds, target, this.numOutputs, "metrics.MeanAbsoluteError", abs);
  }

  protected override value(state: MetricState): Tensor {
    return state["sum_abs_error"]!.div(state["total"]!);
  }
}
