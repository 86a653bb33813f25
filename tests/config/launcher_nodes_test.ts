import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { ConfigError } from "../../core/errors.ts";
import { ConfigLoader } from "../../core/config/config_loader.ts";
import type { DictNode } from "../../core/config/node.ts";
import { toYaml } from "../../core/config/to_yaml.ts";
import { configTree } from "../support/config_tree.ts";
import { head } from "../support/hydra_compare.ts";

/** What the generator writes for a command line that chooses a launcher. */
interface LauncherCase {
  readonly overrides: readonly string[];
  readonly error?: string;
  readonly message?: string;
  readonly yaml?: string;
  readonly resolved?: string;
  readonly order?: readonly string[];
}

const golden: { readonly compose: readonly LauncherCase[] } = JSON.parse(
  Deno.readTextFileSync(new URL("../golden/launchers.json", import.meta.url)),
);

for (const expected of golden.compose) {
  Deno.test(`compose() gives the plugin's launcher node: ${expected.overrides.join(" ")}`, () => {
    using tree = configTree({ config: "x: 1\nhydra:\n  sweep:\n    dir: s\n" });
    const loader = new ConfigLoader({ searchPath: [{ provider: "main", path: tree.folder }] });
    const compose = () =>
      loader.compose({ configName: "config", overrides: expected.overrides, runMode: "multirun" });
    if (expected.error !== undefined) {
      throws(compose, (error) => {
        ok(error instanceof ConfigError);
        strictEqual(head(error.what), head(expected.message!));
        return true;
      });
      return;
    }
    const hydra = compose().config.child("hydra") as DictNode;
    strictEqual(toYaml(hydra.child("launcher")!), expected.yaml);
    strictEqual(toYaml(hydra.child("launcher")!, { resolve: true }), expected.resolved);
    deepStrictEqual([...hydra.keys()], expected.order);
  });
}
