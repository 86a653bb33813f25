/** Hydra apps: `main`, flags, run folders, logging, sweeps from the command line. @module */
export { type Candidate } from "./candidate.ts";
export { answerShell, complete, type OpenConfigs } from "./completion.ts";
export { completionScript, type ScriptOptions } from "./completion_scripts.ts";
export { type Arguments, type Flag, FLAGS, parseArguments } from "./flags.ts";
export { type HydraCallback, LogJobReturnCallback, PickleJobInfoCallback } from "./hydra_callbacks.ts";
export { Logging, processStreams, type Streams } from "./logging.ts";
export { main } from "./main.ts";
export { type AppOptions, type CompletionAction, type MainOptions, type Verb } from "./main_options.ts";
export { presetBundles } from "./presets.ts";
export { setupRoot } from "./project_root.ts";
export { JobFailure } from "./report.ts";
export { type Shell, SHELLS } from "./shells.ts";
