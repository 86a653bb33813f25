/**
 * What a parameter of a study may be: Optuna's distributions as plain data. Samplers work on a parameter's *internal*
 * value, a number: the index of a choice, an integer, a float.
 *
 * @example
 * ```ts
 * import { contains, intUniform, toExternal } from "./distribution.ts";
 * const layers = intUniform(1, 9, 2);
 * console.assert(contains(layers, 5) && !contains(layers, 6) && toExternal(layers, 5) === 5);
 * ```
 *
 * @module
 */
import { ValueError } from "../../errors.ts";
import { pythonRepr } from "../../config/python_text.ts";
import { type Float, float, isFloat, isInt } from "../../config/scalar.ts";
import { lastStep } from "../numeric/decimal.ts";

/** A value of a parameter. A float that JavaScript would take for an integer is a `Float`, so that its text is Python's. */
export type ParamValue = null | boolean | number | bigint | string | Float;

/** Any number in [low, high). */
export interface UniformDistribution {
  readonly name: "UniformDistribution";
  readonly low: number;
  readonly high: number;
}

/** Any number in [low, high), even in its logarithm. */
export interface LogUniformDistribution {
  readonly name: "LogUniformDistribution";
  readonly low: number;
  readonly high: number;
}

/** Every `q`-th number of [low, high], both ends included. */
export interface DiscreteUniformDistribution {
  readonly name: "DiscreteUniformDistribution";
  readonly low: number;
  readonly high: number;
  readonly q: number;
}

/** Every `step`-th integer of [low, high], both ends included. */
export interface IntUniformDistribution {
  readonly name: "IntUniformDistribution";
  readonly low: number;
  readonly high: number;
  readonly step: number;
}

/** Any integer of [low, high], even in its logarithm. */
export interface IntLogUniformDistribution {
  readonly name: "IntLogUniformDistribution";
  readonly low: number;
  readonly high: number;
}

/** One of a few values. */
export interface CategoricalDistribution {
  readonly name: "CategoricalDistribution";
  readonly choices: readonly ParamValue[];
}

/** A distribution of numbers. */
export type NumericalDistribution =
  | UniformDistribution
  | LogUniformDistribution
  | DiscreteUniformDistribution
  | IntUniformDistribution
  | IntLogUniformDistribution;

/** What a parameter is drawn from. */
export type Distribution = NumericalDistribution | CategoricalDistribution;

/** Distributions by the parameter's name, in the order in which they were asked for. */
export type SearchSpace = ReadonlyMap<string, Distribution>;

/** @throws {ValueError} where `low` is above `high`. */
export function uniform(low: number, high: number): UniformDistribution {
  checkOrder(low, high);
  return { name: "UniformDistribution", low, high };
}

/** @throws {ValueError} where `low` is above `high` or not positive. */
export function logUniform(low: number, high: number): LogUniformDistribution {
  checkOrder(low, high);
  if (low <= 0) throw outOfRange(`A log distribution must start above 0, not at ${float(low)}`);
  return { name: "LogUniformDistribution", low, high };
}

/**
 * `high` is lowered to the last step at or below it, counted in decimals as written.
 *
 * @throws {ValueError} where `low` is above `high` or the step is not positive.
 */
export function discreteUniform(low: number, high: number, q: number): DiscreteUniformDistribution {
  checkOrder(low, high);
  checkStep(q);
  if (!Number.isFinite(high - low)) {
    throw outOfRange(`A range with a step must be finite, got ${low} to ${high}`);
  }
  return { name: "DiscreteUniformDistribution", low, high: lastStep(low, high, q), q };
}

/**
 * `high` is lowered to the last step at or below it.
 *
 * @throws {ValueError} where `low` is above `high`, the step is not positive, or one is no integer.
 */
export function intUniform(low: number, high: number, step = 1): IntUniformDistribution {
  checkIntegers(low, high, step);
  checkOrder(low, high);
  checkStep(step);
  return { name: "IntUniformDistribution", low, high: high - (high - low) % step, step };
}

