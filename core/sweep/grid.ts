import { ConfigError } from "../errors.ts";
import { float } from "../config/scalar.ts";
import type { Distribution, ParamValue } from "./study/distribution.ts";

/**
 * The values that a grid search tries of each parameter. Of ranges it leaves out the last one, as Hydra's plugin does.
 *
 * @throws {ConfigError} for a parameter that may be any number.
 *
 * @example
 * ```ts
 * import { gridOf } from "./grid.ts";
 * import { intUniform } from "./study/distribution.ts";
 * console.assert(gridOf(new Map([["layers", intUniform(1, 3)]])).layers!.join() === "1,2");
 * ```
 */
export function gridOf(space: ReadonlyMap<string, Distribution>): Record<string, readonly ParamValue[]> {
  return Object.fromEntries([...space].map(([name, distribution]) => [name, valuesOf(name, distribution)]));
}

function valuesOf(name: string, distribution: Distribution): readonly ParamValue[] {
  switch (distribution.name) {
    case "CategoricalDistribution":
      return distribution.choices;
    case "IntUniformDistribution": {
      const { low, high, step } = distribution;
      return Array.from({ length: Math.floor((high - low) / step) }, (_, i) => low + i * step);
    }
    case "DiscreteUniformDistribution": {
      const { low, high, q } = distribution;
      return Array.from({ length: floorDivide(high - low, q) }, (_, i) => float(low + i * q));
    }
    default:
      throw new ConfigError("GridSampler only supports discrete distributions.", {
        where: `parameter "${name}"`,
        fix: `list its values (${name}=1,2) or give a range with a step; other samplers take intervals`,
      });
  }
}

/** `a // b` as Python divides floats: the remainder decides, not the rounded quotient. */
function floorDivide(a: number, b: number): number {
  return Math.round((a - a % b) / b);
}
