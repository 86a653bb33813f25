/**
 * The verbs of the command line, and where their configs are. Loads no tensors.
 *
 * @module
 */
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { MainOptions } from "./core/app/main_options.ts";
import { PRESETS_NAME } from "./core/app/presets.ts";

/** What each verb does, as `--help` says it. */
export const VERBS: Readonly<Record<string, string>> = {
  train: "train what configs/train.yaml describes, then test the best weights",
  eval: "test a checkpoint: eval ckpt_path=<file>",
  compose: "show the composed config of train (or another: -cn eval) without running it",
  info: "targets: which Python names have a port here; or what --info shows: defaults, searchpath, …",
  completion: "print a script for your shell: bash, zsh or fish",
};

/** Where the configs of a verb are. */
export interface VerbConfigs extends Pick<MainOptions, "configName" | "configPath" | "jobName"> {
  /** The folder that holds the folder of the configs. */
  readonly projectFolder: string;
}

/**
 * Configs come from `configs/` where the command is run, else from the package; `--config-path` replaces both, and
 * `--config-dir` adds a folder. One with a primary config of its own replaces both too: the Python template has no
 * other way to name its configs. The package's presets may be named on a search path as `pkg://fulgur.configs`.
 *
 * @example
 * ```ts
 * import { verbConfigs } from "./cli_verbs.ts";
 * const { configName, configPath } = verbConfigs("train", []);
 * console.assert(configName === "train.yaml" && configPath!.includes("configs"));
 * ```
 */
export function verbConfigs(configName: "train" | "eval", args: readonly string[]): VerbConfigs {
  const shared = { configName: `${configName}.yaml`, jobName: configName };
  const path = wordAfter(args, /^(?:--config-p|-cp\b)/);
  if (path !== undefined) return { ...shared, projectFolder: folderAbove(path) };
  const folder = wordAfter(args, /^(?:--config-d|-cd\b)/);
  if (folder !== undefined && hasConfig(folder, configName)) {
    return { ...shared, projectFolder: folderAbove(folder) };
  }
  const configPath = isDirectory("configs") ? `${Deno.cwd()}/configs` : `pkg://${PRESETS_NAME}`;
  return { ...shared, configPath, projectFolder: Deno.cwd() };
}

/** What a flag is given: after its `=`, else the next word. */
function wordAfter(args: readonly string[], flag: RegExp): string | undefined {
  const at = args.findIndex((word) => flag.test(word));
  const word = args[at];
  if (word === undefined) return undefined;
  return word.includes("=") ? word.slice(word.indexOf("=") + 1) : args[at + 1] ?? "";
}

/** The folder above one of the disk; the working directory for other places. */
function folderAbove(path: string): string {
  if (/^(?!file:)[a-z]+:\/\//.test(path)) return Deno.cwd();
  return dirname(resolve(path.startsWith("file:") ? fileURLToPath(path) : path));
}

/** Whether a folder has `train.yaml` or `eval.yaml` itself. */
function hasConfig(folder: string, configName: string): boolean {
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
