import { ValueError } from "../errors.ts";

const MASK_128 = (1n << 128n) - 1n;
const MULTIPLIER = 0x2360ed051fc65da44385df649fccf645n;
const POOL_WORDS = 4;
const INIT_A = 0x43b0d7e5;
const MULT_A = 0x931e8875;
const INIT_B = 0x8b51f9dd;
const MULT_B = 0x58f38ded;
const MIX_L = 0xca01f9dd;
const MIX_R = 0x4973f715;

/**
 * numpy's default random generator (`numpy.random.default_rng(seed)`, PCG64), bit for bit: Hugging Face datasets
 * shuffle and split with it.
 *
 * Source: numpy 2.4 `SeedSequence` and `_pcg64`.
 *
 * @example
 * ```ts
 * import { Pcg64 } from "./pcg64.ts";
 * console.assert(new Pcg64(42).permutation(10).join() === "5,6,0,7,3,2,4,9,1,8");
 * ```
 */
export class Pcg64 {
  #state: bigint;
  readonly #increment: bigint;
  readonly #word = new BigUint64Array(1);
  readonly #halves = new Uint32Array(this.#word.buffer);
  #buffered = false;

  /**
   * @param seed A non-negative integer.
   * @throws {ValueError} for another seed.
   */
  constructor(seed: number | bigint) {
    if ((typeof seed === "number" && !Number.isSafeInteger(seed)) || seed < 0) {
      throw new ValueError(`A shuffling seed must be a non-negative integer, not ${seed}`, {
        where: "data.Pcg64",
        fix: "give an integer of 0 or more",
      });
    }
    const [a, b, c, d] = seedWords(BigInt(seed));
    this.#increment = (((c! << 64n) | d!) << 1n | 1n) & MASK_128;
    this.#state = this.#increment;
    this.#state = (this.#state + ((a! << 64n) | b!)) & MASK_128;
    this.#step();
  }

  /** The next 32 random bits: the low half of a 64-bit draw, then its high half. */
  u32(): number {
    if (this.#buffered) {
      this.#buffered = false;
      return this.#halves[1]!;
    }
    this.#step();
    const high = this.#state >> 64n;
    const mixed = BigInt.asUintN(64, high ^ this.#state);
    const turn = high >> 58n;
    this.#word[0] = (mixed >> turn) | (mixed << (64n - turn));
    this.#buffered = true;
    return this.#halves[0]!;
  }

  /** A random order of 0 … `count` - 1, as `Generator.permutation(count)`. */
  permutation(count: number): Int32Array {
    const order = new Int32Array(count);
    for (let i = 0; i < count; i++) order[i] = i;
    this.shuffle(order);
    return order;
  }

  /** Puts the elements into a random order, in place. */
  shuffle(items: Int32Array): void {
    for (let i = items.length - 1; i > 0; i--) {
      const mask = 0xffffffff >>> Math.clz32(i);
      let j: number;
      do j = (this.u32() & mask) >>> 0; while (j > i);
      const swapped = items[i]!;
      items[i] = items[j]!;
      items[j] = swapped;
    }
  }

  #step(): void {
    this.#state = BigInt.asUintN(128, this.#state * MULTIPLIER + this.#increment);
  }
}

/** `SeedSequence(seed).generate_state(4, uint64)`. */
function seedWords(seed: bigint): bigint[] {
  const pool = mixEntropy(entropyWords(seed));
  const words = new Uint32Array(8);
  let hash = INIT_B;
  for (let i = 0; i < words.length; i++) {
    let value = pool[i % POOL_WORDS]! ^ hash;
    hash = Math.imul(hash, MULT_B);
    value = Math.imul(value, hash);
    words[i] = value ^ (value >>> 16);
  }
  return [0, 2, 4, 6].map((i) => (BigInt(words[i + 1]!) << 32n) | BigInt(words[i]!));
}

function entropyWords(seed: bigint): number[] {
  const words: number[] = [];
  for (let rest = seed; rest > 0n; rest >>= 32n) words.push(Number(rest & 0xffffffffn));
  return words.length === 0 ? [0] : words;
}

function mixEntropy(entropy: readonly number[]): Uint32Array {
  const pool = new Uint32Array(POOL_WORDS);
  let hash = INIT_A;
  const hashed = (word: number): number => {
    let value = word ^ hash;
    hash = Math.imul(hash, MULT_A);
    value = Math.imul(value, hash);
    return (value ^ (value >>> 16)) >>> 0;
  };
  const mixed = (x: number, y: number): number => {
    const value = Math.imul(MIX_L, x) - Math.imul(MIX_R, y);
    return (value ^ (value >>> 16)) >>> 0;
  };
  for (let i = 0; i < POOL_WORDS; i++) pool[i] = hashed(entropy[i] ?? 0);
  for (let from = 0; from < POOL_WORDS; from++) {
    for (let to = 0; to < POOL_WORDS; to++) {
      if (from !== to) pool[to] = mixed(pool[to]!, hashed(pool[from]!));
    }
  }
  for (let from = POOL_WORDS; from < entropy.length; from++) {
    for (let to = 0; to < POOL_WORDS; to++) pool[to] = mixed(pool[to]!, hashed(entropy[from]!));
  }
  return pool;
}
