import { dirname, join, relative, resolve } from "node:path";
import { MisconfigurationError } from "../errors.ts";
import {
  type CheckpointCallback,
  type HookResult,
  type Json,
  pythonStateKey,
  type Run,
  type Stage,
} from "../train/callback.ts";
import { resolveMode } from "./best_value.ts";
import { formatCheckpointName } from "./checkpoint_name.ts";
import { parseDuration } from "../train/duration.ts";
import {
  type CheckpointPlan,
  type ModelCheckpointOptions,
  planCheckpoints,
} from "./model_checkpoint_options.ts";
import { Ranking, type Scores } from "./ranking.ts";
import { countsAsWhole } from "../train/limits.ts";

/**
 * Saves checkpoints as a run goes: the best k by a metric, the newest, or all.
 *
 * As in Lightning 2.5, `last.ckpt` is written at every save, also when no better file was.
 *
 * @example
 * ```ts
 * import { ModelCheckpoint } from "./model_checkpoint.ts";
 * const callback = new ModelCheckpoint({ monitor: "val/best", filename: "epoch_{epoch:03d}", saveLast: true });
 * console.assert(callback.bestModelPath === "");
 * ```
 */
export class ModelCheckpoint implements CheckpointCallback {
  readonly monitors = true;
  readonly stateKey: string;
  /** The folder, known from the start of a run. */
  dirpath: string | null;
  bestModelPath = "";
  lastModelPath = "";
  /** The score of the newest ranked file, or `null`. */
  currentScore: number | null = null;
  readonly #plan: CheckpointPlan;
  readonly #ranking: Ranking;
  readonly #intervalMs: number | null;
  #lastSavedAtMs = 0;
  #lastSavedStep = 0;
  #deferred = false;
  #validated = false;

  constructor(options: ModelCheckpointOptions = {}) {
    const plan = planCheckpoints(options);
    this.#plan = plan;
    this.#ranking = new Ranking(plan.saveTopK);
    this.#intervalMs = plan.trainTimeInterval === null
      ? null
      : parseDuration(plan.trainTimeInterval, "callbacks.ModelCheckpoint");
    this.dirpath = plan.dirpath === null ? null : resolve(plan.dirpath);
    this.stateKey = pythonStateKey("ModelCheckpoint", {
      monitor: plan.monitor,
      mode: plan.mode,
      every_n_train_steps: plan.everyNTrainSteps,
      every_n_epochs: plan.everyNEpochs,
      train_time_interval: plan.trainTimeInterval,
    });
  }

  get bestModelScore(): number | null {
    return this.#ranking.scoreOf(this.bestModelPath);
  }

  /** Ranked files and their scores. */
  get bestKModels(): Scores {
    return this.#ranking.scores;
  }

  setup(run: Run, stage: Stage): void {
    this.dirpath ??= resolve(run.logDir, "checkpoints");
    if (stage === "fit" && this.#plan.saveTopK !== 0 && !isEmptyFolder(this.dirpath)) {
      run.print(`Checkpoint directory ${this.dirpath} exists and is not empty.`);
    }
  }

  onTrainStart(): void {
    this.#lastSavedAtMs = performance.now();
  }

  onTrainBatchEnd(run: Run): HookResult {
    const { everyNTrainSteps } = this.#plan;
    const bySteps = everyNTrainSteps > 0 && run.globalStep % everyNTrainSteps === 0;
    const byTime = this.#intervalMs !== null && performance.now() - this.#lastSavedAtMs >= this.#intervalMs;
    if ((bySteps || byTime) && !this.#skips(run)) return this.#saveStep(run);
  }

  async #saveStep(run: Run): Promise<void> {
    await run.readMetrics();
    const { monitor } = this.#plan;
    if (monitor !== null && run.callbackMetrics[monitor] === undefined) {
      this.#deferred = true;
      return;
    }
    this.#lastSavedAtMs = performance.now();
    await this.#save(run);
  }

  async onTrainEpochEnd(run: Run): Promise<void> {
    if (this.#savesOnTrainEpochEnd(run) && this.#epochIsDue(run) && !this.#skips(run)) await this.#save(run);
  }

  async onValidationEnd(run: Run): Promise<void> {
    if (run.loop !== "sanity") this.#validated = true;
    const due = this.#deferred || (!this.#savesOnTrainEpochEnd(run) && this.#epochIsDue(run));
    if (!due || this.#skips(run)) return;
    this.#deferred = false;
    await this.#save(run);
  }

  #skips(run: Run): boolean {
    return run.settings.fastDevRun > 0 || run.stage !== "fit" || run.loop === "sanity" ||
      this.#lastSavedStep === run.globalStep;
  }

  #epochIsDue(run: Run): boolean {
    const { everyNEpochs } = this.#plan;
    return everyNEpochs > 0 && (run.currentEpoch + 1) % everyNEpochs === 0;
  }

