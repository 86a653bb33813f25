import { type DictNode, keyText } from "../config/node.ts";
import { selectNode } from "../config/select.ts";
import { plainData, toData } from "../config/to_container.ts";
import { Float } from "../config/scalar.ts";
import type { LitModule } from "./lit_module_hooks.ts";
import type { HyperParameters } from "./logger.ts";

const FIELDS = ["model", "data", "trainer", "callbacks", "extras", "task_name", "tags", "ckpt_path", "seed"];

/**
 * What a run tells its loggers about itself: the unresolved config, and how many parameters the model has.
 *
 * A whole number that the config writes as a float, such as `1.0`, stays a `Float`, so that a file of them says `1.0`.
 */
export function hyperParameters(config: DictNode, model: LitModule): HyperParameters {
  const params: Record<string, unknown> = {};
  for (const field of FIELDS) {
    const node = selectNode(config, field);
    params[field] = node === undefined || node.isNone ? null : withFloats(toData(node));
  }
  const sizes = Array.from(model.namedParameters(), ([, { size, requiresGrad }]) => ({ size, requiresGrad }));
  const total = (wanted: (trainable: boolean) => boolean) =>
    sizes.filter(({ requiresGrad }) => wanted(requiresGrad)).reduce((sum, { size }) => sum + size, 0);
  params["model/params/total"] = total(() => true);
  params["model/params/trainable"] = total((trainable) => trainable);
  params["model/params/non_trainable"] = total((trainable) => !trainable);
  return params;
}

/** Config data with `Map`s as objects and floats still apart from ints. */
function withFloats(data: unknown): unknown {
  if (data instanceof Float) return data;
  if (Array.isArray(data)) return data.map(withFloats);
  if (!(data instanceof Map)) return plainData(data);
  return Object.fromEntries(Array.from(data, ([key, value]) => [keyText(key), withFloats(value)]));
}
