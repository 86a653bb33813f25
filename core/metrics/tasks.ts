import { DTypeError, OptionError, ShapeError } from "../errors.ts";
import {
  choice,
  number,
  optional,
  type OptionDefaults,
  required,
  takeOptions,
  unsupported,
} from "../options.ts";
import { METRIC_KWARGS } from "./metric.ts";
import { any, argmax, logicalAnd, logicalNot, logicalOr, max, sigmoid, sum, where } from "../ops/mod.ts";
import { checkOnHost } from "../tensor/host_labels.ts";
import { arange, type Tensor } from "../tensor/mod.ts";

/** What is predicted: one yes or no, one of several classes, or several yes-or-no labels. */
export type Task = "binary" | "multiclass" | "multilabel";

/** How the values of classes become one; `"none"` keeps them. */
export type Average = "micro" | "macro" | "weighted" | "none";

/** Options of the classification metrics. */
export interface ClassificationOptions {
  /** What is predicted. */
  readonly task: Task;
  /** Classes of `multiclass`. */
  readonly numClasses?: number | null;
  /** Labels of `multilabel`. */
  readonly numLabels?: number | null;
  /** A probability above this is a yes (`binary`, `multilabel`). @default 0.5 */
  readonly threshold?: number;
  /** How classes are averaged; `null` is `"none"`. @default "micro" */
  readonly average?: Average | null;
  /** A class counts as predicted where it is among the k highest scores (`multiclass`). @default 1 */
  readonly topK?: number;
  /** A target that does not count. @default null */
  readonly ignoreIndex?: number | null;
}

/** Checked options. */
export interface ClassificationTask {
  readonly owner: string;
  readonly task: Task;
  /** Classes or labels; 1 for `binary`. */
  readonly size: number;
  readonly threshold: number;
  readonly average: Average;
  readonly topK: number;
  readonly ignoreIndex: number | null;
}

/** True and false, positive and negative: i32, one per class or label, or one in all. */
export interface StatScores {
  readonly tp: Tensor;
  readonly fp: Tensor;
  readonly tn: Tensor;
  readonly fn: Tensor;
}

const CLASSES = optional(number(required, { integer: true }));

const CLASSIFICATION: OptionDefaults<ClassificationOptions> = {
  task: choice<Task>(required, ["binary", "multiclass", "multilabel"]),
  threshold: number(0.5, { min: 0, max: 1 }),
  numClasses: CLASSES,
  numLabels: CLASSES,
  average: optional(choice<Average>("micro", ["micro", "macro", "weighted", "none"]), "micro"),
  multidimAverage: unsupported("global"),
  topK: number(1, { integer: true }),
  ignoreIndex: optional(number(required, { integer: true })),
  validateArgs: unsupported(true, false),
};

/**
 * Checks the options of a classification metric.
 *
 * @param more What the metric takes beside them.
 *
 * @throws {OptionError} naming what is missing or wrong.
 */
export function takeTask(
  owner: string,
  options: ClassificationOptions,
  more: Readonly<Record<string, unknown>> = {},
): ClassificationTask {
  const o = takeOptions<ClassificationOptions>(owner, options, {
    ...CLASSIFICATION,
    ...more,
    ...METRIC_KWARGS,
  });
  const { task } = o;
  const average = o.average ?? "none";
  const [option, size] = task === "multiclass"
    ? ["numClasses", o.numClasses] as const
    : ["numLabels", o.numLabels] as const;
  if (task !== "binary" && !(Number.isInteger(size) && size! >= 2)) {
    throw new OptionError(`${owner} needs ${option} for task "${task}", a whole number of at least 2`, {
      fix: `set ${option}`,
      data: { owner, option, known: [option] },
    });
  }
  if (!Number.isInteger(o.topK) || o.topK < 1 || o.topK > (task === "multiclass" ? size! : 1)) {
    throw new OptionError(`${owner} cannot use top_k = ${o.topK} for task "${task}"`, {
      fix: task === "multiclass" ? `give a whole number from 1 to ${size}` : "top_k is for multiclass",
      data: { owner, option: "topK", known: ["topK"] },
    });
  }
  return {
    owner,
    task,
    size: task === "binary" ? 1 : size!,
    threshold: o.threshold,
    average,
    topK: o.topK,
    ignoreIndex: o.ignoreIndex,
  };
}

/** The shape of each statistic: one number where classes need not be told apart. */
export function statShape({ task, average, size }: ClassificationTask): number[] {
  return task === "binary" || (task === "multiclass" && average === "micro") ? [] : [size];
}

/**
 * Counts true and false positives and negatives of a batch.
 *
 * Targets that are still on the host are checked; those computed on the device cannot be without waiting for it.
 *
 * @throws {ShapeError} where predictions and targets do not fit; {@linkcode ValueError} for a target outside the classes.
 */
export function statScores(task: ClassificationTask, preds: Tensor, target: Tensor): StatScores {
  return task.task === "multiclass"
    ? multiclassScores(task, preds, target)
    : labelScores(task, preds, target);
}

