import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import type { Batch } from "../../core/batch.ts";
import { ModelCheckpoint } from "../../core/callbacks/mod.ts";
import { DataLoader, Dataset } from "../../core/data/mod.ts";
import { CheckpointError, MisconfigurationError } from "../../core/errors.ts";
import type { Callback, Run } from "../../core/train/callback.ts";
import { setPhiloxState } from "../../core/ops/random.ts";
import { InterruptedError } from "../../core/train/interrupt.ts";
import { BaseTrainer, type FitOptions } from "../../core/train/trainer.ts";
import type { Logger } from "../../core/train/logger.ts";
import type { TrainerOptions } from "../../core/train/trainer_options.ts";
import { data, metrics, module, type Report } from "../support/resumable_run.ts";
import { lineBatches, ToyModule, weightsOf } from "../support/toy.ts";
import { tempFolder } from "../support/temp_folder.ts";

const SCRIPT = fileURLToPath(new URL("../support/resumable_run.ts", import.meta.url));

interface Ended {
  readonly code: number;
  readonly report: Report | null;
  readonly steps: number;
}

/** Runs the script; `signal` is sent once it has done `after` steps. */
async function runProcess(
  args: readonly string[],
  stop?: { readonly signal: Deno.Signal; readonly after: number },
): Promise<Ended> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", SCRIPT, ...args],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  let report: Report | null = null;
  let steps = 0;
  let rest = "";
  for await (const text of child.stdout.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) {
      if (line.startsWith("step ")) steps = Number(line.slice(5));
      if (line.startsWith("report ")) report = JSON.parse(line.slice(7));
      if (stop !== undefined && line === `step ${stop.after}`) child.kill(stop.signal);
    }
  }
  return { code: (await child.status).code, report, steps };
}

/** Seven batches each, with validation after the third and the sixth. */
const EPOCHS = "2";

const hasAdapter = await navigator.gpu?.requestAdapter() != null;

for (const accelerator of ["cpu", "gpu"]) {
  Deno.test({
    name:
      `Trainer.fit resumed after kill -9 in mid-epoch ends with the same bits as a run never killed, on ${accelerator}`,
    ignore: accelerator === "gpu" && !hasAdapter,
    fn: async () => {
      const whole = await runProcess([await tempFolder(), "-", EPOCHS, "0", accelerator]);
      const folder = await tempFolder();
      const killed = await runProcess([folder, "-", EPOCHS, "30", accelerator], {
        signal: "SIGKILL",
        after: 10,
      });
      strictEqual(killed.report, null);
      ok(killed.steps < 14);
      const resumed = await runProcess([folder, `${folder}/last.ckpt`, EPOCHS, "0", accelerator]);
      deepStrictEqual(resumed.report, whole.report);
    },
  });
}

Deno.test("Trainer.fit stopped by Ctrl-C saves a checkpoint that continues bit for bit, and exits 130", async () => {
  const whole = await runProcess([await tempFolder(), "-", EPOCHS, "0"]);
  const folder = await tempFolder();
  const stopped = await runProcess([folder, "-", EPOCHS, "30"], { signal: "SIGINT", after: 10 });
  strictEqual(stopped.code, 130);
  strictEqual(stopped.report!.interrupted, `${folder}/interrupted.ckpt`);
  const resumed = await runProcess([folder, `${folder}/interrupted.ckpt`, EPOCHS, "0"]);
  deepStrictEqual(resumed.report, whole.report);
});

/** Every row that a run logs, and its weights, with `more` among the callbacks. */
async function recorded(
  folder: string,
  fit: FitOptions = {},
  more: readonly Callback[] = [],
): Promise<{ rows: string[]; weights: number[] }> {
  const rows: string[] = [];
  const logger: Logger = {
    name: "rows",
    version: "0",
    saveDir: null,
    logDir: null,
    logMetrics: (row, step) => void rows.push(`${step} ${JSON.stringify(row)}`),
    logHyperparams: () => {},
    save: () => {},
    finalize: () => {},
  };
  const save = new ModelCheckpoint({
    dirpath: folder,
    saveTopK: -1,
    everyNTrainSteps: 1,
    filename: "{step}",
  });
  const ends = new ModelCheckpoint({ dirpath: folder, saveTopK: -1, filename: "end-{epoch}" });
  const net = module();
  setPhiloxState({ seed: 3n, calls: 0 });
  const trainer = quiet({
    maxEpochs: 3,
    valCheckInterval: 0.5,
    logger: [logger],
    callbacks: [metrics(), ...more, save, ends],
  });
  try {
    await trainer.fit(net, { datamodule: data(), ...fit });
  } catch (error) {
    if (!(error instanceof InterruptedError)) throw error;
  }
  return { rows, weights: await weightsOf(net) };
}

