/**
 * What measures how long the parts of a run take.
 *
 * @module
 */
export type { Profiler } from "../train/profiler.ts";
export { SimpleProfiler, type SimpleProfilerOptions } from "./simple.ts";
