import { choice, number, optional, required, takeOptions, unsupported } from "../options.ts";
import { logicalAnd, stack, sum, where } from "../ops/mod.ts";
import { arange, type Tensor } from "../tensor/mod.ts";
import { Metric, METRIC_KWARGS, type MetricState } from "./metric.ts";
import { type ClassificationTask, predictedClasses, statScores, takeTask, type Task } from "./tasks.ts";

/** Options of {@linkcode ConfusionMatrix}. */
export interface ConfusionMatrixOptions {
  /** What is predicted. */
  readonly task: Task;
  /** Classes of `multiclass`. */
  readonly numClasses?: number | null;
  /** Labels of `multilabel`. */
  readonly numLabels?: number | null;
  /** A probability above this is a yes (`binary`, `multilabel`). @default 0.5 */
  readonly threshold?: number;
  /** A target that does not count. @default null */
  readonly ignoreIndex?: number | null;
  /** Shares of each row (`"true"`), each column (`"pred"`) or of all instead of counts. @default null */
  readonly normalize?: "true" | "pred" | "all" | "none" | null;
}

/**
 * Counts of predictions per target: rows are targets, columns predictions. i32 `[classes, classes]`, `[2, 2]` for
 * `binary`, `[labels, 2, 2]` for `multilabel`; f32 where normalised. Equals `torchmetrics.ConfusionMatrix`.
 *
 * @throws {OptionError} where the task needs an option that is missing.
 *
 * @example
 * ```ts
 * import { init, tensor } from "../tensor/mod.ts";
 * import { ConfusionMatrix } from "./mod.ts";
 * await init({ accelerator: "cpu" });
 * const matrix = new ConfusionMatrix({ task: "multiclass", numClasses: 2 });
 * matrix.update(tensor([0, 1, 1], { dtype: "i32" }), tensor([0, 0, 1], { dtype: "i32" }));
 * console.assert((await matrix.compute().data()).join() === "1,1,0,1");
 * ```
 */
export class ConfusionMatrix extends Metric<[preds: Tensor, target: Tensor], ConfusionMatrixOptions> {
  override readonly higherIsBetter = null;
  readonly #task: ClassificationTask;
  readonly #normalize: "true" | "pred" | "all" | "none";

  constructor(options: ConfusionMatrixOptions) {
    const owner = "metrics.ConfusionMatrix";
    const { normalize, ...rest } = takeOptions<ConfusionMatrixOptions>(owner, options, {
      task: choice<Task>(required, ["binary", "multiclass", "multilabel"]),
      threshold: number(0.5, { min: 0, max: 1 }),
      numClasses: optional(number(required, { integer: true })),
      numLabels: optional(number(required, { integer: true })),
      normalize: optional(choice("none", ["true", "pred", "all", "none"])),
      ignoreIndex: optional(number(required, { integer: true })),
      validateArgs: unsupported(true, false),
      ...METRIC_KWARGS,
    });
    const task = takeTask(owner, { ...rest, average: "none" });
    super(options, { confmat: { shape: matrixShape(task), dtype: "i32", initial: 0, reduce: "sum" } });
    this.#task = task;
    this.#normalize = normalize ?? "none";
  }

  protected override contribution(preds: Tensor, target: Tensor): MetricState {
    const task = this.#task;
    if (task.task !== "multiclass") {
      const { tp, fp, tn, fn } = statScores(task, preds, target);
      return { confmat: stack([tn, fp, fn, tp], { dim: -1 }) };
    }
    const { predicted, actual, kept } = predictedClasses(task, preds, target);
    const rows = actual.reshape([actual.size, 1, 1]).eq(arange(task.size).reshape([1, task.size, 1]));
    const columns = predicted.reshape([predicted.size, 1, 1]).eq(
      arange(task.size).reshape([1, 1, task.size]),
    );
    const both = logicalAnd(rows, columns);
    const counted = kept === null ? both : logicalAnd(both, kept.reshape([kept.size, 1, 1]));
    return { confmat: sum(counted.to("i32"), { dim: 0 }) };
  }

  protected override value(state: MetricState): Tensor {
    const counts = state["confmat"]!;
    if (this.#normalize === "none") return counts;
    const dim = { true: [counts.rank - 1], pred: [counts.rank - 2], all: [counts.rank - 2, counts.rank - 1] };
    const shares = counts.to("f32");
    const total = sum(shares, { dim: dim[this.#normalize], keepdim: true });
    return shares.div(where(total.eq(0), 1, total));
  }
}

function matrixShape({ task, size }: ClassificationTask): number[] {
  switch (task) {
    case "binary":
      return [2, 2];
    case "multiclass":
      return [size, size];
    case "multilabel":
      return [size, 2, 2];
  }
}
