/** Sweeps: many jobs from one command line. @module */
export { BasicLauncher } from "./basic_launcher.ts";
export { BasicSweeper, type BasicSweeperOptions, combinations } from "./basic_sweeper.ts";
export type { JobReturn, JobStatus, Launcher, SweepContext, Sweeper } from "./sweeper.ts";
