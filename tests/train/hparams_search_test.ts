import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { createStudy } from "../../core/sweep/mod.ts";
import { tempFolder } from "../support/temp_folder.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const TINY = [
  "+trainer.limit_train_batches=2",
  "+trainer.limit_val_batches=1",
  "+trainer.limit_test_batches=1",
  "trainer.min_epochs=1",
  "trainer.max_epochs=1",
  "trainer.accelerator=cpu",
  "extras.print_config=false",
  "hydra.sweeper.n_trials=2",
];

interface Ended {
  readonly code: number;
  readonly text: string;
}

/** Sweeps from the package's folder; the files go to `folder`. */
async function search(folder: string, ...overrides: string[]): Promise<Ended> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "cli.ts", "train", `hydra.sweep.dir=${folder}`, ...TINY, ...overrides],
    cwd: ROOT,
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  return { code, text: decoder.decode(stdout) + decoder.decode(stderr) };
}

/** Metrics that the runs gave back to the search. */
function retrieved(text: string): number[] {
  return [...text.matchAll(/Retrieved metric value! <[\w/]+=([\d.]+)>/g)].map((match) => Number(match[1]));
}

Deno.test("cli train hparams_search=mnist_optuna searches for the best accuracy without -m", async () => {
  const folder = await tempFolder();
  const { code, text } = await search(folder, "hparams_search=mnist_optuna", "experiment=example");
  strictEqual(code, 0, text);
  match(
    text,
    /#0 : model\.optimizer\.lr=0\.0003754553966912878 data\.batch_size=128 \+model\.forward_fn\.net/,
  );
  const values = retrieved(text);
  strictEqual(values.length, 2);
  const results = await Deno.readTextFile(`${folder}/optimization_results.yaml`);
  ok(results.endsWith(`best_value: ${Math.max(...values)}\n`), `${values}: ${results}`);
});

Deno.test("cli train -m hparams_search=optuna searches what the command line says, and goes on later", async () => {
  const folder = await tempFolder();
  const words = [
    "-m",
    "hparams_search=optuna",
    "model.optimizer.lr=tag(log, interval(0.0001, 0.1))",
    "test=false",
    `hydra.sweeper.storage=sqlite:///${folder}/study.db`,
    "hydra.sweeper.study_name=lr",
  ];
  const values: number[] = [];
  for (const trials of [2, 4]) {
    const { code, text } = await search(folder, ...words);
    strictEqual(code, 0, text);
    values.push(...retrieved(text));
    strictEqual(values.length, trials);
  }
  const study = createStudy({ storage: `sqlite:///${folder}/study.db`, studyName: "lr" });
  deepStrictEqual(study.trials.map((trial) => trial.values![0]), values);
  const results = await Deno.readTextFile(`${folder}/optimization_results.yaml`);
  ok(results.endsWith(`best_value: ${Math.min(...values)}\n`), `${values}: ${results}`);
  study.storage.close();
});

Deno.test("cli train hparams_search=mnist_optuna says that it needs an accuracy", async () => {
  const folder = await tempFolder();
  const { code, text } = await search(folder, "hparams_search=mnist_optuna");
  strictEqual(code, 1);
  match(text, /MetricsCallback tracks "accuracy", which is not among its metrics/);
});
