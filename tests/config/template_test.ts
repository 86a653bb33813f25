import { deepStrictEqual, match, rejects, strictEqual, throws } from "node:assert/strict";
import { runApp } from "../support/hydra_app.ts";
import { ConfigLoader } from "../../core/config/config_loader.ts";
import { instantiate } from "../../core/config/instantiate.ts";
import { type DictNode, isContainer, ValueNode } from "../../core/config/node.ts";
import { select, selectNode } from "../../core/config/select.ts";
import { toContainer } from "../../core/config/to_container.ts";
import type { RunContext } from "../../core/config/run_context.ts";

const CONFIGS = new URL("../fixtures/template/configs", import.meta.url).pathname;

function compose(configName: string, ...overrides: string[]): DictNode {
  const loader = new ConfigLoader({ searchPath: [{ provider: "main", path: CONFIGS }], jobName: "train" });
  return loader.compose({ configName, overrides }).config;
}

/** Values that only a run or the machine can give. */
function data(config: DictNode, key: string): unknown {
  return toContainer(selectNode(config, key)!, { resolve: true });
}

Deno.test("ConfigLoader composes a project in the templates' manner without an edit", () => {
  for (
    const overrides of [[], ["experiment=example"], ["debug=fdr"], ["logger=many_loggers"], ["trainer=gpu"]]
  ) {
    compose("train.yaml", ...overrides);
  }
  compose("eval.yaml", "ckpt_path=a/b.ckpt");
});

Deno.test("ConfigLoader merges a group's content before the keys of the config that lists it", () => {
  const config = compose("train", "model/criterions=mse");
  deepStrictEqual(Object.keys(data(config, "model.criterions.criterions") as object), ["mse"]);
  strictEqual(select(config, "model._target_"), "ml_core.models.base_module.BaseLitModule");
});

Deno.test("ConfigLoader mounts metrics below a callback and merges the experiment over them", () => {
  const config = compose("train", "experiment=example");
  deepStrictEqual(data(config, "callbacks.best_metric_tracker.metrics.mapping"), {
    accuracy: { prediction: "preds", label: "target" },
  });
  strictEqual(select(config, "callbacks.best_metric_tracker.metrics.metrics.accuracy.num_classes"), 10);
  strictEqual(select(config, "trainer.max_epochs"), 5);
});

Deno.test("The template's eval resolver finds the mode that a tracked metric needs", () => {
  strictEqual(select(compose("train", "experiment=example"), "callbacks.early_stopping.mode"), "max");
  strictEqual(select(compose("train"), "callbacks.early_stopping.mode"), "min");
});

Deno.test("A debug preset turns whole groups off after the fact", () => {
  const config = compose("train", "debug=fdr", "experiment=example");
  strictEqual(config.child("callbacks")!.isNone, true);
  strictEqual(select(config, "trainer.fast_dev_run"), true);
  strictEqual(select(config, "hydra.job_logging.root.level"), "DEBUG");
});

Deno.test("A logger's missing key is no error until it is read", () => {
  const config = compose("train", "logger=comet");
  throws(
    () => select(config, "logger.comet.api_key"),
    /Environment variable 'NO_SUCH_COMET_API_TOKEN' not found/,
  );
});

Deno.test("An experiment may add keys below a group that is null", () => {
  const config = compose("train", "experiment=example");
  deepStrictEqual(data(config, "logger"), { wandb: { tags: ["images", "dense"] } });
});

Deno.test("A README's stale key fails and names the right one's level", () => {
  throws(
    () => compose("train", "model.lr=0.1"),
    /Could not override 'model\.lr'\.\nTo append to your config use \+model\.lr=0\.1/,
  );
});

Deno.test("eval.yaml asks for a checkpoint when it is read", () => {
  throws(
    () => select(compose("eval"), "ckpt_path", { throwOnMissing: true }),
    /Missing mandatory value: ckpt_path/,
  );
});

class Part {
  readonly options: Record<string, unknown>;

  constructor(options: Record<string, unknown>) {
    this.options = options;
  }
}

const library = {
  nn: { SimpleDenseNet: Part },
  train: { BaseLitModule: Part, Trainer: Part },
  transforms: { ComposeTransform: Part, WrapTransform: Part },
  losses: { CriterionsComposition: Part, CrossEntropyLoss: Part },
  optim: { Adam: Part },
  ops: { argmax: Object.assign(() => 0, { inputs: ["input"] }) },
};

Deno.test("A live network in params.instances is shared by every interpolation to it", async () => {
  const config = compose("train");
  const instances = config.child("params") as DictNode;
  const built = await instantiate(instances.child("instances"), { library }) as { network: Part };
  const slot = instances.child("instances") as DictNode;
  slot.setChild("network", ValueNode.literal(built.network));
  const model = await instantiate(config.child("model"), { library }) as Part;
  const forward = model.options.forward_fn as Part;
  strictEqual((forward.options.network as Part).options.transform, built.network);
});

Deno.test("The template's search preset sweeps without -m, below the project's log folder", async () => {
  const seen: unknown[] = [];
  Deno.env.set("PROJECT_ROOT", "root");
  try {
    await runApp(["hparams_search=batch", "experiment=example"], (run) => {
      strictEqual(run.code, 0, run.stderr);
      deepStrictEqual(seen, [[32, 0.1], [32, 0.01], [64, 0.1], [64, 0.01]]);
      match(
        run.files()[0]!,
        /^root\/logs\/train\/multiruns\/\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d\/0\/\.hydra\/config\.yaml$/,
      );
    }, {
      task: (config: DictNode, _context: RunContext) => {
        seen.push([select(config, "data.batch_size"), select(config, "model.optimizer.lr")]);
        return 1;
      },
      options: { configPath: CONFIGS, configName: "train.yaml", jobName: "train" },
    });
  } finally {
    Deno.env.delete("PROJECT_ROOT");
  }
});

Deno.test("A project without PROJECT_ROOT is told which key wants it", () =>
  runApp([], (run) => {
    strictEqual(run.code, 1);
    match(run.stderr, /Environment variable 'PROJECT_ROOT' not found/);
    match(run.stderr, /full_key: hydra\.run\.dir/);
  }, { options: { configPath: CONFIGS, configName: "train.yaml", jobName: "train" } }));

Deno.test("Every target of the template either has a port or is refused by name", async () => {
  const config = compose("train", "logger=comet");
  const targets: string[] = [];
  const walk = (node: unknown): void => {
    if (!isContainer(node as DictNode)) return;
    for (const child of (node as DictNode).children()) {
      if (child.key === "_target_") targets.push(String((child as ValueNode).raw));
      walk(child);
    }
  };
  for (const key of ["data", "model", "callbacks", "trainer", "params", "logger"]) walk(config.child(key));
  const real = { ...await import("../../mod.ts") };
  const { locate } = await import("../../core/config/targets.ts");
  for (const target of targets) {
    if (target.includes("Comet")) await rejects(() => locate(target, { library: real }), /has no port here/);
    else strictEqual(typeof await locate(target, { library: real }), "function", target);
  }
});
