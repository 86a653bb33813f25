/**
 * The MNIST run of `configs/experiment/example.yaml`, written in TypeScript instead of YAML.
 *
 * `deno run -A examples/mnist_trainer.ts` trains 5 epochs, tests, and prints the results.
 */
import {
  callbacks,
  data,
  loggers,
  losses,
  manualSeed,
  metrics,
  nn,
  ops,
  optim,
  train,
  transforms,
} from "../mod.ts";

/** How much to train, and where files go. */
export interface RunOptions {
  /** @default 5 */
  readonly maxEpochs?: number;
  /** How much of each stage's batches: a share, a count, or all of them. @default "all" */
  readonly limit?: train.BatchLimit;
  /** @default "logs/mnist_trainer" */
  readonly outputDir?: string;
}

/** Trains, tests, and returns the test results. */
export async function run(options: RunOptions = {}): Promise<train.Results> {
  const { maxEpochs = 5, limit = "all", outputDir = "logs/mnist_trainer" } = options;
  manualSeed(12345);

  const datamodule = new data.BaseDataModule({
    hfDictDataset: await data.loadDataset("ylecun/mnist") as data.DatasetDict,
    valRatio: 0.1,
    transform: new transforms.ComposeTransform({
      toTensor: new transforms.TorchVisionTransform({ transform: new transforms.ToTensor(), key: "image" }),
      normalize: new transforms.TorchVisionTransform({
        transform: new transforms.Normalize({ mean: [0.1307], std: [0.3081] }),
        key: "image",
      }),
    }),
    batchSize: 64,
  });

  const model = new train.BaseLitModule({
    forwardFn: new transforms.ComposeTransform({
      network: new transforms.WrapTransform({
        transform: new nn.SimpleDenseNet({ inputSize: 784, outputSize: 10 }),
        mapping: { image: "x" },
        newKey: "output",
      }),
      argmax: new transforms.WrapTransform({
        transform: (output: Parameters<typeof ops.argmax>[0]) => ops.argmax(output, { dim: -1 }),
        mapping: { output: "input" },
        newKey: "prediction",
      }),
    }),
    criterions: new losses.CriterionsComposition({
      criterions: { ce: new losses.CrossEntropyLoss() },
      weights: { ce: 1 },
      mapping: { ce: { output: "input", label: "target" } },
    }),
    optimizer: ({ params }) => new optim.Adam({ params, lr: 0.002 }),
    scheduler: ({ optimizer }) =>
      new optim.ReduceLROnPlateau({ optimizer, mode: "min", factor: 0.1, patience: 10 }),
  });

  const trainer = new train.Trainer({
    defaultRootDir: outputDir,
    maxEpochs,
    limitTrainBatches: limit,
    limitValBatches: limit,
    limitTestBatches: limit,
    callbacks: [
      new callbacks.ModelCheckpoint({
        dirpath: `${outputDir}/checkpoints`,
        monitor: "val/best",
        mode: "max",
        saveLast: true,
      }),
      new callbacks.MetricsCallback({
        trackedMetricName: "accuracy",
        metrics: new metrics.MetricsComposition({
          metrics: { accuracy: new metrics.Accuracy({ task: "multiclass", numClasses: 10 }) },
          mapping: { accuracy: { prediction: "preds", label: "target" } },
        }),
      }),
    ],
    logger: [new loggers.CSVLogger({ saveDir: outputDir, name: "csv" })],
  });
  await trainer.fit(model, { datamodule });
  const [results] = await trainer.test(model, { datamodule, ckptPath: "best" });
  return results!;
}

if (import.meta.main) console.log(await run());
