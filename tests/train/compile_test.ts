import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import type { Batch } from "../../core/batch.ts";
import { SGD } from "../../core/optim/mod.ts";
import { currentDevice, init, type Tensor } from "../../core/tensor/mod.ts";
import type { Callback, Run, StepOutputs } from "../../core/train/callback.ts";
import type { OptimizerConfig } from "../../core/train/lit_module_hooks.ts";
import { BaseTrainer } from "../../core/train/trainer.ts";
import type { TrainerOptions } from "../../core/train/trainer_options.ts";
import { lineBatches, ToyModule, weightsOf } from "../support/toy.ts";

/** How often the code of a loss ran; that of validation is not captured. */
let calls = 0;
/** Calls by the sanity check and by two validations. */
const VALIDATED = 3;

class Compiled extends ToyModule {
  constructor(readonly compile: boolean) {
    super();
  }

  override loss(batch: Batch): Tensor {
    calls += 1;
    return super.loss(batch);
  }

  override configureOptimizers(): OptimizerConfig {
    return new SGD({ params: this.parameters(), lr: 0.05, momentum: 0.9 });
  }
}

/** Trains the same module captured or not; labels seen at the end of batches are collected. */
async function trained(
  compile: boolean,
  options: TrainerOptions = {},
): Promise<{ weights: number[]; metrics: object; labels: number[]; calls: number }> {
  const module = new Compiled(compile);
  calls = 0;
  const labels: number[] = [];
  const collect: Callback = {
    async onTrainBatchEnd(_run, outputs: StepOutputs, batch: Batch) {
      const loss = outputs.loss as Tensor;
      labels.push(await (batch.y as Tensor).sum().item(), await loss.item(), await loss.add(0).item());
    },
  };
  const trainer = new BaseTrainer({ maxEpochs: 2, accelerator: "cpu", callbacks: [collect], ...options });
  trainer.run.setPrinter(() => {});
  await trainer.fit(module, { trainDataloaders: lineBatches(7), valDataloaders: lineBatches(1) });
  return { weights: await weightsOf(module), metrics: trainer.callbackMetrics, labels, calls };
}

Deno.test("Trainer with a compiled module trains to the same bits without running the step's code", async () => {
  const [plain, compiled] = [await trained(false), await trained(true)];
  deepStrictEqual({ ...compiled, calls: 0 }, { ...plain, calls: 0 });
  strictEqual(plain.calls - VALIDATED, 14);
  // Two recordings of each epoch are captured.
  strictEqual(compiled.calls - VALIDATED, 4);
});

Deno.test("Trainer with a compiled module accumulates and clips gradients as without", async () => {
  const options = { accumulateGradBatches: 3, gradientClipVal: 0.1 };
  const [plain, compiled] = [await trained(false, options), await trained(true, options)];
  deepStrictEqual({ ...compiled, calls: 0 }, { ...plain, calls: 0 });
});

Deno.test("Trainer with a compiled module goes on after validations as without", async () => {
  const options = { accumulateGradBatches: 2, valCheckInterval: 3 };
  const [plain, compiled] = [await trained(false, options), await trained(true, options)];
  deepStrictEqual({ ...compiled, calls: 0 }, { ...plain, calls: 0 });
});

Deno.test("Trainer with a compiled module refuses hooks that stand inside the step", async () => {
  const trainer = new BaseTrainer({
    maxEpochs: 1,
    accelerator: "cpu",
    callbacks: [{ onAfterBackward() {} }],
  });
  trainer.run.setPrinter(() => {});
  await rejects(
    () => trainer.fit(new Compiled(true), { trainDataloaders: lineBatches(2) }),
    /compile: true replays whole steps, and \[Callback\]Callback has onAfterBackward/,
  );
});

for (const compile of [false, true]) {
  Deno.test(`Trainer holds no more memory after 300 steps than after 10, compile ${compile}`, async () => {
    const live: number[] = [];
    const count: Callback = {
      async onTrainBatchEnd(run) {
        await Promise.resolve();
        if (run.globalStep === 10 || run.globalStep === 300) live.push(currentDevice().stats.liveBuffers);
      },
    };
    const trainer = new BaseTrainer({ maxEpochs: 1, accelerator: "cpu", callbacks: [count] });
    trainer.run.setPrinter(() => {});
    await trainer.fit(new Compiled(compile), { trainDataloaders: lineBatches(300) });
    // Fewer is possible: memory of earlier tests goes back when their tensors are collected.
    strictEqual(live[1]! <= live[0]!, true, `${live[1]} > ${live[0]}`);
  });
}

Deno.test("Trainer reads from the device once per epoch of training and once per pass of validation", async () => {
  class Logging extends Compiled {
    override trainingStep(batch: Batch, batchIdx: number, run: Run): Tensor | Batch | null {
      run.log("train/norm", this.layer.weight.square().sum(), { onStep: false, onEpoch: true });
      return super.trainingStep(batch, batchIdx, run);
    }
  }
  const trainer = new BaseTrainer({ maxEpochs: 3, accelerator: "cpu", numSanityValSteps: 0 });
  trainer.run.setPrinter(() => {});
  const { readbacks: before } = (await init({ accelerator: "cpu" })).stats;
  await trainer.fit(new Logging(false), {
    trainDataloaders: lineBatches(20),
    valDataloaders: lineBatches(5),
  });
  strictEqual(currentDevice().stats.readbacks - before, 6);
});

Deno.test("Trainer with the parts of the Python template submits each training step once", async () => {
  const submits: number[] = [];
  const count: Callback = {
    onTrainBatchStart: () => void submits.push(currentDevice().stats.submits),
  };
  const trainer = new BaseTrainer({ maxEpochs: 1, accelerator: "cpu", callbacks: [count] });
  trainer.run.setPrinter(() => {});
  await trainer.fit(new Compiled(false), { trainDataloaders: lineBatches(12) });
  const perStep = submits.slice(1).map((count, index) => count - submits[index]!);
  deepStrictEqual(perStep.slice(3), perStep.slice(3).map(() => 1));
});
