import { isBetter } from "./best_value.ts";

/** Files and their scores, as a checkpoint keeps them. */
export type Scores = Readonly<Record<string, number>>;

/**
 * The best k files by score: which to keep, and which to drop for a better one.
 *
 * @example
 * ```ts
 * import { Ranking } from "./ranking.ts";
 * const ranking = new Ranking(1);
 * ranking.admit("a.ckpt", 3, "min");
 * console.assert(ranking.accepts(2, "min") && ranking.evicted() === "a.ckpt");
 * ```
 */
export class Ranking {
  readonly #size: number;
  #scores = new Map<string, number>();
  #worst = "";
  #best = "";

  /** @param size How many files to keep; -1 keeps all. */
  constructor(size: number) {
    this.#size = size;
  }

  /** The file with the best score, or an empty string. */
  get best(): string {
    return this.#best;
  }

  /** The kept file with the worst score once there are k, or an empty string. */
  get worst(): string {
    return this.#worst;
  }

  /** The score of a kept file, or `null`. */
  scoreOf(path: string): number | null {
    return this.#scores.get(path) ?? null;
  }

  /** Kept files and their scores. */
  get scores(): Scores {
    return Object.fromEntries(this.#scores);
  }

  /** Whether a score earns a place: there is room, or it is strictly better than the worst kept one. */
  accepts(score: number, mode: "min" | "max"): boolean {
    if (this.#size === -1 || this.#scores.size < this.#size) return true;
    return isBetter(mode, score, this.#scores.get(this.#worst) ?? NaN);
  }

  /** The file that has to go when one more is admitted, or an empty string; it is no longer ranked. */
  evicted(): string {
    if (this.#size === -1 || this.#scores.size < this.#size) return "";
    this.#scores.delete(this.#worst);
    return this.#worst;
  }

  /** Ranks a file; a NaN score counts as the worst there is. */
  admit(path: string, score: number, mode: "min" | "max"): void {
    this.#scores.set(path, Number.isNaN(score) ? (mode === "min" ? Infinity : -Infinity) : score);
    this.#best = this.#extreme(mode);
    if (this.#scores.size === this.#size) this.#worst = this.#extreme(mode === "min" ? "max" : "min");
  }

  /** Takes over what an earlier run ranked. */
  restore(scores: Scores, best: string, worst: string): void {
    this.#scores = new Map(Object.entries(scores));
    this.#best = best;
    this.#worst = worst;
  }

  /** The first of the files with the smallest or largest score. */
  #extreme(mode: "min" | "max"): string {
    let found = "";
    let value = NaN;
    for (const [path, score] of this.#scores) {
      if (found === "" || isBetter(mode, score, value)) [found, value] = [path, score];
    }
    return found;
  }
}
