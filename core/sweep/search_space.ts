import { ConfigError, FulgurError } from "../errors.ts";
import { type ConfigNode, DictNode, keyText } from "../config/node.ts";
import { elementText, type IntervalSweep, type OverrideValue, type Sweep } from "../config/override_value.ts";
import { rangeValues } from "../config/override_range.ts";
import { shuffled } from "../config/override_sweeps.ts";
import { type Override, parseOverrides } from "../config/overrides.ts";
import { EnumMember, isFloat, isInt } from "../config/scalar.ts";
import { toData } from "../config/to_container.ts";
import {
  categorical,
  discreteUniform,
  type Distribution,
  intLogUniform,
  intUniform,
  isParamValue,
  logUniform,
  type ParamValue,
  uniform,
} from "./study/distribution.ts";

/** What a sweep draws, and what it keeps. */
export interface SweptParams {
  /** Distributions by key. */
  readonly space: ReadonlyMap<string, Distribution>;
  /** Override texts of keys that every job gets with the same value. */
  readonly fixed: ReadonlyMap<string, string>;
}

/**
 * Reads overrides as an optimizing sweeper does: what sweeps is drawn, the rest is fixed. Of two of the same key the
 * later one counts.
 *
 * Choices and shuffled ranges are categorical, ranges numbers in steps with both ends, intervals any numbers; with the
 * tag `log` intervals are even in the logarithm.
 *
 * @throws {ConfigError} for an override that does not parse, a glob, or a range that cannot be drawn from.
 *
 * @example
 * ```ts
 * import { sweptParams } from "./search_space.ts";
 * const { space, fixed } = sweptParams(["lr=tag(log,interval(1e-5,1))", "layers=range(1,4)", "name=x"]);
 * console.assert(space.get("lr")!.name === "LogUniformDistribution" && fixed.get("name") === "x");
 * ```
 */
export function sweptParams(texts: readonly string[]): SweptParams {
  const space = new Map<string, Distribution>();
  const fixed = new Map<string, string>();
  for (const override of parseOverrides(texts)) {
    if (override.sweep === undefined) fixed.set(override.keyElement, override.valueText);
    else {space.set(
        override.keyElement,
        placed(() => distributionOf(override.sweep!, override), override.text),
      );}
  }
  return { space, fixed };
}

function distributionOf(sweep: Sweep, override: Override): Distribution {
  switch (sweep.sweep) {
    case "choice":
      return categorical((sweep.shuffle ? shuffled(sweep.list) : sweep.list).map(choice));
    case "range": {
      if (sweep.shuffle) return categorical(shuffled([...rangeValues(sweep)]).map(choice));
      const [start, stop, step] = [Number(sweep.start), Number(sweep.stop), Number(sweep.step)];
      const isFloating = [sweep.start, sweep.stop, sweep.step].some(isFloat);
      return isFloating ? discreteUniform(start, stop, step) : intUniform(start, stop, step);
    }
    case "interval":
      return intervalOf(sweep);
    case "glob":
      throw new ConfigError(`${override.text} is not supported by Optuna sweeper`, {
        fix: `list the options: ${override.keyElement}=a,b`,
      });
    default:
      return sweep satisfies never;
  }
}

function intervalOf({ start, end, tags }: IntervalSweep): Distribution {
  const isInteger = isInt(start) && isInt(end);
  const [low, high] = [Number(start), Number(end)];
  if (tags.includes("log")) return isInteger ? intLogUniform(low, high) : logUniform(low, high);
  return isInteger ? intUniform(low, high) : uniform(low, high);
}

/** Text, numbers and booleans as they are; lists, dictionaries, null and quoted text as they would be typed. */
function choice(value: OverrideValue): ParamValue {
  return value !== null && isParamValue(value) ? value : elementText(value);
}

/** A field of `hydra.sweeper.search_space.<key>` with its value. */
type Fields = ReadonlyMap<string, unknown>;

const FIELDS = ["type", "choices", "low", "high", "log", "step"];

/**
 * Reads `hydra.sweeper.search_space`, the older way of saying what to draw.
 *
 * @throws {ConfigError} for a field that there is not, or a range that cannot be drawn from.
 */
export function configuredSpace(node: ConfigNode): Map<string, Distribution> {
  const space = new Map<string, Distribution>();
  if (!(node instanceof DictNode)) return space;
  for (const child of node.children()) {
    const key = keyText(child.key!);
    const where = `hydra.sweeper.search_space.${key}`;
    const fields = toData(child, { resolve: true });
    if (!(fields instanceof Map)) {
      throw new ConfigError(`${where} is no mapping`, { fix: "write {type: float, low: 0, high: 1}" });
    }
    space.set(key, placed(() => configuredDistribution(fields, where), where));
  }
  return space;
}

function configuredDistribution(fields: Fields, where: string): Distribution {
  for (const name of fields.keys()) {
    if (FIELDS.includes(String(name))) continue;
    throw new ConfigError(`A distribution has no ${name}`, { where, fix: `it takes ${FIELDS.join(", ")}` });
  }
  const number = (name: string): number => {
    const value = fields.get(name);
    if (isInt(value) || isFloat(value)) return Number(value);
    throw new ConfigError(`The distribution needs a number as its ${name}`, {
      where,
      fix: "give low and high, or choices for type: categorical",
    });
  };
  const given = fields.get("type");
  const type = given instanceof EnumMember ? given.name : given;
  const isLog = fields.get("log") === true;
  const step = fields.get("step") ?? null;
  switch (type) {
    case "categorical": {
      const choices = fields.get("choices");
      if (Array.isArray(choices) && choices.every(isParamValue)) return categorical(choices);
      throw new ConfigError(
        "A categorical distribution needs a list of text, numbers or booleans as choices",
        {
          where,
        },
      );
    }
    case "int": {
      const [low, high] = [Math.trunc(number("low")), Math.trunc(number("high"))];
      if (isLog) return intLogUniform(low, high);
      return intUniform(low, high, step === null ? 1 : Math.trunc(number("step")));
    }
    case "float":
      if (isLog) return logUniform(number("low"), number("high"));
      if (step !== null) return discreteUniform(number("low"), number("high"), number("step"));
      return uniform(number("low"), number("high"));
    default:
      throw new ConfigError(`${String(type ?? "no type")} is not supported by Optuna sweeper`, {
        where: `${where}.type`,
        fix: "give int, float or categorical",
      });
  }
}

/** Says which text or key a distribution came from where it cannot be made. */
function placed<T>(make: () => T, where: string): T {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof FulgurError) || error instanceof ConfigError) throw error;
    throw new ConfigError(error.what, { where, fix: error.fix, cause: error });
  }
}
