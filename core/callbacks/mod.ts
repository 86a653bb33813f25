/**
 * Code that runs at named places of a run.
 *
 * @module
 */
export type { Callback, CheckpointCallback, Run } from "../train/callback.ts";
export { BestMetricTrackerCallback, type BestMetricTrackerCallbackOptions } from "./best_metric_tracker.ts";
export { BestValue, type BestValueOptions, type Mode } from "./best_value.ts";
export { EarlyStopping, type EarlyStoppingOptions } from "./early_stopping.ts";
export { LambdaCallback, type LambdaCallbackOptions } from "./lambda.ts";
export { LearningRateMonitor, type LearningRateMonitorOptions } from "./learning_rate_monitor.ts";
export { MetricsCallback, type MetricsCallbackOptions } from "./metrics_callback.ts";
export { ModelCheckpoint } from "./model_checkpoint.ts";
export type { ModelCheckpointOptions } from "./model_checkpoint_options.ts";
export { ModelSummary, type ModelSummaryOptions, RichModelSummary } from "./model_summary.ts";
export { RichProgressBar, type RichProgressBarOptions } from "./rich_progress_bar.ts";
export { Timer, type TimerOptions } from "./timer.ts";
