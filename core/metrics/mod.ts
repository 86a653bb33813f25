export { type AggregationOptions, MaxMetric, MeanMetric, MinMetric, SumMetric } from "./aggregation.ts";
export {
  BinaryAccuracy,
  BinaryConfusionMatrix,
  BinaryF1Score,
  type BinaryMatrixOptions,
  type BinaryOptions,
  BinaryPrecision,
  BinaryRecall,
  MulticlassAccuracy,
  MulticlassConfusionMatrix,
  MulticlassF1Score,
  type MulticlassMatrixOptions,
  type MulticlassOptions,
  MulticlassPrecision,
  MulticlassRecall,
  MultilabelAccuracy,
  MultilabelConfusionMatrix,
  MultilabelF1Score,
  type MultilabelMatrixOptions,
  type MultilabelOptions,
  MultilabelPrecision,
  MultilabelRecall,
} from "./by_task.ts";
export { Accuracy, F1Score, Precision, Recall } from "./classification.ts";
export { type CloneOptions, MetricsComposition, type MetricsCompositionOptions } from "./composition.ts";
export { ConfusionMatrix, type ConfusionMatrixOptions } from "./confusion_matrix.ts";
export { Metric, type MetricState, type StateReduce, type StateSpec } from "./metric.ts";
export {
  MeanAbsoluteError,
  type MeanAbsoluteErrorOptions,
  MeanSquaredError,
  type MeanSquaredErrorOptions,
} from "./regression.ts";
export type { Average, ClassificationOptions, StatScores, Task } from "./tasks.ts";