for (
  const [file, from] of [["step=10", "mid-epoch"], ["step=7", "an epoch's last batch"], [
    "end-epoch=0",
    "an epoch's end",
  ]]
) {
  Deno.test(`Trainer.fit resumed from ${from} logs the values that a run never stopped logs`, async () => {
    const folder = await tempFolder();
    const whole = await recorded(folder);
    const resumed = await recorded(await tempFolder(), { ckptPath: `${folder}/${file}.ckpt` });
    deepStrictEqual(resumed.rows, whole.rows.slice(whole.rows.length - resumed.rows.length));
    ok(resumed.rows.length >= 6, resumed.rows.join("\n"));
    deepStrictEqual(resumed.weights, whole.weights);
  });
}

for (const pass of [1, 4]) {
  Deno.test(`Trainer.fit interrupted in validation ${pass} continues bit for bit`, async () => {
    const whole = await recorded(await tempFolder());
    const folder = await tempFolder();
    const controller = new AbortController();
    let passes = 0;
    const interrupt: Callback = {
      onValidationEpochStart: (run) => void (passes += run.loop === "validate" ? 1 : 0),
      onValidationBatchEnd: () => {
        if (passes === pass) controller.abort();
      },
    };
    const first = await recorded(folder, { signal: controller.signal }, [interrupt]);
    const second = await recorded(folder, { ckptPath: `${folder}/interrupted.ckpt` });
    deepStrictEqual([...first.rows, ...second.rows], whole.rows);
    deepStrictEqual(second.weights, whole.weights);
  });
}

function quiet(options: TrainerOptions): BaseTrainer {
  const trainer = new BaseTrainer({ accelerator: "cpu", ...options });
  trainer.run.setPrinter(() => {});
  return trainer;
}

const SOURCES = { trainDataloaders: lineBatches(5), valDataloaders: lineBatches(1) };

/** Trains so many epochs and saves at each one's end. */
async function trained(epochs: number): Promise<{ folder: string; module: ToyModule }> {
  const folder = await tempFolder();
  const module = new ToyModule();
  const callbacks = [new ModelCheckpoint({ dirpath: folder, saveTopK: -1, filename: "{epoch}" })];
  await quiet({ maxEpochs: epochs, callbacks }).fit(module, SOURCES);
  return { folder, module };
}

Deno.test("Trainer.fit resumed at an epoch's end runs only the epochs that are left", async () => {
  const { folder } = await trained(1);
  const whole = await trained(2);
  const module = new ToyModule();
  const trainer = quiet({ maxEpochs: 2 });
  await trainer.fit(module, { ...SOURCES, ckptPath: `${folder}/epoch=0.ckpt` });
  strictEqual(trainer.globalStep, 10);
  deepStrictEqual(await weightsOf(module), await weightsOf(whole.module));
});

Deno.test("Trainer.fit resumed with all epochs done trains nothing", async () => {
  const { folder, module: before } = await trained(2);
  const module = new ToyModule();
  const trainer = quiet({ maxEpochs: 2 });
  await trainer.fit(module, { ...SOURCES, ckptPath: `${folder}/epoch=1.ckpt` });
  strictEqual(trainer.globalStep, 10);
  deepStrictEqual(await weightsOf(module), await weightsOf(before));
});

Deno.test("Trainer.fit refuses a checkpoint that is further than max_epochs", async () => {
  const { folder } = await trained(3);
  await rejects(
    () => quiet({ maxEpochs: 1 }).fit(new ToyModule(), { ...SOURCES, ckptPath: `${folder}/epoch=2.ckpt` }),
    MisconfigurationError,
  );
});

