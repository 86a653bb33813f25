import type { Batch } from "../batch.ts";
import { noGrad } from "../tensor/mod.ts";
import type { TrainableModule } from "./lit_module_hooks.ts";
import type { BatchSource } from "./loaders.ts";
import { generatorStates, restoreGenerators } from "./random_state.ts";
import type { RunState } from "./run_state.ts";
import { batchScope, breathe, executeProfiled, transfer } from "./step_scope.ts";

/** The loops that measure without training. */
export type EvaluationLoop = "sanity" | "validate" | "test";

const STAGE = { sanity: "Validation", validate: "Validation", test: "Test" } as const;
const STEP = { sanity: "validationStep", validate: "validationStep", test: "testStep" } as const;
const FETCH = { sanity: "val_next", validate: "val_next", test: "test_next" } as const;

/**
 * One pass over the batches of validation or test, top to bottom.
 *
 * @param sources The loaders, and how many batches of each to use.
 * @returns The epoch's values: for the loggers, and by name for callbacks.
 */
export async function evaluate(
  run: RunState,
  loop: EvaluationLoop,
  sources: readonly (readonly [source: BatchSource, batches: number])[],
): Promise<Record<string, number>> {
  const outer = { loop: run.loop, batchIdx: run.batchIdx, totalBatches: run.totalBatches, batch: run.batch };
  const stage = STAGE[loop];
  run.loop = loop;
  run.totalBatches = sources.reduce((sum, [, batches]) => sum + batches, 0);
  const restoreModes = evaluationMode(run.module);
  const generators = generatorStates();
  const places = sources.map(([source]) => source.state?.() ?? null);
  // A pass on its own counts its batches from 0, a fit those of all its validations.
  const steps = loop === "validate" && run.stage === "fit" ? run.validationBatches : [];
  const stepsBefore = [...steps];
  const abandon = (): Record<string, number> => {
    // A resumed run does this pass again, so it has to start in the same place and draw the same numbers.
    for (const [index, [source]] of sources.entries()) {
      const place = places[index];
      if (place !== null && place !== undefined) source.loadState?.(place);
    }
    restoreGenerators(generators);
    run.evalBook.reset();
    restoreModes();
    steps.splice(0, steps.length, ...stepsBefore);
    Object.assign(run, outer);
    return {};
  };
  await run.callOn(run.moduleReceivers, `on${stage}ModelEval`);
  await run.call(`on${stage}Start`);
  await run.call(`on${stage}EpochStart`);
  for (const [index, [source, batches]] of sources.entries()) {
    run.dataloaderIdx = sources.length > 1 ? index : null;
    const iterator = source[Symbol.iterator]();
    for (let batchIdx = 0; batchIdx < batches; batchIdx++) {
      run.batchIdx = batchIdx;
      if (!(await evaluateBatch(run, loop, iterator, batchIdx, index))) break;
      const step = steps[index] ?? 0;
      if (run.evalBook.hasStepValues && loop !== "sanity" && run.loggers.length > 0) {
        await logSteps(run, step);
      }
      steps[index] = step + 1;
      await breathe();
      if (run.interrupted) return abandon();
    }
    iterator.return?.();
  }
  run.dataloaderIdx = null;
  run.batch = null;
  await run.call(`on${stage}EpochEnd`);
  // Waits for the device: the one read of this pass.
  const { epoch } = await run.evalBook.read("epoch");
  run.evalBook.reset();
  if (loop !== "sanity") {
    run.take(epoch);
    await run.sendToLoggers(epoch.logger, run.loggedStep);
  }
  // A checkpoint that a hook writes now shall not validate again when it is resumed.
  if (loop === "validate" && run.stage === "fit") run.phase = "validated";
  await run.call(`on${stage}End`);
  restoreModes();
  await run.callOn(run.moduleReceivers, `on${stage}ModelTrain`);
  Object.assign(run, outer);
  return epoch.callback;
}

/** Runs one batch in one scope; false where there is none left. */
function evaluateBatch(
  run: RunState,
  loop: EvaluationLoop,
  iterator: Iterator<Batch>,
  batchIdx: number,
  dataloaderIdx: number,
): Promise<boolean> {
  const stage = STAGE[loop];
  return batchScope(run, () =>
    noGrad(() => {
      const batch = transfer(run, iterator, `[_EvaluationLoop].${FETCH[loop]}`);
      if (batch === null) return false;
      run.callNow(`on${stage}BatchStart`, batch, batchIdx, dataloaderIdx);
      const { module } = run;
      const name = STEP[loop];
      const label = `[Strategy]SingleDeviceStrategy.${loop === "test" ? "test" : "validation"}_step`;
      const outputs = run.step(label, name, () => module[name]!(batch, batchIdx, run, dataloaderIdx));
      run.callNow(`on${stage}BatchEnd`, outputs ?? {}, batch, batchIdx, dataloaderIdx);
      executeProfiled(run);
      return true;
    }));
}

/** Step values of evaluation go out with each batch, on an axis of their own. */
async function logSteps(run: RunState, step: number): Promise<void> {
  const { step: reading } = await run.evalBook.read("step", run.dataloaderIdx);
  await run.sendEvaluationStep(reading.logger, step);
}

/** Switches to evaluation; the result restores each part's own mode, as a part may be frozen in evaluation. */
export function evaluationMode(module: TrainableModule): () => void {
  const modes = Array.from(module.namedModules(), ([, part]) => [part, part.training] as const);
  module.train(false);
  return () => {
    for (const [part, training] of modes) (part as { training: boolean }).training = training;
  };
}
