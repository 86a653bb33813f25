import { ValueError } from "../../errors.ts";
import { MersenneTwister } from "../../mersenne_twister.ts";

const LARGEST_SEED = 2 ** 32 - 1;

/**
 * numpy's legacy random generator (`numpy.random.RandomState`), bit for bit: what Optuna's samplers draw from.
 *
 * Source: numpy 2.4 `mtrand` and its legacy distributions. Normal values may differ in the last bit, as logarithms do
 * between machines.
 *
 * @example
 * ```ts
 * import { RandomState } from "./random_state.ts";
 * console.assert(new RandomState(1).rand() === 0.417022004702574);
 * ```
 */
export class RandomState {
  readonly #twister: MersenneTwister;
  /** The second value of a pair of normal values. */
  #spareNormal: number | null = null;

  /**
   * @param seed 0 … 2^32 - 1; null for one that nobody knows.
   * @throws {ValueError} for another seed.
   */
  constructor(seed: number | null = null) {
    if (seed !== null && !(Number.isInteger(seed) && seed >= 0 && seed <= LARGEST_SEED)) {
      throw new ValueError(`Seed must be between 0 and 2**32 - 1, got ${seed}`, { where: "seed" });
    }
    this.#twister = new MersenneTwister(seed ?? crypto.getRandomValues(new Uint32Array(1))[0]!);
  }

  /** One float64 uniform in [0, 1). */
  rand(): number {
    const high = this.#twister.u32() >>> 5;
    const low = this.#twister.u32() >>> 6;
    return (high * 67108864 + low) / 9007199254740992;
  }

  /** One float64 uniform in [low, high). */
  uniform(low: number, high: number): number {
    return low + (high - low) * this.rand();
  }

  /** One standard normal value, by Marsaglia's polar method. */
  randn(): number {
    if (this.#spareNormal !== null) {
      const spare = this.#spareNormal;
      this.#spareNormal = null;
      return spare;
    }
    for (;;) {
      const x = 2 * this.rand() - 1;
      const y = 2 * this.rand() - 1;
      const square = x * x + y * y;
      if (square >= 1 || square === 0) continue;
      const scale = Math.sqrt(-2 * Math.log(square) / square);
      this.#spareNormal = scale * x;
      return scale * y;
    }
  }

  /** One integer in [low, high), which may be at most 2^32 apart. */
  randint(low: number, high: number): number {
    const largest = high - 1 - low;
    if (largest === 0) return low;
    const mask = largest >= 2 ** 31 ? 0xffffffff : 2 ** (32 - Math.clz32(largest)) - 1;
    for (;;) {
      const drawn = (this.#twister.u32() & mask) >>> 0;
      if (drawn <= largest) return low + drawn;
    }
  }

  /** `count` indices, each `i` with probability `probabilities[i]`. */
  choice(count: number, probabilities: ArrayLike<number>): Int32Array {
    const bounds = new Float64Array(probabilities.length);
    let sum = 0;
    for (let i = 0; i < bounds.length; i++) bounds[i] = sum += probabilities[i]!;
    const total = sum;
    for (let i = 0; i < bounds.length; i++) bounds[i] = bounds[i]! / total;
    const drawn = new Int32Array(count);
    for (let i = 0; i < count; i++) drawn[i] = firstAbove(bounds, this.rand());
    return drawn;
  }
}

/** The first index whose bound is greater than `value`. */
function firstAbove(bounds: Float64Array, value: number): number {
  let from = 0;
  let to = bounds.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (bounds[middle]! > value) to = middle;
    else from = middle + 1;
  }
  return from;
}
