/** Distributions in a storage, and whether a new one fits the old ones there. @module */
import { ValueError } from "../../errors.ts";
import { pythonStr } from "../../config/python_text.ts";
import { float } from "../../config/scalar.ts";
import { type Distribution, equalValues, type ParamValue } from "./distribution.ts";
import { parsePythonJson, pythonJson } from "./python_json.ts";

/** Whether two distributions are the same in every part. */
export function equalDistributions(a: Distribution, b: Distribution): boolean {
  if (a.name === "CategoricalDistribution" && b.name === a.name) {
    return a.choices.length === b.choices.length &&
      a.choices.every((choice, i) => equalValues(choice, b.choices[i]!));
  }
  return pythonJson(a) === pythonJson(b);
}

/**
 * Checks that a parameter is still of the kind that it was in earlier trials; bounds may change, choices may not.
 *
 * @throws {ValueError} where it is not.
 */
export function checkCompatible(param: string, old: Distribution, now: Distribution): void {
  if (old.name !== now.name) {
    throw new ValueError("Cannot set different distribution kind to the same parameter name", {
      where: `parameter "${param}": ${old.name} before, ${now.name} now`,
      fix: "start another study with hydra.sweeper.study_name, or give the parameter its old kind",
    });
  }
  if (old.name === "CategoricalDistribution" && !equalDistributions(old, now)) {
    throw new ValueError("CategoricalDistribution does not support dynamic value space", {
      where: `parameter "${param}"`,
      fix: `keep the choices ${old.choices.map(pythonStr).join(", ")}, or start another study`,
    });
  }
}

/** A distribution as Optuna's storages keep it. */
export function distributionJson(distribution: Distribution): string {
  const { name, ...fields } = distribution;
  const isInteger = name === "IntUniformDistribution" || name === "IntLogUniformDistribution";
  const attributes: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(fields)) {
    attributes[key] = typeof value === "number" && !isInteger ? float(value) : value;
  }
  if (name === "IntLogUniformDistribution") attributes.step = 1;
  return pythonJson({ name, attributes });
}

/**
 * A distribution from a storage.
 *
 * @throws {ValueError} for one that this version of Optuna does not have.
 */
export function parseDistribution(json: string): Distribution {
  const { name, attributes } = parsePythonJson(json) as {
    name: string;
    attributes: { low: number; high: number; q: number; step: number; choices: ParamValue[] };
  };
  const [low, high] = [Number(attributes.low), Number(attributes.high)];
  switch (name) {
    case "UniformDistribution":
    case "LogUniformDistribution":
    case "IntLogUniformDistribution":
      return { name, low, high };
    case "DiscreteUniformDistribution":
      return { name, low, high, q: Number(attributes.q) };
    case "IntUniformDistribution":
      return { name, low, high, step: Number(attributes.step) };
    case "CategoricalDistribution":
      return { name, choices: attributes.choices };
    default:
      throw new ValueError(`Unknown distribution class: ${name}`, {
        fix: "the study was written by another version of Optuna; this one reads those of version 2",
      });
  }
}
