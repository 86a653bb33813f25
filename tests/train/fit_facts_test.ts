import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import golden from "../golden/fit_facts.json" with { type: "json" };
import type { Batch } from "../../core/batch.ts";
import { EarlyStopping, ModelCheckpoint } from "../../core/callbacks/mod.ts";
import { Module } from "../../core/nn/mod.ts";
import { ReduceLROnPlateau, SGD, StepLR } from "../../core/optim/mod.ts";
import { type Tensor, tensor, variable } from "../../core/tensor/mod.ts";
import type { Callback, Run } from "../../core/train/callback.ts";
import type { LitModule, OptimizerConfig, OptimizerEntry } from "../../core/train/lit_module_hooks.ts";
import type { LogOptions } from "../../core/train/log.ts";
import type { Logger } from "../../core/train/logger.ts";
import { BaseTrainer } from "../../core/train/trainer.ts";
import type { TrainerOptions } from "../../core/train/trainer_options.ts";
import { assertClose } from "../support/assert_close.ts";
import { tempFolder } from "../support/temp_folder.ts";
import { batchesOf } from "../support/toy.ts";

/** What the golden script's module is told. */
interface Given {
  readonly scheduler?: readonly (string | null)[];
  readonly log?: object;
  readonly end_at?: number;
  readonly stop_at?: number;
  readonly extra?: string;
}

/** One weight; validation logs 10 * epoch + batch, plus 100 in the second loader. */
class Toy extends Module implements LitModule {
  readonly weight = this.parameter(variable([1], { requiresGrad: true }));

  constructor(readonly given: Given = {}) {
    super();
  }

  forward(): void {}

  onTrainBatchStart(_run: Run, _batch: Batch, batchIdx: number): number | void {
    if (batchIdx === this.given.end_at) return -1;
  }

  trainingStep(batch: Batch, batchIdx: number, run: Run): Tensor {
    if (batchIdx === this.given.stop_at) run.stop("");
    run.log("a", batchIdx, { batchSize: 1 });
    return this.weight.mul(batch.x as Tensor).sum().mul(0.01);
  }

  validationStep(_batch: Batch, batchIdx: number, run: Run, dataloaderIdx: number): void {
    const value = 10 * run.currentEpoch + batchIdx + 100 * dataloaderIdx;
    const options = { batchSize: 1, ...this.given.log as LogOptions };
    run.log("m", value, options);
    if (this.given.extra !== undefined) run.log(this.given.extra, value + 7, options);
  }

  testStep(batch: Batch, batchIdx: number, run: Run, dataloaderIdx: number): void {
    this.validationStep(batch, batchIdx, run, dataloaderIdx);
  }

  configureOptimizers(): OptimizerConfig {
    const optimizer = new SGD({ params: [this.weight], lr: 1 });
    if (this.given.scheduler === undefined) return optimizer;
    const [kind, interval, monitor] = this.given.scheduler;
    const scheduler = kind === "plateau"
      ? new ReduceLROnPlateau({ optimizer, patience: 0, factor: 0.5 })
      : new StepLR({ optimizer, stepSize: 1, gamma: 0.5 });
    return { optimizer, lrScheduler: { scheduler, interval: interval!, monitor: monitor!, strict: false } };
  }
}

const loader = (length: number) => batchesOf((index) => ({ x: tensor([index]) }), length);

type Row = [step: number, metrics: Record<string, number>];

const sorted = (metrics: object): Record<string, number> =>
  Object.fromEntries(Object.entries(metrics).sort(([a], [b]) => a < b ? -1 : 1));

function rowLogger(rows: Row[]): Logger {
  return {
    name: "rows",
    version: "0",
    saveDir: null,
    logDir: null,
    logMetrics: (metrics, step) => void rows.push([step, sorted(metrics)]),
    logHyperparams() {},
    save() {},
    finalize() {},
  };
}

function quiet(options: object): BaseTrainer {
  const trainer = new BaseTrainer({ accelerator: "cpu", ...options } as TrainerOptions);
  trainer.run.setPrinter(() => {});
  return trainer;
}

interface Expected {
  readonly given: {
    readonly options: object;
    readonly module?: Given;
    readonly train?: number;
    readonly val?: readonly number[];
    readonly then?: readonly ("validate" | "test")[];
  };
  readonly error?: string;
  readonly rows?: unknown;
  readonly metrics?: object;
  readonly globalStep?: number;
  readonly lr?: number;
  readonly weight?: number;
  readonly then?: unknown;
}

for (const [name, expected] of Object.entries(golden.cases as unknown as Record<string, Expected>)) {
  const { options, module: given = {}, train = 4, val = [2], then = [] } = expected.given;
  Deno.test(`Trainer gives the rows, metrics and rates that Lightning gives: ${name}`, async () => {
    const rows: Row[] = [];
    const trainer = quiet({ logger: rowLogger(rows), num_sanity_val_steps: 0, ...options });
    const module = new Toy(given);
    const loaders = val.length === 0 ? null : val.length === 1 ? loader(val[0]!) : val.map(loader);
    const fit = () => trainer.fit(module, { trainDataloaders: loader(train), valDataloaders: loaders });
    if (expected.error !== undefined) return await rejects(fit, { name: "MisconfigurationError" });
    await fit();
    deepStrictEqual(rows, expected.rows);
    deepStrictEqual(sorted(trainer.callbackMetrics), expected.metrics);
    strictEqual(trainer.globalStep, expected.globalStep);
    strictEqual(trainer.run.optimizers[0]!.paramGroups[0]!.lr, expected.lr);
    assertClose(await module.weight.data(), [expected.weight!], "f32", name);
    const after = [];
    for (const call of then) {
      rows.length = 0;
      await trainer[call](module, { dataloaders: loaders, verbose: false });
      after.push({ rows: [...rows], metrics: sorted(trainer.callbackMetrics) });
    }
    if (then.length > 0) deepStrictEqual(after, expected.then);
  });
}

