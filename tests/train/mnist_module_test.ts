import assert from "node:assert/strict";
import { data, nn, optim, type Tensor, train, variable } from "../../mod.ts";
import { OptionError } from "../../core/errors.ts";

/** Gives the scores that the first numbers of an image are, shifted by a trained number. */
class Scores extends nn.Module {
  shift = this.parameter(variable([0]));

  forward(image: Tensor): Tensor {
    return image.reshape([image.shape[0]!, 10]).add(this.shift);
  }
}

/** Rows whose scores are a one at `guess` and zeros elsewhere. */
function loader(rows: readonly (readonly [guess: number, label: number])[], batchSize: number) {
  const image = rows.map(([guess]) => Array.from({ length: 10 }, (_, i) => i === guess ? 1 : 0));
  const dataset = data.Dataset.fromColumns({ image, label: rows.map(([, label]) => label) });
  return new data.DataLoader({ dataset, batchSize });
}

function trainer(maxEpochs: number): train.Trainer {
  const made = new train.Trainer({
    maxEpochs,
    accelerator: "cpu",
    logger: false,
    enableCheckpointing: false,
    enableProgressBar: false,
    enableModelSummary: false,
  });
  made.run.setPrinter(() => {});
  return made;
}

function module(options: Partial<train.MNISTLitModuleOptions> = {}): train.MNISTLitModule {
  return new train.MNISTLitModule({
    net: new Scores(),
    optimizer: ({ params }) => new optim.SGD({ params: params as never, lr: 0 }),
    scheduler: null,
    compile: false,
    ...options,
  });
}

/** Cross entropy of a row: the logarithm of the sum of ten exponentials, less the score of its label. */
const loss = (hit: boolean): number => Math.log(Math.E + 9) - (hit ? 1 : 0);

const HALF = [[3, 3], [4, 4], [5, 6]] as const;

for (const compile of [false, true]) {
  Deno.test(`MNISTLitModule logs what the template logs, compile: ${compile}`, async () => {
    const lit = module({ compile });
    const fit = trainer(2);
    await fit.fit(lit, { trainDataloaders: loader(HALF, 2), valDataloaders: loader(HALF, 2) });
    await fit.test(lit, { dataloaders: loader(HALF.slice(2), 2) });
    const found = fit.callbackMetrics;
    assert.deepEqual(Object.keys(found).sort(), ["test/acc", "test/loss"]);
  });
}

Deno.test("MNISTLitModule counts each batch once in a loss and each row once in an accuracy", async () => {
  const lit = module();
  const fit = trainer(1);
  await fit.fit(lit, { trainDataloaders: loader(HALF, 2), valDataloaders: loader(HALF, 2) });
  const expected = {
    "train/loss": (loss(true) + loss(false)) / 2,
    "train/acc": 2 / 3,
    "val/loss": (loss(true) + loss(false)) / 2,
    "val/acc": 2 / 3,
    "val/acc_best": 2 / 3,
  };
  assert.deepEqual(Object.keys(fit.callbackMetrics).sort(), Object.keys(expected).sort());
  for (const [name, value] of Object.entries(expected)) {
    assert.ok(Math.abs(fit.callbackMetrics[name]! - value) < 1e-6, `${name} ${fit.callbackMetrics[name]}`);
  }
});

Deno.test("MNISTLitModule keeps the best accuracy of validation, and forgets that of the sanity check", async () => {
  const epochs = [[[1, 1], [2, 2]], [[1, 1], [2, 3]], [[1, 2], [2, 2]]] as const;
  let epoch = 0;
  const best: number[] = [];
  class Watched extends train.MNISTLitModule {
    override onValidationEpochEnd(run: train.Run): void {
      super.onValidationEpochEnd(run);
    }
    onValidationEnd(run: train.Run): void {
      if (run.loop !== "sanity") best.push(run.callbackMetrics["val/acc_best"]!);
    }
  }
  const lit = new Watched({
    net: new Scores(),
    optimizer: ({ params }) => new optim.SGD({ params: params as never, lr: 0 }),
  });
  const valDataloaders = {
    length: 1,
    *[Symbol.iterator]() {
      yield* loader(epochs[epoch++]!, 2);
    },
  };
  await trainer(2).fit(lit, { trainDataloaders: loader(HALF, 2), valDataloaders: valDataloaders as never });
  // The sanity check saw 1.0; it is forgotten.
  assert.deepEqual(best, [0.5, 0.5]);
});

Deno.test("MNISTLitModule watches val/loss with its scheduler, and has the template's names in its state", async () => {
  const lit = module({
    scheduler: ({ optimizer }) =>
      new optim.ReduceLROnPlateau({ optimizer: optimizer as never, patience: 0, factor: 0.5 }),
    optimizer: ({ params }) => new optim.SGD({ params: params as never, lr: 1 }),
    net: new Scores(),
  });
  assert.deepEqual(Object.keys(lit.stateDict()), ["net.shift"]);
  const fit = trainer(3);
  await fit.fit(lit, { trainDataloaders: loader(HALF, 2), valDataloaders: loader(HALF, 2) });
  assert.equal(fit.run.optimizers[0]!.paramGroups[0]!.lr, 0.25);
});

Deno.test("MNISTLitModule predicts scores, and names a batch key that is missing", async () => {
  const lit = module();
  const [scores] = (await trainer(1).predict(lit, { dataloaders: loader(HALF, 3) }))!;
  assert.deepEqual((scores as Tensor).shape, [3, 10]);
  assert.throws(
    () => lit.predictStep({ images: 1, label: 2 }),
    /Batch has no key "image"[^]*did you mean "images"\?/,
  );
});

Deno.test("MNISTLitModule says which part it cannot use", () => {
  const wrong = {
    net: 5,
    optimizer: new nn.ReLU(),
    scheduler: 3,
  };
  for (const [option, value] of Object.entries(wrong)) {
    assert.throws(() => module({ [option]: value as never }), (error: OptionError) => {
      assert.ok(error instanceof OptionError);
      assert.equal(error.data?.option, option);
      return true;
    });
  }
});
