export { collateBatch, collateSamples } from "./collate.ts";
export type { Block, Column } from "./column.ts";
export {
  type BatchTransform,
  Dataset,
  type FormatOptions,
  type MapOptions,
  type Row,
  type RowFunction,
} from "./dataset.ts";
export { DatasetDict } from "./dataset_dict.ts";
export {
  BaseDataModule,
  type BaseDataModuleOptions,
  type DataloaderKwargs,
  type DataModule,
  type DataModuleState,
  type SetupContext,
  type Stage,
} from "./datamodule.ts";
export {
  ClassLabel,
  type ClassLabelOptions,
  type Feature,
  type Features,
  Image,
  List,
  Value,
} from "./features.ts";
export type { ImageValue } from "./image.ts";
export { type LoadDataset, loadDataset, type LoadDatasetOptions } from "./load_dataset.ts";
export { DataLoader, type LoaderState } from "./loader.ts";
export type { DataLoaderOptions, DataSource } from "./loader_options.ts";
export { MNISTDataModule, type MNISTDataModuleOptions } from "./mnist_datamodule.ts";
export { randomSplit, type RandomSplitOptions } from "./random_split.ts";
export {
  BatchSampler,
  type BatchSamplerOptions,
  RandomSampler,
  type RandomSamplerOptions,
  type Sampler,
  SequentialSampler,
  type SequentialSamplerOptions,
  type Sized,
} from "./sampler.ts";
export { parseSplit, type TrainTestRows, trainTestRows, type TrainTestSplitOptions } from "./split.ts";
