import { ConfigError, FulgurError, OptionError } from "../errors.ts";
import {
  checkedLater,
  isCallable,
  isRecord,
  like,
  optional,
  required,
  type Taken,
  takeOptions,
  text,
} from "../options.ts";
import { DictNode } from "../config/node.ts";
import { pythonRepr, pythonStr } from "../config/python_text.ts";
import { EnumMember, floatText } from "../config/scalar.ts";
import { selectNode } from "../config/select.ts";
import { gridOf } from "./grid.ts";
import { objectiveValues } from "./objective_values.ts";
import { paramTexts } from "./param_texts.ts";
import { GridSampler } from "./samplers/grid_sampler.ts";
import { type Sampler, samplerRule } from "./samplers/sampler.ts";
import { TPESampler } from "./samplers/tpe_sampler.ts";
import { configuredSpace, type SweptParams, sweptParams } from "./search_space.ts";
import { writeResults } from "./sweep_results.ts";
import type { Direction } from "./study/frozen_trial.ts";
import { createStudy, type Study } from "./study/study.ts";
import type { Trial } from "./study/trial.ts";
import type { JobReturn, SweepContext, Sweeper } from "./sweeper.ts";

/** What {@linkcode OptunaSweeper} takes; Hydra's config calls it `hydra.sweeper`. */
export interface OptunaSweeperOptions {
  /** What draws parameters; a function that makes it of the swept values is for a grid. @default null, a TPESampler */
  sampler?: Sampler | ((options: { searchSpace: Record<string, unknown> }) => Sampler) | null;
  /** `minimize`, `maximize`, or one of them for each objective. @default "minimize" */
  direction?: unknown;
  /** Where trials are kept: null for memory, `sqlite:///file.db`. @default null */
  storage?: string | null;
  /** A study of this name that the storage has already is continued. @default null, a new name */
  studyName?: string | null;
  /** Jobs in all. @default 20 */
  nTrials?: number;
  /** Jobs that are drawn and launched together. @default 2 */
  nJobs?: number;
  /** The share of a batch that may fail before the sweep ends. @default 0 */
  maxFailureRate?: number;
  /** The older form of `params`, read from the config. @default null */
  searchSpace?: unknown;
  /** Override texts by key, read from the config. @default null */
  params?: unknown;
  /** A function `(config, trial)` that draws more parameters: `./space.ts#draw`. @default null */
  customSearchSpace?: string | null;
}

/** Draws more parameters of a trial. */
type Extend = (config: DictNode, trial: Trial) => unknown;

/**
 * Searches for the parameters with the best value of what the task returns, as Hydra's Optuna sweeper does.
 *
 * Jobs are drawn by a sampler, launched in batches, and their values told to a study. The best parameters are written
 * to `optimization_results.yaml` in the sweep's folder.
 *
 * Source: hydra-optuna-sweeper 1.3.0 with Optuna 2.10.1. One thing differs: a job that returns NaN, or as many values
 * as there are no objectives for, fails like one that returns text; there it ends the sweep with an error of the plugin
 * itself.
 *
 * @example
 * ```ts
 * import { OptunaSweeper } from "./optuna_sweeper.ts";
 * import { TPESampler } from "./samplers/tpe_sampler.ts";
 * const sweeper = new OptunaSweeper({ sampler: new TPESampler({ seed: 1 }), direction: "maximize", nTrials: 50 });
 * console.assert(typeof sweeper.sweep === "function");
 * ```
 */
export class OptunaSweeper implements Sweeper {
  readonly #options: Taken<OptunaSweeperOptions>;
  readonly #directions: readonly Direction[];
  #context: SweepContext | undefined;

  constructor(options: OptunaSweeperOptions = {}) {
    const o = takeOptions<OptunaSweeperOptions>("sweep.OptunaSweeper", options, {
      sampler: optional(
        like<NonNullable<OptunaSweeperOptions["sampler"]>>(
          "give a sampler, or a function that makes one of the swept values",
          (value) => isCallable(value) || samplerRule.admits(value),
        ),
      ),
      direction: checkedLater("minimize"),
      storage: optional(text(required)),
      studyName: optional(text(required)),
      nTrials: 20,
      nJobs: 2,
      maxFailureRate: 0,
      searchSpace: optional(like("give a mapping", isRecord)),
      params: optional(like("give a mapping", isRecord)),
      customSearchSpace: optional(text(required)),
    });
    checkOption(
      "max_failure_rate",
      o.maxFailureRate,
      o.maxFailureRate >= 0 && o.maxFailureRate <= 1,
      "0 to 1",
    );
    checkOption("n_jobs", o.nJobs, Number.isInteger(o.nJobs) && o.nJobs >= 1, "1 or more");
    this.#options = o;
    this.#directions = directionsOf(o.direction);
  }

  /** Keeps what the sweep works with. */
  setup(context: SweepContext): void {
    this.#context = context;
  }

  /**
   * Runs the search.
   *
   * @throws {ConfigError} for parameters that cannot be drawn, {ValueError} where no trial was completed, and what a job
   * threw where too many of a batch failed.
   */
  async sweep(args: readonly string[]): Promise<void> {
    const context = this.#context!;
    const { space, fixed } = this.#params(args);
    const { sampler, nTrials } = this.#sampler(space);
    const study = createStudy({
      sampler,
      directions: this.#directions,
      storage: this.#options.storage,
      studyName: this.#options.studyName,
      log: { warning: (message) => context.warn(message) },
    });
    try {
      context.log.info(`Study name: ${study.studyName}`);
      context.log.info(`Storage: ${pythonStr(this.#options.storage)}`);
      context.log.info(`Sampler: ${sampler.constructor.name}`);
      context.log.info(`Directions: ${pythonRepr(this.#directions)}`);
      const drawn = new Map([...space].filter(([name]) => !fixed.has(name)));
      await this.#run(study, { space: drawn, fixed }, nTrials);
      writeResults(study, context);
    } finally {
      study.storage.close();
    }
  }

