import assert from "node:assert/strict";
import { nn, optim, type Tensor, train } from "../../mod.ts";
import { lineBatches } from "../support/toy.ts";

interface Points {
  readonly x: Tensor;
  readonly y: Tensor;
}

/** Lightning's usual module: `forward` takes a tensor, and the steps say what their batches hold. */
class Line extends nn.Module {
  layer = new nn.Linear({ inFeatures: 2, outFeatures: 1 });

  forward(x: Tensor): Tensor {
    return this.layer.forward(x);
  }

  trainingStep(batch: Points, _batchIdx: number, run: train.Run): Tensor {
    const loss = this.forward(batch.x).sub(batch.y).square().mean();
    run.log("train/loss", loss);
    return loss;
  }

  validationStep(batch: Points, _batchIdx: number, run: train.Run): void {
    run.log("val/loss", this.forward(batch.x).sub(batch.y).square().mean());
  }

  predictStep(batch: Points): Tensor {
    return this.forward(batch.x);
  }

  optimizer(): optim.SGD {
    return new optim.SGD({ params: this.parameters(), lr: 0.1 });
  }
}

function trainer(): train.Trainer {
  return new train.Trainer({
    maxEpochs: 1,
    accelerator: "cpu",
    logger: false,
    enableCheckpointing: false,
    enableProgressBar: false,
    enableModelSummary: false,
    numSanityValSteps: 0,
  });
}

const loaders = { trainDataloaders: lineBatches(4), valDataloaders: lineBatches(2) };

async function fitted(module: train.LitModule): Promise<train.Trainer> {
  const made = trainer();
  made.run.setPrinter(() => {});
  await made.fit(module, loaders);
  return made;
}

Deno.test("LitModule is any nn.Module with a forward of its own and steps that name their batch", async () => {
  class Lit extends Line implements train.LitModule {
    configureOptimizers() {
      return this.optimizer();
    }
  }
  const lit = new Lit();
  const before = [...await lit.layer.weight.data()];
  const made = await fitted(lit);
  assert.notDeepEqual([...await lit.layer.weight.data()], before);
  assert.ok(made.callbackMetrics["val/loss"]! > 0);
  const [first] = (await made.predict(lit, { dataloaders: lineBatches(2) }))!;
  assert.deepEqual((first as Tensor).shape, [4, 1]);
});

Deno.test("configureOptimizers() gives an optimizer in each of Lightning's forms", async () => {
  class Dict extends Line {
    configureOptimizers() {
      const optimizer = this.optimizer();
      const scheduler = new optim.StepLR({ optimizer, stepSize: 1, gamma: 0.5 });
      return { optimizer, lrScheduler: { scheduler, interval: "step" } };
    }
  }
  class Snake extends Line {
    configureOptimizers() {
      const optimizer = this.optimizer();
      const scheduler = new optim.StepLR({ optimizer, stepSize: 1, gamma: 0.5 });
      return { optimizer, lr_scheduler: { scheduler, interval: "step" } };
    }
  }
  class List extends Line {
    configureOptimizers() {
      return [this.optimizer()];
    }
  }
  class DictList extends Line {
    configureOptimizers() {
      const optimizer = this.optimizer();
      return [{ optimizer, lrScheduler: new optim.StepLR({ optimizer, stepSize: 1, gamma: 0.5 }) }];
    }
  }
  class Lists extends Line {
    configureOptimizers() {
      const optimizer = this.optimizer();
      return [[optimizer], [new optim.StepLR({ optimizer, stepSize: 1, gamma: 0.5 })]];
    }
  }
  class Plateau extends Line {
    configureOptimizers() {
      const optimizer = this.optimizer();
      return { optimizer, lrScheduler: new optim.ReduceLROnPlateau({ optimizer }), monitor: "val/loss" };
    }
  }
  class Nothing extends Line {
    configureOptimizers() {
      return null;
    }
  }
  const rates: Record<string, number | undefined> = {};
  for (const Form of [Dict, Snake, List, DictList, Lists, Plateau, Nothing]) {
    const { optimizers } = (await fitted(new Form())).run;
    rates[Form.name] = optimizers[0]?.paramGroups[0]?.lr;
  }
  assert.deepEqual(rates, {
    Dict: 0.1 / 16,
    Snake: 0.1 / 16,
    List: 0.1,
    DictList: 0.05,
    Lists: 0.05,
    Plateau: 0.1,
    Nothing: undefined,
  });
});

/** The error of a fit whose `configureOptimizers` gives what `make` does. */
async function refusal(make: (line: Line) => unknown): Promise<string> {
  class Odd extends Line {
    configureOptimizers() {
      return make(this) as optim.SGD;
    }
  }
  try {
    await fitted(new Odd());
  } catch (error) {
    return (error as Error).message;
  }
  return "no error";
}

