import { resolve } from "node:path";
import type { Batch } from "../batch.ts";
import { MisconfigurationError, OptionError } from "../errors.ts";
import { count, list, number, required, type Taken, takeOptions, text } from "../options.ts";
import { Generator } from "../tensor/rng.ts";
import { ComposeTransform, Normalize, TorchVisionTransform, ToTensor } from "../transforms/mod.ts";
import type { DataModule, DataModuleState, SetupContext, Stage } from "./datamodule.ts";
import { Dataset } from "./dataset.ts";
import type { DatasetDict } from "./dataset_dict.ts";
import { loadDataset } from "./load_dataset.ts";
import { DataLoader } from "./loader.ts";
import { randomSplit } from "./random_split.ts";
import { TrainPlace } from "./train_place.ts";

/** Options of {@linkcode MNISTDataModule}. */
export interface MNISTDataModuleOptions {
  /** A folder that may hold MNIST as torchvision keeps it, in `MNIST/raw`. @default "data/" */
  readonly dataDir?: string;
  /** Rows that train, validate and test; 70,000 in all. @default [55000, 5000, 10000] */
  readonly trainValTestSplit?: readonly number[];
  /** Rows of a batch, of all devices together. @default 64 */
  readonly batchSize?: number;
  /** How many random streams there are; no worker is started. @default 0 */
  readonly numWorkers?: number;
  /** Has no effect on results here. @default false */
  readonly pinMemory?: boolean;
}

/** Seed of the split, as in the Python template. */
const SPLIT_SEED = 42n;
/** Rows of MNIST's training and test files together. */
const ROWS = 70_000;
const FILES = ["train-images", "t10k-images"].flatMap((name) => [
  `${name}-idx3-ubyte`,
  `${name.replace("images", "labels")}-idx1-ubyte`,
]);

/**
 * MNIST as Python's lightning-hydra-template has it: the 60,000 training and 10,000 test rows together, split anew
 * with torch's generator of seed 42, as tensors in 0 … 1 normalised by mean 0.1307 and deviation 0.3081.
 *
 * Batches are `{ image: f32 [rows, 1, 28, 28], label: i32 [rows] }`. The files of `dataDir` come first where
 * torchvision has put them there; else the data are those of `load_dataset("ylecun/mnist")`, with its order of sources
 * and its cache. Training batches are shuffled, the others not.
 *
 * @throws {OptionError} where the split does not add up to 70,000 rows.
 *
 * @example
 * ```ts
 * import { MNISTDataModule } from "./mnist_datamodule.ts";
 * const data = new MNISTDataModule({ dataDir: "data/", batchSize: 128 });
 * console.assert(data.numClasses === 10 && data.hparams.batchSize === 128);
 * ```
 */
export class MNISTDataModule implements DataModule {
  /** Number of classes. */
  readonly numClasses = 10;
  /** The options, for loggers. */
  readonly hparams: Required<MNISTDataModuleOptions>;
  readonly #place = new TrainPlace();
  #batchSize: number;
  #loaded: Promise<DatasetDict> | null = null;
  #parts: { readonly train: Dataset; readonly val: Dataset; readonly test: Dataset } | null = null;

  constructor(options: MNISTDataModuleOptions = {}) {
    const o: Taken<MNISTDataModuleOptions> = takeOptions<MNISTDataModuleOptions>(
      "data.MNISTDataModule",
      options,
      {
        dataDir: text("data/"),
        trainValTestSplit: list(number(required, { min: 0 }), [55_000, 5_000, 10_000], [3]),
        batchSize: count(64, 1),
        numWorkers: number(0, { min: 0, max: 4096, integer: true }),
        pinMemory: false,
      },
    );
    const sum = o.trainValTestSplit.reduce((total, length) => total + length, 0);
    if (sum !== ROWS && Math.abs(sum - 1) > 1e-9) {
      throw new OptionError(
        `data.MNISTDataModule cannot split ${ROWS} rows into [${o.trainValTestSplit.join(", ")}]`,
        {
          fix: `give numbers of rows that add up to ${ROWS}, or shares that add up to 1`,
          data: { owner: "data.MNISTDataModule", option: "trainValTestSplit", known: Object.keys(o) },
        },
      );
    }
    this.hparams = o;
    this.#batchSize = o.batchSize;
  }

