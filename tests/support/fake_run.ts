import type { Callback, LoopName, Run, Stage } from "../../core/train/callback.ts";
import type { LitModule, OptimizerEntry, SchedulerEntry } from "../../core/train/lit_module_hooks.ts";
import type { Logger } from "../../core/train/logger.ts";
import { type Settings, settle } from "../../core/train/settings.ts";
import { TRAINER_DEFAULTS, type TrainerOptions } from "../../core/train/trainer_options.ts";
import { takeOptions } from "../../core/options.ts";

/** Settings as a trainer would work them out. */
export function settingsOf(options: TrainerOptions = {}): Settings {
  return settle(takeOptions<TrainerOptions>("train.Trainer", options, TRAINER_DEFAULTS));
}

/** A run that hooks can be fed by hand: no model, no training. */
export class FakeRun implements Run {
  stage: Stage = "fit";
  loop: LoopName = "train";
  settings: Settings;
  module: LitModule = {} as LitModule;
  optimizers: OptimizerEntry[] = [];
  schedulers: SchedulerEntry[] = [];
  callbacks: Callback[] = [];
  loggers: Logger[] = [];
  device = "fake";
  currentEpoch = 0;
  globalStep = 0;
  loggedStep = 0;
  batchIdx = 0;
  totalBatches = 4;
  batches = { sanity: 0, train: 4, validate: 1, test: 0 };
  checkpointPath: string | null = null;
  logDir = ".";
  shouldStop = false;
  callbackMetrics: Record<string, number> = {};
  progressBarMetrics: Record<string, number> = {};
  directions: Record<string, "min" | "max"> = {};
  printed: string[] = [];
  reasons: string[] = [];
  saved: string[] = [];
  sent: [metrics: Readonly<Record<string, number>>, step: number][] = [];

  constructor(options: TrainerOptions = {}) {
    this.settings = settingsOf(options);
  }

  log(): void {}

  logDict(): void {}

  epochValue(): null {
    return null;
  }

  logToLoggers(metrics: Readonly<Record<string, number>>, step: number): Promise<void> {
    this.sent.push([metrics, step]);
    return Promise.resolve();
  }

  logHyperparams(): Promise<void> {
    return Promise.resolve();
  }

  readMetrics(): Promise<Readonly<Record<string, number>>> {
    return Promise.resolve(this.callbackMetrics);
  }

  readProgress(): Promise<void> {
    return Promise.resolve();
  }

  direction(name: string): "min" | "max" | null {
    return this.directions[name] ?? null;
  }

  stop(reason: string): void {
    this.reasons.push(reason);
    this.shouldStop = true;
  }

  async saveCheckpoint(path: string): Promise<void> {
    this.saved.push(path);
    await Deno.mkdir(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    await Deno.writeTextFile(path, "weights");
  }

  print(text: string): void {
    this.printed.push(text);
  }

  setPrinter(_printer?: (text: string) => void): (text: string) => void {
    return (text) => this.print(text);
  }
}
