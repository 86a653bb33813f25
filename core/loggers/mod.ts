/**
 * Where the numbers of a run are written.
 *
 * @module
 */
export type { FinalStatus, HyperParameters, Logger } from "../train/logger.ts";
export { CSVLogger, type CSVLoggerOptions } from "./csv.ts";
