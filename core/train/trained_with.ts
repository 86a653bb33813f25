import { dirname, join, resolve } from "node:path";
import type { DictNode } from "../config/node.ts";
import { selectNode } from "../config/select.ts";
import { loadText } from "../config/load.ts";
import { parseOverrides } from "../config/overrides.ts";
import { toContainer } from "../config/to_container.ts";

/** Overrides that change what a test measures, the device among them, and those of their kind that do not. */
const MATTERS =
  /^[+~]*(?:experiment|debug|data|model|callbacks|trainer(?:\.(?:accelerator|devices|precision|limit_test_batches))?(?==))\b/;
const DOES_NOT = /^[+~]*(?:model\.(?:optimizer|scheduler)|callbacks\.(?!metrics_callback))/;

/** Folders above a checkpoint that may be its run's: `<run>/csv/version_0/checkpoints/last.ckpt` has four. */
const MOST_FOLDERS = 5;

/**
 * Overrides that a checkpoint's run was given and this command is not, among those that change what a test measures.
 * A key that is given with another value stays as it is given.
 *
 * They stand in `.hydra/overrides.yaml` of the run's folder, which the checkpoint lies in; one that lies elsewhere
 * has none.
 *
 * @param given The command's own words.
 */
export function missingOverrides(checkpoint: string, given: readonly string[]): string[] {
  const before = recordedOverrides(checkpoint);
  const known = new Set(given.map(keyOf));
  return before.filter((word) => MATTERS.test(word) && !DOES_NOT.test(word) && !known.has(keyOf(word)));
}

function recordedOverrides(checkpoint: string): string[] {
  let folder = dirname(resolve(checkpoint));
  for (let i = 0; i < MOST_FOLDERS; i++, folder = dirname(folder)) {
    const path = join(folder, ".hydra", "overrides.yaml");
    try {
      return words(toContainer(loadText(Deno.readTextFileSync(path), path)));
    } catch {
      // No record here, or none that can be read.
    }
  }
  return [];
}

/**
 * The words of an `eval` command with those of the checkpoint's run before its `ckpt_path`, so that the checkpoint is
 * tested as it was trained.
 */
export function evaluatedAsTrained(args: readonly string[]): { args: string[]; added: string[] } {
  const at = args.findIndex((word) => keyOf(word) === "ckpt_path");
  if (at < 0) return { args: [...args], added: [] };
  let checkpoint: unknown;
  try {
    checkpoint = parseOverrides([args[at]!])[0]!.value;
  } catch {
    // The command line reports it, with its place.
    return { args: [...args], added: [] };
  }
  const added = missingOverrides(String(checkpoint), args);
  return { args: [...args.slice(0, at), ...added, ...args.slice(at)], added };
}

/** The overrides that a run was given, from its `hydra` node. */
export function taskOverrides(hydra: DictNode): string[] {
  const node = selectNode(hydra, "overrides.task");
  return node === undefined ? [] : words(toContainer(node as DictNode));
}

function keyOf(word: string): string {
  return word.replace(/^[+~]*/, "").replace(/=.*$/s, "");
}

function words(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
