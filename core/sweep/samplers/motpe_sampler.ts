import { count, optional, required, takeOptions } from "../../options.ts";
import { TPESampler } from "./tpe_sampler.ts";

/** What {@linkcode MOTPESampler} takes. */
export interface MOTPESamplerOptions {
  /** Equal seeds draw equal values; null for a new one each time. @default null */
  seed?: number | null;
  /** Whether a wide kernel over the whole range is added to both densities. @default true */
  considerPrior?: boolean;
  /** The weight of that kernel; observations weigh about 1. @default 1 */
  priorWeight?: number;
  /** Whether kernels keep a least width that shrinks with their number. @default true */
  considerMagicClip?: boolean;
  /** Whether the outermost kernels reach to the ends of the range. @default true; Hydra's config says false */
  considerEndpoints?: boolean;
  /** Trials that are drawn at random first. @default 10 */
  nStartupTrials?: number;
  /** Points drawn from the density of good trials, of which the best is taken. @default 24 */
  nEhviCandidates?: number;
}

/**
 * {@linkcode TPESampler} as it was first proposed for several objectives: a tenth of the trials, rounded down, count
 * as good, and all others weigh the same.
 *
 * Source: Ozaki et al. 2020; `optuna.samplers.MOTPESampler` of Optuna 2.10.1, which calls it deprecated in favour of
 * `TPESampler`.
 *
 * @example
 * ```ts
 * import { createStudy } from "../study/study.ts";
 * import { MOTPESampler } from "./motpe_sampler.ts";
 * const study = createStudy({ sampler: new MOTPESampler({ seed: 1 }), directions: ["minimize", "minimize"] });
 * study.optimize((trial) => {
 *   const x = trial.suggestFloat("x", 0, 2);
 *   return [x ** 2, (x - 1) ** 2];
 * }, { nTrials: 30 });
 * console.assert(study.bestTrials.length > 5);
 * ```
 */
export class MOTPESampler extends TPESampler {
  constructor(options: MOTPESamplerOptions = {}) {
    const { nEhviCandidates, ...rest } = takeOptions<MOTPESamplerOptions>("sweep.MOTPESampler", options, {
      seed: optional(count(required)),
      considerPrior: true,
      priorWeight: 1,
      considerMagicClip: true,
      considerEndpoints: true,
      nStartupTrials: 10,
      nEhviCandidates: 24,
    });
    super({
      ...rest,
      nEiCandidates: nEhviCandidates,
      gamma: (n) => Math.floor(0.1 * n),
      weights: (n) => new Array<number>(n).fill(1),
    });
  }
}
