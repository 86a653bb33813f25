import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { PRESETS } from "../../configs/mod.ts";
import { ConfigLoader } from "../../core/config/config_loader.ts";
import type { DictNode } from "../../core/config/node.ts";
import { select, selectNode } from "../../core/config/select.ts";
import { toContainer } from "../../core/config/to_container.ts";
import { toYaml } from "../../core/config/to_yaml.ts";
import { configTree } from "../support/config_tree.ts";
import { walkFiles } from "../support/files.ts";

const CONFIGS = new URL("../../configs", import.meta.url).pathname;

function compose(configName: string, ...overrides: string[]): DictNode {
  const loader = new ConfigLoader({ searchPath: [{ provider: "main", path: CONFIGS }], jobName: configName });
  const { config } = loader.compose({ configName: `${configName}.yaml`, overrides });
  return config;
}

function data(config: DictNode, key: string): unknown {
  return toContainer(selectNode(config, key)!);
}

Deno.test("PRESETS holds every file of configs/ as it stands on disk", async () => {
  const files = new Map<string, string>();
  for (const path of await walkFiles(CONFIGS, [".yaml"])) {
    files.set(path.slice(CONFIGS.length + 1, -".yaml".length), Deno.readTextFileSync(path));
  }
  deepStrictEqual([...PRESETS.keys()].sort(), [...files.keys()].sort());
  for (const [name, text] of files) strictEqual(PRESETS.get(name), text, name);
});

Deno.test("Presets compose alike from disk and from the package", () => {
  const bundles = new Map([["fulgur.configs", PRESETS]]);
  const loader = new ConfigLoader({
    searchPath: [{ provider: "main", path: "pkg://fulgur.configs" }],
    bundles,
    jobName: "train",
  });
  const { config } = loader.compose({
    configName: "train.yaml",
    overrides: ["experiment=example", "debug=fdr"],
  });
  const fromDisk = compose("train", "experiment=example", "debug=fdr");
  for (const each of [config, fromDisk]) each.removeChild("hydra");
  strictEqual(toYaml(config), toYaml(fromDisk));
});

Deno.test("experiment=example is the seed's", () => {
  const config = compose("train", "experiment=example");
  strictEqual(select(config, "seed"), 12345);
  deepStrictEqual(data(config, "tags"), ["mnist", "simple_dense_net"]);
  strictEqual(select(config, "trainer.max_epochs"), 5);
  strictEqual(select(config, "model.optimizer.lr"), 0.002);
  strictEqual(select(config, "data.batch_size"), 64);
  strictEqual(select(config, "callbacks.metrics_callback.tracked_metric_name"), "accuracy");
  strictEqual(
    select(config, "callbacks.metrics_callback._target_"),
    "ml_core.callbacks.metrics_callback.MetricsCallback",
  );
});

Deno.test("debug=default runs one checked epoch on the CPU without callbacks and loggers", () => {
  const config = compose("train", "debug=default");
  strictEqual(config.child("callbacks")!.isNone && config.child("logger")!.isNone, true);
  deepStrictEqual(
    ["max_epochs", "accelerator", "devices", "detect_anomaly"].map((key) => select(config, `trainer.${key}`)),
    [1, "cpu", 1, true],
  );
  strictEqual(select(config, "data.num_workers"), 0);
  strictEqual(select(config, "task_name"), "debug");
  strictEqual(select(config, "hydra.job_logging.root.level"), "DEBUG");
});

Deno.test("debug=fdr, limit, overfit and profiler add what the seed says to default", () => {
  strictEqual(select(compose("train", "debug=fdr"), "trainer.fast_dev_run"), true);
  const limit = compose("train", "debug=limit");
  deepStrictEqual(
    ["max_epochs", "limit_train_batches", "limit_val_batches", "limit_test_batches"].map((key) => {
      return select(limit, `trainer.${key}`);
    }),
    [3, 0.01, 0.05, 0.05],
  );
  const overfit = compose("train", "debug=overfit");
  deepStrictEqual([select(overfit, "trainer.overfit_batches"), select(overfit, "trainer.max_epochs")], [
    3,
    20,
  ]);
  strictEqual(overfit.child("callbacks")!.isNone, true);
  const profiler = compose("train", "debug=profiler");
  deepStrictEqual([select(profiler, "trainer.profiler"), select(profiler, "trainer.max_epochs")], [
    "simple",
    1,
  ]);
});

Deno.test("eval.yaml needs a checkpoint and logs nothing", () => {
  const config = compose("eval");
  strictEqual(config.child("ckpt_path")!.isMissing, true);
  strictEqual(config.child("logger"), undefined);
});

Deno.test("Every option of every group composes", () => {
  const loader = new ConfigLoader({ searchPath: [{ provider: "main", path: CONFIGS }] });
  for (const group of loader.groupOptions("", "group")) {
    if (group === "hydra") continue;
    for (const option of loader.groupOptions(group)) compose("train", `${group}=${option}`);
  }
});

Deno.test("The presets may be named on a search path", () => {
  using tree = configTree({
    config: "defaults:\n- trainer: cpu\nhydra:\n  searchpath: [pkg://fulgur.configs]\n",
  });
  for (const bundle of [PRESETS, CONFIGS]) {
    const loader = new ConfigLoader({
      searchPath: [{ provider: "main", path: tree.folder }],
      bundles: new Map([["fulgur.configs", bundle]]),
    });
    strictEqual(select(loader.compose({ configName: "config" }).config, "trainer.accelerator"), "cpu");
  }
});

Deno.test("A published package composes its presets in a folder without configs", async () => {
  const folder = Deno.makeTempDirSync();
  try {
    const { stdout, code } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-A",
        "--no-check",
        new URL("../../cli.ts", import.meta.url).pathname,
        "compose",
        "-p",
        "trainer.devices",
      ],
      cwd: folder,
    }).output();
    strictEqual(new TextDecoder().decode(stdout), "1\n");
    strictEqual(code, 0);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
