import { deepStrictEqual, rejects } from "node:assert/strict";
import golden from "../golden/train.json" with { type: "json" };
import type { Callback, Run } from "../../core/train/callback.ts";
import type { Profiler } from "../../core/train/profiler.ts";
import { snakeCase } from "../../core/options.ts";
import { BaseTrainer } from "../../core/train/trainer.ts";
import { SGD, StepLR } from "../../core/optim/mod.ts";
import { lineBatches, ToyModule, weightsOf } from "../support/toy.ts";

const HOOKS = [...golden.fitHooks, ...golden.testHooks, ...golden.validateHooks];

/** Names the golden traces know for one owner, as TypeScript writes them. */
function namesOf(owner: string): string[] {
  const names = HOOKS.filter((hook) => hook.startsWith(`${owner}.`)).map((hook) =>
    hook.slice(owner.length + 1)
  );
  return [...new Set(names)].map((name) =>
    name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())
  );
}

/** Makes every hook of an object note that it was called, and do what it did before. */
function traced<T extends object>(owner: string, target: T, trace: string[]): T {
  const hooks = target as Record<string, unknown>;
  for (const name of namesOf(owner)) {
    const original = hooks[name] as ((...args: unknown[]) => unknown) | undefined;
    hooks[name] = function (this: unknown, ...args: unknown[]): unknown {
      trace.push(`${owner}.${snakeCase(name)}`);
      return original?.apply(this, args);
    };
  }
  return target;
}

async function traceOf(stage: "fit" | "test" | "validate"): Promise<string[]> {
  const trace: string[] = [];
  const callback = traced("callback", {} as Callback, trace);
  const module = traced("module", new ToyModule(), trace);
  const datamodule = traced("data", {
    trainDataloader: () => lineBatches(2),
    valDataloader: () => lineBatches(1),
    testDataloader: () => lineBatches(1),
  }, trace);
  const trainer = new BaseTrainer({
    maxEpochs: 1,
    numSanityValSteps: 1,
    callbacks: [callback],
    accelerator: "cpu",
  });
  trainer.run.setPrinter(() => {});
  await trainer[stage](module, { datamodule });
  return trace;
}

Deno.test("Trainer.fit calls hooks in Lightning's order", async () => {
  deepStrictEqual(await traceOf("fit"), golden.fitHooks);
});

Deno.test("Trainer.test calls hooks in Lightning's order", async () => {
  deepStrictEqual(await traceOf("test"), golden.testHooks);
});

Deno.test("Trainer.validate calls hooks in Lightning's order", async () => {
  deepStrictEqual(await traceOf("validate"), golden.validateHooks);
});

class Counter implements Callback {
  starts = 0;
  onFitStart(): void {
    this.starts += 1;
  }
}

class BetterCounter extends Counter {}

Deno.test("Trainer.fit lets a module's configureCallbacks take the places of callbacks of the same class", async () => {
  const [given, plain, own] = [new Counter(), {} as Callback, new BetterCounter()];
  const module = Object.assign(new ToyModule(), { configureCallbacks: () => [own] });
  const trainer = new BaseTrainer({ maxEpochs: 1, callbacks: [given, plain], accelerator: "cpu" });
  const lines: string[] = [];
  trainer.run.setPrinter((line) => void lines.push(line));
  for (let i = 0; i < 2; i++) await trainer.fit(module, { trainDataloaders: lineBatches(1) });
  deepStrictEqual(trainer.callbacks, [plain, own]);
  deepStrictEqual([given.starts, own.starts], [0, 2]);
  deepStrictEqual(lines.filter((line) => line.includes("configureCallbacks")), [
    "The callbacks of configureCallbacks() take the places of these of the Trainer: Counter",
  ]);
  await trainer.fit(new ToyModule(), { trainDataloaders: lineBatches(1) });
  deepStrictEqual(trainer.callbacks, [given, plain]);
});

