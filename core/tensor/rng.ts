import { CheckpointError, ValueError } from "../errors.ts";
import { MersenneTwister } from "../mersenne_twister.ts";
import { fmaF32, normalBlock } from "./rng_normal.ts";

const WORDS = 624;
const TWO_POW_24 = 2 ** -24;
const TWO_POW_53 = 2 ** -53;
/** From this range on, `randint` takes 64-bit draws. */
const WIDE_RANGE = 2 ** 28;
/** Bytes of `torch.Generator.get_state()`. */
const STATE_BYTES = 5056;

/**
 * torch's CPU random generator, bit for bit: mt19937 and the samplers that PyTorch puts on it, so one seed gives
 * the same initial weights, splits and batch order in both.
 *
 * Source: `at::CPUGeneratorImpl` and the `at::native::cpu` distributions of PyTorch 2.13 on x86-64. On other machines
 * torch itself draws other last bits for `normal` of 16 or more values.
 *
 * @example
 * ```ts
 * import { Generator } from "./rng.ts";
 * const generator = new Generator(42);
 * console.assert(generator.randperm(10).join() === "2,6,1,8,4,5,0,9,3,7");
 * ```
 */
export class Generator {
  #twister = new MersenneTwister(0);
  #seed = 0n;
  /** The sine half of a pair of normal values, for the next scalar draw. */
  #spareNormal: number | null = null;

  /** @param seed Low 32 bits seed the generator; torch's own default is 67280421310721. */
  constructor(seed: number | bigint = 67280421310721n) {
    this.seed(seed);
  }

  /** The seed given last, as a 64-bit unsigned integer. */
  get initialSeed(): bigint {
    return this.#seed;
  }

  /**
   * Starts the stream of a seed.
   *
   * @throws {ValueError} where the seed is not an integer.
   */
  seed(seed: number | bigint): this {
    if (typeof seed === "number" && !Number.isSafeInteger(seed)) {
      throw new ValueError(`A seed must be an integer, not ${seed}`, {
        where: "Generator.seed",
        fix: "give an integer below 2^53, or a bigint",
      });
    }
    this.#seed = BigInt.asUintN(64, BigInt(seed));
    this.#twister.seed(Number(this.#seed & 0xffffffffn));
    this.#spareNormal = null;
    return this;
  }

  /** The next 32 random bits. */
  u32(): number {
    return this.#twister.u32();
  }

  /** The next 64 random bits: the first 32 are the high half. */
  u64(): bigint {
    const high = this.u32();
    return (BigInt(high) << 32n) | BigInt(this.u32());
  }

  /** A 63-bit integer, as `tensor.random_()` fills int64: what samplers seed themselves with. */
  random64(): bigint {
    return this.u64() & 0x7fffffffffffffffn;
  }

  /** One float64 uniform in [0, 1). */
  double(): number {
    const high = this.u32() & 0x1fffff;
    return (high * 2 ** 32 + this.u32()) * TWO_POW_53;
  }

  /** `count` float32 uniforms in [low, high). */
  uniform(count: number, low = 0, high = 1): Float32Array {
    const out = new Float32Array(count);
    const from = Math.fround(low);
    const range = Math.fround(Math.fround(high) - from);
    if (from === 0 && range === 1) {
      for (let i = 0; i < count; i++) out[i] = (this.u32() & 0xffffff) * TWO_POW_24;
    } else {
      for (let i = 0; i < count; i++) out[i] = fmaF32((this.u32() & 0xffffff) * TWO_POW_24, range, from);
    }
    return out;
  }

  /**
   * `count` float32 normal values.
   *
   * @throws {ValueError} where `std` is negative.
   */
  normal(count: number, mean = 0, std = 1): Float32Array {
    if (!(std >= 0)) {
      throw new ValueError(`A standard deviation cannot be ${std}`, { where: "Generator.normal" });
    }
    if (count >= 16) return this.#normalBlocks(count, Math.fround(mean), Math.fround(std));
    const out = new Float32Array(count);
    for (let i = 0; i < count; i++) out[i] = this.#normalScalar() * std + mean;
    return out;
  }

  /**
   * `count` integers in [low, high).
   *
   * @throws {ValueError} where the range is empty or its integers exceed 2^53.
   */
  randint(low: number, high: number, count: number): number[] {
    const range = high - low;
    if (
      !Number.isSafeInteger(low) || !Number.isSafeInteger(high) || range <= 0 || !Number.isSafeInteger(range)
    ) {
      throw new ValueError(`randint cannot draw from ${low} to ${high}`, {
        where: "Generator.randint",
        fix: "give integers low < high",
      });
    }
    const out = new Array<number>(count);
    for (let i = 0; i < count; i++) {
      out[i] = low + (range < WIDE_RANGE ? this.u32() % range : Number(this.u64() % BigInt(range)));
    }
    return out;
  }

