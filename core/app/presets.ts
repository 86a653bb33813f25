import { fileURLToPath } from "node:url";
import type { Bundle } from "../config/search_path.ts";

/** What a search path calls the package's own configs: `pkg://fulgur.configs`. */
export const PRESETS_NAME = "fulgur.configs";

/**
 * The package's own configs as a bundle that a search path may name: `hydra.searchpath: [pkg://fulgur.configs]`.
 *
 * `main` has it by itself; the compose API takes it as `loader: { bundles: await presetBundles() }`.
 *
 * @example
 * ```ts
 * import { compose, initializeConfigModule, select } from "../config/mod.ts";
 * import { presetBundles } from "./presets.ts";
 * const loader = { bundles: await presetBundles() };
 * using _ = initializeConfigModule({ configModule: "fulgur.configs", loader, versionBase: "1.3" });
 * console.assert(select(compose({ configName: "train", overrides: ["debug=fdr"] }), "trainer.fast_dev_run") === true);
 * ```
 */
export async function presetBundles(): Promise<ReadonlyMap<string, Bundle>> {
  const folder = new URL("../../configs/", import.meta.url);
  // A published package has no folder to read.
  const bundle = folder.protocol === "file:"
    ? fileURLToPath(folder).replace(/[/\\]$/, "")
    : (await import("../../configs/mod.ts")).PRESETS;
  return new Map([[PRESETS_NAME, bundle]]);
}
