import type { Batch } from "../batch.ts";
import { MisconfigurationError } from "../errors.ts";
import { isRecord, showValue } from "../options.ts";
import { Tensor } from "../tensor/mod.ts";
import { lendTo } from "../tensor/step.ts";
import {
  type Callback,
  type HookResult,
  type LoopName,
  type Run,
  type Stage,
  stateKeyOf,
} from "./callback.ts";
import type { CompiledStep } from "./compiled_step.ts";
import type { LitModule, OptimizerEntry, SchedulerEntry, SteppableModule } from "./lit_module_hooks.ts";
import { batchSizeOf, type BatchSource, type DataModuleLike } from "./loaders.ts";
import { takeLogOptions } from "./log_options.ts";
import { LogBook, type LogOptions, type LogReading, type LogValue } from "./log.ts";
import type { FinalStatus, HyperParameters, Logger } from "./logger.ts";
import { moduleName } from "./module_name.ts";
import { mayUseParameter } from "./parameter_use.ts";
import { profiled, profiledUntilWait, type Profiler } from "./profiler.ts";
import type { Settings } from "./settings.ts";
import { requireSynchronous } from "./synchronous.ts";

/** What a run is made of. */
export interface RunParts {
  readonly settings: Settings;
  readonly callbacks: readonly Callback[];
  readonly loggers: readonly Logger[];
  readonly profiler: Profiler | null;
  /** Writes a checkpoint of a run. */
  readonly save: (run: RunState, path: string, weightsOnly: boolean) => Promise<void>;
}

/** Receivers of a hook, and the name under which a profiler knows each. */
export type Receiver = readonly [label: string, target: object];

/**
 * Where in an epoch a run stands: before batch `batchesDone`, after a batch but before its validation, after that, or
 * after the hooks of the epoch's end, whole or cut short.
 */
export type Phase = "start" | "stepped" | "validated" | "ending" | "cut";

/** A run's state: what {@linkcode Run} shows to hooks, and what the loops change. */
export class RunState implements Run {
  readonly settings: Settings;
  readonly loggers: readonly Logger[];
  readonly profiler: Profiler | null;
  stage: Stage = "fit";
  loop: LoopName = "train";
  optimizers: readonly OptimizerEntry[] = [];
  schedulers: readonly SchedulerEntry[] = [];
  dataModule: DataModuleLike | null = null;
  device = "";
  currentEpoch = 0;
  globalStep = 0;
  loggedStep = 0;
  batchIdx = 0;
  totalBatches = 0;
  batches: Record<Exclude<LoopName, "predict">, number> = { sanity: 0, train: 0, validate: 0, test: 0 };
  phase: Phase = "start";
  /** Batches done in this epoch. */
  batchesDone = 0;
  /** Training batches done in all epochs. */
  batchesTotal = 0;
  /** Validation batches of a fit, for each loader: the x axis of what single ones log. */
  validationBatches: number[] = [];
  /** Makes or remembers the training loader. */
  trainSource: () => Promise<BatchSource> = () => Promise.resolve([]);
  /** The training loader in use. */
  openTrainSource: BatchSource | null = null;
  /** Validation loaders, and how many batches of each to use. */
  valSources: readonly (readonly [BatchSource, number])[] = [];
  /** The captured training step, where the module asks for one. */
  compiled: CompiledStep | null = null;
  /** Asks the run to stop after the present step. */
  signal: AbortSignal | null = null;
  checkpointPath: string | null = null;
  shouldStop = false;
  stopReason = "";
  callbackMetrics: Record<string, number> = {};
  progressBarMetrics: Record<string, number> = {};
  /** The batch that hooks and steps are working on. */
  batch: Batch | null = null;
  dataloaderIdx: number | null = null;
  /** What the training loop logged, and what the evaluation loop that runs now logged. */
  readonly trainBook: LogBook = new LogBook();
  readonly evalBook: LogBook = new LogBook();
  readonly #save: RunParts["save"];
  #callbacks: readonly Callback[] = [];
  #callbackReceivers: readonly Receiver[] = [];
  #moduleReceivers: readonly Receiver[] = [];
  #module: SteppableModule | null = null;
  #hook = "";
  readonly #said = new Set<string>();
  #unfinished: Promise<unknown>[] = [];
  #printer: (text: string) => void = (text) => console.log(text);

  constructor(parts: RunParts) {
    this.settings = parts.settings;
    this.callbacks = parts.callbacks;
    this.loggers = parts.loggers;
    this.profiler = parts.profiler;
    this.#save = parts.save;
  }

  get callbacks(): readonly Callback[] {
    return this.#callbacks;
  }

