import { join } from "node:path";
import { MisconfigurationError } from "../errors.ts";
import { hasMethods, showValue, takeOptions } from "../options.ts";
import { init } from "../tensor/mod.ts";
import { type Callback, type CheckpointCallback, type Run, type Stage, stateKeyOf } from "./callback.ts";
import { readCheckpoint } from "./checkpoint.ts";
import { checkpointCallback, chooseCheckpoint } from "./checkpoint_choice.ts";
import { evaluate } from "./eval_loop.ts";
import { runFit } from "./fit.ts";
import { InterruptedError } from "./interrupt.ts";
import type { LitModule } from "./lit_module_hooks.ts";
import { type BatchSource, type BatchSources, type DataModuleLike, sourceList } from "./loaders.ts";
import { limitBatches, type LimitOption } from "./limits.ts";
import { moduleName } from "./module_name.ts";
import type { Logger } from "./logger.ts";
import { predict } from "./predict_loop.ts";
import { saveRun } from "./resume.ts";
import { resultTable } from "./result_table.ts";
import { terminalWidth } from "./terminal_width.ts";
import { RunState } from "./run_state.ts";
import {
  type EvaluateOptions,
  type FitOptions,
  type PredictOptions,
  takeEvaluateOptions,
  takeFitOptions,
  takePredictOptions,
} from "./call_options.ts";
import { refuseSnakeHooks } from "./snake_hooks.ts";
import { type Settings, settle } from "./settings.ts";
import { TRAINER_DEFAULTS, type TrainerOptions } from "./trainer_options.ts";
import {
  assembleCallbacks,
  assembleLoggers,
  chooseProfiler,
  type StandardParts,
  withModuleCallbacks,
} from "./trainer_parts.ts";

export type { EvaluateOptions, FitOptions, PredictOptions } from "./call_options.ts";

/** Metrics of one loader. */
export type Results = Readonly<Record<string, number>>;

/**
 * Trains, validates, tests and predicts, with Lightning's options, hooks and order.
 *
 * This one adds nothing on its own; `Trainer` adds a progress bar, a model summary, checkpoints and a logger.
 *
 * @throws {MisconfigurationError} for options that cannot work together, or are not supported.
 */
export class BaseTrainer {
  readonly settings: Settings;
  readonly #run: RunState;
  /** The callbacks of the options, before any module adds its own. */
  readonly #ownCallbacks: readonly Callback[];
  #datamodule: DataModuleLike | null = null;
  /** The call that runs now. */
  #running: Stage | null = null;

