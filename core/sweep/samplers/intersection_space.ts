import { isSingle, type SearchSpace } from "../study/distribution.ts";
import { equalDistributions } from "../study/distribution_json.ts";
import type { Study } from "../study/study.ts";

/**
 * The parameters that every finished trial of a study had, with the same distribution: what can be drawn together.
 *
 * An object follows one study: a parameter that was missing once never returns.
 */
export class IntersectionSpace {
  readonly #includePruned: boolean;
  #space: SearchSpace | undefined;
  /** Trials before this one have been looked at, and none of them is still running. */
  #from = 0;

  /** @param includePruned Whether pruned trials count besides complete ones. */
  constructor(includePruned: boolean) {
    this.#includePruned = includePruned;
  }

  /** The space after the trials so far, without parameters that have but one value. */
  of(study: Study): SearchSpace {
    const { trials } = study;
    let from: number | undefined;
    // From the newest on: it says in which order the parameters come.
    for (let number = trials.length - 1; number >= this.#from; number--) {
      const { state, distributions } = trials[number]!;
      if (state === "running" || state === "waiting") from = number;
      if (state !== "complete" && !(state === "pruned" && this.#includePruned)) continue;
      const kept = [...this.#space ?? distributions].filter(([name, distribution]) => {
        const other = distributions.get(name);
        return other !== undefined && equalDistributions(other, distribution);
      });
      this.#space = new Map(kept);
    }
    this.#from = from ?? trials.length;
    return new Map([...this.#space ?? []].filter(([, distribution]) => !isSingle(distribution)));
  }
}
