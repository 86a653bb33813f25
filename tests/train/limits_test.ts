import { strictEqual, throws } from "node:assert/strict";
import { type BatchLimit, checkLimit, limitBatches, validationInterval } from "../../core/train/limits.ts";
import { settingsOf } from "../support/fake_run.ts";

function limited(limit: BatchLimit, batches = 10): number {
  return limitBatches("limitTrainBatches", limit, batches, "train_dataloader");
}

Deno.test("limitBatches() rounds shares down and cuts counts to the loader, as Lightning does", () => {
  const cases: [BatchLimit, number][] = [[2, 2], [1, 1], [0.35, 3], [0, 0], ["all", 10], [20, 10]];
  for (const [limit, batches] of cases) strictEqual(limited(limit), batches);
});

Deno.test("limitBatches() refuses a share that comes to no batch and names the least one", () => {
  throws(() => limited(0.05), {
    message: [
      "You requested to check 0.05 of the `train_dataloader` but 0.05 * 10 < 1",
      "  where: Trainer.limit_train_batches",
      "  fix: try at least limit_train_batches=0.1",
    ].join("\n"),
  });
});

Deno.test("limitBatches() of an empty loader is 0 for any share", () => {
  strictEqual(limited(0.5, 0), 0);
});

Deno.test("checkLimit() refuses a share above 1", () => {
  throws(() => checkLimit("limitValBatches", 1.5), {
    message: [
      "You have passed invalid value 1.5 for limit_val_batches, it has to be in [0.0, 1.0] or an int",
      "  where: Trainer.limit_val_batches",
      "  fix: give a share of the batches such as 0.25, or a number of batches such as 10",
    ].join("\n"),
  });
});

Deno.test("validationInterval() takes shares of an epoch, counts, and the whole", () => {
  strictEqual(validationInterval(0.3, 10, false), 3);
  strictEqual(validationInterval(0.01, 10, false), 1);
  strictEqual(validationInterval(4, 10, false), 4);
  strictEqual(validationInterval(20, 10, true), 20);
  strictEqual(validationInterval("all", 10, false), 10);
});

Deno.test("Trainer's fast_dev_run shortens every loop, and overfit_batches wins over it", () => {
  const fast = settingsOf({ fastDevRun: 3, maxEpochs: 9, numSanityValSteps: 5 });
  strictEqual(
    [fast.limitTrainBatches, fast.limitTestBatches, fast.maxSteps, fast.maxEpochs].join(),
    "3,3,3,1",
  );
  strictEqual(fast.numSanityValSteps, 0);
  const both = settingsOf({ fastDevRun: true, overfitBatches: 2 });
  strictEqual([both.limitTrainBatches, both.limitValBatches, both.limitTestBatches].join(), "2,2,1");
});

Deno.test("Trainer's max_epochs is 1000 where nothing else ends a run", () => {
  strictEqual(settingsOf().maxEpochs, 1000);
  strictEqual(settingsOf({ maxSteps: 5 }).maxEpochs, -1);
  strictEqual(settingsOf({ maxTime: "00:01:00:00" }).maxEpochs, -1);
});

Deno.test("Trainer says which values an option has that it does not support", () => {
  throws(() => settingsOf({ strategy: "ddp" }), {
    message: [
      'Trainer does not support strategy="ddp"',
      "  where: Trainer.strategy",
      "  fix: supported: one process: auto, single_device",
    ].join("\n"),
  });
  throws(() => settingsOf({ precision: "16-mixed" }), /supported: 32-bit floats: 32/);
  throws(() => settingsOf({ devices: 4 }), /supported: one device: 1/);
  throws(() => settingsOf({ devices: [1] }), /supported: one device: 1/);
  strictEqual(settingsOf({ devices: [0] }).maxEpochs, 1000);
  throws(() => settingsOf({ numNodes: 2 }), /Trainer does not support num_nodes=2/);
});
