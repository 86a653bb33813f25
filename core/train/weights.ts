import { CheckpointError } from "../errors.ts";
import type { Module } from "../nn/mod.ts";
import { takeOptions } from "../options.ts";
import type { StoredTensor } from "../tensor/safetensors.ts";
import { readCheckpoint, writeCheckpoint } from "./checkpoint.ts";

/** How {@linkcode loadWeights} matches names. */
export interface LoadWeightsOptions {
  /** Whether the file and the module must have the same names. @default true */
  readonly strict?: boolean;
  /**
   * Takes only the weights under this name, without it: `"net"` for a network that was trained as the field `net` of
   * another module. @default "", all weights
   */
  readonly prefix?: string;
}

/**
 * Writes a module's weights to a safetensors file under torch's names, as `torch.save(module.state_dict(), path)` would.
 *
 * Waits for the device. To continue training later, save with `run.saveCheckpoint(path)` or `callbacks.ModelCheckpoint`.
 *
 * @throws {CheckpointError} where the file cannot be written.
 *
 * @example
 * ```ts
 * import { Linear } from "../nn/mod.ts";
 * import { readCheckpoint } from "./checkpoint.ts";
 * import { saveWeights } from "./weights.ts";
 * const path = await Deno.makeTempFile({ suffix: ".safetensors" });
 * await saveWeights(new Linear({ inFeatures: 2, outFeatures: 1 }), path);
 * console.assert("weight" in (await readCheckpoint(path)).weights);
 * await Deno.remove(path);
 * ```
 */
export async function saveWeights(module: Module, path: string): Promise<void> {
  await writeCheckpoint(path, module.stateDict(), {}, null);
}

/**
 * Puts the weights of a checkpoint into a module: Lightning's `load_from_checkpoint`.
 *
 * TypeScript cannot make the module from its file, so the caller does; the rest of the checkpoint is left alone. Any
 * safetensors file under torch's names will do. Call `eval()` before predicting.
 *
 * @returns The module.
 * @throws {CheckpointError} where the file cannot be read, or does not fit; nothing is changed then.
 *
 * @example
 * ```ts
 * import { Linear } from "../nn/mod.ts";
 * import { loadWeights, saveWeights } from "./weights.ts";
 * const path = await Deno.makeTempFile({ suffix: ".ckpt" });
 * const trained = new Linear({ inFeatures: 2, outFeatures: 1 });
 * await saveWeights(trained, path);
 *
 * const loaded = await loadWeights(new Linear({ inFeatures: 2, outFeatures: 1 }), path);
 * console.assert((await loaded.weight.data()).join() === (await trained.weight.data()).join());
 * await Deno.remove(path);
 * ```
 */
export async function loadWeights<M extends Module>(
  module: M,
  path: string,
  options: LoadWeightsOptions = {},
): Promise<M> {
  const { strict, prefix } = takeOptions<LoadWeightsOptions>("train.loadWeights", options, {
    strict: true,
    prefix: "",
  });
  const { weights } = await readCheckpoint(path);
  const taken = prefix === "" ? weights : under(weights, prefix, path);
  try {
    module.loadStateDict(taken, { strict });
  } catch (cause) {
    if (!(cause instanceof CheckpointError)) throw cause;
    const inner = prefix === "" ? fittingPrefix(Object.keys(weights), Object.keys(module.stateDict())) : null;
    throw new CheckpointError(cause.what, {
      where: `${path}, into ${module.location}`,
      fix: inner === null
        ? cause.fix
        : `the module's weights lie under "${inner}": give { prefix: "${inner}" }`,
      cause,
    });
  }
  return module;
}

function under(
  weights: Readonly<Record<string, StoredTensor>>,
  prefix: string,
  path: string,
): Record<string, StoredTensor> {
  const start = prefix.endsWith(".") ? prefix : `${prefix}.`;
  const found = Object.entries(weights).filter(([name]) => name.startsWith(start));
  if (found.length > 0) return Object.fromEntries(found.map(([name, v]) => [name.slice(start.length), v]));
  const names = Object.keys(weights);
  throw new CheckpointError(`The checkpoint has no weights under "${prefix}"`, {
    where: path,
    fix: `its names are ${names.slice(0, 8).join(", ") || "none"}${names.length > 8 ? ", …" : ""}`,
  });
}

/** The name under which a file holds all of a module's weights, or `null`. */
function fittingPrefix(stored: readonly string[], own: readonly string[]): string | null {
  const [first] = own;
  if (first === undefined) return null;
  for (const name of stored) {
    if (!name.endsWith(`.${first}`)) continue;
    const prefix = name.slice(0, -first.length - 1);
    if (own.every((each) => stored.includes(`${prefix}.${each}`))) return prefix;
  }
  return null;
}
