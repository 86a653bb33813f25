import { deepStrictEqual, rejects, throws } from "node:assert/strict";
import type { Batch } from "../../core/batch.ts";
import { Linear, Module } from "../../core/nn/mod.ts";
import { clipGradNorm, clipGradValue, SGD, StepLR } from "../../core/optim/mod.ts";
import type { Tensor } from "../../core/tensor/mod.ts";
import type { Callback, Run } from "../../core/train/callback.ts";
import type { LitModule, OptimizerConfig } from "../../core/train/lit_module_hooks.ts";
import type { LogOptions } from "../../core/train/log.ts";
import { BaseTrainer } from "../../core/train/trainer.ts";
import type { TrainerOptions } from "../../core/train/trainer_options.ts";
import { lineBatches, ToyModule } from "../support/toy.ts";

function trainerWith(options: TrainerOptions = {}): BaseTrainer {
  const trainer = new BaseTrainer({ maxEpochs: 1, accelerator: "cpu", ...options });
  trainer.run.setPrinter(() => {});
  return trainer;
}

/** Fits a module for two batches. */
function fit(module: LitModule, options: object = {}): Promise<void> {
  return trainerWith().fit(module, { trainDataloaders: lineBatches(2), ...options });
}

/** Fits a module whose step does what is given. */
function step(trainingStep: (batch: Batch, loss: Tensor, run: Run) => unknown): Promise<void> {
  class Step extends ToyModule {
    override trainingStep(batch: Batch, _batchIdx: number, run: Run): Tensor {
      return trainingStep(batch, this.loss(batch), run) as Tensor;
    }
  }
  return fit(new Step());
}

Deno.test("Trainer.fit refuses manual optimization in either spelling", async () => {
  for (const name of ["automaticOptimization", "automatic_optimization"]) {
    const module = Object.assign(new ToyModule(), { [name]: false });
    await rejects(() => fit(module), {
      name: "MisconfigurationError",
      message: "Manual optimization (automaticOptimization = false) is not supported\n" +
        "  where: ToyModule\n" +
        "  fix: take it out and return the loss from trainingStep(): the trainer does the backward pass and steps " +
        "the optimizer; where that is not enough, write the loop yourself, as examples/mnist_loop.ts does",
    });
  }
  await fit(Object.assign(new ToyModule(), { automaticOptimization: true as const }));
});

Deno.test("Trainer.fit refuses what trainingStep returns and what is no loss", async () => {
  const fix = 'return the loss as a tensor, a record with the key "loss", or null to skip the batch';
  for (
    const [given, says] of [
      [3, "3"],
      ["loss", '"loss"'],
      [[], "[]"],
      [{ loss: 0.5 }, "a record whose loss is 0.5"],
    ] as const
  ) {
    await rejects(() => step(() => given), {
      name: "MisconfigurationError",
      message: `trainingStep returned ${says}\n  where: Step.trainingStep\n  fix: ${fix}`,
    });
  }
  await rejects(() => step((_batch, loss) => ({ total: loss, size: 3 })), {
    name: "MisconfigurationError",
    message: "trainingStep returned a record without a loss\n  where: Step.trainingStep\n" +
      '  fix: return the loss, or a record with the key "loss"; the keys are total, size',
  });
});

// torch: "grad can be implicitly created only for scalar outputs" for [4, 1]; [1, 1] is trained on.
Deno.test("Trainer.fit refuses a loss of several numbers, and takes one number of any rank", async () => {
  await rejects(() => step((batch) => (batch.y as Tensor).mul(1)), {
    name: "ShapeError",
    message: "trainingStep returned a loss of shape [4, 1]\n  where: Step.trainingStep\n" +
      "  fix: return one number: reduce it, for example with mean()",
  });
  await step((_batch, loss) => loss.reshape([1, 1]));
});

Deno.test("run.log refuses options that it does not know, and takes Python's spelling", async () => {
  const log = (options: object) =>
    step((_batch, loss, run) => {
      run.log("a", loss, options as LogOptions);
      return loss;
    });
  await rejects(() => log({ onEpcoh: true }), {
    name: "OptionError",
    message:
      'log("a") has no option "onEpcoh"\n  fix: did you mean "onEpoch"? It takes progBar, logger, onStep, ' +
      "onEpoch, reduceFx, addDataloaderIdx, batchSize, better",
  });
  await rejects(() => log({ on_step: "yes" }), /log\("a"\) cannot use on_step = "yes"\n {2}fix: /);
  await rejects(() => log({ batchSize: 0 }), /log\("a"\) cannot use batchSize = 0\n {2}fix: /);
  await rejects(() => log({ enable_graph: true }), /log\("a"\) does not support enable_graph = true\n/);
  // One process: sync_dist changes nothing.
  await log({ prog_bar: true, on_step: null, sync_dist: true, rank_zero_only: true });
});