Deno.test("Trainer.fit refuses a module's callbacks that would overwrite each other's state", async () => {
  const keeper = (): Callback => ({ stateKey: "keeper", state: () => null, loadState: () => {} });
  const module = Object.assign(new ToyModule(), { configureCallbacks: () => [keeper(), keeper()] });
  const trainer = new BaseTrainer({ maxEpochs: 1, accelerator: "cpu" });
  trainer.run.setPrinter(() => {});
  await rejects(
    () => trainer.fit(module, { trainDataloaders: lineBatches(1) }),
    /two callbacks keep their state under the key keeper/,
  );
});

Deno.test("Trainer.fit calls onValidationModelZeroGrad before validation, not within an accumulation", async () => {
  const calls: string[] = [];
  const module = Object.assign(new ToyModule(), {
    onValidationModelZeroGrad: (run: Run) => void calls.push(`zero grad after ${run.batchIdx}`),
    onValidationModelEval: (run: Run) => void calls.push(run.loop),
  });
  const trainer = new BaseTrainer({
    maxEpochs: 1,
    accumulateGradBatches: 2,
    valCheckInterval: 1,
    numSanityValSteps: 1,
    accelerator: "cpu",
  });
  trainer.run.setPrinter(() => {});
  await trainer.fit(module, { trainDataloaders: lineBatches(3), valDataloaders: lineBatches(1) });
  deepStrictEqual(calls, [
    "sanity",
    "validate",
    "zero grad after 1",
    "validate",
    "zero grad after 2",
    "validate",
  ]);
});

Deno.test("Trainer.fit steps a scheduler of the step interval before onTrainBatchEnd, and after the step read the rate", async () => {
  const module = new ToyModule(1);
  module.configureOptimizers = () => {
    const optimizer = new SGD({ params: module.parameters(), lr: 1 });
    const scheduler = new StepLR({ optimizer, stepSize: 1, gamma: 0.5 });
    return { optimizer, lrScheduler: { scheduler, interval: "step" } };
  };
  const rates: number[] = [];
  const before: number[][] = [];
  const callback: Callback = {
    onTrainBatchEnd: (run) => void rates.push(run.optimizers[0]!.paramGroups[0]!.lr),
    onTrainBatchStart: async () => void before.push(await weightsOf(module)),
  };
  // A loss that is the sum of the weights: each step takes the rate off every one of them.
  module.trainingStep = () => module.layer.weight.sum();
  const trainer = new BaseTrainer({ maxEpochs: 1, callbacks: [callback], accelerator: "cpu" });
  trainer.run.setPrinter(() => {});
  await trainer.fit(module, { trainDataloaders: lineBatches(3) });
  deepStrictEqual(rates, [0.5, 0.25, 0.125]);
  const last = await weightsOf(module);
  deepStrictEqual([Math.round(8 * (before[0]![0]! - last[0]!)) / 8], [1.75]);
});

Deno.test("Trainer.fit gives a profiler the device's work, and of a batch's hooks what they do before they wait", async () => {
  const events: string[] = [];
  const profiler: Profiler = {
    start: (action) => void events.push(`start ${action}`),
    stop: (action) => void events.push(`stop ${action}`),
    summary: () => "",
    teardown: () => {},
  };
  const waits: Callback = {
    async onTrainBatchEnd() {
      events.push("works");
      await new Promise((resolve) => setTimeout(resolve, 1));
      events.push("has waited");
    },
  };
  const trainer = new BaseTrainer({ maxEpochs: 1, callbacks: [waits], profiler, accelerator: "cpu" });
  trainer.run.setPrinter(() => {});
  await trainer.fit(new ToyModule(), { trainDataloaders: lineBatches(2) });
  const seen = events.filter((event) => /works|waited|BatchEnd|batch_end|execute/.test(event));
  const batch = [
    "start [Callback]Callback.on_train_batch_end",
    "works",
    "stop [Callback]Callback.on_train_batch_end",
    "start [Device].execute",
    "stop [Device].execute",
    "has waited",
  ];
  deepStrictEqual(seen, [...batch, ...batch]);
});
