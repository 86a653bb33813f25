import { setPhiloxState } from "../ops/random.ts";
import { defaultGenerator, type Generator } from "./rng.ts";

/**
 * Seeds every random stream, as `torch.manual_seed` does: {@linkcode defaultGenerator} and the device's stream, from
 * which dropout and the random ops draw.
 *
 * @throws {ValueError} where the seed is not an integer.
 *
 * @example
 * ```ts
 * import { init, rand } from "./mod.ts";
 * import { manualSeed } from "./seed.ts";
 * await init({ accelerator: "cpu" });
 * manualSeed(1);
 * const first = await rand([3]).data();
 * manualSeed(1);
 * console.assert(first.join() === (await rand([3]).data()).join());
 * ```
 */
export function manualSeed(seed: number | bigint): Generator {
  defaultGenerator.seed(seed);
  setPhiloxState({ seed: defaultGenerator.initialSeed, calls: 0 });
  return defaultGenerator;
}
