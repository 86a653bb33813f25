import { deepStrictEqual, rejects, strictEqual, throws } from "node:assert/strict";
import { optim } from "../../mod.ts";
import { Linear } from "../../core/nn/mod.ts";
import { init, saveSafetensors } from "../../core/tensor/mod.ts";
import { readCheckpoint } from "../../core/train/checkpoint.ts";
import { parseDuration } from "../../core/train/duration.ts";
import { LogBook } from "../../core/train/log.ts";
import type { OptimizerConfig } from "../../core/train/lit_module_hooks.ts";
import { optimizationOf } from "../../core/train/optimization.ts";
import { settingsOf } from "../support/fake_run.ts";

await init({ accelerator: "cpu" });

const optimizer = (): optim.SGD =>
  new optim.SGD({ params: new Linear({ inFeatures: 1, outFeatures: 1 }).parameters() });

Deno.test("configureOptimizers may return a list, or optimizers and schedulers, as in Lightning", () => {
  const one = optimizer();
  const scheduler = new optim.StepLR({ optimizer: one, stepSize: 1 });
  deepStrictEqual(optimizationOf([one]), { optimizers: [one], schedulers: [] });
  for (
    const config of [[[one], [scheduler]], [[one], [{ scheduler, interval: "step" }]]] as OptimizerConfig[]
  ) {
    const { optimizers, schedulers } = optimizationOf(config);
    deepStrictEqual(optimizers, [one]);
    strictEqual(schedulers[0]!.scheduler, scheduler);
  }
  const snake = optimizationOf({ optimizer: one, lr_scheduler: { scheduler, interval: "step" } } as never);
  strictEqual(snake.schedulers[0]!.interval, "step");
});

Deno.test("configureOptimizers is refused what is no optimizer, no scheduler, or more than one", () => {
  const one = optimizer();
  throws(
    () => optimizationOf([one, optimizer()]),
    /gives 2 optimizers; the trainer steps one\n.*\n {2}fix: give one optimizer/,
  );
  throws(() => optimizationOf(7 as never), /returned 7, which holds no optimizer/);
  throws(
    () => optimizationOf({ optimizer: {} } as never),
    /returned an object of Object, which holds no optimizer/,
  );
  throws(
    () => optimizationOf({ optimizer: one, lrScheduler: 3 } as never),
    /gives something that is no scheduler/,
  );
  throws(
    () => optimizationOf({ optimizer: one, lrSchedular: null } as never),
    /no option "lrSchedular"\n(?:.*\n)*.*"lrScheduler"/,
  );
  const scheduler = { step() {}, stateDict() {}, loadStateDict() {} };
  for (
    const [field, says] of [
      [{ frequency: 0 }, /lrScheduler cannot use frequency = 0\n(?:.*\n)*.*whole number of at least 1/],
      [{ interval: "batch" }, /cannot use interval = "batch"/],
      [{ monitor: 3 }, /cannot use monitor = 3/],
      [{ strict: "no" }, /cannot use strict = "no"/],
      [{ frequancy: 2 }, /did you mean "frequency"/],
    ] as const
  ) throws(() => optimizationOf({ optimizer: one, lrScheduler: { scheduler, ...field } } as never), says);
});

Deno.test("LogBook refuses what is neither number, tensor nor metric", () => {
  const place = { hook: "trainingStep", batchSize: () => 1, dataloaderIdx: null };
  throws(() => new LogBook().record(place, "a", "s" as never, {}), {
    name: "MisconfigurationError",
    message: 'log("a") was given "s"\n  where: log("a")\n' +
      "  fix: log a number, a tensor with one element, or a metric object; run.print() shows text",
  });
  throws(() => new LogBook().record(place, "a", undefined as never, {}), /was given undefined/);
});

Deno.test("readCheckpoint() says that the metadata of a file are garbled", async () => {
  const path = await Deno.makeTempFile({ suffix: ".ckpt" });
  try {
    for (const text of ["x", "{}", "null"]) {
      await saveSafetensors(path, { a: { dtype: "f32", shape: [1], data: Float32Array.of(1) } }, {
        fulgur: text,
      });
      await rejects(readCheckpoint(path), {
        name: "CheckpointError",
        message: "The checkpoint's metadata are garbled: the state of the run cannot be read\n" +
          `  where: ckpt_path=${path}\n  fix: take another checkpoint of the run`,
      });
    }
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("fast_dev_run says what it was given, and that it takes true and false", () => {
  throws(() => settingsOf({ fastDevRun: "abc" as never }), {
    message: 'fast_dev_run="abc" cannot be used\n  where: Trainer.fast_dev_run\n' +
      "  fix: give true or false, or a number of batches from 0 up",
  });
  strictEqual(settingsOf({ fastDevRun: true }).fastDevRun, 1);
  strictEqual(settingsOf({ fastDevRun: 3 }).fastDevRun, 3);
});

Deno.test("Trainer shows numbers that JSON cannot hold", () => {
  throws(
    () => settingsOf({ maxEpochs: 100000000000000000000n as never }),
    /max_epochs=100000000000000000000 cannot/,
  );
  throws(
    () => settingsOf({ limitTrainBatches: { a: 1 } as never }),
    /invalid value \{"a":1\} for limit_train_batches/,
  );
});

Deno.test("Trainer takes Python's names of graphics processors, and options that change nothing", () => {
  strictEqual(settingsOf({ accelerator: "cuda" }).accelerator, "gpu");
  strictEqual(settingsOf({ accelerator: "mps", benchmark: true, syncBatchnorm: true }).accelerator, "gpu");
});

Deno.test("parseDuration() takes the parts of Python's timedelta", () => {
  strictEqual(parseDuration({ hours: 1, minutes: 30 }, "Trainer"), 5_400_000);
  strictEqual(parseDuration("00:01:30:00", "Trainer"), 5_400_000);
  throws(() => settingsOf({ maxTime: { hour: 1 } as never }), /max(_t|T)ime = \{"hour":1\}/);
  throws(
    () => settingsOf({ maxTime: 5 as never }),
    /cannot use max(_t|T)ime = 5\n {2}fix: write days, hours/,
  );
});
