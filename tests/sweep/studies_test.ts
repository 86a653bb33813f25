import { deepStrictEqual, ok } from "node:assert/strict";
import { plain } from "../../core/config/scalar.ts";
import { CmaEsSampler } from "../../core/sweep/samplers/cmaes_sampler.ts";
import { MOTPESampler } from "../../core/sweep/samplers/motpe_sampler.ts";
import { NSGAIISampler } from "../../core/sweep/samplers/nsgaii_sampler.ts";
import { RandomSampler } from "../../core/sweep/samplers/random_sampler.ts";
import type { Sampler } from "../../core/sweep/samplers/sampler.ts";
import { TPESampler } from "../../core/sweep/samplers/tpe_sampler.ts";
import type { SearchSpace } from "../../core/sweep/study/distribution.ts";
import { parseDistribution } from "../../core/sweep/study/distribution_json.ts";
import type { FrozenTrial } from "../../core/sweep/study/frozen_trial.ts";
import { createStudy } from "../../core/sweep/study/study.ts";
import { type GoldenStudy, isSameFloat, optunaGolden, stateOf } from "../support/optuna_golden.ts";

const SAMPLERS = { CmaEsSampler, NSGAIISampler, MOTPESampler, RandomSampler, TPESampler };

/** As in the golden script: feasible where the first number of the space is small enough. */
function constraints(trial: FrozenTrial): number[] {
  const first = [...trial.params.values()].find((value) => typeof value !== "string");
  return [Number(first) - 0.5, -1];
}

/** Random trials of another study, told what the golden script was told. */
function sourceTrials(
  space: SearchSpace,
  { seed, values }: { seed: number; values: number[][] },
): readonly FrozenTrial[] {
  const study = createStudy({ sampler: new RandomSampler({ seed }) });
  for (const told of values) {
    const trial = study.ask();
    for (const [name, distribution] of space) trial.suggest(name, distribution);
    study.tell(trial, told);
  }
  return study.trials;
}

function samplerOf({ sampler, options }: GoldenStudy, space: SearchSpace): Sampler {
  const { constrained, independent_sampler, source, ...rest } = options;
  const made = { ...rest } as Record<string, unknown>;
  if (source !== undefined) {
    made.source_trials = sourceTrials(space, source as { seed: number; values: number[][] });
  }
  if (constrained === true) made.constraints_func = constraints;
  if (independent_sampler !== undefined) {
    made.independent_sampler = new TPESampler(independent_sampler as object);
  }
  return new SAMPLERS[sampler as keyof typeof SAMPLERS](made);
}

function checkValue(value: unknown, wanted: unknown, isFloat: boolean, where: string): void {
  const drawn = plain(value);
  if (isFloat && typeof drawn === "number" && typeof wanted === "number") {
    ok(isSameFloat(drawn, wanted), `${where}: ${drawn} instead of ${wanted}`);
  } else deepStrictEqual(drawn, wanted, where);
}

for (const golden of optunaGolden.studies) {
  Deno.test(`${golden.sampler} draws Optuna's trials: ${golden.name}`, () => {
    const space = new Map(
      Object.entries(golden.space).map(([name, json]) => [name, parseDistribution(json)]),
    );
    const log = { warning: () => {} };
    const study = createStudy({ sampler: samplerOf(golden, space), directions: golden.directions, log });
    for (let at = 0; at < golden.trials.length; at += golden.jobs) {
      const batch = golden.trials.slice(at, at + golden.jobs).map((wanted) => ({
        wanted,
        trial: study.ask(),
      }));
      for (const { wanted, trial } of batch) {
        for (const [name, value] of Object.entries(wanted.params)) {
          const distribution = space.get(name)!;
          const isFloat = /^(?:Discrete|Log)?Uniform/.test(distribution.name);
          trial.suggest(name, distribution);
          checkValue(trial.params[name], value, isFloat, `trial ${trial.number}, ${name}`);
        }
      }
      for (const { wanted, trial } of batch) {
        for (const [step, value] of wanted.reports ?? []) trial.report(value ?? NaN, step);
        study.tell(trial, wanted.values ?? null, stateOf(wanted));
      }
    }
    const best = golden.directions.length > 1
      ? study.bestTrials.map((t) => t.number)
      : study.bestTrial.number;
    deepStrictEqual(best, golden.best);
  });
}
