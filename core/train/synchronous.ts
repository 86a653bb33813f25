import { MisconfigurationError } from "../errors.ts";

/**
 * Refuses what an `async` step returned.
 *
 * @param step The step's name: `trainingStep`.
 * @throws {MisconfigurationError} for a promise.
 */
export function requireSynchronous(step: string, result: unknown, where: string): void {
  if (!(result instanceof Promise)) return;
  // What the step goes on to do, or to throw, no longer matters.
  result.catch(() => {});
  throw new MisconfigurationError(`${step}() returned a promise, and steps are synchronous`, {
    where,
    fix: "take async and await out: a step records work that runs when the step ends, so values cannot be " +
      "awaited inside; pass tensors to run.log(), or read them in a hook such as onTrainEpochEnd()",
  });
}
