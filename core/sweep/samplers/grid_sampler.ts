import { OptionError } from "../../errors.ts";
import { pythonRepr } from "../../config/python_text.ts";
import { isCallable, like, record, takeOptions } from "../../options.ts";
import {
  contains,
  type Distribution,
  type ParamValue,
  toExternal,
  toInternal,
} from "../study/distribution.ts";
import { type FrozenTrial, isFinished } from "../study/frozen_trial.ts";
import { plainJson } from "../study/python_json.ts";
import type { Study } from "../study/study.ts";
import type { ParamValues, Sampler } from "./sampler.ts";

const SPACE_KEY = "search_space";
const GRID_KEY = "grid_id";
/** More points than anybody waits for. */
const MAX_POINTS = 1_000_000;

/** What {@linkcode GridSampler} takes. */
export interface GridSamplerOptions {
  /** The values of each parameter. */
  searchSpace: Readonly<Record<string, readonly ParamValue[]>>;
  /** Numbers of [0, 1) that decide which point is next. @default Math.random */
  random?: () => number;
}

/**
 * Tries every combination of the given values once, in random order, and then stops the study.
 *
 * Source: `optuna.samplers.GridSampler` of Optuna 2.10.1. It has no seed there either: two runs try the same points in
 * different orders. Points are kept in the study, so that several processes share one grid.
 *
 * @throws {OptionError} for values of one parameter that cannot be sorted, or too many points.
 *
 * @example
 * ```ts
 * import { createStudy } from "../study/study.ts";
 * import { GridSampler } from "./grid_sampler.ts";
 * const study = createStudy({ sampler: new GridSampler({ searchSpace: { x: [1, 2], y: ["a", "b"] } }) });
 * study.optimize((trial) => {
 *   return trial.suggestInt("x", 1, 2) + (trial.suggestCategorical("y", ["a", "b"]) === "a" ? 0.5 : 0);
 * }, { nTrials: 100 });
 * console.assert(study.trials.length === 4 && study.bestTrial.values![0] === 1);
 * ```
 */
export class GridSampler implements Sampler {
  /** Values by name, both sorted. */
  readonly #space: ReadonlyMap<string, readonly ParamValue[]>;
  readonly #points: number;
  readonly #random: () => number;

  constructor(options: GridSamplerOptions) {
    const { searchSpace, random } = takeOptions<GridSamplerOptions>("sweep.GridSampler", options, {
      searchSpace: record("give a list of values for each parameter", Array.isArray),
      random: like("give a function", isCallable, Math.random),
    });
    const names = Object.keys(searchSpace).sort(comparePoints);
    this.#space = new Map(names.map((name) => [name, sorted(name, searchSpace[name]!)]));
    this.#points = [...this.#space.values()].reduce((product, values) => product * values.length, 1);
    if (this.#points > MAX_POINTS) {
      throw new OptionError(`The grid has ${this.#points} points`, {
        where: names.map((name) => `${name}: ${searchSpace[name]!.length}`).join(", "),
        fix: "give fewer values, or use hydra/sweeper/sampler=random",
      });
    }
    this.#random = random;
  }

  /** Chooses the trial's point, so that its parameters fit together. */
  sampleRelative(study: Study, trial: FrozenTrial): ParamValues {
    let open = this.#unvisited(study);
    if (open.length === 0) {
      study.log.warning("Every point of the grid has been tried, so one is tried again.");
      open = [...Array(this.#points).keys()];
    }
    const point = open[Math.floor(this.#random() * open.length)]!;
    study.storage.setSystemAttr(trial, SPACE_KEY, Object.fromEntries(this.#space));
    study.storage.setSystemAttr(trial, GRID_KEY, point);
    return new Map();
  }

  /**
   * The parameter's value at the trial's point.
   *
   * @throws {OptionError} for a parameter that the grid does not have.
   */
  sampleIndependent(study: Study, trial: FrozenTrial, name: string, distribution: Distribution): ParamValue {
    if (!this.#space.has(name)) {
      throw new OptionError(`The parameter name, ${name}, is not found in the given grid`, {
        where: `trial ${trial.number}`,
        fix: `the grid has ${[...this.#space.keys()].join(", ")}`,
      });
    }
    const value = this.#at(trial.systemAttrs.get(GRID_KEY) as number, name);
    const internal = toInternal(distribution, value);
    if (!contains(distribution, internal)) {
      study.log.warning(
        `The value ${pythonRepr(value)} of the grid is out of range of the parameter '${name}'.`,
      );
    }
    return toExternal(distribution, internal);
  }

  /** Stops the study when this was the last point. */
  afterTrial(study: Study, trial: FrozenTrial): void {
    const open = this.#unvisited(study);
    const isLast = open.length === 1 && open[0] === trial.systemAttrs.get(GRID_KEY);
    if (open.length === 0 || isLast) study.stop();
  }

  /** Points that no trial has; where all are taken, those that no trial has finished. */
  #unvisited(study: Study): number[] {
    const finished = new Set<unknown>();
    const running = new Set<unknown>();
    for (const trial of study.trials) {
      if (!trial.systemAttrs.has(GRID_KEY) || !this.#isSame(trial.systemAttrs.get(SPACE_KEY))) continue;
      if (isFinished(trial)) finished.add(trial.systemAttrs.get(GRID_KEY));
      else if (trial.state === "running") running.add(trial.systemAttrs.get(GRID_KEY));
    }
    const open = [...Array(this.#points).keys()].filter((point) => !finished.has(point));
    const free = open.filter((point) => !running.has(point));
    return free.length > 0 ? free : open;
  }

  /** Whether another trial's grid is this one. */
  #isSame(space: unknown): boolean {
    return JSON.stringify(plainJson(space)) === JSON.stringify(plainJson(Object.fromEntries(this.#space)));
  }

  /** The last parameter changes fastest from point to point. */
  #at(point: number, name: string): ParamValue {
    let rest = point;
    for (const [key, values] of [...this.#space].reverse()) {
      if (key === name) return values[rest % values.length]!;
      rest = Math.floor(rest / values.length);
    }
    return null;
  }
}

function sorted(name: string, values: readonly ParamValue[]): ParamValue[] {
  const isText = values.every((value) => typeof value === "string");
  if (!isText && values.some((value) => typeof value === "string" || value === null)) {
    throw new OptionError(`The values of ${name} cannot be sorted: ${values.map(pythonRepr).join(", ")}`, {
      where: "sweep.GridSampler",
      fix: "give numbers only, or text only",
    });
  }
  return [...values].sort((a, b) => {
    return isText ? comparePoints(a as string, b as string) : Number(a) - Number(b);
  });
}

function comparePoints(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
