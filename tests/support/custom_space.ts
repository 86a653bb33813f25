import type { DictNode } from "../../core/config/node.ts";
import { select } from "../../core/config/select.ts";
import { takeOptions } from "../../core/options.ts";
import type { Sampler } from "../../core/sweep/samplers/sampler.ts";
import { type ParamValue, toExternal } from "../../core/sweep/study/distribution.ts";
import type { FrozenTrial } from "../../core/sweep/study/frozen_trial.ts";
import type { Study } from "../../core/sweep/study/study.ts";
import type { Trial } from "../../core/sweep/study/trial.ts";

/** Draws what `configure` of the golden script draws. */
export function configure(config: DictNode, trial: Trial): void {
  const w = trial.suggestFloat("+w", Number(select(config, "low")), 2);
  if (w > 1) trial.suggestInt("+deep", 1, 9, { log: true });
  trial.suggestCategorical("+kind", ["a", 1, 2.5, true]);
  trial.suggestFloat("+step", 0, 1, { step: 0.25 });
}

/** Draws the trial's number. */
export class MySampler implements Sampler {
  constructor(options: Record<string, never> = {}) {
    takeOptions("sweep.MySampler", options, {});
  }

  sampleIndependent(
    _study: Study,
    trial: FrozenTrial,
    _name: string,
    distribution: Parameters<typeof toExternal>[0],
  ): ParamValue {
    return toExternal(distribution, trial.number);
  }
}
