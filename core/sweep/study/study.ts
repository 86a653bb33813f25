import { OptionError, ValueError } from "../../errors.ts";
import { oneOf, optional, required, takeOptions, text } from "../../options.ts";
import { type Sampler, samplerRule } from "../samplers/sampler.ts";
import { TPESampler } from "../samplers/tpe_sampler.ts";
import type { ParamValue } from "./distribution.ts";
import { type Direction, type FrozenTrial, lastReport, type TrialState } from "./frozen_trial.ts";
import { openStorage } from "./open_storage.ts";
import { paretoFront } from "./pareto.ts";
import type { StudyStorage } from "./storage.ts";
import { Trial } from "./trial.ts";

/** Where samplers say what a user should know. */
export interface StudyLog {
  warning(message: string): void;
}

/** What {@linkcode createStudy} makes. */
export interface StudyOptions {
  /** One direction per objective. @default ["minimize"] */
  readonly directions?: readonly Direction[];
  /** What draws parameters. @default null, a new TPESampler */
  readonly sampler?: Sampler | null;
  /** Where trials are kept: null for memory, `sqlite:///file.db` for a file that Optuna can read. @default null */
  readonly storage?: string | null;
  /** A study of this name that the storage has already is continued. @default null, a new name */
  readonly studyName?: string | null;
  /** @default the console */
  readonly log?: StudyLog;
}

const CONSOLE: StudyLog = { warning: (message) => console.warn(message) };

/**
 * Makes a study, or opens the one of that name.
 *
 * @throws {ConfigError} for a storage that cannot be used, {OptionError} for other directions than the study has.
 *
 * @example
 * ```ts
 * import { createStudy } from "./study.ts";
 * import { TPESampler } from "../samplers/tpe_sampler.ts";
 * const study = createStudy({ sampler: new TPESampler({ seed: 0 }) });
 * study.optimize((trial) => (trial.suggestFloat("x", -10, 10) - 2) ** 2, { nTrials: 50 });
 * console.assert(study.bestTrial.values![0]! < 0.1);
 * ```
 */
export function createStudy(options: StudyOptions = {}): Study {
  const o = takeOptions<StudyOptions>("sweep.createStudy", options, {
    directions: ["minimize"],
    sampler: optional(samplerRule),
    storage: optional(text(required)),
    studyName: optional(text(required)),
    log: CONSOLE,
  });
  for (const direction of o.directions) {
    oneOf("sweep.createStudy", "directions", direction, ["minimize", "maximize"]);
  }
  if (o.directions.length === 0) {
    throw new OptionError("A study needs at least one direction", { fix: 'give directions: ["minimize"]' });
  }
  const storage = openStorage(o.storage, o.studyName, o.directions);
  return new Study(storage, o.sampler ?? new TPESampler(), o.log);
}

/** An optimisation: asks its sampler for the parameters of trials, and is told what came of them. */
export class Study {
  /** What draws parameters. */
  readonly sampler: Sampler;
  /** Where trials are kept. */
  readonly storage: StudyStorage;
  /** Where samplers say what a user should know. */
  readonly log: StudyLog;
  #isStopped = false;

  /** Use {@linkcode createStudy}. */
  constructor(storage: StudyStorage, sampler: Sampler, log: StudyLog) {
    this.storage = storage;
    this.sampler = sampler;
    this.log = log;
  }

  /** The study's name in its storage. */
  get studyName(): string {
    return this.storage.studyName;
  }

  /** One direction per objective. */
  get directions(): readonly Direction[] {
    return this.storage.directions;
  }

  /** All trials by number. */
  get trials(): readonly FrozenTrial[] {
    return this.storage.trials;
  }

  /** Whether there are several objectives. */
  get isMultiObjective(): boolean {
    return this.directions.length > 1;
  }

  /**
   * The completed trial with the best value.
   *
   * @throws {ValueError} where no trial is complete, or there are several objectives.
   */
  get bestTrial(): FrozenTrial {
    if (this.isMultiObjective) {
      throw new ValueError("A best trial can only be obtained from a study of one objective", {
        fix: "read bestTrials",
      });
    }
    const best = this.storage.bestTrial();
    if (best !== undefined) return best;
    throw new ValueError("No trials are completed yet.", {
      where: `study "${this.studyName}" of ${this.trials.length} trials`,
      fix: "the objective must return a number",
    });
  }

  /** The Pareto front: completed trials that no other one dominates, by number. */
  get bestTrials(): FrozenTrial[] {
    return paretoFront(this.trials, this.directions);
  }

  /** Starts a trial: one that waits, or a new one. */
  ask(): Trial {
    this.storage.sync();
    for (const trial of this.trials) {
      if (trial.state === "waiting" && this.storage.start(trial)) return new Trial(this, trial);
    }
    return new Trial(this, this.storage.createTrial("running"));
  }

  /**
   * Ends a trial.
   *
   * @param values One per direction where the trial is complete, else null.
   * @throws {ValueError} where the values do not fit the directions or the state, or are no numbers.
   */
  tell(trial: Trial, values: readonly number[] | null, state: TrialState = "complete"): void {
    const { frozen } = trial;
    const where = `trial ${frozen.number}`;
    let kept = values;
    if (state === "complete") {
      const wrong = values?.length !== this.directions.length ||
        !values.every((v) => !Number.isNaN(Number(v)));
      if (wrong) {
        throw new ValueError(`A complete trial needs ${this.directions.length} numbers, got ${values}`, {
          where,
        });
      }
    } else if (values !== null || (state !== "pruned" && state !== "fail")) {
      throw new ValueError(`A trial cannot be told to be ${state} with the values ${values}`, {
        where,
        fix: 'a trial ends as "complete" with values, or as "pruned" or "fail" without',
      });
    } else if (state === "pruned") {
      const report = lastReport(frozen);
      if (report !== undefined && !Number.isNaN(report.value)) kept = [report.value];
    }
    try {
      this.sampler.afterTrial?.(this, frozen, state, kept);
    } finally {
      this.storage.finish(frozen, state, kept);
    }
  }

  /** Lets the next {@linkcode ask} begin with these values. */
  enqueueTrial(params: Readonly<Record<string, ParamValue>>): void {
    const trial = this.storage.createTrial("waiting");
    this.storage.setSystemAttr(trial, "fixed_params", params);
  }

  /** Lets {@linkcode optimize} end after the present trial. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Runs trials one after another, until there are `nTrials` or {@linkcode stop} is called. */
  optimize(
    objective: (trial: Trial) => number | readonly number[],
    { nTrials }: { readonly nTrials: number },
  ): void {
    this.#isStopped = false;
    for (let i = 0; i < nTrials && !this.#isStopped; i++) {
      const trial = this.ask();
      let value: number | readonly number[];
      try {
        value = objective(trial);
      } catch (error) {
        this.tell(trial, null, "fail");
        throw error;
      }
      this.tell(trial, typeof value === "number" ? [value] : value);
    }
  }
}
