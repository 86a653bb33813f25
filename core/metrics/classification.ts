import { OptionError } from "../errors.ts";
import { sum, where } from "../ops/mod.ts";
import { onesLike, type Tensor } from "../tensor/mod.ts";
import { unsupported } from "../options.ts";
import { Metric, type MetricState, type StateSpec } from "./metric.ts";
import {
  type ClassificationOptions,
  type ClassificationTask,
  type StatScores,
  statScores,
  statShape,
  takeTask,
} from "./tasks.ts";

/** A metric as a quotient of f32 counts: of one class, or of all. */
type Ratio = (stats: StatScores, task: ClassificationTask) => readonly [Tensor, Tensor];

function statSpecs(task: ClassificationTask): Record<keyof StatScores, StateSpec> {
  const spec = { shape: statShape(task), dtype: "i32", initial: 0, reduce: "sum" } as const;
  return { tp: spec, fp: spec, tn: spec, fn: spec };
}

function contributionOf(task: ClassificationTask, preds: Tensor, target: Tensor): MetricState {
  return { ...statScores(task, preds, target) };
}

/** The quotient of each class or of all together, averaged as the task says. */
function averaged(state: MetricState, task: ClassificationTask, ratio: Ratio): Tensor {
  const each: StatScores = {
    tp: state["tp"]!.to("f32"),
    fp: state["fp"]!.to("f32"),
    tn: state["tn"]!.to("f32"),
    fn: state["fn"]!.to("f32"),
  };
  if (task.average === "micro" || task.task === "binary") {
    const all: StatScores = { tp: sum(each.tp), fp: sum(each.fp), tn: sum(each.tn), fn: sum(each.fn) };
    return safeDivide(...ratio(all, task));
  }
  const scores = safeDivide(...ratio(each, task));
  if (task.average === "none") return scores;
  const weights = task.average === "weighted" ? each.tp.add(each.fn) : countedClasses(each, task);
  return sum(safeDivide(weights.mul(scores), sum(weights)));
}

/** In a macro average a class that occurs in neither predictions nor targets does not count. */
function countedClasses({ tp, fp, fn }: StatScores, { task, topK }: ClassificationTask): Tensor {
  if (task === "multilabel") return onesLike(tp);
  return (topK === 1 ? tp.add(fp).add(fn) : tp.add(fn)).gt(0).to("f32");
}

/** The quotient, 0 where the divisor is 0. */
function safeDivide(a: Tensor, b: Tensor): Tensor {
  return where(b.eq(0), 0, a.div(where(b.eq(0), 1, b)));
}

/**
 * The share of right predictions. `preds` are classes or scores `[batch, classes, …]`, `target` classes `[batch, …]`;
 * for `binary` and `multilabel` probabilities or logits of the target's shape. Equals `torchmetrics.Accuracy`.
 *
 * @throws {OptionError} where the task needs an option that is missing.
 *
 * @example
 * ```ts
 * import { init, tensor } from "../tensor/mod.ts";
 * import { Accuracy } from "./mod.ts";
 * await init({ accelerator: "cpu" });
 * const accuracy = new Accuracy({ task: "multiclass", numClasses: 3 });
 * accuracy.update(tensor([0, 1, 2, 2], { dtype: "i32" }), tensor([0, 1, 1, 2], { dtype: "i32" }));
 * console.assert((await accuracy.compute().item()) === 0.75);
 * ```
 */
export class Accuracy extends Metric<[preds: Tensor, target: Tensor], ClassificationOptions> {
  override readonly higherIsBetter = true;
  readonly #task: ClassificationTask;

  constructor(options: ClassificationOptions) {
    const task = takeTask("metrics.Accuracy", options);
    super(options, statSpecs(task));
    this.#task = task;
  }

  protected override contribution(preds: Tensor, target: Tensor): MetricState {
    return contributionOf(this.#task, preds, target);
  }

  protected override value(state: MetricState): Tensor {
    return averaged(state, this.#task, accuracyRatio);
  }
}

/**
 * The share of positive predictions that are right. Inputs as for {@linkcode Accuracy}. Equals
 * `torchmetrics.Precision`.
 *
 * @throws {OptionError} where the task needs an option that is missing.
 */
export class Precision extends Metric<[preds: Tensor, target: Tensor], ClassificationOptions> {
  override readonly higherIsBetter = true;
  readonly #task: ClassificationTask;

  constructor(options: ClassificationOptions) {
    const task = takeTask("metrics.Precision", options);
    super(options, statSpecs(task));
    this.#task = task;
  }

  protected override contribution(preds: Tensor, target: Tensor): MetricState {
    return contributionOf(this.#task, preds, target);
  }

  protected override value(state: MetricState): Tensor {
    return averaged(state, this.#task, ({ tp, fp }) => [tp, tp.add(fp)]);
  }
}

/**
 * The share of positives that are found. Inputs as for {@linkcode Accuracy}. Equals `torchmetrics.Recall`.
 *
 * @throws {OptionError} where the task needs an option that is missing.
 */
export class Recall extends Metric<[preds: Tensor, target: Tensor], ClassificationOptions> {
  override readonly higherIsBetter = true;
  readonly #task: ClassificationTask;

  constructor(options: ClassificationOptions) {
    const task = takeTask("metrics.Recall", options);
    super(options, statSpecs(task));
    this.#task = task;
  }

  protected override contribution(preds: Tensor, target: Tensor): MetricState {
    return contributionOf(this.#task, preds, target);
  }

  protected override value(state: MetricState): Tensor {
    return averaged(state, this.#task, ({ tp, fn }) => [tp, tp.add(fn)]);
  }
}

/**
 * The harmonic mean of precision and recall. Inputs as for {@linkcode Accuracy}. Equals `torchmetrics.F1Score`.
 *
 * @throws {OptionError} where the task needs an option that is missing, or topK is above 1.
 */
export class F1Score extends Metric<[preds: Tensor, target: Tensor], ClassificationOptions> {
  override readonly higherIsBetter = true;
  readonly #task: ClassificationTask;

  constructor(options: ClassificationOptions) {
    const task = takeTask("metrics.F1Score", options, { zeroDivision: unsupported(0) });
    // torchmetrics averages top-k F1 over classes by a rule of its own.
    if (task.topK > 1 && task.average !== "micro") {
      throw new OptionError(
        `metrics.F1Score cannot use top_k = ${task.topK} with average "${task.average}"`,
        {
          fix: 'use average "micro", or top_k 1',
          data: { owner: "metrics.F1Score", option: "topK", known: ["topK", "average"] },
        },
      );
    }
    super(options, statSpecs(task));
    this.#task = task;
  }

  protected override contribution(preds: Tensor, target: Tensor): MetricState {
    return contributionOf(this.#task, preds, target);
  }

  protected override value(state: MetricState): Tensor {
    return averaged(state, this.#task, ({ tp, fp, fn }) => [tp.mul(2), tp.mul(2).add(fn).add(fp)]);
  }
}

function accuracyRatio(
  { tp, fp, tn, fn }: StatScores,
  { task }: ClassificationTask,
): readonly [Tensor, Tensor] {
  if (task === "multiclass") return [tp, tp.add(fn)];
  return [tp.add(tn), tp.add(tn).add(fp).add(fn)];
}
