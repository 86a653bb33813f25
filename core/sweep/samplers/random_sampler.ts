import { count, optional, required, takeOptions } from "../../options.ts";
import { RandomState } from "../numeric/random_state.ts";
import type { Distribution, ParamValue } from "../study/distribution.ts";
import type { FrozenTrial } from "../study/frozen_trial.ts";
import type { Study } from "../study/study.ts";
import type { Sampler } from "./sampler.ts";
import { SpaceTransform } from "./space_transform.ts";

/** What {@linkcode RandomSampler} takes. */
export interface RandomSamplerOptions {
  /** Equal seeds draw equal values; null for a new one each time. @default null */
  seed?: number | null;
}

/**
 * Draws every parameter on its own, evenly over its range.
 *
 * Source: `optuna.samplers.RandomSampler` of Optuna 2.10.1; equal seeds draw its values.
 *
 * @example
 * ```ts
 * import { createStudy } from "../study/study.ts";
 * import { RandomSampler } from "./random_sampler.ts";
 * const study = createStudy({ sampler: new RandomSampler({ seed: 1 }) });
 * console.assert(study.ask().suggestFloat("x", 0, 2) === 0.834044009405148);
 * ```
 */
export class RandomSampler implements Sampler {
  readonly #random: RandomState;

  constructor(options: RandomSamplerOptions = {}) {
    const { seed } = takeOptions<RandomSamplerOptions>("sweep.RandomSampler", options, {
      seed: optional(count(required)),
    });
    this.#random = new RandomState(seed);
  }

  /** One even draw per dimension of the parameter. */
  sampleIndependent(
    _study: Study,
    _trial: FrozenTrial,
    name: string,
    distribution: Distribution,
  ): ParamValue {
    const transform = new SpaceTransform(new Map([[name, distribution]]));
    const point = transform.low.map((low, i) => this.#random.uniform(low, transform.high[i]!));
    return transform.untransform(point).get(name)!;
  }
}
