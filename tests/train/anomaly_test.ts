import { rejects } from "node:assert/strict";
import type { Batch } from "../../core/batch.ts";
import { DataError, ShapeError, ValueError } from "../../core/errors.ts";
import { CriterionsComposition, CrossEntropyLoss, MSELoss } from "../../core/losses/mod.ts";
import { Linear } from "../../core/nn/mod.ts";
import { SGD } from "../../core/optim/mod.ts";
import { type Tensor, tensor } from "../../core/tensor/mod.ts";
import { BaseLitModule } from "../../core/train/lit_module.ts";
import { BaseTrainer } from "../../core/train/trainer.ts";
import { eachDevice } from "../support/tensors.ts";
import { batchesOf, lineBatches, ToyModule } from "../support/toy.ts";

function quiet(detectAnomaly = true, accelerator: "cpu" | "gpu" = "cpu"): BaseTrainer {
  const trainer = new BaseTrainer({ maxEpochs: 1, accelerator, detectAnomaly });
  trainer.run.setPrinter(() => {});
  return trainer;
}

eachDevice("Trainer with detectAnomaly names the op behind a NaN in the loss", async (accelerator) => {
  class Logarithm extends ToyModule {
    override loss(batch: Batch): Tensor {
      return this.forward(batch).square().neg().sub(1).log().mean();
    }
  }
  await rejects(() => quiet(true, accelerator).fit(new Logarithm(), { trainDataloaders: lineBatches(2) }), {
    message: [
      "NaN or infinity: the result of log is not finite",
      "  where: training batch 0 of epoch 0",
      "  fix: look at what goes into it: a logarithm or root of 0, a division by 0, a learning rate that is too high",
    ].join("\n"),
  });
});

eachDevice(
  "Trainer with detectAnomaly names the op behind a NaN of weight 0 in the loss",
  async (accelerator) => {
    class Weighted extends ToyModule {
      override loss(batch: Batch): Tensor {
        const output = this.forward(batch);
        const broken = output.mul(0).sub(1).log().mean();
        return output.square().mean().add(broken.mul(0));
      }
    }
    await rejects(
      () => quiet(true, accelerator).fit(new Weighted(), { trainDataloaders: lineBatches(2) }),
      (error: ValueError) =>
        error instanceof ValueError && error.what.includes("the result of log is not finite"),
    );
  },
);

eachDevice("Trainer with detectAnomaly names the op behind a NaN in a gradient", async (accelerator) => {
  class Root extends ToyModule {
    override loss(batch: Batch): Tensor {
      return this.forward(batch).mul(0).sqrt().mean();
    }
  }
  await rejects(
    () => quiet(true, accelerator).fit(new Root(), { trainDataloaders: lineBatches(2) }),
    (error: ValueError) =>
      error instanceof ValueError && error.what.includes("the gradient of sqrt is not finite"),
  );
});

Deno.test("Trainer with detectAnomaly names an input that is not finite", async () => {
  const source = batchesOf(() => ({ x: tensor([[NaN, 1]]), y: tensor([[1]]) }), 1);
  await rejects(
    () => quiet().fit(new ToyModule(), { trainDataloaders: source }),
    /NaN or infinity: an input of \w+ is not finite/,
  );
});

Deno.test("Trainer with detectAnomaly lets a healthy run pass", async () => {
  await quiet().fit(new ToyModule(), { trainDataloaders: lineBatches(3), valDataloaders: lineBatches(1) });
});

/** A module over a linear layer, with a mapping and a width that a test may get wrong. */
function wired(options: { readonly key?: string; readonly width?: number }): BaseLitModule {
  const layer = new Linear({ inFeatures: options.width ?? 2, outFeatures: 1 });
  return new BaseLitModule({
    forwardFn: (batch: Batch) => ({ ...batch, output: layer.forward(batch.x as Tensor) }),
    criterions: new CriterionsComposition({
      criterions: { mse: new MSELoss() },
      mapping: { mse: { [options.key ?? "output"]: "input", y: "target" } },
    }),
    optimizer: () => new SGD({ params: layer.parameters(), lr: 0.1 }),
  });
}

Deno.test("BaseLitModule with a mapping of a key that is not in the batch lists the keys", async () => {
  await rejects(
    () => quiet(false).fit(wired({ key: "outptu" }), { trainDataloaders: lineBatches(1) }),
    (error: DataError) =>
      error instanceof DataError && error.message === [
          'Batch has no key "outptu", which the mapping gives to "input"',
          "  where: criterions.mse",
          '  fix: did you mean "output"? The batch has x, y, output',
        ].join("\n"),
  );
});

Deno.test("BaseLitModule with a layer of the wrong width names the layer and both shapes", async () => {
  await rejects(
    () => quiet(false).fit(wired({ width: 3 }), { trainDataloaders: lineBatches(1) }),
    (error: ShapeError) =>
      error instanceof ShapeError && /Linear/.test(error.message) && /\[4, 2\]/.test(error.message),
  );
});

Deno.test("BaseLitModule refuses a label outside of the classes", async () => {
  const layer = new Linear({ inFeatures: 2, outFeatures: 3 });
  const module = new BaseLitModule({
    forwardFn: (batch: Batch) => ({ ...batch, output: layer.forward(batch.x as Tensor) }),
    criterions: new CriterionsComposition({
      criterions: { ce: new CrossEntropyLoss() },
      mapping: { ce: { output: "input", label: "target" } },
    }),
    optimizer: () => new SGD({ params: layer.parameters(), lr: 0.1 }),
  });
  const source = batchesOf(() => ({ x: tensor([[1, 2]]), label: tensor([7], { dtype: "i32" }) }), 1);
  await rejects(() => quiet(false).fit(module, { trainDataloaders: source }), /7/);
});
