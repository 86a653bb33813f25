import { philoxState, setPhiloxState } from "../ops/random.ts";
import { defaultGenerator } from "../tensor/mod.ts";

/** The state of every random generator of the process, as plain data. */
export interface GeneratorStates {
  /** The host generator's 5056 bytes, as torch writes them, in base64. */
  readonly host: string;
  /** The device stream's 64-bit key, in decimal. */
  readonly deviceSeed: string;
  /** How many times the device stream was drawn from. */
  readonly deviceCalls: number;
}

/** What the generators need to continue. */
export function generatorStates(): GeneratorStates {
  const { seed, calls } = philoxState();
  return { host: defaultGenerator.state().toBase64(), deviceSeed: String(seed), deviceCalls: calls };
}

/** Makes the generators continue where they were. */
export function restoreGenerators(states: GeneratorStates): void {
  defaultGenerator.setState(Uint8Array.fromBase64(states.host));
  setPhiloxState({ seed: BigInt(states.deviceSeed), calls: states.deviceCalls });
}
