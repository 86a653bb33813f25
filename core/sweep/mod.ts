/** Sweeps: many jobs from one command line. @module */
export { BasicLauncher } from "./basic_launcher.ts";
export { BasicSweeper, type BasicSweeperOptions, combinations } from "./basic_sweeper.ts";
export { OptunaSweeper, type OptunaSweeperOptions } from "./optuna_sweeper.ts";
export { CmaEsSampler, type CmaEsSamplerOptions } from "./samplers/cmaes_sampler.ts";
export { GridSampler, type GridSamplerOptions } from "./samplers/grid_sampler.ts";
export { MOTPESampler, type MOTPESamplerOptions } from "./samplers/motpe_sampler.ts";
export { NSGAIISampler, type NSGAIISamplerOptions } from "./samplers/nsgaii_sampler.ts";
export { RandomSampler, type RandomSamplerOptions } from "./samplers/random_sampler.ts";
export type { ParamValues, Sampler } from "./samplers/sampler.ts";
export { TPESampler, type TPESamplerOptions } from "./samplers/tpe_sampler.ts";
export { type SweptParams, sweptParams } from "./search_space.ts";
export * as distributions from "./study/distribution.ts";
export type { Distribution, ParamValue, SearchSpace } from "./study/distribution.ts";
export type { Direction, FrozenTrial, TrialState } from "./study/frozen_trial.ts";
export type { StudyStorage } from "./study/storage.ts";
export { createStudy, Study, type StudyLog, type StudyOptions } from "./study/study.ts";
export { type SuggestOptions, Trial } from "./study/trial.ts";
export type { JobReturn, JobStatus, Launcher, SweepContext, Sweeper } from "./sweeper.ts";
