import { MisconfigurationError } from "../errors.ts";
import { camelCase } from "../options.ts";

const WHEN = ["Start", "End", "EpochStart", "EpochEnd", "BatchStart", "BatchEnd"];
const MODES = ["Validation", "Test", "Predict"].flatMap((
  stage,
) => [`${stage}ModelEval`, `${stage}ModelTrain`]);

/** Names of hooks and methods that a run calls. */
const CALLED: ReadonlySet<string> = new Set([
  ...["Train", "Validation", "Test", "Predict"].flatMap((stage) => WHEN.map((when) => `on${stage}${when}`)),
  ...["FitStart", "FitEnd", "SanityCheckStart", "SanityCheckEnd", "Exception", ...MODES].map((name) =>
    `on${name}`
  ),
  ...["onValidationModelZeroGrad", "onSaveCheckpoint", "onLoadCheckpoint"],
  ...["onBeforeZeroGrad", "onBeforeBackward", "onAfterBackward", "onBeforeOptimizerStep"],
  ...["onBeforeBatchTransfer", "onAfterBatchTransfer", "prepareData"],
  ...["trainingStep", "validationStep", "testStep", "predictStep"],
  ...["configureOptimizers", "configureCallbacks", "configureModel", "configureGradientClipping"],
  ...["optimizerStep", "optimizerZeroGrad", "lrSchedulerStep"],
  ...["trainDataloader", "valDataloader", "testDataloader", "predictDataloader"],
]);

/**
 * Refuses hooks in Python's spelling, which nobody would call.
 *
 * @param name What the object is called, for the error.
 * @throws {MisconfigurationError} naming the hook as it is to be written.
 */
export function refuseSnakeHooks(target: object, name: string): void {
  for (let at: object | null = target; at !== null; at = Object.getPrototypeOf(at)) {
    const snake = Object.getOwnPropertyNames(at).find((key) =>
      key.includes("_") && CALLED.has(camelCase(key))
    );
    if (snake === undefined) continue;
    throw new MisconfigurationError(
      `${snake}() is never called: hooks are written as ${camelCase(snake)}()`,
      {
        where: name,
        fix: `rename ${snake}() to ${camelCase(snake)}()`,
      },
    );
  }
}
