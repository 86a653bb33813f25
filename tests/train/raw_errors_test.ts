import { rejects, strictEqual, throws } from "node:assert/strict";
import { init, saveSafetensors } from "../../core/tensor/mod.ts";
import { readCheckpoint } from "../../core/train/checkpoint.ts";
import { parseDuration } from "../../core/train/duration.ts";
import { settingsOf } from "../support/fake_run.ts";

await init({ accelerator: "cpu" });

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

Deno.test("Trainer takes options that change nothing on one device", () => {
  strictEqual(settingsOf({ benchmark: true, syncBatchnorm: true }).accelerator, "auto");
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
