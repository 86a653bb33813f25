import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import golden from "../golden/train.json" with { type: "json" };
import { FulgurError } from "../../core/errors.ts";
import { SGD } from "../../core/optim/mod.ts";
import { ReduceLROnPlateau, StepLR } from "../../core/optim/mod.ts";
import { tensor } from "../../core/tensor/mod.ts";
import type { OptimizerConfig, SchedulerConfig } from "../../core/train/lit_module_hooks.ts";
import type { Run } from "../../core/train/callback.ts";
import type { TrainerOptions } from "../../core/train/trainer_options.ts";
import { Trainer } from "../../core/trainer/mod.ts";
import { lineBatches, ToyModule, weightsOf } from "../support/toy.ts";

type MakeScheduler = (optimizer: SGD) => SchedulerConfig;

/** The module of the golden runs: fixed first weights, momentum, a scheduler. */
class Momentum extends ToyModule {
  readonly validatedAt: number[] = [];
  lrOf: () => number = () => NaN;
  readonly #makeScheduler: MakeScheduler | null;

  constructor(makeScheduler: MakeScheduler | null) {
    super();
    this.#makeScheduler = makeScheduler;
    this.layer.weight.assign(tensor([[0.25, -0.5]]));
    this.layer.bias!.assign(tensor([0.125]));
  }

  onValidationEnd(run: Run): void {
    if (run.loop !== "sanity") this.validatedAt.push(run.globalStep);
  }

  override configureOptimizers(): OptimizerConfig {
    const optimizer = new SGD({ params: this.parameters(), lr: 0.1, momentum: 0.9 });
    this.lrOf = () => optimizer.paramGroups[0]!.lr;
    if (this.#makeScheduler === null) return optimizer;
    return { optimizer, lrScheduler: this.#makeScheduler(optimizer) };
  }
}

interface Case {
  readonly options: TrainerOptions;
  readonly batches?: number;
  readonly scheduler?: MakeScheduler;
}

const CASES: Record<string, Case> = {
  "plain": { options: {} },
  "accumulate 4": {
    options: { accumulateGradBatches: 4 },
    scheduler: (optimizer) => ({
      scheduler: new StepLR({ optimizer, stepSize: 1, gamma: 0.5 }),
      interval: "step",
    }),
  },
  "clip norm": { options: { gradientClipVal: 0.5 } },
  "clip value": { options: { gradientClipVal: 0.1, gradientClipAlgorithm: "value" } },
  "max_steps 5": { options: { maxSteps: 5, maxEpochs: -1 }, batches: 3 },
  "epoch scheduler": {
    options: { maxEpochs: 3 },
    scheduler: (optimizer) => new StepLR({ optimizer, stepSize: 1, gamma: 0.5 }),
  },
  "plateau scheduler": {
    options: { maxEpochs: 5 },
    scheduler: (optimizer) => ({
      scheduler: new ReduceLROnPlateau({ optimizer, patience: 0, threshold: 0.5 }),
      monitor: "val/loss",
    }),
  },
  "limit_train_batches 2": { options: { limitTrainBatches: 2 } },
  "limit_train_batches 1": { options: { limitTrainBatches: 1 } },
  "limit_train_batches 0.35": { options: { limitTrainBatches: 0.35 } },
  "limit_train_batches 0": { options: { limitTrainBatches: 0 } },
  "val_check_interval 0.3": { options: { valCheckInterval: 0.3 } },
  "val_check_interval 4": { options: { valCheckInterval: 4 } },
  "val_check_interval 7 across epochs": {
    options: { valCheckInterval: 7, checkValEveryNEpoch: null, maxEpochs: 2 },
  },
  "check_val_every_n_epoch 2": { options: { checkValEveryNEpoch: 2, maxEpochs: 5 } },
  "fast_dev_run": { options: { fastDevRun: true } },
  "fast_dev_run 3": { options: { fastDevRun: 3 } },
  "overfit_batches 2": { options: { overfitBatches: 2, maxEpochs: 3 } },
  "max_epochs 0": { options: { maxEpochs: 0 } },
};

/** Options that Lightning refuses as well. */
const REFUSED: Record<string, TrainerOptions> = {
  "limit_train_batches 0.05": { limitTrainBatches: 0.05 },
  "limit_val_batches 1.5": { limitValBatches: 1.5 },
  "val_check_interval 20": { valCheckInterval: 20 },
  "fast_dev_run -1": { fastDevRun: -1 },
  "max_epochs -2": { maxEpochs: -2 },
  "gradient_clip_algorithm x": {
    gradientClipVal: 1,
    gradientClipAlgorithm: "x",
  } as unknown as TrainerOptions,
  "devices 0": { devices: 0 },
  "profiler x": { profiler: "x" },
  "accelerator foo": { accelerator: "foo" } as unknown as TrainerOptions,
  "strategy foo": { strategy: "foo" },
};

function quiet(options: TrainerOptions): Trainer {
  const trainer = new Trainer({
    maxEpochs: 1,
    accelerator: "cpu",
    logger: false,
    enableCheckpointing: false,
    enableProgressBar: false,
    enableModelSummary: false,
    ...options,
  });
  trainer.run.setPrinter(() => {});
  return trainer;
}

/** Float error of f32 sums in another order, relative to weights near 1. */
const TOLERANCE = 2e-6;

function assertNear(actual: readonly number[], expected: readonly number[], what: string): void {
  strictEqual(actual.length, expected.length, what);
  actual.forEach((value, index) => {
    const difference = Math.abs(value - expected[index]!);
    strictEqual(
      difference <= TOLERANCE * Math.max(1, Math.abs(value)),
      true,
      `${what}: ${actual} ≠ ${expected}`,
    );
  });
}

for (const [name, expected] of Object.entries(golden.trajectories)) {
  if ("error" in expected) {
    Deno.test(`Trainer refuses ${name}, as Lightning does`, async () => {
      await rejects(async () => {
        const trainer = quiet(REFUSED[name]!);
        await trainer.fit(new Momentum(null), {
          trainDataloaders: lineBatches(10),
          valDataloaders: lineBatches(2),
        });
      }, FulgurError);
    });
    continue;
  }
  Deno.test(`Trainer.fit ends where Lightning's does: ${name}`, async () => {
    const { options, batches, scheduler } = CASES[name]!;
    const module = new Momentum(scheduler ?? null);
    const trainer = quiet(options);
    await trainer.fit(module, {
      trainDataloaders: lineBatches(batches ?? 10),
      valDataloaders: lineBatches(2),
    });
    deepStrictEqual(module.validatedAt, expected.validatedAt);
    strictEqual(trainer.globalStep, expected.globalStep);
    strictEqual(trainer.currentEpoch, expected.currentEpoch);
    assertNear([module.lrOf()], [expected.lr], "learning rate");
    assertNear(await weightsOf(module), expected.weights, "weights");
    const metrics = expected.metrics as Record<string, number>;
    deepStrictEqual(Object.keys(trainer.callbackMetrics).sort(), Object.keys(metrics).sort());
    for (const [key, value] of Object.entries(metrics)) {
      assertNear([trainer.callbackMetrics[key]!], [value], key);
    }
  });
}
