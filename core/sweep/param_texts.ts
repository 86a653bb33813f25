import { DictNode, keyText } from "../config/node.ts";
import { pythonStr } from "../config/python_text.ts";
import { selectNode } from "../config/select.ts";
import { toData } from "../config/to_container.ts";

/**
 * `hydra.sweeper.params` as override texts, interpolations resolved; `undefined` where there is none.
 *
 * @example
 * ```ts
 * import { loadText } from "../config/load.ts";
 * import type { DictNode } from "../config/node.ts";
 * import { paramTexts } from "./param_texts.ts";
 * const config = loadText("v: 1,2\nhydra: {sweeper: {params: {x: '${v}'}}}", "c.yaml") as DictNode;
 * console.assert(paramTexts(config)!.join() === "x=1,2");
 * ```
 */
export function paramTexts(config: DictNode): string[] | undefined {
  const params = selectNode(config, "hydra.sweeper.params");
  if (!(params instanceof DictNode) || params.isNone) return undefined;
  return [...params.children()].map((child) => {
    return `${keyText(child.key!)}=${pythonStr(toData(child, { resolve: true }))}`;
  });
}