Deno.test("Trainer.fit names a ckpt_path that is missing", async () => {
  await rejects(
    () => quiet({ maxEpochs: 1 }).fit(new ToyModule(), { ...SOURCES, ckptPath: "no/such.ckpt" }),
    {
      message: [
        "There is no file no/such.ckpt",
        "  where: ckpt_path=no/such.ckpt",
        "  fix: check the path: there is no folder no",
      ].join("\n"),
    },
  );
});

Deno.test("Trainer.test refuses a truncated checkpoint and leaves the weights alone", async () => {
  const { folder } = await trained(1);
  const path = `${folder}/epoch=0.ckpt`;
  const bytes = await Deno.readFile(path);
  await Deno.writeFile(path, bytes.subarray(0, bytes.length - 5));
  const module = new ToyModule();
  const before = await weightsOf(module);
  await rejects(
    () => quiet({}).test(module, { dataloaders: lineBatches(1), ckptPath: path }),
    CheckpointError,
  );
  deepStrictEqual(await weightsOf(module), before);
});

Deno.test("Trainer.fit refuses to continue from weights alone", async () => {
  const folder = await tempFolder();
  const callbacks = [new ModelCheckpoint({ dirpath: folder, saveWeightsOnly: true, filename: "weights" })];
  await quiet({ maxEpochs: 1, callbacks }).fit(new ToyModule(), SOURCES);
  await rejects(
    () => quiet({ maxEpochs: 2 }).fit(new ToyModule(), { ...SOURCES, ckptPath: `${folder}/weights.ckpt` }),
    /The checkpoint holds weights alone, so training cannot continue from it/,
  );
});

Deno.test("Trainer.fit with ckptPath best needs a ModelCheckpoint", async () => {
  await rejects(
    () => quiet({ maxEpochs: 1 }).fit(new ToyModule(), { ...SOURCES, ckptPath: "best" }),
    /fit\(ckptPath: "best"\) has no best checkpoint: there is no ModelCheckpoint/,
  );
});

Deno.test("Trainer.fit with ckptPath last and none there starts anew", async () => {
  const trainer = quiet({ maxEpochs: 1, defaultRootDir: await tempFolder() });
  await trainer.fit(new ToyModule(), { ...SOURCES, ckptPath: "last" });
  strictEqual(trainer.globalStep, 5);
});

Deno.test("Trainer.test with ckptPath last does not test weights that nobody trained", async () => {
  const trainer = quiet({ defaultRootDir: await tempFolder() });
  await rejects(
    () => trainer.test(new ToyModule(), { dataloaders: lineBatches(1), ckptPath: "last" }),
    /test\(ckptPath: "last"\) has no last checkpoint, and this process has trained nothing/,
  );
});

Deno.test("Trainer.test with ckptPath last uses the present weights where training wrote no such file", async () => {
  const trainer = quiet({ maxEpochs: 1, defaultRootDir: await tempFolder() });
  const module = new ToyModule();
  await trainer.fit(module, SOURCES);
  const [results] = await trainer.test(module, { dataloaders: lineBatches(1), ckptPath: "last" });
  ok(Object.keys(results!).length > 0);
});

Deno.test("Trainer.fit resumed within an accumulation of gradients takes the same step", async () => {
  const options = { maxEpochs: 1, accumulateGradBatches: 4, valCheckInterval: 3, numSanityValSteps: 0 };
  const sources = { trainDataloaders: lineBatches(8), valDataloaders: lineBatches(1) };
  const folder = await tempFolder();
  const whole = new ToyModule();
  let validations = 0;
  const save = {
    async onValidationEnd(run: Run): Promise<void> {
      if (++validations === 2) await run.saveCheckpoint(`${folder}/six.ckpt`);
    },
  };
  await quiet({ ...options, callbacks: [save] }).fit(whole, sources);
  const resumed = new ToyModule();
  const rest = {
    length: 8,
    *[Symbol.iterator]() {
      let index = 0;
      for (const batch of lineBatches(8)) if (index++ >= 6) yield batch;
    },
  };
  await quiet(options).fit(resumed, { ...sources, trainDataloaders: rest, ckptPath: `${folder}/six.ckpt` });
  deepStrictEqual(await weightsOf(resumed), await weightsOf(whole));
});