  async #run(study: Study, params: SweptParams, nTrials: number): Promise<void> {
    const context = this.#context!;
    const extend = await this.#extender();
    for (let at = 0; at < nTrials; at += this.#options.nJobs) {
      const size = Math.min(this.#options.nJobs, nTrials - at);
      const trials = Array.from({ length: size }, () => study.ask());
      const jobs: string[][] = [];
      for (const trial of trials) jobs.push(await this.#job(trial, params, extend));
      const returns = await context.launcher.launch(jobs, at);
      const failures: unknown[] = [];
      for (const [i, job] of returns.entries()) {
        let values: number[];
        try {
          values = objectiveValues(job, this.#directions.length);
        } catch (error) {
          study.tell(trials[i]!, null, "fail");
          context.log.warning(`Failed experiment: ${messageOf(error)}`);
          failures.push(error);
          continue;
        }
        study.tell(trials[i]!, values);
      }
      if (failures.length / returns.length > this.#options.maxFailureRate) this.#giveUp(failures, returns);
    }
  }

  /** Throws what the first failed job threw; jobs that only returned no number let the sweep go on. */
  #giveUp(failures: readonly unknown[], returns: readonly JobReturn[]): void {
    const context = this.#context!;
    const shown = failures.map((error) => `${nameOf(error)}(${pythonRepr(messageOf(error))})`).join(", ");
    const rate = floatText(this.#options.maxFailureRate);
    context.log.error(`Failed [${shown}] times out of ${returns.length} with max_failure_rate=${rate}.`);
    for (const job of returns) if (job.status === "failed") context.rethrow(job);
  }

  /** Draws a trial's parameters and writes them as overrides, the fixed ones last. */
  async #job(trial: Trial, { space, fixed }: SweptParams, extend: Extend | undefined): Promise<string[]> {
    for (const [name, distribution] of space) trial.suggest(name, distribution);
    for (const [name, value] of fixed) trial.setUserAttr(name, value);
    await extend?.(this.#context!.config, trial);
    const { params, userAttrs } = trial.frozen;
    const overlap = [...params.keys()].filter((name) => userAttrs.has(name));
    if (overlap.length > 0) {
      throw new ConfigError("Overlapping fixed parameters and search space parameters found!", {
        where: `parameters ${overlap.join(", ")}`,
        fix: "let custom_search_space draw under other names, or take the fixed values out",
      });
    }
    return [...params, ...fixed].map(([name, value]) => `${name}=${pythonStr(value)}`);
  }

  /** `hydra.sweeper.params`, then the command line; without `params` the older `search_space` comes first. */
  #params(args: readonly string[]): SweptParams {
    const context = this.#context!;
    const params = paramTexts(context.config);
    const older = selectNode(context.config, "hydra.sweeper.search_space");
    const hasOlder = older instanceof DictNode && !older.isNone;
    const { space, fixed } = sweptParams([...params ?? [], ...args]);
    if (!hasOlder) return { space, fixed };
    if (params !== undefined) {
      context.warn(
        "Both hydra.sweeper.params and hydra.sweeper.search_space are given; search_space is not used.",
      );
      return { space, fixed };
    }
    context.warn("hydra.sweeper.search_space is deprecated. Please configure with hydra.sweeper.params.");
    return { space: new Map([...configuredSpace(older), ...space]), fixed };
  }

  /** The sampler, and how many trials it can fill: a grid has no more than its points. */
  #sampler(space: SweptParams["space"]): { sampler: Sampler; nTrials: number } {
    const { sampler, nTrials } = this.#options;
    if (typeof sampler !== "function") return { sampler: sampler ?? new TPESampler(), nTrials };
    const grid = gridOf(space);
    const made = sampler({ searchSpace: grid });
    if (!(made instanceof GridSampler)) return { sampler: made, nTrials };
    const points = Object.values(grid).reduce((product, values) => product * values.length, 1);
    const capped = Math.min(nTrials, points);
    this.#context!.log.info(`Updating num of trials to ${capped} due to using GridSampler.`);
    return { sampler: made, nTrials: capped };
  }

  async #extender(): Promise<Extend | undefined> {
    const target = this.#options.customSearchSpace;
    if (target === null) return undefined;
    return await this.#context!.instantiate({ _target_: target, _partial_: true }) as Extend;
  }
}

function directionsOf(direction: unknown): Direction[] {
  const all = Array.isArray(direction) ? direction : [direction];
  return all.map((one) => {
    const name = one instanceof EnumMember ? one.name : one;
    checkOption(
      "direction",
      name,
      name === "minimize" || name === "maximize",
      "minimize, maximize, or a list",
    );
    return name as Direction;
  });
}

function checkOption(option: string, value: unknown, isGood: boolean, valid: string): void {
  if (isGood) return;
  throw new OptionError(`hydra.sweeper.${option} cannot be ${pythonStr(value)}`, { fix: `give ${valid}` });
}

function messageOf(error: unknown): string {
  if (error instanceof FulgurError) return error.what;
  return error instanceof Error ? error.message : String(error);
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}
