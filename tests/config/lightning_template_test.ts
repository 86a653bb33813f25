import { deepStrictEqual, match, ok, rejects, strictEqual } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { ConfigLoader } from "../../core/config/config_loader.ts";
import { type DictNode, isContainer, type ValueNode } from "../../core/config/node.ts";
import { select, selectNode } from "../../core/config/select.ts";
import { locate } from "../../core/config/targets.ts";
import { toContainer } from "../../core/config/to_container.ts";
import * as fulgur from "../../mod.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { run } from "../app/command_line.ts";

const PROJECT = fileURLToPath(new URL("../fixtures/lightning_hydra_template", import.meta.url));

const loader = new ConfigLoader({
  searchPath: [{ provider: "main", path: `${PROJECT}/configs` }],
  jobName: "train",
});

function compose(configName: string, ...overrides: string[]): DictNode {
  return loader.compose({ configName, overrides }).config;
}

Deno.test("Every option of the lightning-hydra-template composes as it is", () => {
  for (const group of loader.groupOptions("", "group")) {
    if (group === "hydra") continue;
    for (const option of loader.groupOptions(group)) compose("train.yaml", `${group}=${option}`);
  }
  compose("eval.yaml", "ckpt_path=a/b.ckpt");
  const example = compose("train.yaml", "experiment=example", "hparams_search=mnist_optuna", "debug=limit");
  strictEqual(select(example, "hydra.sweeper.sampler.seed"), 1234);
  deepStrictEqual(toContainer(selectNode(example, "data.train_val_test_split")!), [55000, 5000, 10000]);
});

Deno.test("Every target of the lightning-hydra-template has a port, except the trackers of companies", async () => {
  const targets = new Set<string>();
  const walk = (node: unknown): void => {
    if (!isContainer(node as DictNode)) return;
    for (const child of (node as DictNode).children()) {
      if (child.key === "_target_") targets.add(String((child as ValueNode).raw));
      walk(child);
    }
  };
  for (const option of ["many_loggers", "aim", "comet", "mlflow", "neptune"]) {
    const config = compose("train.yaml", `logger=${option}`);
    for (const key of ["data", "model", "callbacks", "trainer", "logger"]) walk(config.child(key));
  }
  for (const target of targets) {
    const found = locate(target, { library: fulgur });
    if (/Aim|Comet|MLFlow|Neptune|TensorBoard|Wandb/.test(target)) {
      await found.catch((error) => match(error.message, /has no port here/));
    } else strictEqual(typeof await found, "function", target);
  }
  strictEqual(
    await locate("src.data.mnist_datamodule.MNISTDataModule", { library: fulgur }),
    fulgur.data.MNISTDataModule,
  );
  strictEqual(
    await locate("src.models.mnist_module.MNISTLitModule", { library: fulgur }),
    fulgur.train.MNISTLitModule,
  );
  await rejects(() => locate("torch.nn.MNISTLitModule", { library: fulgur }), /has no port here/);
});

/** A copy of the template in a folder of its own. */
async function project(): Promise<string> {
  const folder = await Deno.realPath(await tempFolder());
  await new Deno.Command("cp", { args: ["-r", `${PROJECT}/.`, folder] }).output();
  return folder;
}

Deno.test("cli train debug=fdr runs the lightning-hydra-template as it is", async () => {
  const folder = await project();
  const { code, stdout, stderr } = await run(folder, ["train", "debug=fdr"]);
  strictEqual(code, 0, stderr);
  match(stdout, /Instantiating model <src\.models\.mnist_module\.MNISTLitModule>/);
  match(stdout, /│ +test\/acc +│/);
  ok([...Deno.readDirSync(`${folder}/logs/debug/runs`)].length === 1);
});

Deno.test("cli train and eval run the lightning-hydra-template on a part of the data", async () => {
  const folder = await project();
  const words = [
    "+trainer.limit_train_batches=20",
    "+trainer.limit_val_batches=5",
    "+trainer.limit_test_batches=5",
  ];
  const few = ["trainer.max_epochs=1", "seed=1", ...words, "logger=csv", "extras.print_config=false"];
  const run1 = await run(folder, ["train", ...few, "hydra.run.dir=out"]);
  strictEqual(run1.code, 0, run1.stderr);
  const [header] = (await Deno.readTextFile(`${folder}/out/csv/version_0/metrics.csv`)).split("\r\n");
  deepStrictEqual(header!.split(",").sort(), [
    "epoch",
    "step",
    "test/acc",
    "test/loss",
    "train/acc",
    "train/loss",
    "val/acc",
    "val/acc_best",
    "val/loss",
  ]);
  const words2 = ["ckpt_path=out/checkpoints/epoch_000.ckpt", "+trainer.limit_test_batches=5"];
  const run2 = await run(folder, ["eval", ...words2, "extras.print_config=false"]);
  strictEqual(run2.code, 0, run2.stderr);
  const tested = (text: string) =>
    [...text.matchAll(/│ +(test\/\w+) +│ +([\d.]+) +│/g)].map((m) => m.slice(1).join());
  deepStrictEqual(tested(run2.stdout), tested(run1.stdout));
});