  /** A random order of 0 … `count` - 1. */
  randperm(count: number): Int32Array {
    const order = new Int32Array(count);
    for (let i = 0; i < count; i++) order[i] = i;
    for (let i = 0; i < count - 1; i++) {
      const j = i + this.u32() % (count - i);
      const swapped = order[i]!;
      order[i] = order[j]!;
      order[j] = swapped;
    }
    return order;
  }

  /** `count` zeros and ones: one with probability `p`, as `tensor.bernoulli_(p)` and torch's dropout draw them. */
  bernoulli(count: number, p: number): Uint8Array {
    const out = new Uint8Array(count);
    for (let i = 0; i < count; i++) out[i] = this.double() < p ? 1 : 0;
    return out;
  }

  /** A generator that continues this one's stream on its own. */
  clone(): Generator {
    return new Generator().setState(this.state());
  }

  /** Everything needed to continue: the same 5056 bytes as `torch.Generator.get_state()`. */
  state(): Uint8Array {
    const bytes = new Uint8Array(STATE_BYTES);
    const view = new DataView(bytes.buffer);
    const { words, left, next } = this.#twister;
    view.setBigUint64(0, this.#seed, true);
    view.setInt32(8, left, true);
    view.setInt32(12, 1, true);
    view.setBigUint64(16, BigInt(next), true);
    for (let i = 0; i < WORDS; i++) view.setUint32(24 + 8 * i, words[i]!, true);
    if (this.#spareNormal !== null) {
      view.setFloat64(SPARE_OFFSET, this.#spareNormal, true);
      view.setInt32(SPARE_OFFSET + 16, 1, true);
    }
    return bytes;
  }

  /**
   * Continues from {@linkcode Generator.state}, or from torch's own bytes.
   *
   * @throws {CheckpointError} where the bytes are not such a state.
   */
  setState(state: Uint8Array): this {
    const view = new DataView(state.buffer, state.byteOffset, state.byteLength);
    const left = state.length === STATE_BYTES ? view.getInt32(8, true) : -1;
    const next = state.length === STATE_BYTES ? Number(view.getBigUint64(16, true)) : -1;
    if (left < 1 || left > WORDS || next < 0 || next > WORDS || view.getInt32(12, true) !== 1) {
      throw new CheckpointError(`These ${state.length} bytes are not the state of a generator`, {
        where: "Generator.setState",
        fix: `give the ${STATE_BYTES} bytes of Generator.state() or of torch.Generator.get_state()`,
      });
    }
    this.#seed = view.getBigUint64(0, true);
    const twister = this.#twister;
    twister.left = left;
    twister.next = next;
    for (let i = 0; i < WORDS; i++) twister.words[i] = view.getUint32(24 + 8 * i, true);
    this.#spareNormal = view.getInt32(SPARE_OFFSET + 16, true) === 1
      ? view.getFloat64(SPARE_OFFSET, true)
      : null;
    return this;
  }

  /** Swaps streams with another generator. */
  exchange(other: Generator): void {
    [this.#twister, other.#twister] = [other.#twister, this.#twister];
    [this.#seed, other.#seed] = [other.#seed, this.#seed];
    [this.#spareNormal, other.#spareNormal] = [other.#spareNormal, this.#spareNormal];
  }

  #normalScalar(): number {
    if (this.#spareNormal !== null) {
      const spare = this.#spareNormal;
      this.#spareNormal = null;
      return spare;
    }
    const angle = 2 * Math.PI * this.double();
    const radius = Math.sqrt(-2 * Math.log1p(-this.double()));
    this.#spareNormal = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  }

  #normalBlocks(count: number, mean: number, std: number): Float32Array {
    const out = this.uniform(count);
    for (let start = 0; start + 16 <= count; start += 16) normalBlock(out, start, mean, std);
    if (count % 16 !== 0) {
      // The tail is the last 16 values, drawn anew: some of them were finished a moment ago.
      out.set(this.uniform(16), count - 16);
      normalBlock(out, count - 16, mean, std);
    }
    return out;
  }
}

/** Byte offset of the spare normal value in torch's state; 16 bytes on lies the flag that says it is there. */
const SPARE_OFFSET = 24 + 8 * WORDS + 8;

/**
 * The generator that initial weights, splits and samplers draw from where none is given. As in torch, it starts
 * from a seed of the system's own, so that runs differ until `manualSeed` is called.
 */
export const defaultGenerator: Generator = new Generator(crypto.getRandomValues(new BigUint64Array(1))[0]!);
