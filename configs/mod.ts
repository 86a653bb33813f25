/** The presets as texts, for a published package, which has no folder to read. A test compares the two. @module */
import callbacksDefault from "./callbacks/default.yaml" with { type: "text" };
import callbacksEarlyStopping from "./callbacks/early_stopping.yaml" with { type: "text" };
import callbacksLearningRateMonitor from "./callbacks/learning_rate_monitor.yaml" with { type: "text" };
import callbacksMetricsCallback from "./callbacks/metrics_callback.yaml" with { type: "text" };
import callbacksModelCheckpoint from "./callbacks/model_checkpoint.yaml" with { type: "text" };
import callbacksModelSummary from "./callbacks/model_summary.yaml" with { type: "text" };
import callbacksNone from "./callbacks/none.yaml" with { type: "text" };
import callbacksRichProgressBar from "./callbacks/rich_progress_bar.yaml" with { type: "text" };
import dataMnist from "./data/mnist.yaml" with { type: "text" };
import debugDefault from "./debug/default.yaml" with { type: "text" };
import debugFdr from "./debug/fdr.yaml" with { type: "text" };
import debugLimit from "./debug/limit.yaml" with { type: "text" };
import debugOverfit from "./debug/overfit.yaml" with { type: "text" };
import debugProfiler from "./debug/profiler.yaml" with { type: "text" };
import evalConfig from "./eval.yaml" with { type: "text" };
import experimentExample from "./experiment/example.yaml" with { type: "text" };
import extrasDefault from "./extras/default.yaml" with { type: "text" };
import hparamsSearchMnistOptuna from "./hparams_search/mnist_optuna.yaml" with { type: "text" };
import hparamsSearchOptuna from "./hparams_search/optuna.yaml" with { type: "text" };
import hydraDefault from "./hydra/default.yaml" with { type: "text" };
import loggerCsv from "./logger/csv.yaml" with { type: "text" };
import modelMnist from "./model/mnist.yaml" with { type: "text" };
import pathsDefault from "./paths/default.yaml" with { type: "text" };
import train from "./train.yaml" with { type: "text" };
import trainerCpu from "./trainer/cpu.yaml" with { type: "text" };
import trainerDefault from "./trainer/default.yaml" with { type: "text" };
import trainerGpu from "./trainer/gpu.yaml" with { type: "text" };

/** `group/option` → YAML text of every file in this folder. */
export const PRESETS: ReadonlyMap<string, string> = new Map([
  ["callbacks/default", callbacksDefault],
  ["callbacks/early_stopping", callbacksEarlyStopping],
  ["callbacks/learning_rate_monitor", callbacksLearningRateMonitor],
  ["callbacks/metrics_callback", callbacksMetricsCallback],
  ["callbacks/model_checkpoint", callbacksModelCheckpoint],
  ["callbacks/model_summary", callbacksModelSummary],
  ["callbacks/none", callbacksNone],
  ["callbacks/rich_progress_bar", callbacksRichProgressBar],
  ["data/mnist", dataMnist],
  ["debug/default", debugDefault],
  ["debug/fdr", debugFdr],
  ["debug/limit", debugLimit],
  ["debug/overfit", debugOverfit],
  ["debug/profiler", debugProfiler],
  ["eval", evalConfig],
  ["experiment/example", experimentExample],
  ["extras/default", extrasDefault],
  ["hparams_search/mnist_optuna", hparamsSearchMnistOptuna],
  ["hparams_search/optuna", hparamsSearchOptuna],
  ["hydra/default", hydraDefault],
  ["logger/csv", loggerCsv],
  ["model/mnist", modelMnist],
  ["paths/default", pathsDefault],
  ["train", train],
  ["trainer/cpu", trainerCpu],
  ["trainer/default", trainerDefault],
  ["trainer/gpu", trainerGpu],
]);
