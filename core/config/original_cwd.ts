import { isAbsolute, join } from "node:path";
import { ConfigError } from "../errors.ts";
import { HydraConfig } from "./hydra_config.ts";
import { pythonStr } from "./python_text.ts";
import type { RunContext } from "./run_context.ts";
import { select } from "./select.ts";

/**
 * The directory that the app was started in, whatever `hydra.job.chdir` made the working directory: Hydra's
 * `get_original_cwd`.
 *
 * @param context What the task got beside its config. @default the job that runs
 * @throws {ConfigError} where no job runs, or its config has no `hydra.runtime.cwd`.
 *
 * @example
 * ```ts
 * import { create } from "./create.ts";
 * import type { DictNode } from "./node.ts";
 * import { getOriginalCwd } from "./original_cwd.ts";
 * const hydra = create({ runtime: { cwd: "/home/ada" } }) as DictNode;
 * console.assert(getOriginalCwd({ hydra }) === "/home/ada");
 * ```
 */
export function getOriginalCwd(context?: Pick<RunContext, "hydra">): string {
  const hydra = context?.hydra ?? (HydraConfig.initialized() ? HydraConfig.get() : undefined);
  const cwd = hydra === undefined ? undefined : select(hydra, "runtime.cwd");
  if (cwd !== null && cwd !== undefined) return pythonStr(cwd);
  throw new ConfigError("get_original_cwd() must only be used after HydraConfig is initialized", {
    fix: "call it while a job runs, or pass the context that the task got",
  });
}

/**
 * A path as seen from the directory that the app was started in: Hydra's `to_absolute_path`.
 *
 * @param context What the task got beside its config. @default the job that runs; outside of jobs, paths are seen
 * from the working directory
 *
 * @example
 * ```ts
 * import { create } from "./create.ts";
 * import type { DictNode } from "./node.ts";
 * import { toAbsolutePath } from "./original_cwd.ts";
 * const hydra = create({ runtime: { cwd: "/home/ada" } }) as DictNode;
 * console.assert(toAbsolutePath("data", { hydra }) === "/home/ada/data");
 * ```
 */
export function toAbsolutePath(path: string, context?: Pick<RunContext, "hydra">): string {
  if (isAbsolute(path)) return path;
  const runs = context !== undefined || HydraConfig.initialized();
  return join(runs ? getOriginalCwd(context) : Deno.cwd(), path);
}
