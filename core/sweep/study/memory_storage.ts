import { ValueError } from "../../errors.ts";
import { type Distribution, type ParamValue, toExternal } from "./distribution.ts";
import { checkCompatible } from "./distribution_json.ts";
import { type Direction, type FrozenTrial, isFinished, type TrialState } from "./frozen_trial.ts";
import type { StudyStorage } from "./storage.ts";

/** A trial as its storage sees it. */
export interface TrialRecord extends FrozenTrial {
  state: TrialState;
  values: readonly number[] | null;
  readonly params: Map<string, ParamValue>;
  readonly distributions: Map<string, Distribution>;
  readonly intermediateValues: Map<number, number>;
  readonly userAttrs: Map<string, unknown>;
  readonly systemAttrs: Map<string, unknown>;
  datetimeStart: Date | null;
  datetimeComplete: Date | null;
}

/** A trial that has just begun, or that waits to begin. */
export function newRecord(id: number, number: number, state: "running" | "waiting"): TrialRecord {
  return {
    id,
    number,
    state,
    values: null,
    params: new Map(),
    distributions: new Map(),
    intermediateValues: new Map(),
    userAttrs: new Map(),
    systemAttrs: new Map(),
    datetimeStart: state === "running" ? new Date() : null,
    datetimeComplete: null,
  };
}

/** Keeps a study in memory: it ends with the process. */
export class MemoryStorage implements StudyStorage {
  readonly studyName: string;
  readonly directions: readonly Direction[];
  readonly trials: TrialRecord[] = [];
  readonly systemAttrs: Map<string, unknown> = new Map();
  readonly userAttrs: Map<string, unknown> = new Map();
  /** The kind that each parameter of the study has. */
  readonly #kinds = new Map<string, Distribution>();

  constructor(studyName: string | null, directions: readonly Direction[]) {
    this.studyName = studyName ?? newStudyName();
    this.directions = directions;
  }

  /** Nobody else writes here. */
  sync(): void {}

  /** Adds a trial. */
  createTrial(state: "running" | "waiting"): TrialRecord {
    const number = this.trials.length;
    return this.adopt(newRecord(number, number, state));
  }

  /** Adds or replaces a trial that came from elsewhere. */
  adopt(trial: TrialRecord): TrialRecord {
    this.trials[trial.number] = trial;
    for (const [name, distribution] of trial.distributions) {
      if (!this.#kinds.has(name)) this.#kinds.set(name, distribution);
    }
    return trial;
  }

  /** Starts a waiting trial. */
  start(trial: FrozenTrial, time: Date = new Date()): boolean {
    const record = this.#open(trial);
    if (record.state !== "waiting") return false;
    record.state = "running";
    record.datetimeStart = time;
    return true;
  }

  /** The distribution that the study has a parameter with, if any. */
  kindOf(name: string): Distribution | undefined {
    return this.#kinds.get(name);
  }

  /** Keeps what was drawn. */
  setParam(trial: FrozenTrial, name: string, internal: number, distribution: Distribution): void {
    const record = this.#open(trial);
    const kind = this.#kinds.get(name);
    if (kind !== undefined) checkCompatible(name, kind, distribution);
    this.#kinds.set(name, distribution);
    record.params.set(name, toExternal(distribution, internal));
    record.distributions.set(name, distribution);
  }

  /** Keeps what was reported. */
  setIntermediateValue(trial: FrozenTrial, step: number, value: number): void {
    this.#open(trial).intermediateValues.set(step, value);
  }

  /** Keeps what the user says of a trial. */
  setUserAttr(trial: FrozenTrial, key: string, value: unknown): void {
    this.#open(trial).userAttrs.set(key, value);
  }

  /** Keeps what a sampler says of a trial. */
  setSystemAttr(trial: FrozenTrial, key: string, value: unknown): void {
    this.#open(trial).systemAttrs.set(key, value);
  }

  /** Ends a trial. */
  finish(trial: FrozenTrial, state: TrialState, values: readonly number[] | null): void {
    const record = this.#open(trial);
    if (values !== null) record.values = values;
    record.state = state;
    record.datetimeComplete = new Date();
  }

  /** Keeps what the user says of the study. */
  setStudyUserAttr(key: string, value: unknown): void {
    this.userAttrs.set(key, value);
  }

  /** Keeps what a sampler says of the study. */
  setStudySystemAttr(key: string, value: unknown): void {
    this.systemAttrs.set(key, value);
  }

  /** The first of the completed trials that no other one beats. */
  bestTrial(): TrialRecord | undefined {
    const sign = this.directions[0] === "maximize" ? -1 : 1;
    let best: TrialRecord | undefined;
    for (const trial of this.trials) {
      if (trial.state !== "complete") continue;
      if (best === undefined || sign * trial.values![0]! < sign * best.values![0]!) best = trial;
    }
    return best;
  }

  /** There is nothing to let go of. */
  close(): void {}

  #open(trial: FrozenTrial): TrialRecord {
    if (isFinished(trial)) {
      throw new ValueError(`Trial#${trial.number} has already finished and can not be updated`, {
        where: `study "${this.studyName}"`,
      });
    }
    return this.trials[trial.number]!;
  }
}

/** The name of a study that was given none. */
export function newStudyName(): string {
  return `no-name-${crypto.randomUUID()}`;
}
