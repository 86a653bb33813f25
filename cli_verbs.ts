/**
 * The verbs of the command line, and where their configs are. Loads no tensors.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import type { MainOptions } from "./core/app/main_options.ts";

const PRESETS_NAME = "fulgur.configs";

/** What each verb does, as `--help` says it. */
export const VERBS: Readonly<Record<string, string>> = {
  train: "train what configs/train.yaml describes, then test the best weights",
  eval: "test a checkpoint: eval ckpt_path=<file>",
  compose: "show the composed config of train (or another: -cn eval) without running it",
  info: "targets: which Python names have a port here; or what --info shows: defaults, searchpath, …",
  completion: "print a script for your shell: bash, zsh or fish",
};

/**
 * Configs come from `configs/` where the command is run, else from the package; `--config-path` replaces both, and
 * `--config-dir` adds a folder. One with a primary config of its own replaces both too: the Python template has no
 * other way to name its configs. The package's presets may be named on a search path as `pkg://fulgur.configs`.
 *
 * @example
 * ```ts
 * import { verbConfigs } from "./cli_verbs.ts";
 * const { configName, configPath } = await verbConfigs("train", []);
 * console.assert(configName === "train.yaml" && configPath!.includes("configs"));
 * ```
 */
export async function verbConfigs(
  configName: "train" | "eval",
  args: readonly string[],
): Promise<Pick<MainOptions, "configName" | "configPath" | "jobName" | "loader">> {
  const presets = new URL("./configs/", import.meta.url);
  const bundle = presets.protocol === "file:"
    ? fileURLToPath(presets)
    : (await import("./configs/mod.ts")).PRESETS;
  const loader = { bundles: new Map([[PRESETS_NAME, bundle]]) };
  const shared = { configName: `${configName}.yaml`, jobName: configName, loader };
  const given = args.some((word) => /^(?:--config-p|-cp\b)/.test(word));
  if (given || hasPrimaryConfig(args, configName)) return shared;
  return {
    ...shared,
    configPath: isDirectory("configs") ? `${Deno.cwd()}/configs` : `pkg://${PRESETS_NAME}`,
  };
}

/** Whether the folder of `--config-dir` has `train.yaml` or `eval.yaml` itself. */
function hasPrimaryConfig(args: readonly string[], configName: string): boolean {
  const at = args.findIndex((word) => /^(?:--config-d|-cd\b)/.test(word));
  const word = args[at];
  if (word === undefined) return false;
  const folder = word.includes("=") ? word.slice(word.indexOf("=") + 1) : args[at + 1] ?? "";
  try {
    return Deno.statSync(`${folder}/${configName}.yaml`).isFile;
  } catch {
    return false;
  }
}

function isDirectory(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