Deno.test("Trainer.fit tells callbacks and loggers of an error, and calls no teardown", async () => {
  const seen: string[] = [];
  class Broken extends ToyModule {
    override trainingStep(): never {
      throw new CheckpointError("broken");
    }
    teardown(): void {
      seen.push("teardown");
    }
  }
  const logger = {
    name: "spy",
    version: "0",
    saveDir: null,
    logDir: null,
    logMetrics: () => {},
    logHyperparams: () => {},
    save: () => {},
    finalize: (status: string) => void seen.push(status),
  };
  const callback = { onException: (_run: Run, error: unknown) => void seen.push((error as Error).message) };
  await rejects(() => quiet({ logger, callbacks: [callback] }).fit(new Broken(), SOURCES), /broken/);
  deepStrictEqual(seen, ["broken", "failed"]);
});

Deno.test("Trainer.fit interrupted in validation does the pass again when it is resumed, with the same draws", async () => {
  const x = Array.from({ length: 12 }, (_, row) => [Math.sin(row), Math.cos(row)]);
  const dataset = Dataset.fromColumns({ x, y: x.map(([a, b]) => [a! - b!]) });
  const sources = () => ({
    trainDataloaders: new DataLoader({ dataset, batchSize: 4, shuffle: true }),
    valDataloaders: new DataLoader({ dataset, batchSize: 4 }),
  });
  const train = async (options: TrainerOptions, fit: FitOptions): Promise<ToyModule> => {
    const module = new ToyModule();
    await quiet({ maxEpochs: 3, ...options }).fit(module, { ...sources(), ...fit });
    return module;
  };
  const whole = await train({}, {});
  const controller = new AbortController();
  const abort = {
    onValidationBatchStart(run: Run): void {
      if (run.loop === "validate" && run.currentEpoch === 1) controller.abort();
    },
  };
  const folder = await tempFolder();
  const options = { defaultRootDir: folder, callbacks: [abort] };
  let path: string | null = null;
  await rejects(() => train(options, { signal: controller.signal }), (error: InterruptedError) => {
    path = error.checkpointPath;
    return error instanceof InterruptedError;
  });
  const resumed = await train({}, { ckptPath: path });
  deepStrictEqual(await weightsOf(resumed), await weightsOf(whole));
});

Deno.test("Trainer.fit lets callbacks and the module keep data of their own in a checkpoint", async () => {
  const folder = await tempFolder();
  const seen: unknown[] = [];
  const keeper = (own: string): Pick<Callback, "onSaveCheckpoint" | "onLoadCheckpoint"> => ({
    onSaveCheckpoint: (run, checkpoint) => void (checkpoint[own] = run.globalStep),
    onLoadCheckpoint: (_run, checkpoint) => void seen.push([own, { ...checkpoint }]),
  });
  const withHooks = () => Object.assign(new ToyModule(), keeper("module"));
  const save = new ModelCheckpoint({ dirpath: folder, filename: "{epoch}" });
  await quiet({ maxEpochs: 1, callbacks: [keeper("callback"), save] }).fit(withHooks(), SOURCES);
  const kept = { callback: 5, module: 5 };
  await quiet({ maxEpochs: 2, callbacks: [keeper("callback")] })
    .fit(withHooks(), { ...SOURCES, ckptPath: `${folder}/epoch=0.ckpt` });
  deepStrictEqual(seen, [["module", kept], ["callback", kept]]);
});

Deno.test("Trainer.fit sends batches through the datamodule's transfer hooks, else through the module's", async () => {
  const seen: string[] = [];
  const hooks = (owner: string) => ({
    onBeforeBatchTransfer: (batch: Batch) => (seen.push(`${owner} before`), batch),
    onAfterBatchTransfer: (batch: Batch) => (seen.push(`${owner} after`), batch),
  });
  const module = Object.assign(new ToyModule(), hooks("module"));
  const datamodule = {
    trainDataloader: () => lineBatches(1),
    onBeforeBatchTransfer: hooks("data").onBeforeBatchTransfer,
  };
  await quiet({ maxEpochs: 1, limitValBatches: 0 }).fit(module, { datamodule });
  deepStrictEqual(seen, ["data before", "module after"]);
});