  set callbacks(callbacks: readonly Callback[]) {
    this.#callbacks = callbacks;
    this.#callbackReceivers = callbacks.map((
      callback,
    ) => [`[Callback]${stateKeyOf(callback)}`, callback]);
  }

  get module(): SteppableModule {
    if (this.#module !== null) return this.#module;
    throw new MisconfigurationError("No module was given to the trainer", {
      where: "Trainer",
      fix: "call fit(module), or pass a module to test, validate or predict",
    });
  }

  set module(module: LitModule) {
    this.#module = module;
    this.#moduleReceivers = [[`[LightningModule]${moduleName(module)}`, module]];
  }

  /** Whether a module was given. */
  get hasModule(): boolean {
    return this.#module !== null;
  }

  /** Whether the user asked to stop. */
  get interrupted(): boolean {
    return this.signal?.aborted ?? false;
  }

  get logDir(): string {
    const logger = this.loggers[0];
    return logger?.logDir ?? logger?.saveDir ?? this.settings.defaultRootDir;
  }

  /** What the running loop logs into. */
  get book(): LogBook {
    return this.loop === "train" ? this.trainBook : this.evalBook;
  }

  log(name: string, value: LogValue, options: LogOptions = {}): void {
    this.book.record(
      { hook: this.#hook, batchSize: () => batchSizeOf(this.batch), dataloaderIdx: this.dataloaderIdx },
      name,
      value,
      takeLogOptions(name, options),
    );
  }

  logDict(values: Readonly<Record<string, LogValue>>, options: LogOptions = {}): void {
    if (!isRecord(values) || values instanceof Tensor) {
      throw new MisconfigurationError(`logDict() was given ${showValue(values)}`, {
        where: `logDict() in ${this.#hook || "no hook"}`,
        fix: 'give an object of names and values, such as { "train/loss": loss }; log() takes a single one',
      });
    }
    for (const [name, value] of Object.entries(values)) this.log(name, value, options);
  }

  direction(name: string): "min" | "max" | null {
    return this.evalBook.direction(name) ?? this.trainBook.direction(name);
  }

  epochValue(name: string): Tensor | number | null {
    return this.book.epochValue(name);
  }

  async readMetrics(): Promise<Readonly<Record<string, number>>> {
    await scopeEnd();
    if (this.loop === "train") this.take((await this.trainBook.read("step")).step);
    return this.callbackMetrics;
  }

  async readProgress(): Promise<void> {
    await scopeEnd();
    const { step, epoch } = await this.book.read("epoch", this.dataloaderIdx);
    Object.assign(this.progressBarMetrics, step.progressBar, epoch.progressBar);
  }

  /** Makes read values visible to hooks. */
  take(reading: LogReading): void {
    Object.assign(this.callbackMetrics, reading.callback);
    Object.assign(this.progressBarMetrics, reading.progressBar);
  }

  /** Forgets the metrics of an earlier run, or of the sanity check. */
  clearMetrics(): void {
    this.callbackMetrics = {};
    this.progressBarMetrics = {};
  }

  /** Sends a row to the loggers; `epoch` is added, and a metric named `step` is the x value. */
  async sendToLoggers(metrics: Readonly<Record<string, number>>, step: number): Promise<void> {
    if (Object.keys(metrics).length === 0 || this.loggers.length === 0) return;
    const { step: ownStep, ...rest } = metrics;
    const row = { epoch: this.currentEpoch, ...rest };
    await this.#sendRow(row, ownStep === undefined ? step : Math.trunc(ownStep));
  }

  /** Sends a row of one evaluation batch, which has an axis of its own and no epoch. */
  async sendEvaluationStep(metrics: Readonly<Record<string, number>>, step: number): Promise<void> {
    if (Object.keys(metrics).length > 0) await this.#sendRow(metrics, step);
  }

  async #sendRow(row: Readonly<Record<string, number>>, step: number): Promise<void> {
    for (const logger of this.loggers) {
      await logger.logMetrics(row, step);
      await logger.save();
    }
  }

  async logToLoggers(metrics: Readonly<Record<string, number>>, step: number): Promise<void> {
    Object.assign(this.callbackMetrics, metrics);
    if (this.settings.fastDevRun > 0) return;
    for (const logger of this.loggers) await logger.logMetrics(metrics, step);
  }

  async logHyperparams(params: HyperParameters): Promise<void> {
    if (this.settings.fastDevRun > 0) return;
    for (const logger of this.loggers) await logger.logHyperparams(params);
  }

  /** Ends the loggers' runs. */
  async finalizeLoggers(status: FinalStatus): Promise<void> {
    for (const logger of this.loggers) await logger.finalize(status);
  }

  stop(reason: string): void {
    if (!this.shouldStop && reason !== "") this.print(reason);
    this.shouldStop = true;
    this.stopReason = reason;
  }

  async saveCheckpoint(path: string, options: { readonly weightsOnly?: boolean } = {}): Promise<void> {
    await scopeEnd();
    await profiled(
      this.profiler,
      "save_checkpoint",
      () => this.#save(this, path, options.weightsOnly ?? false),
    );
  }

  print(text: string): void {
    this.#printer(text);
  }

  /** Prints a line the first time only. */
  printOnce(text: string): void {
    if (this.#said.has(text)) return;
    this.#said.add(text);
    this.print(text);
  }

  setPrinter(printer: (text: string) => void): (text: string) => void {
    const earlier = this.#printer;
    this.#printer = printer;
    return earlier;
  }

  /** Calls a hook on every callback, then on the module, and waits for each. */
  async call(name: string, ...args: unknown[]): Promise<void> {
    await this.callOn([...this.#callbackReceivers, ...this.#moduleReceivers], name, ...args);
  }

  /** Calls a hook on some callbacks, or on others. */
  async callOn(receivers: readonly Receiver[], name: string, ...args: unknown[]): Promise<void> {
    for (const receiver of receivers) {
      // The name stays until an asynchronous hook is through, so that it may log after a wait.
      const outer = this.#hook;
      this.#hook = name;
      try {
        await this.#invoke(receiver, name, args);
      } finally {
        this.#hook = outer;
      }
    }
  }

  /**
   * Calls a hook on every callback, then on the module, without waiting; {@linkcode RunState.settle} waits.
   *
   * For hooks inside a batch's scope, which has to end before anything is waited for.
   */
  callNow(name: string, ...args: unknown[]): unknown {
    // These hooks wait side by side: only what each does before that is its own.
    const invoke = (receiver: Receiver): unknown =>
      lendTo(
        () => this.#invoke(receiver, name, args, profiledUntilWait),
        takesArguments(receiver, name) ? args : [],
      );
    for (const receiver of this.#callbackReceivers) this.#later(invoke(receiver));
    let result: unknown;
    for (const receiver of this.#moduleReceivers) this.#later(result = invoke(receiver));
    return result;
  }

  /** Waits for what the hooks of a batch left unfinished. */
  async settle(): Promise<void> {
    if (this.#unfinished.length === 0) return;
    const unfinished = this.#unfinished;
    this.#unfinished = [];
    // All of them, as what they were lent is taken back after this.
    const failed = (await Promise.allSettled(unfinished)).find(({ status }) => status === "rejected");
    if (failed !== undefined) throw (failed as PromiseRejectedResult).reason;
  }

  /** All callbacks, or those that do or do not look at the epoch's values. */
  callbackReceivers(monitors?: boolean): readonly Receiver[] {
    if (monitors === undefined) return this.#callbackReceivers;
    return this.#callbackReceivers.filter(([, target]) =>
      ((target as Callback).monitors ?? false) === monitors
    );
  }

  /** The module, where there is one. */
  get moduleReceivers(): readonly Receiver[] {
    return this.#moduleReceivers;
  }

  /** Runs a step or a hook of the module under its name, for `log` and the profiler. */
  step<T>(label: string, hook: string, fn: () => T, measure: typeof profiled = profiled): T {
    const outer = this.#hook;
    this.#hook = hook;
    try {
      const result = measure(this.profiler, label, fn);
      if (STEPS.includes(hook)) requireSynchronous(hook, result, `${moduleName(this.module)}.${hook}`);
      return result;
    } finally {
      this.#hook = outer;
    }
  }

  #invoke(
    [label, target]: Receiver,
    name: string,
    args: readonly unknown[],
    measure: typeof profiled = profiled,
  ): unknown {
    const hook = (target as Record<string, unknown>)[name];
    if (hook === undefined || hook === null) return undefined;
    if (typeof hook !== "function") {
      throw new MisconfigurationError(`${name} is ${showValue(hook)}, and hooks are functions`, {
        where: label,
        fix: `write ${name}(run) { … }, or leave it out`,
      });
    }
    const run = () => (hook as (...args: unknown[]) => HookResult | number).call(target, this, ...args);
    return this.step(this.profiler === null ? "" : `${label}.${snakeHook(name)}`, name, run, measure);
  }

  /** Adds to what {@linkcode RunState.settle} waits for. */
  defer(work: Promise<unknown>): void {
    // An error in the step itself comes first; this one is then not to be reported as unhandled.
    work.catch(() => {});
    this.#unfinished.push(work);
  }

  #later(result: unknown): void {
    if (result instanceof Promise) this.defer(result);
  }
}

/** The module's own steps; hooks may be asynchronous. */
const STEPS = ["trainingStep", "validationStep", "testStep", "predictStep"];

const takers = new WeakMap<object, boolean>();

/** Whether a hook may look at what it is given beside the run. */
function takesArguments([, target]: Receiver, name: string): boolean {
  const hook = (target as Record<string, unknown>)[name];
  if (typeof hook !== "function") return false;
  let takes = takers.get(hook);
  if (takes === undefined) {
    takes = [1, 2].some((index) => mayUseParameter(hook as (...args: never[]) => unknown, index));
    takers.set(hook, takes);
  }
  return takes;
}

/** `onTrainBatchEnd` as Lightning's reports name it: `on_train_batch_end`. */
function snakeHook(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** A batch's scope is synchronous, so whatever comes after a wait comes after its end. */
function scopeEnd(): Promise<void> {
  return Promise.resolve();
}
