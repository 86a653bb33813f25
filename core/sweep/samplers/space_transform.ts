import {
  type CategoricalDistribution,
  type Distribution,
  isSingle,
  type NumericalDistribution,
  type ParamValue,
  type SearchSpace,
  toExternal,
  toInternal,
} from "../study/distribution.ts";
import { argmax, clip, nextDown, roundHalfEven } from "../numeric/floats.ts";
import type { ParamValues } from "./sampler.ts";

/**
 * A search space as a box of floats: logarithms where asked for, half a step more at both ends of stepped ranges so
 * that every step is equally wide, one dimension per choice of a categorical parameter.
 */
export class SpaceTransform {
  readonly #space: SearchSpace;
  /** The lower end of each dimension. */
  readonly low: number[] = [];
  /** The upper end of each dimension. */
  readonly high: number[] = [];

  /** The parameters in order. */
  get names(): string[] {
    return [...this.#space.keys()];
  }

  constructor(space: SearchSpace) {
    this.#space = space;
    for (const distribution of space.values()) {
      if (distribution.name === "CategoricalDistribution") {
        for (let i = 0; i < distribution.choices.length; i++) this.#push(0, 1);
      } else this.#push(...bounds(distribution));
    }
  }

  #push(low: number, high: number): void {
    this.low.push(low);
    this.high.push(high);
  }

  /** Parameters as a point of the box; there must be one for each distribution. */
  transform(params: ParamValues): number[] {
    const point: number[] = [];
    for (const [name, distribution] of this.#space) {
      const internal = toInternal(distribution, params.get(name)!);
      if (distribution.name === "CategoricalDistribution") {
        for (let i = 0; i < distribution.choices.length; i++) point.push(i === internal ? 1 : 0);
      } else point.push(isLog(distribution) ? Math.log(internal) : internal);
    }
    return point;
  }

  /** A point of the box as parameters: of the choices, the one of the highest dimension. */
  untransform(point: readonly number[]): Map<string, ParamValue> {
    const params = new Map<string, ParamValue>();
    let at = 0;
    for (const [name, distribution] of this.#space) {
      const size = width(distribution);
      const part = point.slice(at, at + size);
      at += size;
      const internal = distribution.name === "CategoricalDistribution"
        ? argmax(part)
        : inRange(distribution, part[0]!);
      params.set(name, toExternal(distribution, internal));
    }
    return params;
  }
}

/** Whether a distribution is even in the logarithm. */
export function isLog({ name }: Distribution): boolean {
  return name === "LogUniformDistribution" || name === "IntLogUniformDistribution";
}

function width(distribution: Distribution): number {
  return distribution.name === "CategoricalDistribution" ? distribution.choices.length : 1;
}

/** The ends of a numerical distribution in the box. */
export function bounds(distribution: NumericalDistribution): [low: number, high: number] {
  const { low, high } = distribution;
  switch (distribution.name) {
    case "UniformDistribution":
      return [low, high];
    case "LogUniformDistribution":
      return [Math.log(low), Math.log(high)];
    case "DiscreteUniformDistribution":
      return [low - 0.5 * distribution.q, high + 0.5 * distribution.q];
    case "IntUniformDistribution":
      return [low - 0.5 * distribution.step, high + 0.5 * distribution.step];
    case "IntLogUniformDistribution":
      return [Math.log(low - 0.5), Math.log(high + 0.5)];
  }
}

/** The internal value for a place in the box. */
function inRange(distribution: Exclude<Distribution, CategoricalDistribution>, place: number): number {
  const { low, high } = distribution;
  switch (distribution.name) {
    case "UniformDistribution":
    case "LogUniformDistribution": {
      const value = isLog(distribution) ? Math.exp(place) : place;
      return isSingle(distribution) ? value : Math.min(value, nextDown(high));
    }
    case "DiscreteUniformDistribution":
      return clip(roundHalfEven((place - low) / distribution.q) * distribution.q + low, low, high);
    case "IntUniformDistribution":
      // Not clipped: the very end of the box is one step too far, and the trial then draws another value, as in Optuna.
      return roundHalfEven((place - low) / distribution.step) * distribution.step + low;
    case "IntLogUniformDistribution":
      return clip(roundHalfEven(Math.exp(place)), low, high);
  }
}
