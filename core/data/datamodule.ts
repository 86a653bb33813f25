import { DataError, MisconfigurationError, OptionError } from "../errors.ts";
import { camelCase, namedOptions, showValue, type Taken, unknownOption } from "../options.ts";
import type { BatchTransform, Dataset } from "./dataset.ts";
import { DatasetDict } from "./dataset_dict.ts";
import { DataLoader, type LoaderState } from "./loader.ts";
import { type DataLoaderOptions, takeLoaderOptions } from "./loader_options.ts";
import { TrainPlace } from "./train_place.ts";

/** What a run is for. */
export type Stage = "fit" | "validate" | "test" | "predict";

/** How many devices share a run's batches. */
export interface SetupContext {
  readonly worldSize: number;
}

/** Gives the data of a run; a hook that is not there gives nothing. Source: Lightning's `LightningDataModule`. */
export interface DataModule {
  /** Fetches what the data needs; once, before `setup`. */
  prepareData?(): void | Promise<void>;
  /** Makes the datasets. */
  setup?(stage: Stage, context?: SetupContext): void | Promise<void>;
  trainDataloader?(): DataLoader | Promise<DataLoader>;
  valDataloader?(): DataLoader | Promise<DataLoader>;
  testDataloader?(): DataLoader | Promise<DataLoader>;
  predictDataloader?(): DataLoader | Promise<DataLoader>;
  teardown?(stage: Stage): void | Promise<void>;
  /** What a checkpoint saves of the data, as plain data. */
  state?(): DataModuleState;
  loadState?(state: DataModuleState): void;
}

/** What a checkpoint saves of a data module: the place in the training data. */
export interface DataModuleState {
  readonly train: LoaderState | null;
}

/** Options of the dataloaders that the data module passes on; it sets `dataset` and `shuffle` itself. */
export type DataloaderKwargs = Omit<DataLoaderOptions, "dataset" | "shuffle">;

/** Options of {@linkcode BaseDataModule}; any other name is an option of the dataloaders. */
export interface BaseDataModuleOptions extends DataloaderKwargs {
  /** The data: split `train`, and `test` where there is one. */
  readonly hfDictDataset: DatasetDict | Promise<DatasetDict>;
  /** Share of the training rows that validate. @default 0.1 */
  readonly valRatio?: number;
  /** Transform of every batch, of all splits. @default null */
  readonly transform?: BatchTransform | null;
}

/** Seed of the split into train and validation rows, as in the Python template. */
const SPLIT_SEED = 42;
/** Options that the data module has of its own, in the template's order; then in both spellings. */
const OWN_NAMES = ["hfDictDataset", "valRatio", "transform"];
const OWN: Readonly<Record<string, "hfDictDataset" | "valRatio" | "transform">> = {
  hfDictDataset: "hfDictDataset",
  hf_dict_dataset: "hfDictDataset",
  valRatio: "valRatio",
  val_ratio: "valRatio",
  transform: "transform",
};

/**
 * A data module over a `DatasetDict`: splits the rows of `train` into training and validation rows (the same rows
 * as the Python template for the same ratio), applies the transform to each batch, and makes the dataloaders.
 *
 * Training batches are shuffled, the others not. Tests use the split `test`, or the validation rows without one. A
 * split `validation` is not used, as in the template.
 *
 * @throws {OptionError} for a `valRatio` outside (0, 1), or options that dataloaders do not take.
 *
 * @example
 * ```ts
 * import { BaseDataModule } from "./datamodule.ts";
 * import { Dataset } from "./dataset.ts";
 * import { DatasetDict } from "./dataset_dict.ts";
 * const train = Dataset.fromColumns({ x: Float32Array.from({ length: 20 }, (_, i) => i) });
 * const data = new BaseDataModule({ hfDictDataset: new DatasetDict({ train }), valRatio: 0.25, batchSize: 4 });
 * await data.setup("fit");
 * console.assert(data.dataTrain.length === 15 && data.valDataloader().length === 2);
 * ```
 */
export class BaseDataModule implements DataModule {
  /** The options that describe the data, for loggers; dataloader options are not among them. */
  readonly hparams: { readonly valRatio: number };
  readonly #dict: DatasetDict | Promise<DatasetDict>;
  readonly #transform: BatchTransform | null;
  readonly #kwargs: Omit<Taken<DataLoaderOptions>, "dataset" | "shuffle">;
  #batchSize: number;
  #parts: { readonly train: Dataset; readonly val: Dataset; readonly test: Dataset } | null = null;
  readonly #place = new TrainPlace();

