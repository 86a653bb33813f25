/** A run that a test can kill and resume, as its own process: `<folder> <checkpoint or -> <epochs> <pause in ms>`. */
import type { Batch } from "../../core/batch.ts";
import { MetricsCallback, ModelCheckpoint } from "../../core/callbacks/mod.ts";
import { BaseDataModule, Dataset, DatasetDict } from "../../core/data/mod.ts";
import { CriterionsComposition, MSELoss } from "../../core/losses/mod.ts";
import { MeanSquaredError, MetricsComposition } from "../../core/metrics/mod.ts";
import { BatchNorm1d, Dropout, Linear, ReLU, Sequential } from "../../core/nn/mod.ts";
import { Adam, ReduceLROnPlateau } from "../../core/optim/mod.ts";
import { closeDevices, Generator, manualSeed, type Tensor } from "../../core/tensor/mod.ts";
import { BaseLitModule, InterruptedError, Trainer } from "../../core/trainer/mod.ts";
import { weightsOf } from "./toy.ts";

const ROWS = 60;

/** Sixty rows, a fifth of them for validation. */
export function data(): BaseDataModule {
  const values = new Generator(5).normal(ROWS * 3);
  const x = Array.from({ length: ROWS }, (_, row) => [...values.subarray(3 * row, 3 * row + 3)]);
  const train = Dataset.fromColumns({ x, y: x.map(([a, b, c]) => [a! * b! - c!]) });
  return new BaseDataModule({ hfDictDataset: new DatasetDict({ train }), valRatio: 0.2, batchSize: 7 });
}

/** Dropout draws on the device, shuffling on the host, BatchNorm keeps statistics, the plateau watches validation. */
export function module(): BaseLitModule {
  manualSeed(3);
  const net = new Sequential(
    new Linear({ inFeatures: 3, outFeatures: 16 }),
    new BatchNorm1d({ numFeatures: 16 }),
    new ReLU(),
    new Dropout({ p: 0.3 }),
    new Linear({ inFeatures: 16, outFeatures: 1 }),
  );
  class Net extends BaseLitModule {
    readonly net = net;
  }
  return new Net({
    forwardFn: (batch: Batch) => ({ ...batch, output: net.forward(batch.x as Tensor) }),
    criterions: new CriterionsComposition({
      criterions: { mse: new MSELoss() },
      mapping: { mse: { output: "input", y: "target" } },
    }),
    optimizer: ({ params }) => new Adam({ params, lr: 0.01 }),
    scheduler: ({ optimizer }) => new ReduceLROnPlateau({ optimizer, patience: 0, threshold: 0.05 }),
  });
}

/** The mean squared error of each stage; in training it is half full when a checkpoint is written in mid-epoch. */
export function metrics(): MetricsCallback {
  return new MetricsCallback({
    metrics: new MetricsComposition({
      metrics: { mse: new MeanSquaredError() },
      mapping: { mse: { output: "preds", y: "target" } },
    }),
    trackedMetricName: "mse",
  });
}

/** What a finished run reports: every weight, and the metrics of its last epoch. */
export interface Report {
  readonly weights: readonly number[];
  readonly metrics: Readonly<Record<string, number>>;
  readonly interrupted: string | null;
}

if (import.meta.main) {
  const [folder, checkpoint, epochs, pauseMs, accelerator] = Deno.args;
  const controller = new AbortController();
  Deno.addSignalListener("SIGINT", () => controller.abort());
  const trainer = new Trainer({
    accelerator: (accelerator ?? "cpu") as "cpu" | "gpu",
    maxEpochs: Number(epochs),
    logger: false,
    enableProgressBar: false,
    enableModelSummary: false,
    valCheckInterval: 0.5,
    callbacks: [
      metrics(),
      {
        async onTrainBatchEnd(run) {
          await new Promise((resolve) => setTimeout(resolve, Number(pauseMs)));
          console.log(`step ${run.globalStep}`);
        },
      },
      new ModelCheckpoint({ dirpath: folder!, everyNTrainSteps: 1, saveTopK: 0, saveLast: true }),
    ],
  });
  const net = module();
  let interrupted: string | null = null;
  try {
    const ckptPath = checkpoint === "-" ? null : checkpoint!;
    await trainer.fit(net, { datamodule: data(), ckptPath, signal: controller.signal });
  } catch (error) {
    if (!(error instanceof InterruptedError)) throw error;
    interrupted = error.checkpointPath;
  }
  const report: Report = { weights: await weightsOf(net), metrics: trainer.callbackMetrics, interrupted };
  console.log(`report ${JSON.stringify(report)}`);
  await closeDevices();
  Deno.exit(interrupted === null ? 0 : 130);
}
