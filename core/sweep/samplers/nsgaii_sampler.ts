import { createHash } from "node:crypto";
import { OptionError } from "../../errors.ts";
import {
  count,
  isCallable,
  like,
  number,
  optional,
  required,
  type Taken,
  takeOptions,
} from "../../options.ts";
import { RandomState } from "../numeric/random_state.ts";
import type { Distribution, ParamValue } from "../study/distribution.ts";
import type { FrozenTrial, TrialState } from "../study/frozen_trial.ts";
import type { Study } from "../study/study.ts";
import { CONSTRAINTS_KEY, domination, selectElite } from "./elite.ts";
import { RandomSampler } from "./random_sampler.ts";
import type { ParamValues, Sampler } from "./sampler.ts";

const GENERATION_KEY = "nsga2:generation";
const PARENTS_KEY = "nsga2:parents";
const POPULATION_KEY = "nsga2:population";

/** What {@linkcode NSGAIISampler} takes. */
export interface NSGAIISamplerOptions {
  /** Equal seeds draw equal values; null for a new one each time. @default null */
  seed?: number | null;
  /** Trials in a generation. @default 50 */
  populationSize?: number;
  /** The chance of drawing a parameter anew; null for one over the number of parameters. @default null */
  mutationProb?: number | null;
  /** The chance of having two parents and not one. @default 0.9 */
  crossoverProb?: number;
  /** The chance of taking a parameter from the second parent. @default 0.5 */
  swappingProb?: number;
  /** What a complete trial must keep below or at zero: one number per constraint. @default null */
  constraintsFunc?: ((trial: FrozenTrial) => readonly number[]) | null;
}

/**
 * The elitist genetic algorithm NSGA-II for several objectives (one is possible): generations of trials, the best by
 * non-domination and then by distance to their neighbours being the parents of the next.
 *
 * Source: Deb et al. 2002; `optuna.samplers.NSGAIISampler` of Optuna 2.10.1, whose values equal seeds draw. Generations
 * are kept in the study, so it can be continued here and there.
 *
 * @example
 * ```ts
 * import { createStudy } from "../study/study.ts";
 * import { NSGAIISampler } from "./nsgaii_sampler.ts";
 * const sampler = new NSGAIISampler({ seed: 1, populationSize: 8 });
 * const study = createStudy({ sampler, directions: ["minimize", "minimize"] });
 * study.optimize((trial) => {
 *   const x = trial.suggestFloat("x", 0, 2);
 *   return [x ** 2, (x - 1) ** 2];
 * }, { nTrials: 40 });
 * console.assert(study.bestTrials.length > 10);
 * ```
 */
export class NSGAIISampler implements Sampler {
  readonly #options: Taken<NSGAIISamplerOptions>;
  readonly #random: RandomState;
  readonly #fresh: RandomSampler;

  constructor(options: NSGAIISamplerOptions = {}) {
    const o = takeOptions<NSGAIISamplerOptions>("sweep.NSGAIISampler", options, {
      seed: optional(count(required)),
      populationSize: 50,
      mutationProb: optional(number(required)),
      crossoverProb: 0.9,
      swappingProb: 0.5,
      constraintsFunc: optional(
        like<NonNullable<NSGAIISamplerOptions["constraintsFunc"]>>("give a function", isCallable),
      ),
    });
    if (!(Number.isInteger(o.populationSize) && o.populationSize >= 2)) {
      throw new OptionError(`sweep.NSGAIISampler cannot have a population of ${o.populationSize}`, {
        fix: "give population_size of 2 or more",
      });
    }
    checkShare("mutation_prob", o.mutationProb ?? 0);
    checkShare("crossover_prob", o.crossoverProb);
    checkShare("swapping_prob", o.swappingProb);
    this.#options = o;
    this.#random = new RandomState(o.seed);
    this.#fresh = new RandomSampler({ seed: o.seed });
  }

  /** Draws no parameters, but the trial's parents. */
  sampleRelative(study: Study, trial: FrozenTrial): ParamValues {
    const { generation, population } = this.#parents(study);
    study.storage.setSystemAttr(trial, GENERATION_KEY, generation + 1);
    if (generation >= 0) {
      const first = this.#selectParent(study, population);
      const isCrossed = this.#random.rand() < this.#options.crossoverProb;
      const second = isCrossed
        ? this.#selectParent(study, population.filter(({ id }) => id !== first.id))
        : first;
      study.storage.setSystemAttr(trial, PARENTS_KEY, [first.id, second.id]);
    }
    return new Map();
  }

