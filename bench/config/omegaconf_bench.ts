import { parseDocument } from "yaml";
import { loadText } from "../../core/config/load.ts";
import { merge } from "../../core/config/merge.ts";
import type { ContainerNode } from "../../core/config/node.ts";
import { toContainer } from "../../core/config/to_container.ts";
import { toYaml } from "../../core/config/to_yaml.ts";

// `bench/peers/config_omegaconf.py` runs the same work with OmegaConf: 300 files of twelve keys, as a large experiment has.
const FILES = 300;

function fileText(index: number): string {
  return [
    `model${index}:`,
    `  _target_: torch.nn.Linear`,
    `  in_features: ${index}`,
    `  lr: 1e-3`,
    `  name: "layer ${index}"`,
    `  sizes: [1, 2, three]`,
    `  path: \${root}/checkpoints/${index}`,
    `  nested:`,
    `    flag: true`,
    `    nothing: null`,
    `    width: \${..in_features}`,
    "",
  ].join("\n");
}

const texts = Array.from({ length: FILES }, (_, index) => fileText(index));
const load = (): ContainerNode[] => texts.map((text, index) => loadText(text, `${index}.yaml`));
const root = loadText("root: /data\n", "root.yaml");
const nodes = load();
const merged = merge(root, ...nodes);

Deno.bench("npm:yaml parses 300 files", { group: "load", baseline: true }, () => {
  for (const text of texts) parseDocument(text);
});

Deno.bench("loadText() loads 300 files", { group: "load" }, () => {
  load();
});

Deno.bench("merge() of 300 files", { group: "merge", baseline: true }, () => {
  merge(root, ...nodes);
});

Deno.bench("toContainer() resolves 3,600 values", { group: "out", baseline: true }, () => {
  toContainer(merged, { resolve: true });
});

Deno.bench("toYaml() writes 3,600 values", { group: "out" }, () => {
  toYaml(merged);
});
