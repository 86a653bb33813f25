import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { Batch } from "../../core/batch.ts";
import { Dropout } from "../../core/nn/mod.ts";
import { SGD } from "../../core/optim/mod.ts";
import { manualSeed, noGrad, type Tensor } from "../../core/tensor/mod.ts";
import type { Run } from "../../core/train/callback.ts";
import type { OptimizerConfig, OptimizerEntry } from "../../core/train/lit_module_hooks.ts";
import { mayUseParameter } from "../../core/train/parameter_use.ts";
import { BaseTrainer } from "../../core/train/trainer.ts";
import type { TrainerOptions } from "../../core/train/trainer_options.ts";
import { batchesOf, lineBatches, ToyModule, weightsOf } from "../support/toy.ts";

/** How often the code of a training step ran. */
let calls = 0;

interface Compilable extends ToyModule {
  compile: boolean;
}

/** Trains a module recorded and captured; the weights have to agree. */
async function bothWays(
  make: new () => Compilable,
  hooks: { onTrainBatchStart?(run: Run, batch: Batch, batchIdx: number): void } = {},
  batches = lineBatches(12),
  options: TrainerOptions = {},
): Promise<{ lines: string[]; calls: number }> {
  const weights: number[][] = [];
  let lines: string[] = [];
  for (const compile of [false, true]) {
    lines = [];
    calls = 0;
    manualSeed(1);
    const module = new make();
    module.compile = compile;
    const trainer = new BaseTrainer({ maxEpochs: 2, accelerator: "cpu", callbacks: [hooks], ...options });
    trainer.run.setPrinter((line) => lines.push(line));
    await trainer.fit(module, { trainDataloaders: batches });
    weights.push(await weightsOf(module));
  }
  deepStrictEqual(weights[1], weights[0]);
  return { lines: lines.filter((line) => line.startsWith("compile")), calls };
}

class Step extends ToyModule implements Compilable {
  compile = true;
  override loss(batch: Batch): Tensor {
    calls += 1;
    return super.loss(batch);
  }
}

const recordedBecause = (name: string, reason: string): string[] => [
  `compile: true replays nothing here: ${name}.trainingStep is recorded at every batch, because ${reason}.`,
];

Deno.test("compile records every batch of a step that uses batchIdx, so that no branch is frozen", async () => {
  class Parity extends Step {
    override trainingStep(batch: Batch, batchIdx: number, _run: Run): Tensor {
      return this.loss(batch).mul(batchIdx % 2 === 0 ? 1 : 0);
    }
  }
  deepStrictEqual(await bothWays(Parity), {
    lines: recordedBecause("Parity", "it uses its argument batchIdx"),
    calls: 24,
  });
});

Deno.test("compile skips the batches that the step skips", async () => {
  class Skipping extends Step {
    override trainingStep(batch: Batch, batchIdx: number, run: Run): Tensor | Batch | null {
      return batchIdx % 3 === 1 ? null : super.trainingStep(batch, batchIdx, run);
    }
  }
  await bothWays(Skipping);
});

Deno.test("compile replays a step that only hands batchIdx to the class it extends", async () => {
  class Handing extends Step {
    override trainingStep(batch: Batch, batchIdx: number, run: Run): Tensor | Batch | null {
      return super.trainingStep(batch, batchIdx, run);
    }
  }
  // Two recordings of each epoch are captured.
  deepStrictEqual(await bothWays(Handing), { lines: [], calls: 4 });
});

Deno.test("compile captures a step once for each form of the module's numbers and words", async () => {
  class Scaled extends Step {
    scale = 1;
    override loss(batch: Batch): Tensor {
      return super.loss(batch).mul(this.scale);
    }
  }
  const hooks = {
    onTrainBatchStart: (run: Run, _batch: Batch, index: number) =>
      void ((run.module as Scaled).scale = index % 2),
  };
  deepStrictEqual(await bothWays(Scaled, hooks), { lines: [], calls: 8 });
});

Deno.test("compile sees modes, frozen parameters and settings of the optimizer that change within an epoch", async () => {
  class Layered extends Step {
    readonly dropout = new Dropout({ p: 0.5 });
    override loss(batch: Batch): Tensor {
      calls += 1;
      return this.dropout.forward(this.forward(batch)).sub(batch.y as Tensor).square().mean();
    }
    override configureOptimizers(): OptimizerConfig {
      return new SGD({ params: this.parameters(), lr: 0.05, momentum: 0.9 });
    }
  }
  const changes: ((run: Run) => void)[] = [
    (run) => (run.module as Layered).dropout.eval(),
    (run) => (run.module as Layered).layer.bias!.requiresGrad_(false),
    (run) => void Object.assign(run.optimizers[0]!.paramGroups[0]!, { nesterov: true }),
  ];
  for (const change of changes) {
    manualSeed(3);
    const hooks = {
      onTrainBatchStart: (run: Run, _batch: Batch, index: number) => index === 6 ? change(run) : undefined,
    };
    // The step is captured twice in the first epoch.
    const options = { maxEpochs: 1 };
    deepStrictEqual(await bothWays(Layered, hooks, lineBatches(12), options), { lines: [], calls: 4 });
  }
});

Deno.test("compile records every batch where the optimizer is none of optim", async () => {
  class Own extends Step {
    override configureOptimizers(): OptimizerConfig {
      const params = this.parameters();
      let rate = 0.1;
      return {
        paramGroups: [{ lr: rate }],
        step: () => {
          rate *= 0.9;
          noGrad(() => params.forEach((p) => p.assign(p.sub(p.grad!.mul(rate)))));
        },
        zeroGrad: () => params.forEach((p) => p.zeroGrad()),
        stateDict: () => ({}),
        loadStateDict: () => {},
      };
    }
  }
  const reason = "its optimizer does not extend optim.Optimizer";
  deepStrictEqual((await bothWays(Own)).lines, recordedBecause("Own", reason));
});

