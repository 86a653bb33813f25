import { deepStrictEqual, ok, rejects, strictEqual, throws } from "node:assert/strict";
import { ModelCheckpoint } from "../../core/callbacks/mod.ts";
import { CSVLogger } from "../../core/loggers/mod.ts";
import { ReduceLROnPlateau, SGD } from "../../core/optim/mod.ts";
import { InterruptedError } from "../../core/train/interrupt.ts";
import { resultTable } from "../../core/train/result_table.ts";
import { BaseTrainer } from "../../core/train/trainer.ts";
import type { OptimizerConfig } from "../../core/train/lit_module_hooks.ts";
import type { TrainerOptions } from "../../core/train/trainer_options.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { lineBatches, ToyModule } from "../support/toy.ts";

/** A trainer without displays, and the lines that it says. */
function trainer(options: TrainerOptions): { trainer: BaseTrainer; said: string[] } {
  const said: string[] = [];
  const trainer = new BaseTrainer({ accelerator: "cpu", maxEpochs: 1, ...options });
  trainer.run.setPrinter((text) => said.push(text));
  return { trainer, said };
}

Deno.test("Trainer.fit says that an epoch has fewer batches than the logging interval", async () => {
  const saveDir = await tempFolder();
  for (const [logEveryNSteps, expected] of [[50, 1], [4, 0], [0, 0]] as const) {
    const { trainer: fitting, said } = trainer({ logger: new CSVLogger({ saveDir }), logEveryNSteps });
    await fitting.fit(new ToyModule(), { trainDataloaders: lineBatches(4) });
    const lines = said.filter((line) => line.includes("logging interval"));
    strictEqual(lines.length, expected);
    if (expected === 1) ok(lines[0]!.startsWith("The number of training batches (4) is smaller than"));
  }
});

Deno.test("Trainer.fit says that it looks for anomalies, and that there is no optimizer", async () => {
  class Frozen extends ToyModule {
    override configureOptimizers(): null {
      return null;
    }
  }
  const { trainer: fitting, said } = trainer({ detectAnomaly: true });
  await fitting.fit(new Frozen(), { trainDataloaders: lineBatches(1) });
  deepStrictEqual(said.filter((line) => line.startsWith("`configure") || line.startsWith("`detect")), [
    "`configureOptimizers` returned null: this fit will run with no optimizer.",
    "`detect_anomaly` is on: every batch is looked through for NaN, which makes training slower.",
  ]);
});

Deno.test("Trainer.test says which checkpoint it restores before it has loaded it", async () => {
  const dirpath = await tempFolder();
  const { trainer: fitting, said } = trainer({ callbacks: [new ModelCheckpoint({ dirpath })] });
  const module = new ToyModule();
  await fitting.fit(module, { trainDataloaders: lineBatches(2) });
  const ckptPath = fitting.checkpointCallback!.bestModelPath;
  await fitting.test(module, { dataloaders: lineBatches(1), ckptPath, verbose: false });
  deepStrictEqual(said.slice(-2), [
    `Restoring states from the checkpoint path at ${ckptPath}`,
    `Loaded model weights from the checkpoint at ${ckptPath}`,
  ]);
});

Deno.test("Trainer.fit leaves it to its error to say where an interrupted run goes on", async () => {
  const controller = new AbortController();
  const { trainer: fitting, said } = trainer({
    defaultRootDir: await tempFolder(),
    callbacks: [{ onTrainBatchEnd: () => controller.abort() }],
  });
  await rejects(
    () => fitting.fit(new ToyModule(), { trainDataloaders: lineBatches(4), signal: controller.signal }),
    (error) => error instanceof InterruptedError && error.message.includes("continue it with ckpt_path="),
  );
  deepStrictEqual(said.filter((line) => line.includes("ckpt_path=")), []);
});

Deno.test("Trainer.fit names overfit_batches where its share leaves no batch", async () => {
  const { trainer: fitting } = trainer({ overfitBatches: 0.01 });
  await rejects(
    () =>
      fitting.fit(new ToyModule(), { trainDataloaders: lineBatches(10), valDataloaders: lineBatches(10) }),
    /fix: try at least overfit_batches=0\.1/,
  );
});

Deno.test("Trainer.fit names callbacks whose saved state no callback of the resumed run takes", async () => {
  const dirpath = await tempFolder();
  const sources = { trainDataloaders: lineBatches(2) };
  const first = trainer({ callbacks: [new ModelCheckpoint({ dirpath, everyNTrainSteps: 2 })] });
  await first.trainer.fit(new ToyModule(), sources);
  const ckptPath = first.trainer.checkpointCallback!.bestModelPath;
  for (const [everyNTrainSteps, expected] of [[2, 0], [3, 1]] as const) {
    const callbacks = [new ModelCheckpoint({ dirpath: await tempFolder(), everyNTrainSteps })];
    const again = trainer({ callbacks, maxEpochs: 2 });
    await again.trainer.fit(new ToyModule(), { ...sources, ckptPath });
    const lines = again.said.filter((line) =>
      line.includes("the state of callbacks that this run does not have")
    );
    strictEqual(lines.length, expected, lines.join("\n"));
  }
});

Deno.test("Trainer does not take tpu for a misspelt cpu", () => {
  throws(() => trainer({ accelerator: "tpu" as unknown as "cpu" }), /fix: valid: auto, cpu, gpu$/);
});

Deno.test("resultTable() leaves out the room around its cells on a narrow terminal", () => {
  const results = [{ "test/accuracy": 0.9453125, "test/ce": 0.14046232402324677 }];
  deepStrictEqual(resultTable("Test metric", results, 40).split("\n"), [
    "┏━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━┓",
    "┃  Test metric  ┃    DataLoader 0     ┃",
    "┡━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━┩",
    "│ test/accuracy │      0.9453125      │",
    "│    test/ce    │ 0.14046232402324677 │",
    "└───────────────┴─────────────────────┘",
  ]);
  strictEqual(resultTable("Test metric", results, 80).split("\n")[0]!.length, 52);
});

Deno.test("Trainer.fit says in a plateau scheduler's error what exists in code alone", async () => {
  class Watching extends ToyModule {
    override configureOptimizers(): OptimizerConfig {
      const optimizer = new SGD({ params: this.parameters(), lr: 0.1 });
      return { optimizer, lrScheduler: new ReduceLROnPlateau({ optimizer }), monitor: "val/foo" };
    }
  }
  await rejects(
    () => trainer({}).trainer.fit(new Watching(), { trainDataloaders: lineBatches(1) }),
    /fix: logged are train\/loss; watch one of them; in code, strict: false skips the step/,
  );
});