  constructor(options: BaseDataModuleOptions) {
    const own: Partial<Record<"hfDictDataset" | "valRatio" | "transform", unknown>> = {};
    const kwargs: Record<string, unknown> = {};
    for (const [key, value] of Object.entries(namedOptions("data.BaseDataModule", options, OWN_NAMES))) {
      if (key === "shuffle" || key === "dataset") {
        throw new OptionError(`data.BaseDataModule sets "${key}" of its dataloaders itself`, {
          fix: `leave ${key} out: training batches are shuffled, validation and test batches are not`,
          data: { owner: "data.BaseDataModule", option: key, known: [key] },
        });
      }
      if (Object.hasOwn(OWN, key)) own[OWN[key]!] = value;
      else kwargs[key] = value;
    }
    if (own.hfDictDataset === undefined || own.hfDictDataset === null) {
      throw new OptionError('data.BaseDataModule needs the option "hfDictDataset"', {
        fix: "give hf_dict_dataset: a DatasetDict, such as datasets.load_dataset makes",
        data: { owner: "data.BaseDataModule", option: "hfDictDataset", known: Object.keys(OWN) },
      });
    }
    if (!(own.hfDictDataset instanceof DatasetDict) && !(own.hfDictDataset instanceof Promise)) {
      throw new OptionError("data.BaseDataModule takes a DatasetDict as hf_dict_dataset", {
        fix: "give what load_dataset makes without a split, or new DatasetDict({ train: dataset })",
        data: { owner: "data.BaseDataModule", option: "hfDictDataset", known: Object.keys(OWN) },
      });
    }
    const transform = own.transform as BatchTransform | null | undefined ?? null;
    if (transform !== null && typeof transform !== "function" && typeof transform.forward !== "function") {
      throw new OptionError("data.BaseDataModule cannot call its transform", {
        fix: "give a function from batch to batch, or an object with forward(batch)",
        data: { owner: "data.BaseDataModule", option: "transform", known: Object.keys(OWN) },
      });
    }
    const valRatio = own.valRatio ?? 0.1;
    if (typeof valRatio !== "number" || !(valRatio > 0 && valRatio < 1)) {
      throw new OptionError(`data.BaseDataModule cannot split with val_ratio = ${showValue(valRatio)}`, {
        fix: "give a number between 0 and 1",
        data: { owner: "data.BaseDataModule", option: "valRatio", known: Object.keys(OWN) },
      });
    }
    const dataset = { length: 0, at: () => ({}) };
    const taken = takeKwargs({ ...kwargs as DataloaderKwargs, dataset });
    const { dataset: _dataset, shuffle: _shuffle, ...loaderOptions } = taken;
    this.#dict = own.hfDictDataset;
    // a load that fails before anyone waits for it is reported by prepareData or setup, not as unhandled
    if (this.#dict instanceof Promise) this.#dict.catch(() => undefined);
    this.#transform = transform;
    this.#kwargs = loaderOptions;
    this.#batchSize = loaderOptions.batchSize;
    this.hparams = { valRatio };
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

  /** Waits for the data where it is still being loaded. */
  async prepareData(): Promise<void> {
    await this.#dict;
  }

  /**
   * Splits the data, once; batch sizes are shared out among the devices of the run.
   *
   * @throws {MisconfigurationError} where the batch size is not divisible by the number of devices.
   * @throws {DataError} where there is no split `train`.
   */
  async setup(_stage: Stage, context: SetupContext = { worldSize: 1 }): Promise<void> {
    const { batchSize } = this.#kwargs;
    if (batchSize % context.worldSize !== 0) {
      throw new MisconfigurationError(
        `Batch size (${batchSize}) is not divisible by the number of devices (${context.worldSize})`,
        {
          where: "data.BaseDataModule.setup",
          fix: `give a batch_size that is a multiple of ${context.worldSize}`,
        },
      );
    }
    // the template divides again in each stage's setup, which halves twice over fit and test; ours starts anew
    this.#batchSize = batchSize / context.worldSize;
    if (this.#parts !== null) return;
    const loaded = await this.#dict;
    if (!(loaded instanceof DatasetDict)) {
      throw new DataError("The data are no DatasetDict", {
        where: "data.BaseDataModule, hf_dict_dataset",
        fix: "give what load_dataset makes without a split, or a DatasetDict",
      });
    }
    const dict = this.#transform === null
      ? loaded
      : loaded.withTransform(this.#transform, { outputAllColumns: true });
    const { train, test: val } = dict.get("train").trainTestSplit({
      testSize: this.hparams.valRatio,
      seed: SPLIT_SEED,
    });
    this.#parts = { train, val, test: dict.has("test") ? dict.get("test") : val };
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
    return new DataLoader({ ...this.#kwargs, batchSize: this.#batchSize, dataset, shuffle });
  }

  #ready(): { readonly train: Dataset; readonly val: Dataset; readonly test: Dataset } {
    if (this.#parts !== null) return this.#parts;
    throw new MisconfigurationError("The data are not set up", {
      where: "data.BaseDataModule",
      fix: 'await dataModule.setup("fit") first; the trainer does',
    });
  }
}

/** Options of the dataloaders; one that is unknown may be a misspelt option of the data module itself. */
function takeKwargs(kwargs: DataLoaderOptions): ReturnType<typeof takeLoaderOptions> {
  const owner = "data.BaseDataModule";
  try {
    return takeLoaderOptions(owner, kwargs);
  } catch (error) {
    if (!(error instanceof OptionError) || error.data === undefined) throw error;
    const { option, known } = error.data;
    if (known.includes(option) || known.includes(camelCase(option))) throw error;
    const theirs = known.filter((name) => name !== "dataset" && name !== "shuffle");
    throw unknownOption(owner, option, [...new Set(Object.values(OWN)), ...theirs]);
  }
}
