/**
 * Training with everything a trainer needs at hand.
 *
 * @module
 */
export * from "../train/mod.ts";
export { Trainer } from "./trainer.ts";
