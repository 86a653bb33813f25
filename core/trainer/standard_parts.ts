import { ModelCheckpoint, ModelSummary, RichModelSummary, RichProgressBar, Timer } from "../callbacks/mod.ts";
import { CSVLogger } from "../loggers/mod.ts";
import { SimpleProfiler } from "../profilers/mod.ts";
import type { StandardParts } from "../train/mod.ts";

/** What a trainer adds on its own, as Lightning's does. */
export const STANDARD_PARTS: StandardParts = {
  progressBar: () => new RichProgressBar(),
  modelSummary: () => new RichModelSummary(),
  modelCheckpoint: () => new ModelCheckpoint(),
  timer: (duration) => new Timer({ duration }),
  logger: (rootDir) => new CSVLogger({ saveDir: rootDir }),
  profilers: { simple: () => new SimpleProfiler() },
  isProgressBar: (callback) => callback instanceof RichProgressBar,
  isModelSummary: (callback) => callback instanceof ModelSummary || callback instanceof RichModelSummary,
  isTimer: (callback) => callback instanceof Timer,
};