  #savesOnTrainEpochEnd(run: Run): boolean {
    const { saveOnTrainEpochEnd } = this.#plan;
    if (saveOnTrainEpochEnd !== null) return saveOnTrainEpochEnd;
    if (run.settings.checkValEveryNEpoch !== 1) return false;
    return run.batches.validate === 0 || countsAsWhole(run.settings.valCheckInterval);
  }

  async #save(run: Run): Promise<void> {
    this.#lastSavedStep = run.globalStep;
    if (this.#plan.saveTopK !== 0) {
      await (this.#plan.monitor === null ? this.#saveNewest(run) : this.#saveIfBest(run, this.#plan.monitor));
    }
    if (this.#plan.saveLast) await this.#saveLast(run, this.#plan.saveLast === "link");
  }

  async #saveNewest(run: Run): Promise<void> {
    const previous = this.bestModelPath;
    const path = this.#freePath(this.#name(run), previous);
    this.bestModelPath = path;
    await this.#write(run, path);
    if (this.#plan.saveTopK === 1) await this.#remove(run, previous, path);
  }

  async #saveIfBest(run: Run, monitor: string): Promise<void> {
    const score = run.callbackMetrics[monitor];
    if (score === undefined) return this.#missing(run, monitor);
    const mode = resolveMode(this.#plan.mode, monitor, run);
    const place = `Epoch ${run.currentEpoch}, global step ${run.globalStep}: '${monitor}'`;
    if (!this.#ranking.accepts(score, mode)) {
      if (this.#plan.verbose) run.print(`${place} was not in top ${this.#plan.saveTopK}`);
      return;
    }
    const evicted = this.#ranking.evicted();
    const path = this.#freePath(this.#name(run), evicted);
    this.#ranking.admit(path, score, mode);
    this.currentScore = score;
    this.bestModelPath = this.#ranking.best;
    if (this.#plan.verbose) {
      const best = this.bestModelScore?.toFixed(5);
      const top = this.#plan.saveTopK === -1 ? Object.keys(this.bestKModels).length : this.#plan.saveTopK;
      run.print(
        `${place} reached ${score.toFixed(5)} (best ${best}), saving model to '${path}' as top ${top}`,
      );
    }
    await this.#write(run, path);
    await this.#remove(run, evicted, path);
  }

  /** Before the first validation the metric may still come; after it, it will not. */
  #missing(run: Run, monitor: string): void {
    const known = Object.keys(run.callbackMetrics).join(", ") || "none";
    const what = `ModelCheckpoint monitors "${monitor}", which was not logged`;
    if (!this.#validated && run.batches.validate > 0) return run.print(`${what}; logged are ${known}`);
    throw new MisconfigurationError(what, { where: "callbacks.ModelCheckpoint", fix: `logged are ${known}` });
  }

  async #saveLast(run: Run, link: boolean): Promise<void> {
    const previous = this.lastModelPath;
    const path = this.#freePath("last", previous);
    this.lastModelPath = path;
    const newest = this.bestModelPath;
    if (link && newest !== "" && this.#plan.saveTopK !== 0) {
      await Deno.remove(path).catch(() => {});
      await Deno.symlink(relative(dirname(path), newest), path);
    } else {
      await this.#write(run, path);
    }
    await this.#remove(run, previous, path);
  }

  #name(run: Run): string {
    const { filename, autoInsertMetricName } = this.#plan;
    const values = { epoch: run.currentEpoch, step: run.globalStep, ...run.callbackMetrics };
    return formatCheckpointName(filename ?? "{epoch}-{step}", values, autoInsertMetricName);
  }

  /** The path for a name; an existing file other than `replaced` is left alone and gets a numbered sibling. */
  #freePath(name: string, replaced: string): string {
    const path = (version: number) =>
      join(this.#folder(), `${name}${version === 0 ? "" : `-v${version}`}.ckpt`);
    let version = 0;
    if (this.#plan.enableVersionCounter) {
      while (exists(path(version)) && path(version) !== replaced) version += 1;
    }
    return path(version);
  }

  #folder(): string {
    return this.dirpath ?? resolve("checkpoints");
  }

  #write(run: Run, path: string): Promise<void> {
    return run.saveCheckpoint(path, { weightsOnly: this.#plan.saveWeightsOnly });
  }

  /** Removes an earlier file, but never the one training was resumed from, nor one outside of the folder. */
  async #remove(run: Run, path: string, written: string): Promise<void> {
    if (path === "" || path === written) return;
    if (run.checkpointPath !== null && resolve(run.checkpointPath) === resolve(path)) return;
    if (!resolve(path).startsWith(this.#folder())) return;
    await Deno.remove(path).catch((error) => {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    });
  }

  state(): Json {
    return {
      monitor: this.#plan.monitor,
      bestModelPath: this.bestModelPath,
      bestModelScore: this.bestModelScore,
      currentScore: this.currentScore,
      dirpath: this.dirpath,
      bestKModels: this.bestKModels,
      kthBestModelPath: this.#ranking.worst,
      lastModelPath: this.lastModelPath,
    };
  }

  loadState(state: Json): void {
    const saved = state as unknown as SavedState;
    this.bestModelPath = saved.bestModelPath;
    // With another folder the ranked files are not this run's to keep or to remove.
    if (saved.dirpath !== this.dirpath) return;
    this.#ranking.restore(saved.bestKModels, saved.bestModelPath, saved.kthBestModelPath);
    this.currentScore = saved.currentScore;
    this.lastModelPath = saved.lastModelPath;
  }
}

interface SavedState {
  readonly bestModelPath: string;
  readonly currentScore: number | null;
  readonly dirpath: string | null;
  readonly bestKModels: Scores;
  readonly kthBestModelPath: string;
  readonly lastModelPath: string;
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

function isEmptyFolder(path: string): boolean {
  try {
    return Deno.readDirSync(path)[Symbol.iterator]().next().done === true;
  } catch {
    return true;
  }
}
