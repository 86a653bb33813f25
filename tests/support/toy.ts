import type { Batch } from "../../core/batch.ts";
import { Linear, Module } from "../../core/nn/mod.ts";
import { SGD } from "../../core/optim/mod.ts";
import { manualSeed, type Tensor, tensor } from "../../core/tensor/mod.ts";
import type { Run } from "../../core/train/callback.ts";
import type { LitModule, OptimizerConfig } from "../../core/train/lit_module_hooks.ts";
import type { BatchSource } from "../../core/train/loaders.ts";

/** Batches that are made when they are asked for, as a loader's are. */
export function batchesOf(make: (index: number) => Batch, length: number): BatchSource {
  return {
    length,
    *[Symbol.iterator]() {
      for (let index = 0; index < length; index++) yield make(index);
    },
  };
}

/** Points on a line with a little structure: the same ones each time. */
export function lineBatches(length: number, rows = 4): BatchSource {
  return batchesOf((index) => {
    const x = Array.from(
      { length: rows },
      (_, row) => [Math.sin(index * rows + row), Math.cos(3 * index + row)],
    );
    return { x: tensor(x), y: tensor(x.map(([a, b]) => [2 * a! - b! + 0.5])) };
  }, length);
}

/** A line fitted to points: the smallest module that a trainer can train. */
export class ToyModule extends Module implements LitModule {
  readonly layer: Linear;
  readonly lr: number;

  constructor(lr = 0.1, seed = 1) {
    super();
    manualSeed(seed);
    this.layer = new Linear({ inFeatures: 2, outFeatures: 1 });
    this.lr = lr;
  }

  forward(batch: Batch): Tensor {
    return this.layer.forward(batch.x as Tensor);
  }

  loss(batch: Batch): Tensor {
    return this.forward(batch).sub(batch.y as Tensor).square().mean();
  }

  trainingStep(batch: Batch, _batchIdx: number, run: Run): Tensor | Batch | null {
    const loss = this.loss(batch);
    run.log("train/loss", loss, { onStep: false, onEpoch: true });
    return loss;
  }

  validationStep(batch: Batch, _batchIdx: number, run: Run): void {
    run.log("val/loss", this.loss(batch));
  }

  testStep(batch: Batch, _batchIdx: number, run: Run): void {
    run.log("test/loss", this.loss(batch));
  }

  configureOptimizers(): OptimizerConfig {
    return new SGD({ params: this.parameters(), lr: this.lr });
  }
}

/** The numbers of a module's weights. */
export async function weightsOf(module: Module): Promise<number[]> {
  const values = await Promise.all(Object.values(module.stateDict()).map((value) => value.data()));
  return values.flatMap((value) => [...value]);
}
