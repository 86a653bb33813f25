import { DTypeError } from "../errors.ts";
import type { Module } from "./module.ts";

/**
 * Calls an op for a layer: dtypes that it refuses are reported with the layer's path.
 *
 * @throws {DTypeError} whose `where` is the layer.
 */
export function located<A extends readonly unknown[], T>(
  module: Module,
  op: (...args: A) => T,
  ...args: A
): T {
  try {
    return op(...args);
  } catch (error) {
    if (!(error instanceof DTypeError)) throw error;
    throw new DTypeError(error.what, { where: module.location, fix: error.fix, cause: error });
  }
}
