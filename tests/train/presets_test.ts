import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { tempFolder } from "../support/temp_folder.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

interface Ended {
  readonly code: number;
  readonly text: string;
  readonly folder: string;
}

/** Runs the command line from the package's folder; the run's files go to a folder of their own. */
async function cli(verb: "train" | "eval", ...overrides: string[]): Promise<Ended> {
  const folder = await tempFolder();
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "cli.ts", verb, `hydra.run.dir=${folder}`, ...overrides],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  return { code, text: decoder.decode(stdout) + decoder.decode(stderr), folder };
}

/** Training loss in an epoch's line. */
function trainTotal(text: string, epoch: string): number {
  const line = text.split("\n").find((line) => line.startsWith(`Epoch ${epoch} `)) ?? "";
  return Number(/train total ([\d.]+)/.exec(line)?.[1] ?? NaN);
}

/** Epochs that ended; slow ones have lines of progress as well. */
function epochsIn(text: string): number {
  return text.split("\n").filter((line) => /^Epoch \d+\/\d+ +train /.test(line)).length;
}

/** Lines of a table of results, as name and value. */
function results(text: string): Record<string, string> {
  const rows = text.split("\n").map((line) => /^│\s+(\S+)\s+│\s+(\S+)\s+│$/.exec(line)).filter((row) =>
    row !== null
  );
  return Object.fromEntries(rows.map((row) => [row[1], row[2]]));
}

function files(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map((entry) => entry.name).sort();
}

Deno.test("cli train debug=limit shows the config, the device, the model, progress, results and where files are", async () => {
  const { code, text, folder } = await cli("train", "debug=limit");
  strictEqual(code, 0, text);
  ok(text.includes("CONFIG\n├── data\n│   └── _target_: ml_core.data.base_datamodule.BaseDataModule"));
  ok(/^Device: cpu: .*WebAssembly/m.test(text));
  ok(text.includes("│ 0 │ forward_fn │ ComposeTransform │"));
  strictEqual(epochsIn(text), 3);
  deepStrictEqual(Object.keys(results(text)), ["test/ce", "test/total"]);
  ok(/^Saved in /m.test(text));
  ok(files(folder).includes("checkpoints"));
});

Deno.test("cli train debug=fdr runs one batch of each stage and saves no checkpoint", async () => {
  const { code, text, folder } = await cli("train", "debug=fdr");
  strictEqual(code, 0, text);
  ok(text.includes("Running in `fast_dev_run` mode: will run the requested loop using 1 batch(es)."));
  strictEqual(epochsIn(text), 1);
  ok(text.includes("`Trainer.fit` stopped: `max_steps=1` reached."));
  ok(text.includes("Best ckpt not found! Using current weights for testing..."));
  ok(!files(folder).includes("checkpoints"));
});

Deno.test("cli train debug=default runs one whole epoch on the CPU without callbacks and loggers", async () => {
  const { code, text, folder } = await cli("train", "debug=default", "data.batch_size=2000");
  strictEqual(code, 0, text);
  ok(text.includes("No callback configs found! Skipping.."));
  ok(text.includes("No logger configs found! Skipping..."));
  strictEqual(epochsIn(text), 1);
  deepStrictEqual(files(`${folder}/checkpoints`), ["epoch=0-step=27.ckpt"]);
});

Deno.test("cli train debug=overfit lowers the loss of three batches tenfold", async () => {
  const { code, text } = await cli("train", "debug=overfit", "seed=1");
  strictEqual(code, 0, text);
  strictEqual(epochsIn(text), 20);
  const [first, last] = [trainTotal(text, "0/19"), trainTotal(text, "19/19")];
  ok(last <= first / 10, `${first} → ${last}`);
});

Deno.test("cli train debug=profiler reports the time of each part", async () => {
  const { code, text } = await cli("train", "debug=profiler", "data.batch_size=2000");
  strictEqual(code, 0, text);
  ok(text.includes("FIT Profiler Report"));
  ok(/\|\s+\[Strategy\]SingleDeviceStrategy\.training_step +\t\|\s+[\d.e-]+\s+\|\s+27\s/.test(text));
  ok(text.includes("TEST Profiler Report"));
});

Deno.test("cli eval gives exactly the numbers that the run's test gave", async () => {
  const limits = ["experiment=example", "+trainer.limit_test_batches=0.05", "extras.print_config=false"];
  const trained = await cli(
    "train",
    ...limits,
    "trainer.max_epochs=1",
    "+trainer.limit_train_batches=0.02",
    "+trainer.limit_val_batches=0.05",
  );
  strictEqual(trained.code, 0, trained.text);
  deepStrictEqual(files(`${trained.folder}/checkpoints`), ["epoch_000.ckpt", "last.ckpt"]);
  deepStrictEqual(files(`${trained.folder}/csv/version_0`), ["hparams.yaml", "metrics.csv"]);
  const checkpoint = `${trained.folder}/checkpoints/epoch_000.ckpt`;
  const evaluated = await cli("eval", ...limits, `ckpt_path=${checkpoint}`);
  strictEqual(evaluated.code, 0, evaluated.text);
  deepStrictEqual(Object.keys(results(evaluated.text)), ["test/accuracy", "test/ce", "test/total"]);
  deepStrictEqual(results(evaluated.text), results(trained.text));
});

Deno.test("cli train resumes from ckpt_path and runs only the epochs that are left", async () => {
  const limits = [
    "+trainer.limit_train_batches=2",
    "+trainer.limit_val_batches=1",
    "extras.print_config=false",
    "test=false",
  ];
  const first = await cli("train", ...limits, "trainer.max_epochs=1");
  const { code, text, folder } = await cli(
    "train",
    ...limits,
    "trainer.max_epochs=2",
    `ckpt_path=${first.folder}/checkpoints/last.ckpt`,
    `callbacks.model_checkpoint.dirpath=${first.folder}/checkpoints`,
    "callbacks.model_checkpoint.save_top_k=3",
  );
  strictEqual(code, 0, text);
  strictEqual(epochsIn(text), 1);
  ok(/^Epoch 1\/1 /m.test(text));
  deepStrictEqual(files(`${first.folder}/checkpoints`), ["epoch_000.ckpt", "epoch_001.ckpt", "last.ckpt"]);
  ok(!files(folder).includes("checkpoints"));
});

Deno.test("cli train names a checkpoint that is not there", async () => {
  const { code, text } = await cli("train", "ckpt_path=no/such.ckpt", "extras.print_config=false");
  strictEqual(code, 1);
  ok(
    text.includes(
      "There is no file no/such.ckpt\n  where: ckpt_path=no/such.ckpt\n  fix: check the path: there is no folder no",
    ),
  );
});

Deno.test("cli train returns the optimized metric, and names those there are where it was not logged", async () => {
  const limits = ["debug=fdr", "extras.print_config=false"];
  const found = await cli("train", ...limits, "optimized_metric=test/total");
  ok(/Retrieved metric value! <test\/total=[\d.]+>/.test(found.text), found.text);
  const missing = await cli("train", ...limits, "optimized_metric=val/nothing");
  strictEqual(missing.code, 1);
  ok(missing.text.includes("Metric value not found! <metric_name=val/nothing>\n  where: optimized_metric"));
});
