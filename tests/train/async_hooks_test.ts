import { deepStrictEqual, rejects, strictEqual } from "node:assert/strict";
import type { Batch } from "../../core/batch.ts";
import { currentDevice, type Tensor } from "../../core/tensor/mod.ts";
import type { Callback, Run, StepOutputs } from "../../core/train/callback.ts";
import { BaseTrainer } from "../../core/train/trainer.ts";
import type { TrainerOptions } from "../../core/train/trainer_options.ts";
import { lineBatches, ToyModule } from "../support/toy.ts";

class Toy extends ToyModule {
  compile = false;
  override validationStep(batch: Batch, batchIdx: number, run: Run): Batch {
    super.validationStep(batch, batchIdx, run);
    return { loss: this.loss(batch), size: this.forward(batch).square().sum() };
  }
  override testStep(batch: Batch, batchIdx: number, run: Run): Batch {
    return this.validationStep(batch, batchIdx, run);
  }
  predictStep(batch: Batch): Tensor {
    return this.forward(batch).sum();
  }
}

function trainerWith(callback: Callback, options: TrainerOptions = {}): BaseTrainer {
  const trainer = new BaseTrainer({
    maxEpochs: 1,
    accelerator: "cpu",
    numSanityValSteps: 0,
    callbacks: [callback],
    ...options,
  });
  trainer.run.setPrinter(() => {});
  return trainer;
}

/** Reads what a hook is given, by name: at once, and again after a wait. */
async function readTwice(into: number[], values: object): Promise<void> {
  for (const value of Object.values(values) as Tensor[]) into.push((await value.data())[0]!);
  await new Promise((resolve) => setTimeout(resolve, 0));
  for (const value of Object.values(values) as Tensor[]) into.push((await value.data())[0]!);
}

for (const compile of [false, true]) {
  Deno.test(`an asynchronous onTrainBatchEnd reads outputs and batch after waits, compile ${compile}`, async () => {
    const seen: number[][] = [];
    const losses: number[] = [];
    const trainer = trainerWith({
      async onTrainBatchEnd(_run, outputs: StepOutputs, batch: Batch) {
        const own: number[] = [];
        seen.push(own);
        await readTwice(own, { loss: outputs.loss, ...batch });
      },
    });
    const plain = trainerWith({
      onTrainBatchEnd: async (_run, outputs) => void losses.push(await (outputs.loss as Tensor).item()),
    });
    const module = new Toy();
    module.compile = compile;
    await trainer.fit(module, { trainDataloaders: lineBatches(6) });
    await plain.fit(new Toy(), { trainDataloaders: lineBatches(6) });
    deepStrictEqual(seen.map((row) => row.slice(0, 3)), seen.map((row) => row.slice(3)));
    deepStrictEqual(seen.map(([loss]) => loss), losses);
  });
}

Deno.test("asynchronous hooks of validation, test and prediction read outputs and batch after waits", async () => {
  const seen: Record<string, number[]> = { validation: [], test: [], predict: [] };
  const callback: Callback = {
    onValidationBatchStart: async (_run, batch) => await readTwice(seen.validation!, batch),
    onValidationBatchEnd: async (_run, outputs, batch) =>
      await readTwice(seen.validation!, { ...outputs, ...batch }),
    onTestBatchEnd: async (_run, outputs, batch) => await readTwice(seen.test!, { ...outputs, ...batch }),
    onPredictBatchEnd: async (_run, outputs, batch) => await readTwice(seen.predict!, { outputs, ...batch }),
  };
  const trainer = trainerWith(callback);
  const module = new Toy();
  await trainer.fit(module, { trainDataloaders: lineBatches(2), valDataloaders: lineBatches(3) });
  await trainer.test(module, { dataloaders: lineBatches(3), verbose: false });
  const predicted = await trainer.predict(module, { dataloaders: lineBatches(3) });
  const counts = Object.fromEntries(Object.entries(seen).map(([name, { length }]) => [name, length]));
  // Per batch: x and y (twice) at its start; two outputs, x and y (twice) at its end; one output in a prediction.
  deepStrictEqual(counts, { validation: 3 * 12, test: 3 * 8, predict: 3 * 6 });
  // What a prediction returns stays.
  deepStrictEqual(
    await Promise.all((predicted as Tensor[]).map((one) => one.item())),
    [0, 6, 12].map((at) => seen.predict![at]),
  );
});

Deno.test("an asynchronous hook reads what it makes of the outputs", async () => {
  const seen: number[][] = [];
  const trainer = trainerWith({
    async onTrainBatchEnd(_run, outputs) {
      const loss = outputs.loss as Tensor;
      seen.push([await loss.mul(2).item(), 2 * await loss.item()]);
    },
  });
  await trainer.fit(new Toy(), { trainDataloaders: lineBatches(3) });
  for (const [made, own] of seen) strictEqual(made, own);
});

Deno.test("what an asynchronous hook was given is freed when it is through, unless kept", async () => {
  let given: Tensor | null = null;
  let kept: Tensor | null = null;
  const live: number[] = [];
  const trainer = trainerWith({
    async onTrainBatchEnd(run, outputs) {
      given = outputs.loss as Tensor;
      await given.item();
      if (run.batchIdx === 10 || run.batchIdx === 300) live.push(currentDevice().stats.liveBuffers);
      if (run.batchIdx === 300) kept = (outputs.loss as Tensor).mul(1).keep();
    },
  });
  await trainer.fit(new Toy(), { trainDataloaders: lineBatches(301) });
  strictEqual(live[1]! <= live[0]!, true, `${live[1]} > ${live[0]}`);
  await rejects(() => given!.data(), /used after its scope ended/);
  strictEqual(Number.isFinite(await kept!.item()), true);
});

Deno.test("hooks that do not wait cost no launch and no wait", async () => {
  const submits: number[][] = [];
  for (const hook of [undefined, (_run: Run, outputs: StepOutputs) => void outputs.loss]) {
    const before = { ...currentDevice().stats };
    const trainer = trainerWith(hook === undefined ? {} : { onTrainBatchEnd: hook });
    await trainer.fit(new Toy(), { trainDataloaders: lineBatches(20) });
    const { submits: after, readbacks } = currentDevice().stats;
    submits.push([after - before.submits, readbacks - before.readbacks]);
  }
  deepStrictEqual(submits[1], submits[0]);
});

Deno.test("an asynchronous onTrainBatchStart that ends the epoch is refused: its batch has run", async () => {
  class Ending extends Toy {
    async onTrainBatchStart(): Promise<number> {
      return await Promise.resolve(-1);
    }
  }
  const fit = () => trainerWith({}).fit(new Ending() as never, { trainDataloaders: lineBatches(2) });
  await rejects(fit, {
    name: "MisconfigurationError",
    message: "onTrainBatchStart returned -1 in a promise, which comes after its batch\n" +
      "  where: onTrainBatchStart\n  fix: return -1 from a hook that is not async",
  });
});

Deno.test("an error after a wait in a batch hook ends the fit, and frees what the hooks were given", async () => {
  let given: Tensor | null = null;
  const trainer = trainerWith({
    async onTrainBatchEnd(_run, outputs) {
      given = outputs.loss as Tensor;
      await given.item();
      throw new RangeError("after the wait");
    },
  });
  await rejects(() => trainer.fit(new Toy(), { trainDataloaders: lineBatches(3) }), /after the wait/);
  await rejects(() => given!.data(), /used after its scope ended/);
});
