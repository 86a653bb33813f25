import type { Batch } from "../batch.ts";
import { MisconfigurationError } from "../errors.ts";
import { noGrad } from "../tensor/mod.ts";
import type { BatchSource } from "./loaders.ts";
import { evaluationMode } from "./eval_loop.ts";
import { moduleName } from "./module_name.ts";
import type { RunState } from "./run_state.ts";
import { batchScope, breathe, transfer } from "./step_scope.ts";

/**
 * Predicts every batch of the loaders.
 *
 * @returns Per loader, what each batch gave; its tensors outlive their scopes. Empty where nothing is to be returned.
 */
export async function predict(
  run: RunState,
  sources: readonly (readonly [source: BatchSource, batches: number])[],
  returnPredictions: boolean,
): Promise<unknown[][]> {
  const { module } = run;
  const forward = module.forward as ((batch: Batch) => unknown) | undefined;
  const step = module.predictStep ?? ((batch) => forward?.call(module, batch));
  if (module.predictStep === undefined && module.forward === undefined) {
    throw new MisconfigurationError("No predictStep() or forward() is defined, so nothing can be predicted", {
      where: moduleName(module),
      fix: "define predictStep()",
    });
  }
  run.loop = "predict";
  run.totalBatches = sources.reduce((sum, [, batches]) => sum + batches, 0);
  const restoreModes = evaluationMode(module);
  await run.callOn(run.moduleReceivers, "onPredictModelEval");
  await run.call("onPredictStart");
  await run.call("onPredictEpochStart");
  const predictions: unknown[][] = [];
  for (const [index, [source, batches]] of sources.entries()) {
    const iterator = source[Symbol.iterator]();
    const outputs: unknown[] = [];
    for (let batchIdx = 0; batchIdx < batches && !run.interrupted; batchIdx++) {
      run.batchIdx = batchIdx;
      const output = await batchScope(run, () =>
        noGrad(() => {
          const batch = transfer(run, iterator, "[_PredictionLoop].predict_next");
          if (batch === null) return undefined;
          run.callNow("onPredictBatchStart", batch, batchIdx, index);
          const label = "[Strategy]SingleDeviceStrategy.predict_step";
          const made = run.step(label, "predictStep", () => step.call(module, batch, batchIdx, run, index));
          run.callNow("onPredictBatchEnd", made, batch, batchIdx, index);
          return returnPredictions ? made : null;
        }));
      if (output === undefined) break;
      if (returnPredictions) outputs.push(output);
      await breathe();
    }
    iterator.return?.();
    predictions.push(outputs);
  }
  run.batch = null;
  await run.call("onPredictEpochEnd");
  await run.call("onPredictEnd");
  restoreModes();
  await run.callOn(run.moduleReceivers, "onPredictModelTrain");
  return predictions;
}