  constructor(options: TrainerOptions = {}, parts: StandardParts = {}) {
    const o = takeOptions<TrainerOptions>("train.Trainer", options, TRAINER_DEFAULTS);
    this.settings = settle(o);
    this.#ownCallbacks = assembleCallbacks(o, this.settings, parts);
    this.#run = new RunState({
      settings: this.settings,
      callbacks: this.#ownCallbacks,
      loggers: assembleLoggers(o, this.settings, parts),
      profiler: chooseProfiler(o.profiler, parts),
      save: saveRun,
    });
  }

  /** The run as hooks see it. */
  get run(): Run {
    return this.#run;
  }

  /** Metrics of the last run, by name. */
  get callbackMetrics(): Results {
    return this.#run.callbackMetrics;
  }

  get callbacks(): readonly Callback[] {
    return this.#run.callbacks;
  }

  get loggers(): readonly Logger[] {
    return this.#run.loggers;
  }

  /** The first callback that writes checkpoints, or `null`. */
  get checkpointCallback(): CheckpointCallback | null {
    return checkpointCallback(this.#run.callbacks);
  }

  /** Completed epochs. */
  get currentEpoch(): number {
    return this.#run.currentEpoch;
  }

  /** Optimizer steps taken. */
  get globalStep(): number {
    return this.#run.globalStep;
  }

  /**
   * Trains a module.
   *
   * @throws {MisconfigurationError} where data or a step is missing.
   * @throws {CheckpointError} where `ckptPath` cannot be continued from.
   * @throws {InterruptedError} where `signal` stopped the run; a checkpoint is written first.
   */
  async fit(module: LitModule, options: FitOptions = {}): Promise<void> {
    this.#require("fit", module);
    options = takeFitOptions(options);
    const data = this.#data(options, options.trainDataloaders, options.valDataloaders);
    const source = options.trainDataloaders ?? null;
    if (source === null && data?.trainDataloader === undefined) {
      throw new MisconfigurationError("fit() was given no training data", {
        where: "Trainer.fit",
        fix: "give a datamodule with trainDataloader(), or trainDataloaders",
      });
    }
    await this.#session("fit", module, options, async (run) => {
      run.checkpointPath = chooseCheckpoint(run, options.ckptPath ?? null, "fit");
      await runFit(run, {
        train: async () => source ?? await data!.trainDataloader!(),
        val: async () => options.valDataloaders ?? await data?.valDataloader?.() ?? null,
        hasVal: (options.valDataloaders ?? data?.valDataloader ?? null) !== null,
      }, run.checkpointPath);
      if (run.interrupted) throw new InterruptedError(await this.#saveInterrupted());
      await run.call("onFitEnd");
    });
  }

  /** Measures a module on the validation data: one record per loader. */
  validate(module: LitModule | null = null, options: EvaluateOptions = {}): Promise<readonly Results[]> {
    return this.#evaluate("validate", module, options);
  }

  /** Measures a module on the test data: one record per loader. */
  test(module: LitModule | null = null, options: EvaluateOptions = {}): Promise<readonly Results[]> {
    return this.#evaluate("test", module, options);
  }

  /** What the module makes of each batch: a list, or one per loader where there are several; `null` where not kept. */
  async predict(
    module: LitModule | null = null,
    options: PredictOptions = {},
  ): Promise<readonly unknown[] | null> {
    this.#require("predict", module);
    options = takePredictOptions(options);
    const keep = options.returnPredictions ?? true;
    const data = this.#data(options, options.dataloaders);
    let predictions: unknown[][] = [];
    await this.#session("predict", module, options, async (run) => {
      await this.#loadWeights(run, options.ckptPath ?? null, "predict");
      const sources = sourceList(
        options.dataloaders ?? await data?.predictDataloader?.(),
        "dataloaders",
      );
      predictions = await predict(run, this.#limited(sources, "limitPredictBatches", "predict"), keep);
    });
    if (!keep) return null;
    return predictions.length === 1 ? predictions[0]! : predictions;
  }

  async #evaluate(
    stage: "validate" | "test",
    module: LitModule | null,
    options: EvaluateOptions,
  ): Promise<readonly Results[]> {
    this.#require(stage, module);
    options = takeEvaluateOptions(stage, options);
    const data = this.#data(options, options.dataloaders);
    let results: Results[] = [];
    await this.#session(stage, module, options, async (run) => {
      const step = stage === "test" ? "testStep" : "validationStep";
      if (typeof run.module[step] !== "function") {
        throw new MisconfigurationError(`No ${step}() method is defined`, {
          where: moduleName(run.module),
          fix: `define ${step}()`,
        });
      }
      await this.#loadWeights(run, options.ckptPath ?? null, stage);
      const given = options.dataloaders ??
        (stage === "test" ? await data?.testDataloader?.() : await data?.valDataloader?.());
      const loader = stage === "test" ? "test" : "val";
      const sources = this.#limited(
        sourceList(given, "dataloaders"),
        stage === "test" ? "limitTestBatches" : "limitValBatches",
        loader,
      );
      run.batches[stage] = sources.reduce((sum, [, batches]) => sum + batches, 0);
      const metrics = await evaluate(run, stage, sources);
      if (run.interrupted) throw new InterruptedError(null);
      results = perLoader(metrics, sources.length);
      if (options.verbose ?? true) {
        const title = stage === "test" ? "Test metric" : "Validate metric";
        run.print(resultTable(title, results, terminalWidth()));
      }
    });
    return results;
  }

  #limited(
    sources: readonly BatchSource[],
    option: LimitOption,
    loader: string,
  ): readonly (readonly [BatchSource, number])[] {
    if (sources.length === 0) {
      throw new MisconfigurationError(`There is no data to ${loader === "val" ? "validate" : loader}`, {
        where: "Trainer",
        fix: `give a datamodule with ${loader}Dataloader(), or dataloaders`,
      });
    }
    const limit = this.settings[option];
    return sources.map((
      source,
    ) => [source, limitBatches(option, limit, source.length, `${loader}_dataloader`)]);
  }

  #data(
    { datamodule = null }: { readonly datamodule?: DataModuleLike | null },
    ...loaders: readonly (BatchSources | null | undefined)[]
  ): DataModuleLike | null {
    const given = loaders.some((loader) => loader !== undefined && loader !== null);
    if (datamodule !== null && given) {
      throw new MisconfigurationError("A datamodule and loaders were given together", {
        where: "Trainer",
        fix: "give one of them",
      });
    }
    if (datamodule !== null) this.#datamodule = datamodule;
    return given ? null : this.#datamodule;
  }

  /** Refuses what is no module, and a call while another one runs: both would change one state. */
  #require(call: Stage, module: LitModule | null): void {
    if (this.#running !== null) {
      throw new MisconfigurationError(`${call}() was called while ${this.#running}() of the trainer runs`, {
        where: `Trainer.${call}`,
        fix: "await the first call, or make another trainer",
      });
    }
    if (module === null || hasMethods(module, "train", "namedModules", "stateDict")) return;
    throw new MisconfigurationError(`${call}() was given ${showValue(module)}, which is no module`, {
      where: `Trainer.${call}`,
      fix: "give an object of a class that extends nn.Module",
    });
  }

  /** What every entry shares: the device, set-up, tear-down, and hooks for an error between them. */
  async #session(
    stage: Stage,
    module: LitModule | null,
    options: { readonly signal?: AbortSignal | null },
    body: (run: RunState) => Promise<void>,
  ): Promise<void> {
    this.#running = stage;
    try {
      await this.#runSession(stage, module, options, body);
    } finally {
      this.#running = null;
    }
  }

  async #runSession(
    stage: Stage,
    module: LitModule | null,
    options: { readonly signal?: AbortSignal | null },
    body: (run: RunState) => Promise<void>,
  ): Promise<void> {
    const run = this.#run;
    if (module !== null) run.module = module;
    const data = this.#datamodule;
    run.dataModule = data;
    run.stage = stage;
    run.signal = options.signal ?? null;
    run.shouldStop = false;
    run.clearMetrics();
    const device = await init({ accelerator: this.settings.accelerator });
    if (run.device !== device.description) run.print(`Device: ${device.description}`);
    run.device = device.description;
    if (this.settings.fastDevRun > 0) {
      run.printOnce(
        "Running in `fast_dev_run` mode: will run the requested loop using " +
          `${this.settings.fastDevRun} batch(es). Logging and checkpointing is suppressed.`,
      );
    }
    try {
      const given = run.module.configureCallbacks?.() ?? [];
      run.callbacks = withModuleCallbacks(this.#ownCallbacks, given, (text) => run.printOnce(text));
      refuseSnakeHooks(run.module, moduleName(run.module));
      if (data !== null) refuseSnakeHooks(data, data.constructor.name);
      for (const callback of run.callbacks) refuseSnakeHooks(callback, stateKeyOf(callback));
      await data?.prepareData?.();
      await run.module.prepareData?.(run);
      await data?.setup?.(stage);
      await run.callOn(run.callbackReceivers(), "setup", stage);
      await run.callOn(run.moduleReceivers, "setup", stage);
      await run.callOn(run.moduleReceivers, "configureModel");
      await body(run);
    } catch (error) {
      await this.#fail(run, error);
      throw error;
    }
    await data?.teardown?.(stage);
    await run.call("teardown", stage);
    await run.finalizeLoggers("success");
    await run.profiler?.teardown(stage, run.logDir, (text) => run.print(text));
  }

  async #fail(run: RunState, error: unknown): Promise<void> {
    // What a broken step left unfinished belongs to that step; its own error is the one to report.
    await run.settle().catch(() => {});
    for (const receiver of run.callbackReceivers()) {
      await run.callOn([receiver], "onException", error);
    }
    await run.finalizeLoggers("failed");
  }

  /** Saves what an interrupted fit has reached, beside the other checkpoints. */
  async #saveInterrupted(): Promise<string | null> {
    const run = this.#run;
    if (run.globalStep === 0 || this.settings.fastDevRun > 0) return null;
    const folder = (this.checkpointCallback as { dirpath?: string | null } | null)?.dirpath ??
      join(run.logDir, "checkpoints");
    const path = join(folder, "interrupted.ckpt");
    await run.saveCheckpoint(path);
    return path;
  }

  async #loadWeights(run: RunState, path: string | null, stage: string): Promise<void> {
    run.checkpointPath = chooseCheckpoint(run, path, stage);
    if (run.checkpointPath === null) return;
    run.print(`Restoring states from the checkpoint path at ${run.checkpointPath}`);
    const { weights, content } = await readCheckpoint(run.checkpointPath);
    const added = content?.added ?? {};
    await run.callOn(run.moduleReceivers, "onLoadCheckpoint", added);
    run.module.loadStateDict(weights);
    await run.callOn(run.callbackReceivers(), "onLoadCheckpoint", added);
    run.print(`Loaded model weights from the checkpoint at ${run.checkpointPath}`);
  }
}

/** Splits metrics by the loader that their names end in. */
function perLoader(metrics: Results, loaders: number): Results[] {
  if (loaders <= 1) return [metrics];
  return Array.from(
    { length: loaders },
    (_, index) =>
      Object.fromEntries(
        Object.entries(metrics).filter(([name]) => name.endsWith(`/dataloader_idx_${index}`)),
      ),
  );
}
