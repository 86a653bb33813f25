import type { DictNode } from "./node.ts";
import { HydraConfig } from "./hydra_config.ts";
import { evalResolver } from "./python_expression.ts";
import { pythonStr } from "./python_text.ts";
import { ResolverFailure, type Resolvers } from "./resolvers.ts";
import { selectNode } from "./select.ts";
import { strftime } from "./strftime.ts";

/** What `${hydra:…}` reads where no job runs: the `hydra` node of the composition. */
export interface HydraState {
  hydra: DictNode | undefined;
  /** Whether something was read that has no value before a job runs, such as `runtime.output_dir`. */
  readEarly?: boolean;
}

/**
 * Adds Hydra's resolvers: `now:` (the time of the first use of each pattern), `hydra:`, `python_version:`; and `eval:`,
 * which the templates register: a safe evaluator of Python expressions.
 *
 * @param state Where `hydra:` finds the `hydra` node; it may be filled in later.
 */
export function addHydraResolvers(resolvers: Resolvers, state: HydraState): Resolvers {
  // Registering anew would drop the times that a sweep's jobs share.
  if (!resolvers.has("now")) {
    resolvers.register("now", ([pattern]) => strftime(pythonStr(pattern), new Date()), { useCache: true });
  }
  resolvers.register("hydra", ([path]) => {
    // The job that runs counts, whichever config is read, as in Hydra.
    const hydra = HydraConfig.initialized() ? HydraConfig.get() : state.hydra;
    if (hydra === undefined) throw new ResolverFailure("ValueError", "HydraConfig was not set");
    const node = selectNode(hydra, pythonStr(path));
    if (node?.isMissing === true) state.readEarly = true;
    return node === undefined || node.isMissing ? null : node;
  }, { replace: true });
  resolvers.register("python_version", () => {
    throw new ResolverFailure(
      "ValueError",
      "there is no Python here",
      "take the interpolation out, or write the version as text",
    );
  }, { replace: true });
  if (!resolvers.has("eval")) resolvers.register("eval", evalResolver);
  return resolvers;
}