/** Predicted classes of a multiclass batch and which samples count, both flat. */
export function predictedClasses(
  task: ClassificationTask,
  preds: Tensor,
  target: Tensor,
): { readonly predicted: Tensor; readonly actual: Tensor; readonly kept: Tensor | null } {
  const { owner, size, topK, ignoreIndex } = task;
  requireWhole(owner, target);
  const scored = preds.rank === target.rank + 1;
  const expected = scored ? [preds.shape[0], ...preds.shape.slice(2)] : preds.shape;
  if (expected.join() !== target.shape.join() || (scored && preds.shape[1] !== size)) {
    throw new ShapeError(`preds has shape [${preds.shape.join(", ")}], target [${target.shape.join(", ")}]`, {
      where: owner,
      fix: `preds are classes in the shape of target, or scores [batch, ${size}, …]`,
    });
  }
  checkOnHost(target, size, ignoreIndex, owner);
  const labels = target.to("i32");
  let classes: Tensor;
  if (!scored) {
    requireWhole(owner, preds);
    classes = preds.to("i32");
  } else {
    classes = argmax(preds, { dim: 1 });
    if (topK > 1) classes = where(amongHighest(preds, labels, topK), labels, classes);
  }
  const actual = labels.reshape([labels.size]);
  return {
    predicted: classes.reshape([classes.size]),
    actual,
    kept: ignoreIndex === null ? null : actual.ne(ignoreIndex),
  };
}

/** Whether the target is among the k highest scores: fewer than k others come before it; ties in class order. */
function amongHighest(preds: Tensor, labels: Tensor, k: number): Tensor {
  const classes = arange(preds.shape[1]!).reshape(preds.shape.map((n, d) => d === 1 ? n : 1));
  const hot = classes.eq(labels.unsqueeze(1));
  const own = max(where(hot, preds, -Infinity), { dim: 1, keepdim: true });
  const before = logicalOr(preds.gt(own), logicalAnd(preds.eq(own), classes.lt(labels.unsqueeze(1))));
  return logicalAnd(sum(before.to("i32"), { dim: 1 }).lt(k), any(hot, { dim: 1 }));
}

function multiclassScores(task: ClassificationTask, preds: Tensor, target: Tensor): StatScores {
  const { predicted, actual, kept } = predictedClasses(task, preds, target);
  const { size } = task;
  const among = (mask: Tensor) => kept === null ? mask : logicalAnd(mask, kept);
  const count = kept === null ? actual.size : sum(kept.to("i32"));
  if (task.average === "micro") {
    const tp = sum(among(predicted.eq(actual)).to("i32"));
    const wrong = tp.neg().add(count);
    return {
      tp,
      fp: wrong,
      fn: wrong,
      tn: tp.add(wrong.mul(2)).neg().add(typeof count === "number" ? size * count : count.mul(size)),
    };
  }
  const classes = arange(size).unsqueeze(0);
  const isPredicted = predicted.unsqueeze(1).eq(classes);
  const isActual = actual.unsqueeze(1).eq(classes);
  const rows = kept?.unsqueeze(1) ?? null;
  const inEach = (mask: Tensor) => sum((rows === null ? mask : logicalAnd(mask, rows)).to("i32"), { dim: 0 });
  const tp = inEach(logicalAnd(isPredicted, isActual));
  const fp = inEach(isPredicted).sub(tp);
  const fn = inEach(isActual).sub(tp);
  return { tp, fp, fn, tn: tp.add(fp).add(fn).neg().add(count) };
}

function labelScores(task: ClassificationTask, preds: Tensor, target: Tensor): StatScores {
  const { owner, size, threshold, ignoreIndex } = task;
  const multilabel = task.task === "multilabel";
  requireWhole(owner, target);
  if (preds.shape.join() !== target.shape.join() || (multilabel && preds.shape[1] !== size)) {
    throw new ShapeError(`preds has shape [${preds.shape.join(", ")}], target [${target.shape.join(", ")}]`, {
      where: owner,
      fix: multilabel ? `give both as [batch, ${size}, …]` : "give both in one shape",
    });
  }
  checkOnHost(target, 2, ignoreIndex, owner);
  const yes = isFraction(preds) ? asProbability(preds).gt(threshold) : preds.ne(0);
  const labels = target.to("i32");
  const positive = labels.eq(1);
  const kept = ignoreIndex === null ? null : labels.ne(ignoreIndex);
  const negative = kept === null ? labels.eq(0) : logicalAnd(labels.eq(0), kept);
  const meant = kept === null ? positive : logicalAnd(positive, kept);
  const dim = multilabel ? preds.shape.map((_, d) => d).filter((d) => d !== 1) : null;
  const count = (mask: Tensor) => sum(mask.to("i32"), { dim });
  return {
    tp: count(logicalAnd(yes, meant)),
    fp: count(logicalAnd(yes, negative)),
    tn: count(logicalAnd(logicalNot(yes), negative)),
    fn: count(logicalAnd(logicalNot(yes), meant)),
  };
}

/** Probabilities as they are; where any value lies outside [0, 1] all are logits, as torchmetrics takes them. */
function asProbability(preds: Tensor): Tensor {
  const logits = any(logicalOr(preds.lt(0), preds.gt(1)));
  return where(logits, sigmoid(preds), preds);
}

function isFraction(x: Tensor): boolean {
  return x.dtype === "f32" || x.dtype === "f16";
}

function requireWhole(owner: string, x: Tensor): void {
  if (!isFraction(x)) return;
  throw new DTypeError(`Classes are given as ${x.dtype}, shape [${x.shape.join(", ")}]`, {
    where: owner,
    fix: "give whole numbers (i32, u8), or scores with an axis of classes as preds",
  });
}
