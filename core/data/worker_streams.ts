import { defaultGenerator, Generator } from "../tensor/rng.ts";

/**
 * The random streams of torch's loader workers: batch `i` is transformed with the stream of worker
 * `i % workers`, which starts from `baseSeed + worker`.
 *
 * There are no workers here; but without these streams, a random transform would draw from the default generator,
 * and every later draw of the run would differ from Python's.
 */
export class WorkerStreams {
  readonly #generators: readonly Generator[];

  /** @param generators One per worker. */
  constructor(generators: readonly Generator[]) {
    this.#generators = generators;
  }

  /** The streams of an epoch's base seed. */
  static seeded(baseSeed: bigint, workers: number): WorkerStreams {
    return new WorkerStreams(
      Array.from({ length: workers }, (_, worker) => new Generator(baseSeed + BigInt(worker))),
    );
  }

  /** Streams where {@linkcode WorkerStreams.states} left them. */
  static restored(states: readonly Uint8Array[]): WorkerStreams {
    return new WorkerStreams(states.map((state) => new Generator().setState(state)));
  }

  /** Runs a function with the default generator on the stream of a batch's worker. */
  run<T>(batch: number, fn: () => T): T {
    const stream = this.#generators[batch % this.#generators.length]!;
    defaultGenerator.exchange(stream);
    try {
      return fn();
    } finally {
      defaultGenerator.exchange(stream);
    }
  }

  /** One generator state per worker. */
  states(): Uint8Array[] {
    return this.#generators.map((generator) => generator.state());
  }
}