Deno.test("compile captures a step anew where a field of the module comes to hold an object", async () => {
  class Switching extends Step {
    head: Tensor | null = null;
    override loss(batch: Batch): Tensor {
      const loss = super.loss(batch);
      return this.head === null ? loss : loss.mul(0);
    }
  }
  const hooks = {
    onTrainBatchStart(run: Run, batch: Batch, index: number): void {
      if (index === 6) (run.module as Switching).head = batch.x as Tensor;
    },
  };
  deepStrictEqual((await bothWays(Switching, hooks)).lines, []);
});

Deno.test("compile records every batch once the module's numbers have taken more than 8 forms", async () => {
  class Growing extends Step {
    scale = 1;
    override loss(batch: Batch): Tensor {
      return super.loss(batch).mul(this.scale);
    }
  }
  const hooks = {
    onTrainBatchStart: (run: Run, _batch: Batch, index: number) =>
      void ((run.module as Growing).scale = index),
  };
  const reason = "what it may read beside tensors took more than 8 forms: module.scale";
  deepStrictEqual((await bothWays(Growing, hooks)).lines, recordedBecause("Growing", reason));
});

Deno.test("compile captures a step once for each form of the batch's numbers", async () => {
  const { x, y } = Array.from(lineBatches(1))[0]!;
  const weighted = batchesOf((index) => ({ x, y, weight: index % 2 }), 12);
  class Weighted extends Step {
    override loss(batch: Batch): Tensor {
      return super.loss(batch).mul(batch.weight as number);
    }
  }
  deepStrictEqual(await bothWays(Weighted, {}, weighted), { lines: [], calls: 8 });
});

Deno.test("compile names the column of a batch that is no tensor and never the same", async () => {
  const { x, y } = Array.from(lineBatches(1))[0]!;
  const named = batchesOf((index) => ({ x, y, path: [`${index}.png`] }), 12);
  const reason = "what it may read beside tensors took more than 8 forms: batch.path";
  deepStrictEqual((await bothWays(Step, {}, named)).lines, recordedBecause("Step", reason));
});

Deno.test("compile counts the forms of host values, not the ends of accumulations", async () => {
  class Signed extends Step {
    scale = 1;
    override loss(batch: Batch): Tensor {
      return super.loss(batch).mul(this.scale);
    }
  }
  const hooks = {
    onTrainBatchStart: (run: Run, _batch: Batch, index: number) =>
      void ((run.module as Signed).scale = index % 5),
  };
  deepStrictEqual((await bothWays(Signed, hooks, lineBatches(40), { accumulateGradBatches: 3 })).lines, []);
});

Deno.test("compile sees what hooks change between epochs, wherever it is kept", async () => {
  let scale = 1;
  class Warming extends Step {
    onTrainEpochStart(run: Run): void {
      scale = run.currentEpoch;
    }
    override loss(batch: Batch): Tensor {
      return super.loss(batch).mul(scale);
    }
  }
  deepStrictEqual(await bothWays(Warming), { lines: [], calls: 4 });
});

Deno.test("compile records every batch of a step that reads what changes in the run", async () => {
  class Annealed extends Step {
    override trainingStep(batch: Batch, _batchIdx: number, run: Run): Tensor {
      return this.loss(batch).mul(run.globalStep / 10);
    }
  }
  deepStrictEqual((await bothWays(Annealed)).lines, recordedBecause("Annealed", "it reads run.globalStep"));
});

Deno.test("compile records every batch of a step that counts in the module's fields", async () => {
  class Counting extends Step {
    steps = 0;
    override loss(batch: Batch): Tensor {
      this.steps += 1;
      return super.loss(batch).mul(this.steps);
    }
  }
  const reason = "it changes a number, word or truth value in the module's fields or in the batch";
  deepStrictEqual((await bothWays(Counting)).lines, recordedBecause("Counting", reason));
});

Deno.test("compile records every batch where the module steps its optimizer itself", async () => {
  class WarmingUp extends Step {
    optimizerStep(run: Run, optimizer: OptimizerEntry): void {
      optimizer.paramGroups[0]!.lr = 0.01 * (run.globalStep + 1);
      optimizer.step();
    }
  }
  const reason = "the module has its own optimizerStep()";
  deepStrictEqual((await bothWays(WarmingUp)).lines, recordedBecause("WarmingUp", reason));
});

Deno.test("mayUseParameter finds a parameter's name in the source, and says yes in doubt", () => {
  const uses: [boolean, (...args: never[]) => unknown][] = [
    [false, (x: number) => x],
    [false, (x: number, _i: number) => x],
    // A comment (with, signs) is no parameter.
    [false, (x: number, /* the (first), */ _i: number) => x],
    [false, (run: { _i: number }, _i: number) => run._i],
    [
      false,
      {
        step({ x }: { x: number }, _i: number) {
          return x;
        },
      }.step,
    ],
    [false, async (x: number, _i: number) => await x],
    [true, (x: number, i: number) => x + i],
    [true, (x: number, i: number) => [x, { i }]],
    [true, (x: number, rest: object) => ({ x, ...rest })],
    [true, (x: number, ...rest: number[]) => [x, rest]],
    [true, (x: number, i = 3) => x + i],
    [true, (x: number, { i }: { i: number }) => x + i],
    [true, function () {
      return arguments[1];
    }],
    [true, ((x: number, i: number) => x + i).bind(null)],
  ];
  for (const [expected, fn] of uses) strictEqual(mayUseParameter(fn, 1), expected, String(fn));
});