Deno.test("run.logDict logs each value under its name, and refuses what is no record", async () => {
  class Logging extends ToyModule {
    override trainingStep(batch: Batch, _batchIdx: number, run: Run): Tensor {
      const loss = this.loss(batch);
      run.logDict({ one: 1, loss }, { onStep: false, onEpoch: true });
      return loss;
    }
  }
  const trainer = trainerWith();
  await trainer.fit(new Logging(), { trainDataloaders: lineBatches(2) });
  deepStrictEqual(Object.keys(trainer.callbackMetrics), ["one", "loss"]);
  await rejects(() => step((_batch, loss, run) => run.logDict(loss as never)), {
    name: "MisconfigurationError",
    message: "logDict() was given an object of Tensor\n  where: logDict() in trainingStep\n" +
      '  fix: give an object of names and values, such as { "train/loss": loss }; log() takes a single one',
  });
  await rejects(
    () => step((_batch, loss, run) => run.logDict({ loss }, { onstep: true } as never)),
    /log\("loss"\) has no option "onstep"\n {2}fix: did you mean "onStep"\?/,
  );
});

Deno.test("fit, validate, test and predict refuse options that they do not know", async () => {
  await rejects(() => fit(new ToyModule(), { valDataloader: [] }), {
    name: "OptionError",
    message: 'Trainer.fit has no option "valDataloader"\n  fix: did you mean "valDataloaders"? It takes ' +
      "trainDataloaders, valDataloaders, datamodule, ckptPath, signal",
  });
  const one = lineBatches(1) as never;
  await rejects(
    () => trainerWith().test(new ToyModule(), { dataloader: one } as never),
    /Trainer\.test has no option "dataloader"\n {2}fix: did you mean "dataloaders"\?/,
  );
  await rejects(
    () => trainerWith().validate(new ToyModule(), { ckpt: "x" } as never),
    /Trainer\.validate has no option "ckpt"/,
  );
  await rejects(
    () => trainerWith().predict(new ToyModule(), { return_prediction: true } as never),
    /Trainer\.predict has no option "return_prediction"\n {2}fix: did you mean "return_predictions"\?/,
  );
  await rejects(
    () => trainerWith().fit(new ToyModule(), [] as never),
    /Trainer\.fit takes its options by name, and is given \[\]\n {2}fix: write \{ trainDataloaders: … \}/,
  );
});

Deno.test("fit and test take their options in Python's spelling", async () => {
  const trainer = trainerWith();
  await trainer.fit(new ToyModule(), { train_dataloaders: lineBatches(1), weights_only: null } as never);
  await trainer.test(
    new ToyModule(),
    { dataloaders: lineBatches(1), ckpt_path: null, verbose: false } as never,
  );
  deepStrictEqual(Object.keys(trainer.callbackMetrics), ["test/loss"]);
});

Deno.test("Trainer.fit refuses what is no module", async () => {
  await rejects(() => fit({} as never), {
    name: "MisconfigurationError",
    message: "fit() was given {}, which is no module\n  where: Trainer.fit\n" +
      "  fix: give an object of a class that extends nn.Module",
  });
});

Deno.test("Trainer refuses a call while another one runs, and takes one after it", async () => {
  const trainer = trainerWith();
  const data = { trainDataloaders: lineBatches(3) };
  const first = trainer.fit(new ToyModule(), data);
  const message = "fit() was called while fit() of the trainer runs\n  where: Trainer.fit\n" +
    "  fix: await the first call, or make another trainer";
  await rejects(() => trainer.fit(new ToyModule(), data), { name: "MisconfigurationError", message });
  await rejects(
    () => trainer.test(new ToyModule(), { dataloaders: lineBatches(1) }),
    /test\(\) was called while fit\(\)/,
  );
  await first;
  const untested = Object.assign(new ToyModule(), { testStep: undefined });
  const test = { dataloaders: lineBatches(1), verbose: false };
  await rejects(() => trainer.test(untested as never, test), /No testStep\(\) method/);
  await trainer.test(new ToyModule(), test);
});

Deno.test("Trainer refuses what configureCallbacks gives and what is no callback", async () => {
  const gives = (given: unknown) =>
    fit(Object.assign(new ToyModule(), { configureCallbacks: () => given as Callback }));
  await rejects(() => gives(["early_stopping"]), {
    name: "MisconfigurationError",
    message:
      'configureCallbacks() gave "early_stopping", which is no callback\n  where: configureCallbacks\n' +
      "  fix: return a callback, or a list of callbacks",
  });
  await rejects(() => gives(Promise.resolve([])), /fix: take the async out: callbacks are made at once/);
});