/** @throws {ValueError} where `low` is above `high` or below 1, or one is no integer. */
export function intLogUniform(low: number, high: number): IntLogUniformDistribution {
  checkIntegers(low, high);
  checkOrder(low, high);
  if (low < 1) throw outOfRange(`A log distribution of integers must start at 1 or above, not at ${low}`);
  return { name: "IntLogUniformDistribution", low, high };
}

/** @throws {ValueError} where there are no choices. */
export function categorical(choices: readonly ParamValue[]): CategoricalDistribution {
  if (choices.length === 0) throw outOfRange("A categorical distribution needs at least one choice");
  return { name: "CategoricalDistribution", choices: [...choices] };
}

/** Whether there is but one value to draw. */
export function isSingle(distribution: Distribution): boolean {
  switch (distribution.name) {
    case "CategoricalDistribution":
      return distribution.choices.length === 1;
    case "DiscreteUniformDistribution":
      return lastStep(distribution.low, distribution.high, distribution.q) === distribution.low;
    case "IntUniformDistribution":
      return distribution.high - distribution.low < distribution.step;
    default:
      return distribution.low === distribution.high;
  }
}

/** The value of a distribution that has but one. */
export function singleValue(distribution: Distribution): ParamValue {
  return toExternal(distribution, distribution.name === "CategoricalDistribution" ? 0 : distribution.low);
}

/** Whether an internal value is one that may be drawn. */
export function contains(distribution: Distribution, internal: number): boolean {
  if (distribution.name === "CategoricalDistribution") {
    const index = Math.trunc(internal);
    return index >= 0 && index < distribution.choices.length;
  }
  if (!(distribution.low <= internal && internal <= distribution.high)) return false;
  switch (distribution.name) {
    case "DiscreteUniformDistribution": {
      const steps = (internal - distribution.low) / distribution.q;
      return Math.abs(steps - Math.round(steps)) < 1e-8;
    }
    case "IntUniformDistribution":
      return (internal - distribution.low) % distribution.step === 0;
    case "IntLogUniformDistribution":
      return Number.isInteger(internal - distribution.low);
    default:
      return true;
  }
}

/** A parameter's value from its internal one. */
export function toExternal(distribution: Distribution, internal: number): ParamValue {
  switch (distribution.name) {
    case "CategoricalDistribution":
      return distribution.choices[Math.trunc(internal)]!;
    case "IntUniformDistribution":
    case "IntLogUniformDistribution":
      return Math.trunc(internal);
    default:
      return float(internal);
  }
}

/**
 * A parameter's internal value.
 *
 * @throws {ValueError} where the value is none of the choices.
 */
export function toInternal(distribution: Distribution, value: ParamValue): number {
  if (distribution.name !== "CategoricalDistribution") return Number(value);
  const index = distribution.choices.findIndex((choice) => equalValues(choice, value));
  if (index < 0) {
    throw new ValueError(`${pythonRepr(value)} is none of the choices`, {
      fix: `the choices are ${distribution.choices.map(pythonRepr).join(", ")}`,
    });
  }
  return index;
}

/** Whether Python's `==` holds: `True`, `1` and `1.0` are equal. */
export function equalValues(a: ParamValue, b: ParamValue): boolean {
  if (a === null || b === null || typeof a === "string" || typeof b === "string") return a === b;
  return Number(a) === Number(b);
}

/** Whether a value may be one of several choices. */
export function isParamValue(value: unknown): value is ParamValue {
  return value === null || typeof value === "string" || typeof value === "boolean" || isInt(value) ||
    isFloat(value);
}

function checkOrder(low: number, high: number): void {
  if (!(low <= high)) {
    throw outOfRange(`The low end of a range must not be above its high end, got low=${low}, high=${high}`);
  }
}

function checkStep(step: number): void {
  if (!(step > 0)) throw outOfRange(`The step of a range must be above 0, got ${step}`);
}

function checkIntegers(...values: readonly number[]): void {
  for (const value of values) {
    if (!Number.isSafeInteger(value)) throw outOfRange(`${value} is no integer that can be drawn exactly`);
  }
}

function outOfRange(what: string): ValueError {
  return new ValueError(what);
}
