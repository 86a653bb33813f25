const WORDS = 624;
const SHIFT = 397;

/**
 * The Mersenne Twister mt19937: 32 random bits at a time. What torch and numpy put on it differs; see
 * `tensor/rng.ts` and `sweep/numeric/random_state.ts`.
 *
 * Source: Matsumoto and Nishimura 1998, with the seeding of their 2002 version.
 *
 * @example
 * ```ts
 * import { MersenneTwister } from "./mersenne_twister.ts";
 * console.assert(new MersenneTwister(5489).u32() === 3499211612);
 * ```
 */
export class MersenneTwister {
  /** The 624 words of the state. */
  readonly words: Uint32Array = new Uint32Array(WORDS);
  /** Draws until the words are renewed, plus one. */
  left = 1;
  /** Where in {@linkcode words} the next draw is. */
  next = 0;

  /** @param seed The low 32 bits are used. */
  constructor(seed: number) {
    this.seed(seed);
  }

  /** Starts the stream of a seed, of which the low 32 bits are used. */
  seed(seed: number): void {
    const { words } = this;
    words[0] = seed;
    for (let i = 1; i < WORDS; i++) {
      const previous = words[i - 1]!;
      words[i] = Math.imul(1812433253, previous ^ (previous >>> 30)) + i;
    }
    this.left = 1;
    this.next = 0;
  }

  /** The next 32 random bits. */
  u32(): number {
    if (--this.left === 0) this.#twist();
    let y = this.words[this.next++]!;
    y ^= y >>> 11;
    y ^= (y << 7) & 0x9d2c5680;
    y ^= (y << 15) & 0xefc60000;
    y ^= y >>> 18;
    return y >>> 0;
  }

  #twist(): void {
    const { words } = this;
    for (let i = 0; i < WORDS; i++) {
      const y = (words[i]! & 0x80000000) | (words[(i + 1) % WORDS]! & 0x7fffffff);
      words[i] = words[(i + SHIFT) % WORDS]! ^ (y >>> 1) ^ (y & 1 ? 0x9908b0df : 0);
    }
    this.left = WORDS;
    this.next = 0;
  }
}