  /** Takes a parameter from one of the parents, or draws it anew. */
  sampleIndependent(study: Study, trial: FrozenTrial, name: string, distribution: Distribution): ParamValue {
    const fresh = (): ParamValue => this.#fresh.sampleIndependent(study, trial, name, distribution);
    const parents = trial.systemAttrs.get(PARENTS_KEY) as readonly number[] | undefined;
    if (parents === undefined) return fresh();
    const [first, second] = parents.map((id) => study.trials.find((other) => other.id === id)!);
    // A missing parameter and a null one are alike, as in Optuna.
    const isMissing = (first!.params.get(name) ?? null) === null;
    const parent = isMissing || this.#random.rand() < this.#options.swappingProb ? second! : first!;
    const value = parent.params.get(name) ?? null;
    if (value === null) return fresh();
    const mutationProb = this.#options.mutationProb ?? 1 / Math.max(1, parent.params.size);
    return this.#random.rand() < mutationProb ? fresh() : value;
  }

  /** Keeps the constraints of a complete trial. */
  afterTrial(study: Study, trial: FrozenTrial, state: TrialState, values: readonly number[] | null): void {
    const { constraintsFunc } = this.#options;
    if (state !== "complete" || constraintsFunc === null) return;
    const constraints = [...constraintsFunc({ ...trial, state, values })];
    study.storage.setSystemAttr(trial, CONSTRAINTS_KEY, constraints);
  }

  /** The last full generation and the best of it and those before it; generation -1 where there is none. */
  #parents(study: Study): { generation: number; population: FrozenTrial[] } {
    const running = new Map<number, FrozenTrial[]>();
    const complete = new Map<number, FrozenTrial[]>();
    for (const trial of study.trials) {
      const generation = trial.systemAttrs.get(GENERATION_KEY);
      if (typeof generation !== "number") continue;
      if (trial.state === "complete") push(complete, generation, trial);
      else if (trial.state === "running") push(running, generation, trial);
    }
    const hash = createHash("sha256");
    let parents: { generation: number; population: FrozenTrial[] } = { generation: -1, population: [] };
    for (;;) {
      const generation = parents.generation + 1;
      const born = complete.get(generation) ?? [];
      if (born.length < this.#options.populationSize) return parents;
      // What was selected once stays selected; a straggler that still runs would make it another selection.
      const stragglers = running.get(generation) ?? [];
      for (const trial of stragglers) hash.update(String(trial.number));
      const key = `${POPULATION_KEY}:${hash.copy().digest("hex")}`;
      const kept = study.storage.systemAttrs.get(key) as [number, number[]] | undefined;
      if (kept !== undefined && kept[0] >= generation) {
        parents = { generation: kept[0], population: kept[1].map((number) => study.trials[number]!) };
        continue;
      }
      const population = selectElite([...born, ...parents.population], {
        size: this.#options.populationSize,
        directions: study.directions,
        dominates: this.#dominates(study),
      });
      if (stragglers.length === 0) {
        study.storage.setStudySystemAttr(key, [generation, population.map(({ number }) => number)]);
      }
      parents = { generation, population };
    }
  }

  /** The better of two at random; the second where neither is. */
  #selectParent(study: Study, population: readonly FrozenTrial[]): FrozenTrial {
    const a = population[this.#random.randint(0, population.length)]!;
    const b = population[this.#random.randint(0, population.length)]!;
    return this.#dominates(study)(a, b) ? a : b;
  }

  #dominates(study: Study): (a: FrozenTrial, b: FrozenTrial) => boolean {
    return domination(study.directions, this.#options.constraintsFunc !== null);
  }
}

function push(map: Map<number, FrozenTrial[]>, key: number, trial: FrozenTrial): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [trial]);
  else list.push(trial);
}

function checkShare(option: string, value: number): void {
  if (value >= 0 && value <= 1) return;
  throw new OptionError(`sweep.NSGAIISampler cannot use ${option} = ${value}`, {
    fix: "give a probability from 0 to 1",
  });
}
