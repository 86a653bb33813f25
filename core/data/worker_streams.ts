import { defaultGenerator, Generator } from "../tensor/rng.ts";

/**
 * The random streams of torch's loader workers: batch `i` is transformed with the stream of worker
 * `i % workers`, which starts from `baseSeed + worker`.
 *
 * There are no workers here; but without these streams, a random transform would draw from the default generator,
 * and every later draw of the run would differ from Python's.
 */
export class WorkerStreams {
  readonly #states: Uint8Array[];

  /** @param states One generator state per worker. */
  constructor(states: readonly Uint8Array[]) {
    this.#states = [...states];
  }

  /** The streams of an epoch's base seed. */
  static seeded(baseSeed: bigint, workers: number): WorkerStreams {
    return new WorkerStreams(
      Array.from({ length: workers }, (_, worker) => new Generator(baseSeed + BigInt(worker)).state()),
    );
  }

  /** Runs a function with the default generator on the stream of a batch's worker. */
  run<T>(batch: number, fn: () => T): T {
    const worker = batch % this.#states.length;
    const outside = defaultGenerator.state();
    defaultGenerator.setState(this.#states[worker]!);
    try {
      return fn();
    } finally {
      this.#states[worker] = defaultGenerator.state();
      defaultGenerator.setState(outside);
    }
  }

  /** One generator state per worker. */
  states(): Uint8Array[] {
    return [...this.#states];
  }
}
