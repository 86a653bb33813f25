import {
  choice,
  count,
  number,
  optional,
  type OptionDefaults,
  required,
  takeOptions,
  unsupported,
} from "../options.ts";
import { Accuracy, F1Score, Precision, Recall } from "./classification.ts";
import { ConfusionMatrix, type ConfusionMatrixOptions } from "./confusion_matrix.ts";
import { METRIC_KWARGS } from "./metric.ts";
import type { Average, ClassificationOptions } from "./tasks.ts";

type Table = Readonly<Record<string, unknown>>;

/** Options of the metrics of one yes or no. */
export type BinaryOptions = Pick<ClassificationOptions, "threshold" | "ignoreIndex">;

/** Options of the metrics of one of several classes; `average` is `"macro"` by default, as in torchmetrics. */
export type MulticlassOptions =
  & { readonly numClasses: number }
  & Pick<ClassificationOptions, "topK" | "average" | "ignoreIndex">;

/** Options of the metrics of several labels; `average` is `"macro"` by default, as in torchmetrics. */
export type MultilabelOptions =
  & { readonly numLabels: number }
  & Pick<ClassificationOptions, "threshold" | "average" | "ignoreIndex">;

const THRESHOLD = number(0.5, { min: 0, max: 1 });
const IGNORE = optional(number(required, { integer: true }));
const AVERAGE = optional(choice<Average>("macro", ["micro", "macro", "weighted", "none"]), "macro");
const NORMALIZE = optional(choice("none", ["true", "pred", "all", "none"]));
const VALIDATE = unsupported(true, false);
const GLOBAL = unsupported("global");

const BINARY: OptionDefaults<BinaryOptions> = {
  threshold: THRESHOLD,
  multidimAverage: GLOBAL,
  ignoreIndex: IGNORE,
  validateArgs: VALIDATE,
};

const MULTICLASS: OptionDefaults<MulticlassOptions> = {
  numClasses: count(required, 2),
  topK: count(1, 1),
  average: AVERAGE,
  multidimAverage: GLOBAL,
  ignoreIndex: IGNORE,
  validateArgs: VALIDATE,
};

const MULTILABEL: OptionDefaults<MultilabelOptions> = {
  numLabels: count(required, 2),
  threshold: THRESHOLD,
  average: AVERAGE,
  multidimAverage: GLOBAL,
  ignoreIndex: IGNORE,
  validateArgs: VALIDATE,
};

const F1: Table = { zeroDivision: unsupported(0) };

/** What every metric takes at the end; a clone is made with its task. */
function rest(task: string): Table {
  return { ...METRIC_KWARGS, task: unsupported(task) };
}

function binary(owner: string, options: BinaryOptions, more: Table = {}): ClassificationOptions {
  const o = takeOptions<BinaryOptions>(owner, options, { ...BINARY, ...more, ...rest("binary") });
  return { ...o, task: "binary" };
}

function multiclass(owner: string, options: MulticlassOptions, more: Table = {}): ClassificationOptions {
  const o = takeOptions<MulticlassOptions>(owner, options, { ...MULTICLASS, ...more, ...rest("multiclass") });
  return { ...o, task: "multiclass" };
}

function multilabel(owner: string, options: MultilabelOptions, more: Table = {}): ClassificationOptions {
  const o = takeOptions<MultilabelOptions>(owner, options, { ...MULTILABEL, ...more, ...rest("multilabel") });
  return { ...o, task: "multilabel" };
}

/** {@linkcode Accuracy} with task `"binary"`. Equals `torchmetrics.classification.BinaryAccuracy`. */
export class BinaryAccuracy extends Accuracy {
  constructor(options: BinaryOptions = {}) {
    super(binary("metrics.BinaryAccuracy", options));
  }
}

/** {@linkcode Precision} with task `"binary"`. Equals `torchmetrics.classification.BinaryPrecision`. */
export class BinaryPrecision extends Precision {
  constructor(options: BinaryOptions = {}) {
    super(binary("metrics.BinaryPrecision", options));
  }
}

/** {@linkcode Recall} with task `"binary"`. Equals `torchmetrics.classification.BinaryRecall`. */
export class BinaryRecall extends Recall {
  constructor(options: BinaryOptions = {}) {
    super(binary("metrics.BinaryRecall", options));
  }
}

/** {@linkcode F1Score} with task `"binary"`. Equals `torchmetrics.classification.BinaryF1Score`. */
export class BinaryF1Score extends F1Score {
  constructor(options: BinaryOptions = {}) {
    super(binary("metrics.BinaryF1Score", options, F1));
  }
}

/** {@linkcode Accuracy} with task `"multiclass"`. Equals `torchmetrics.classification.MulticlassAccuracy`. */
export class MulticlassAccuracy extends Accuracy {
  constructor(options: MulticlassOptions) {
    super(multiclass("metrics.MulticlassAccuracy", options));
  }
}

