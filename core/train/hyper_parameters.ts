import type { DictNode } from "../config/node.ts";
import { selectNode } from "../config/select.ts";
import { toContainer } from "../config/to_container.ts";
import type { LitModule } from "./lit_module_hooks.ts";
import type { HyperParameters } from "./logger.ts";

const FIELDS = ["model", "data", "trainer", "callbacks", "extras", "task_name", "tags", "ckpt_path", "seed"];

/** What a run tells its loggers about itself: the unresolved config, and how many parameters the model has. */
export function hyperParameters(config: DictNode, model: LitModule): HyperParameters {
  const params: Record<string, unknown> = {};
  for (const field of FIELDS) {
    const node = selectNode(config, field);
    params[field] = node === undefined || node.isNone ? null : toContainer(node);
  }
  const sizes = Array.from(model.namedParameters(), ([, { size, requiresGrad }]) => ({ size, requiresGrad }));
  const total = (wanted: (trainable: boolean) => boolean) =>
    sizes.filter(({ requiresGrad }) => wanted(requiresGrad)).reduce((sum, { size }) => sum + size, 0);
  params["model/params/total"] = total(() => true);
  params["model/params/trainable"] = total((trainable) => trainable);
  params["model/params/non_trainable"] = total((trainable) => !trainable);
  return params;
}
