import { dirname, join } from "node:path";
import type { DictNode } from "../config/node.ts";
import { selectNode } from "../config/select.ts";
import { loadText } from "../config/load.ts";
import { toContainer } from "../config/to_container.ts";

/** Overrides that change what a test measures, and those among them that do not. */
const MATTERS = /^[+~]*(?:experiment|debug|data|model|callbacks|trainer\.limit_test_batches)\b/;
const DOES_NOT = /^[+~]*(?:model\.(?:optimizer|scheduler)|callbacks\.(?!metrics_callback))/;

/**
 * Overrides that a checkpoint's run was given and this one is not, among those that change what a test measures.
 *
 * They stand in `.hydra/overrides.yaml` of the run's folder; a checkpoint that lies elsewhere has none.
 *
 * @param hydra The `hydra` node of this run.
 */
export function missingOverrides(checkpoint: string, hydra: DictNode): string[] {
  const path = join(dirname(checkpoint), "..", ".hydra", "overrides.yaml");
  let before: string[];
  try {
    before = words(toContainer(loadText(Deno.readTextFileSync(path), path)));
  } catch {
    // Without a record there is nothing to compare with.
    return [];
  }
  const node = selectNode(hydra, "overrides.task");
  const now = node === undefined ? [] : words(toContainer(node as DictNode));
  return before.filter((word) => MATTERS.test(word) && !DOES_NOT.test(word) && !now.includes(word));
}

function words(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
