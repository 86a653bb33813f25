/**
 * Composing configs: the example experiment, and a tree of 2,000 files with 300 defaults. `peers/config_hydra.py`
 * does the same work with Hydra.
 *
 * @module
 */
import { ConfigLoader } from "../core/config/config_loader.ts";
import { toYaml } from "../core/config/to_yaml.ts";

const CONFIGS = new URL("../configs", import.meta.url).pathname;

Deno.bench("compose train experiment=example", { group: "example" }, () => {
  const loader = new ConfigLoader({ searchPath: [{ provider: "main", path: CONFIGS }] });
  loader.compose({ configName: "train.yaml", overrides: ["experiment=example"] });
});

Deno.bench("compose and print train experiment=example", { group: "example" }, () => {
  const loader = new ConfigLoader({ searchPath: [{ provider: "main", path: CONFIGS }] });
  toYaml(loader.compose({ configName: "train.yaml", overrides: ["experiment=example"] }).config);
});

/** 2,000 files in 100 groups; the primary config lists 100 of them, each of which lists two more. */
export function largeTree(folder: string): void {
  const primary = ["defaults:"];
  for (let group = 0; group < 100; group++) {
    Deno.mkdirSync(`${folder}/g${group}/sub`, { recursive: true });
    primary.push(`- g${group}: o0`);
    for (let option = 0; option < 10; option++) {
      const content = Array.from({ length: 10 }, (_, i) => `k${i}: {a: ${i}, b: text ${i}, c: '\${x}'}\n`)
        .join("");
      const defaults = "defaults:\n- sub: o1\n- sub@other: o2\n- _self_\n";
      Deno.writeTextFileSync(`${folder}/g${group}/o${option}.yaml`, defaults + content);
      Deno.writeTextFileSync(`${folder}/g${group}/sub/o${option}.yaml`, content);
    }
  }
  Deno.writeTextFileSync(`${folder}/config.yaml`, `${primary.join("\n")}\n- _self_\nx: 1\n`);
}

const large = Deno.makeTempDirSync();
largeTree(large);
globalThis.addEventListener("unload", () => Deno.removeSync(large, { recursive: true }));

Deno.bench("compose 300 defaults out of 2,000 files", { group: "large", n: 5, warmup: 1 }, () => {
  const loader = new ConfigLoader({ searchPath: [{ provider: "main", path: large }] });
  loader.compose({ configName: "config", overrides: ["g5=o3", "g7.k1.a=2"] });
});