Deno.test("clipGradNorm() and clipGradValue() refuse what is no optimizer and no limit", () => {
  const { weight } = new Linear({ inFeatures: 1, outFeatures: 1 });
  throws(() => clipGradNorm([weight] as never, 1), {
    name: "OptionError",
    message: "optim.clipGradNorm cannot use optimizer = [an object of Tensor]\n" +
      "  fix: give the optimizer of the parameters whose gradients it shall see",
  });
  throws(() => clipGradValue(undefined as never, 1), /optim\.clipGradValue cannot use optimizer = undefined/);
  throws(() => clipGradNorm(new SGD({ params: [weight] }), "1" as never), /cannot use maxNorm = "1"/);
});

Deno.test("errors name a module of a class without a name by the class that it extends", async () => {
  const anonymous = (() =>
    class extends Module implements LitModule {
      forward(): void {}
    })();
  await rejects(() => fit(new anonymous()), {
    message: "No trainingStep() method is defined, so the module cannot be trained\n" +
      "  where: (class extends Module)\n  fix: define trainingStep()",
  });
});

Deno.test("Trainer refuses what is no loader and what is no batch", async () => {
  const refused = async (loader: unknown, message: string) => {
    const data = { trainDataloaders: loader as never };
    await rejects(() => trainerWith().fit(new ToyModule(), data), { name: "MisconfigurationError", message });
  };
  const noLoader = (shown: string) =>
    `trainDataloaders gave ${shown}, which is no loader\n  where: Trainer, trainDataloaders\n` +
    "  fix: give a data.DataLoader, a list of batches, or an object that can be iterated and has a length";
  await refused("mnist", noLoader('"mnist"'));
  await refused(new Set([1]), noLoader("an object of Set"));
  await refused((function* () {})(), noLoader("an object"));
  const [batch] = lineBatches(1);
  await refused(
    batch,
    'trainDataloaders gave {"x":an object of Tensor,"y":an object of Tensor}, which is no loader\n' +
      "  where: Trainer, trainDataloaders\n  fix: put the batch into a list: [batch]",
  );
  await refused(
    [null],
    "the loader gave null, which is no batch\n  where: the loader\n" +
      "  fix: give an object of names and tensors: { x, y }",
  );
  await rejects(
    () => trainerWith().test(new ToyModule(), { dataloaders: 3 as never }),
    /dataloaders gave 3, which is no loader/,
  );
  await rejects(
    () => trainerWith().fit(new ToyModule(), { datamodule: [] as never }),
    /Trainer\.fit cannot use datamodule = \[\]\n {2}fix: give a data\.DataModule/,
  );
});

// torch: "element 0 of tensors does not require grad and does not have a grad_fn".
Deno.test("Trainer.fit refuses a loss that depends on no parameter", async () => {
  await rejects(() => step((_batch, loss) => loss.detach()), {
    name: "MisconfigurationError",
    message: "trainingStep returned a loss that depends on no parameter\n  where: Step.trainingStep\n" +
      "  fix: compute it from the module's output without detach(), noGrad() and rounding; one parameter at least " +
      "has to require a gradient",
  });
});

Deno.test("Trainer.fit refuses methods within a step that return promises", async () => {
  const late = () => Promise.resolve();
  for (
    const method of [
      "backward",
      "optimizerStep",
      "optimizerZeroGrad",
      "configureGradientClipping",
      "lrSchedulerStep",
      "onBeforeBatchTransfer",
    ]
  ) {
    class Scheduled extends ToyModule {
      override configureOptimizers(): OptimizerConfig {
        const optimizer = new SGD({ params: this.parameters(), lr: 0.1 });
        return { optimizer, lrScheduler: new StepLR({ optimizer, stepSize: 1 }) };
      }
    }
    await rejects(
      () => fit(Object.assign(new Scheduled(), { [method]: late })),
      { name: "MisconfigurationError", message: new RegExp(`^${method}\\(\\) returned a promise`) },
    );
  }
});

Deno.test("Trainer refuses hooks in Python's spelling, and hooks that are no functions", async () => {
  await rejects(() => fit(Object.assign(new ToyModule(), { on_train_start() {} })), {
    name: "MisconfigurationError",
    message: "on_train_start() is never called: hooks are written as onTrainStart()\n  where: ToyModule\n" +
      "  fix: rename on_train_start() to onTrainStart()",
  });
  class Watch {
    on_validation_batch_end(): void {}
  }
  await rejects(
    () =>
      trainerWith({ callbacks: [new Watch()] as Callback[] }).fit(new ToyModule(), {
        trainDataloaders: lineBatches(1),
      }),
    /on_validation_batch_end\(\) is never called[^]*where: Watch/,
  );
  await rejects(() => fit(Object.assign(new ToyModule(), { onTrainStart: 3 }) as never), {
    message: "onTrainStart is 3, and hooks are functions\n  where: [LightningModule]ToyModule\n" +
      "  fix: write onTrainStart(run) { … }, or leave it out",
  });
});