/** {@linkcode Precision} with task `"multiclass"`. Equals `torchmetrics.classification.MulticlassPrecision`. */
export class MulticlassPrecision extends Precision {
  constructor(options: MulticlassOptions) {
    super(multiclass("metrics.MulticlassPrecision", options));
  }
}

/** {@linkcode Recall} with task `"multiclass"`. Equals `torchmetrics.classification.MulticlassRecall`. */
export class MulticlassRecall extends Recall {
  constructor(options: MulticlassOptions) {
    super(multiclass("metrics.MulticlassRecall", options));
  }
}

/** {@linkcode F1Score} with task `"multiclass"`. Equals `torchmetrics.classification.MulticlassF1Score`. */
export class MulticlassF1Score extends F1Score {
  constructor(options: MulticlassOptions) {
    super(multiclass("metrics.MulticlassF1Score", options, F1));
  }
}

/** {@linkcode Accuracy} with task `"multilabel"`. Equals `torchmetrics.classification.MultilabelAccuracy`. */
export class MultilabelAccuracy extends Accuracy {
  constructor(options: MultilabelOptions) {
    super(multilabel("metrics.MultilabelAccuracy", options));
  }
}

/** {@linkcode Precision} with task `"multilabel"`. Equals `torchmetrics.classification.MultilabelPrecision`. */
export class MultilabelPrecision extends Precision {
  constructor(options: MultilabelOptions) {
    super(multilabel("metrics.MultilabelPrecision", options));
  }
}

/** {@linkcode Recall} with task `"multilabel"`. Equals `torchmetrics.classification.MultilabelRecall`. */
export class MultilabelRecall extends Recall {
  constructor(options: MultilabelOptions) {
    super(multilabel("metrics.MultilabelRecall", options));
  }
}

/** {@linkcode F1Score} with task `"multilabel"`. Equals `torchmetrics.classification.MultilabelF1Score`. */
export class MultilabelF1Score extends F1Score {
  constructor(options: MultilabelOptions) {
    super(multilabel("metrics.MultilabelF1Score", options, F1));
  }
}

/** Options of {@linkcode BinaryConfusionMatrix}. */
export type BinaryMatrixOptions = Pick<ConfusionMatrixOptions, "threshold" | "ignoreIndex" | "normalize">;

/** {@linkcode ConfusionMatrix} with task `"binary"`. Equals `torchmetrics.classification.BinaryConfusionMatrix`. */
export class BinaryConfusionMatrix extends ConfusionMatrix {
  constructor(options: BinaryMatrixOptions = {}) {
    const o = takeOptions<BinaryMatrixOptions>("metrics.BinaryConfusionMatrix", options, {
      threshold: THRESHOLD,
      ignoreIndex: IGNORE,
      normalize: NORMALIZE,
      validateArgs: VALIDATE,
      ...rest("binary"),
    });
    super({ ...o, task: "binary" });
  }
}

/** Options of {@linkcode MulticlassConfusionMatrix}. */
export type MulticlassMatrixOptions =
  & { readonly numClasses: number }
  & Pick<ConfusionMatrixOptions, "ignoreIndex" | "normalize">;

/** {@linkcode ConfusionMatrix} with task `"multiclass"`. Equals `torchmetrics.classification.MulticlassConfusionMatrix`. */
export class MulticlassConfusionMatrix extends ConfusionMatrix {
  constructor(options: MulticlassMatrixOptions) {
    const o = takeOptions<MulticlassMatrixOptions>("metrics.MulticlassConfusionMatrix", options, {
      numClasses: count(required, 2),
      ignoreIndex: IGNORE,
      normalize: NORMALIZE,
      validateArgs: VALIDATE,
      ...rest("multiclass"),
    });
    super({ ...o, task: "multiclass" });
  }
}

/** Options of {@linkcode MultilabelConfusionMatrix}. */
export type MultilabelMatrixOptions =
  & { readonly numLabels: number }
  & Pick<ConfusionMatrixOptions, "threshold" | "ignoreIndex" | "normalize">;

/** {@linkcode ConfusionMatrix} with task `"multilabel"`. Equals `torchmetrics.classification.MultilabelConfusionMatrix`. */
export class MultilabelConfusionMatrix extends ConfusionMatrix {
  constructor(options: MultilabelMatrixOptions) {
    const o = takeOptions<MultilabelMatrixOptions>("metrics.MultilabelConfusionMatrix", options, {
      numLabels: count(required, 2),
      threshold: THRESHOLD,
      ignoreIndex: IGNORE,
      normalize: NORMALIZE,
      validateArgs: VALIDATE,
      ...rest("multilabel"),
    });
    super({ ...o, task: "multilabel" });
  }
}
