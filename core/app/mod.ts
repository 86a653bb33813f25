/** Hydra apps: `main`, flags, run folders, logging, sweeps from the command line. @module */
export { type AppOptions } from "./app.ts";
export { complete, completionScript, queryVerbCompletion, type VerbConfigs } from "./completion.ts";
export { type Arguments, type Flag, FLAGS, parseArguments } from "./flags.ts";
export { type HydraCallback, LogJobReturnCallback, PickleJobInfoCallback } from "./hydra_callbacks.ts";
export { Logging, processStreams, type Streams } from "./logging.ts";
export { main, type MainOptions } from "./main.ts";
export { JobFailure } from "./report.ts";
