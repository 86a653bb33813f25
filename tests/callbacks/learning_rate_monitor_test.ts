import { deepStrictEqual, throws } from "node:assert/strict";
import { LearningRateMonitor } from "../../core/callbacks/learning_rate_monitor.ts";
import type { OptimizerEntry, SchedulerEntry } from "../../core/train/lit_module_hooks.ts";
import type { Logger } from "../../core/train/logger.ts";
import { FakeRun } from "../support/fake_run.ts";

class SGD {
  constructor(readonly paramGroups: { lr: number; momentum?: number; weightDecay?: number }[]) {}
  step(): void {}
  zeroGrad(): void {}
  stateDict(): null {
    return null;
  }
  loadStateDict(): void {}
}

function scheduled(interval: "epoch" | "step", name: string | null = null): SchedulerEntry {
  return {
    scheduler: {} as SchedulerEntry["scheduler"],
    interval,
    frequency: 1,
    monitor: null,
    strict: true,
    reduceOnPlateau: false,
    name,
  };
}

function runWith(optimizers: OptimizerEntry[], schedulers: SchedulerEntry[] = []): FakeRun {
  const run = new FakeRun({ logEveryNSteps: 2 });
  run.optimizers = optimizers;
  run.schedulers = schedulers;
  return run;
}

Deno.test("LearningRateMonitor logs an epoch scheduler's rate at each epoch's start", async () => {
  const run = runWith([new SGD([{ lr: 0.1 }])], [scheduled("epoch")]);
  const monitor = new LearningRateMonitor();
  await monitor.onTrainEpochStart(run);
  run.loggedStep = 1;
  await monitor.onTrainBatchStart(run);
  deepStrictEqual(run.sent, [[{ "lr-SGD": 0.1 }, 0]]);
});

Deno.test("LearningRateMonitor logs a step scheduler's rate at the log interval", async () => {
  const run = runWith([new SGD([{ lr: 0.1 }])], [scheduled("step")]);
  const monitor = new LearningRateMonitor();
  for (run.loggedStep = 0; run.loggedStep < 4; run.loggedStep++) await monitor.onTrainBatchStart(run);
  await monitor.onTrainEpochStart(run);
  deepStrictEqual(run.sent.map(([, step]) => step), [1, 3]);
});

Deno.test("LearningRateMonitor without a scheduler logs at both intervals", async () => {
  const run = runWith([new SGD([{ lr: 0.1 }])]);
  const monitor = new LearningRateMonitor();
  await monitor.onTrainEpochStart(run);
  run.loggedStep = 1;
  await monitor.onTrainBatchStart(run);
  deepStrictEqual(run.sent.map(([, step]) => step), [0, 1]);
});

Deno.test("LearningRateMonitor names parameter groups, momentum and weight decay as Lightning does", async () => {
  const run = runWith([new SGD([{ lr: 0.1, momentum: 0.9 }, { lr: 0.2, weightDecay: 0.01 }])]);
  await new LearningRateMonitor({ logMomentum: true, logWeightDecay: true }).onTrainEpochStart(run);
  deepStrictEqual(run.sent[0]![0], {
    "lr-SGD/pg1": 0.1,
    "lr-SGD/pg1-momentum": 0.9,
    "lr-SGD/pg1-weight_decay": 0,
    "lr-SGD/pg2": 0.2,
    "lr-SGD/pg2-momentum": 0,
    "lr-SGD/pg2-weight_decay": 0.01,
  });
});

Deno.test("LearningRateMonitor takes a scheduler's name", async () => {
  const run = runWith([new SGD([{ lr: 0.1 }])], [scheduled("epoch", "rate")]);
  await new LearningRateMonitor().onTrainEpochStart(run);
  deepStrictEqual(run.sent[0]![0], { rate: 0.1 });
});

Deno.test("LearningRateMonitor needs a logger", () => {
  const run = new FakeRun();
  throws(() => new LearningRateMonitor().onTrainStart(run), /cannot be used without a logger/);
  run.loggers = [{} as Logger];
  new LearningRateMonitor().onTrainStart(run);
});