for (const [name, { given, events: expected }] of Object.entries(golden.resumed)) {
  const [first, second, checkpoint] = given as unknown as [object, object, object];
  Deno.test(`Trainer runs the sanity check of a resumed fit where Lightning does: ${name}`, async () => {
    const dirpath = await tempFolder();
    const data = { trainDataloaders: loader(4), valDataloaders: loader(2) };
    const saving = new ModelCheckpoint({ dirpath, filename: "{step}", ...checkpoint });
    await quiet({ callbacks: [saving], ...first }).fit(new Toy(), data);
    const events: string[] = [];
    const watch: Callback = {
      onSanityCheckStart: (run) => void events.push(`sanity ${run.currentEpoch}`),
      onTrainBatchStart: (run, _batch, batchIdx) => void events.push(`train ${run.currentEpoch}.${batchIdx}`),
      onValidationStart: () => void events.push("validate"),
      onTrainStart: () => void events.push("start"),
      onTrainEnd: () => void events.push("end"),
    };
    const [file] = Array.from(Deno.readDirSync(dirpath), (entry) => entry.name).sort();
    await quiet({ callbacks: [watch], ...second }).fit(new Toy(), {
      ...data,
      ckptPath: `${dirpath}/${file}`,
    });
    deepStrictEqual(events, expected);
  });
}

for (const [name, expected] of Object.entries(golden.watched)) {
  Deno.test(`EarlyStopping and ModelCheckpoint have their turn when Lightning's have: val_check_interval ${name}`, async () => {
    const dirpath = await tempFolder();
    const trainer = quiet({
      maxEpochs: 3,
      numSanityValSteps: 0,
      valCheckInterval: name === "1.0" ? "all" : Number(name),
      callbacks: [
        new EarlyStopping({ monitor: "m", patience: 1 }),
        new ModelCheckpoint({ dirpath, filename: "{step}", saveTopK: -1 }),
      ],
    });
    await trainer.fit(new Toy(), { trainDataloaders: loader(4), valDataloaders: loader(2) });
    const files = Array.from(Deno.readDirSync(dirpath), (entry) => entry.name).sort();
    deepStrictEqual({ globalStep: trainer.globalStep, files }, expected);
  });
}

class Ordered extends Toy {
  readonly events: string[] = [];

  override trainingStep(batch: Batch, batchIdx: number, run: Run): Tensor {
    this.events.push("training_step");
    return super.trainingStep(batch, batchIdx, run);
  }

  override validationStep(): void {
    this.events.push(`validation_step, gradient ${this.weight.grad === null ? "none" : "kept"}`);
  }

  onBeforeZeroGrad(): void {
    this.events.push("on_before_zero_grad");
  }

  optimizerZeroGrad(_run: Run, optimizer: OptimizerEntry): void {
    this.events.push("optimizer_zero_grad");
    optimizer.zeroGrad();
  }

  onBeforeBackward(): void {
    this.events.push("on_before_backward");
  }

  onAfterBackward(): void {
    this.events.push("on_after_backward");
  }

  onBeforeOptimizerStep(): void {
    this.events.push("on_before_optimizer_step");
  }

  configureGradientClipping(): void {
    this.events.push("configure_gradient_clipping");
  }
}

const ORDER = { maxEpochs: 1, numSanityValSteps: 0, valCheckInterval: 1, accumulateGradBatches: 2 };

Deno.test("Trainer calls the hooks of a step in Lightning's order, and clears gradients before validation", async () => {
  const module = new Ordered();
  await quiet(ORDER).fit(module, { trainDataloaders: loader(2), valDataloaders: loader(1) });
  deepStrictEqual(module.events, golden.stepOrder);
});

Deno.test("optimizerStep comes after the backward pass, where Lightning's holds it in a closure", async () => {
  class Stepping extends Ordered {
    optimizerStep(_run: Run, optimizer: OptimizerEntry): void {
      this.events.push("optimizer_step");
      optimizer.step();
      this.events.push("optimizer_step, stepped");
    }
  }
  const module = new Stepping();
  await quiet(ORDER).fit(module, { trainDataloaders: loader(2), valDataloaders: loader(1) });
  const lightning = golden.stepOrderOverridden;
  const begins = lightning.indexOf("optimizer_step");
  const ends = lightning.indexOf("optimizer_step, stepped");
  deepStrictEqual(module.events, [
    ...lightning.slice(0, begins),
    ...lightning.slice(begins + 1, ends),
    "optimizer_step",
    ...lightning.slice(ends),
  ]);
});

// Lightning begins at 0 again; here a resumed fit goes on where it was.
Deno.test("a resumed fit goes on counting validation batches for what they log", async () => {
  const dirpath = await tempFolder();
  const data = { trainDataloaders: loader(2), valDataloaders: loader(3) };
  const steps: number[][] = [];
  for (const [maxEpochs, ckptPath] of [[1, null], [2, `${dirpath}/last.ckpt`]] as const) {
    const rows: Row[] = [];
    const saving = new ModelCheckpoint({ dirpath, saveLast: true });
    const trainer = quiet({ maxEpochs, logger: rowLogger(rows), callbacks: [saving] });
    await trainer.fit(new Toy({ log: { onStep: true } }), { ...data, ckptPath });
    steps.push(rows.filter(([, metrics]) => "m_step" in metrics).map(([step]) => step));
  }
  deepStrictEqual(steps, [[0, 1, 2], [3, 4, 5]]);
});