Deno.test("configureOptimizers() with two optimizers is refused", async () => {
  const half = (params: Tensor[]) => new optim.SGD({ params, lr: 0.1 });
  const message = await refusal(({ layer }) => [half([layer.weight]), half([layer.bias!])]);
  assert.equal(
    message,
    "configureOptimizers gives 2 optimizers; the trainer steps one\n" +
      "  where: configureOptimizers\n" +
      "  fix: give one optimizer several groups: params: [{ params: a, lr: 0.1 }, { params: b, lr: 0.01 }]; " +
      "manual optimization, which steps several, is not supported",
  );
});

Deno.test("configureOptimizers() with an unknown key, a promise or no optimizer is refused", async () => {
  assert.match(
    await refusal((line) => ({ optimizer: line.optimizer(), scheduler: null })),
    /configureOptimizers has no option "scheduler"\n(?:.*\n)* {2}fix: did you mean "lrScheduler"\? It takes optimizer, lrScheduler, monitor/,
  );
  assert.match(
    await refusal((line) => Promise.resolve(line.optimizer())),
    /returned a promise.*\n.*\n {2}fix: take the async out/,
  );
  assert.match(await refusal(() => 0.1), /returned 0.1, which holds no optimizer/);
  assert.match(await refusal((line) => [[line.optimizer()], [], []]), /returned a list of 3/);
  assert.match(
    await refusal((line) => ({ optimizer: line.optimizer(), lrScheduler: "cosine" })),
    /something that is no scheduler/,
  );
});

Deno.test("LitModule has no asynchronous steps in its types", () => {
  class Late extends nn.Module {
    forward(x: Tensor): Tensor {
      return x;
    }
    trainingStep({ x }: Points): Promise<Tensor> {
      return Promise.resolve(x);
    }
  }
  // @ts-expect-error: a step gives its loss at once.
  const late: train.LitModule = new Late();
  class Asking extends nn.Module {
    forward(x: Tensor): Tensor {
      return x;
    }
    configureOptimizers(): Promise<optim.SGD> {
      return Promise.resolve(new Line().optimizer());
    }
  }
  // @ts-expect-error: optimizers are made at once.
  const asking: train.LitModule = new Asking();
  assert.notEqual(late, asking);
});

Deno.test("trainingStep() that is asynchronous is refused with the reason", async () => {
  class Lit extends Line {
    // As plain JavaScript gives it: TypeScript refuses the type.
    override trainingStep(batch: Points): Tensor {
      return Promise.resolve(this.forward(batch.x).mean()) as unknown as Tensor;
    }
    configureOptimizers() {
      return this.optimizer();
    }
  }
  await assert.rejects(fitted(new Lit()), {
    name: "MisconfigurationError",
    message: /^trainingStep\(\) returned a promise, and steps are synchronous\n {2}where: Lit.trainingStep\n/,
  });
});

Deno.test("validationStep() that is asynchronous is refused with the reason", async () => {
  class Lit extends Line {
    override validationStep(): void {
      return Promise.reject(new TypeError("late")) as unknown as void;
    }
  }
  const made = trainer();
  made.run.setPrinter(() => {});
  await assert.rejects(made.validate(new Lit(), { dataloaders: lineBatches(1) }), {
    name: "MisconfigurationError",
    message: /^validationStep\(\) returned a promise/,
  });
});

Deno.test("fit() names the Python spelling of a step that is missing", async () => {
  class Lit extends nn.Module {
    forward(x: Tensor): Tensor {
      return x;
    }
    training_step(): void {}
  }
  await assert.rejects(fitted(new Lit()), {
    message: /training_step\(\) is never called[^]*fix: rename training_step\(\) to trainingStep\(\)/,
  });
});

Deno.test("run.log() refuses what is no number, tensor or metric", async () => {
  const messages: string[] = [];
  class Lit extends Line {
    override trainingStep(_batch: Points, _batchIdx: number, run: train.Run): Tensor {
      for (const value of ["text", true, null, { a: 1 }]) {
        try {
          run.log("a", value as unknown as number);
        } catch (error) {
          messages.push(`${(error as Error).name}: ${(error as Error).message}`);
        }
      }
      return this.layer.weight.sum();
    }
    configureOptimizers() {
      return this.optimizer();
    }
  }
  await fitted(new Lit());
  const error = 'MisconfigurationError: log("a") was given';
  const where = '\n  where: log("a")\n  fix: ';
  const numbers = "log a number, a tensor with one element, or a metric object; run.print() shows text";
  assert.deepEqual(messages.slice(0, 4), [
    `${error} "text"${where}${numbers}`,
    `${error} true${where}log a number: run.log("a", Number(value))`,
    `${error} null${where}${numbers}`,
    `${error} an object with a${where}log each of its values under its own name`,
  ]);
});