  /** Rows that train. @throws {MisconfigurationError} before `setup`. */
  get dataTrain(): Dataset {
    return this.#ready().train;
  }

  /** Rows that validate. @throws {MisconfigurationError} before `setup`. */
  get dataVal(): Dataset {
    return this.#ready().val;
  }

  /** Rows that test. @throws {MisconfigurationError} before `setup`. */
  get dataTest(): Dataset {
    return this.#ready().test;
  }

  /** Loads the files. */
  async prepareData(): Promise<void> {
    await (this.#loaded ??= load(this.hparams.dataDir));
  }

  /**
   * Splits the data, once; batch sizes are shared out among the devices of the run.
   *
   * @throws {MisconfigurationError} where the batch size is not divisible by the number of devices.
   */
  async setup(_stage: Stage, context: SetupContext = { worldSize: 1 }): Promise<void> {
    const { batchSize, trainValTestSplit } = this.hparams;
    const { worldSize } = context;
    if (batchSize % worldSize !== 0) {
      throw new MisconfigurationError(
        `Batch size (${batchSize}) is not divisible by the number of devices (${worldSize}).`,
        { where: "data.MNISTDataModule.setup", fix: `give a batch_size that is a multiple of ${worldSize}` },
      );
    }
    this.#batchSize = batchSize / worldSize;
    if (this.#parts !== null) return;
    const dict = await (this.#loaded ??= load(this.hparams.dataDir));
    const all = Dataset.concatenate([dict.get("train"), dict.get("test")]).withTransform(transform());
    const generator = new Generator(SPLIT_SEED);
    const [train, val, test] = randomSplit(all, trainValTestSplit, { generator });
    this.#parts = { train: train!, val: val!, test: test! };
  }

  /** Shuffled batches of the training rows. @throws {MisconfigurationError} before `setup`. */
  trainDataloader(): DataLoader {
    return this.#place.opened(this.#loader(this.dataTrain, true));
  }

  /** Batches of the validation rows. @throws {MisconfigurationError} before `setup`. */
  valDataloader(): DataLoader {
    return this.#loader(this.dataVal, false);
  }

  /** Batches of the test rows. @throws {MisconfigurationError} before `setup`. */
  testDataloader(): DataLoader {
    return this.#loader(this.dataTest, false);
  }

  /** The place in the training data, for a checkpoint. */
  state(): DataModuleState {
    return this.#place.state();
  }

  /** Continues at a saved place: with the next training loader, or the present one. */
  loadState(state: DataModuleState): void {
    this.#place.loadState(state);
  }

  #loader(dataset: Dataset, shuffle: boolean): DataLoader {
    const { numWorkers, pinMemory } = this.hparams;
    return new DataLoader({ dataset, batchSize: this.#batchSize, numWorkers, pinMemory, shuffle });
  }

  #ready(): { readonly train: Dataset; readonly val: Dataset; readonly test: Dataset } {
    if (this.#parts !== null) return this.#parts;
    throw new MisconfigurationError("The data are not set up", {
      where: "data.MNISTDataModule",
      fix: 'await dataModule.setup("fit") first; the trainer does',
    });
  }
}

/** The template's transforms: one kernel for a batch. */
function transform(): { forward(batch: Batch): Batch } {
  const key = "image";
  return new ComposeTransform({
    to_tensor: new TorchVisionTransform({ key, transform: new ToTensor() }),
    normalize: new TorchVisionTransform({ key, transform: new Normalize({ mean: 0.1307, std: 0.3081 }) }),
  });
}

/** MNIST from where torchvision keeps it below the folder, else from where `load_dataset` finds it. */
async function load(dataDir: string): Promise<DatasetDict> {
  const raw = resolve(dataDir, "MNIST", "raw");
  if (FILES.every((name) => isFile(`${raw}/${name}`))) {
    const { readMnist } = await import("./sources/mnist.ts");
    return await readMnist(raw);
  }
  return await loadDataset("ylecun/mnist");
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
