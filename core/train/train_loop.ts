import type { Batch } from "../batch.ts";
import { MisconfigurationError } from "../errors.ts";
import { evaluate } from "./eval_loop.ts";
import { validationInterval } from "./limits.ts";
import { trainOnBatch } from "./optimize.ts";
import { profiled } from "./profiler.ts";
import type { StepOutputs } from "./callback.ts";
import type { RunState } from "./run_state.ts";
import { stepSchedulers } from "./schedulers.ts";
import { batchScope, breathe, executeProfiled, transfer } from "./step_scope.ts";

/** Trains epoch after epoch until the run is over, and says why it is. */
export async function trainLoop(run: RunState): Promise<void> {
  run.loop = "train";
  await run.call("onTrainStart");
  let reason: string | null = null;
  while (reason === null) {
    await profiled(run.profiler, "run_training_epoch", () => trainEpoch(run));
    reason = finished(run);
  }
  if (run.interrupted) return;
  if (reason !== "") run.print(reason);
  await run.call("onTrainEnd");
}

/** Why no further epoch starts: a message, an empty one where a callback gave its own, or `null` to go on. */
export function finished(run: RunState): string | null {
  const { maxEpochs, maxSteps } = run.settings;
  if (run.interrupted) return "";
  if (maxSteps !== -1 && run.globalStep >= maxSteps) {
    return `\`Trainer.fit\` stopped: \`max_steps=${maxSteps}\` reached.`;
  }
  if (maxEpochs !== -1 && run.currentEpoch >= maxEpochs) {
    return `\`Trainer.fit\` stopped: \`max_epochs=${maxEpochs}\` reached.`;
  }
  return run.shouldStop && mayStop(run) ? "" : null;
}

/** Whether the least epochs and steps are behind, so that a request to stop counts. */
function mayStop(run: RunState): boolean {
  const { minEpochs, minSteps } = run.settings;
  if (run.currentEpoch >= minEpochs && run.globalStep >= minSteps) return true;
  run.printOnce(
    `Trainer was signaled to stop but the required min_epochs=${minEpochs} or min_steps=${minSteps} ` +
      "has not been met. Training will continue...",
  );
  return false;
}

function reachedSteps(run: RunState): boolean {
  const { maxSteps } = run.settings;
  return maxSteps !== -1 && run.globalStep >= maxSteps;
}

/**
 * One epoch, top to bottom.
 *
 * `run.phase` and `run.batchesDone` say where in the epoch the run stands; a checkpoint keeps them, and a resumed
 * run enters here at the same place.
 */
async function trainEpoch(run: RunState): Promise<void> {
  const end = await trainBatches(run);
  if (end === "interrupted") return;
  await endEpoch(run, await epochEndHooks(run, end));
}

/**
 * What is left of an epoch after its last hooks; a run that is resumed from a checkpoint which one of them wrote begins
 * here.
 *
 * @param row The epoch's row for the loggers.
 */
export async function endEpoch(run: RunState, row: Readonly<Record<string, number>>): Promise<void> {
  if (run.phase === "ending") stepSchedulers(run, "epoch", run.currentEpoch, true);
  await run.sendToLoggers(row, run.loggedStep - 1);
  run.trainBook.reset();
  run.currentEpoch += 1;
  run.batchesDone = 0;
  run.phase = "start";
}

/** How the batches of an epoch came to their end: all were done or a hook said so, or the run has to stop before. */
type BatchesEnd = "whole" | "cut" | "interrupted";

/** Hooks of the epoch's end, the callbacks that watch metrics last; returns the epoch's row for the loggers. */
async function epochEndHooks(run: RunState, end: BatchesEnd): Promise<Readonly<Record<string, number>>> {
  await run.callOn(run.callbackReceivers(false), "onTrainEpochEnd");
  await run.callOn(run.moduleReceivers, "onTrainEpochEnd");
  // Waits for the device: the one read of this epoch's training values.
  const { step, epoch } = await run.trainBook.read("epoch");
  run.take(step);
  run.take(epoch);
  run.phase = end === "whole" ? "ending" : "cut";
  await run.callOn(run.callbackReceivers(true), "onTrainEpochEnd");
  return epoch.logger;
}

/** The batches of an epoch, with validation between them. */
async function trainBatches(run: RunState): Promise<BatchesEnd> {
  const batches = run.batches.train;
  run.totalBatches = batches;
  const source = await run.trainSource();
  (source as { sampler?: { setEpoch?(epoch: number): void } }).sampler?.setEpoch?.(run.currentEpoch);
  if (run.phase === "start" && run.batchesDone === 0) await run.call("onTrainEpochStart");
  run.compiled?.forget();
  const iterator = source[Symbol.iterator]();
  try {
    for (;;) {
      if (run.phase === "start") {
        if (run.batchesDone >= batches || reachedSteps(run)) break;
        if (!(await trainBatch(run, iterator, run.batchesDone))) return "whole";
      }
      if (run.phase === "stepped") {
        if (validationIsDue(run)) await validate(run);
        if (run.interrupted) return "interrupted";
        run.phase = "validated";
      }
      const stepped = endsAccumulation(run, run.batchesDone - 1);
      if (stepped) stepSchedulers(run, "step", run.batchesDone - 1, true);
      if (stepped) run.loggedStep += 1;
      run.phase = "start";
      await breathe();
      if (run.interrupted && stepped) return "interrupted";
      if (run.shouldStop && mayStop(run)) break;
    }
  } finally {
    // An interrupted epoch stays open: the checkpoint keeps the loader's place in it.
    if (!run.interrupted) iterator.return?.();
  }
  return run.batchesDone >= batches ? "whole" : "cut";
}

async function validate(run: RunState): Promise<void> {
  if (endsAccumulation(run, run.batchesDone - 1)) {
    const { module } = run;
    if (module.onValidationModelZeroGrad !== undefined) {
      await run.callOn(run.moduleReceivers, "onValidationModelZeroGrad");
    } else {
      for (const [, parameter] of module.namedParameters()) parameter.zeroGrad();
    }
  }
  await evaluate(run, "validate", run.valSources);
  run.compiled?.forget();
}

/** Whether an optimizer step follows this batch: at every n-th, and at the epoch's last. */
function endsAccumulation(run: RunState, batchIdx: number): boolean {
  return (batchIdx + 1) % run.settings.accumulateGradBatches === 0 || batchIdx + 1 >= run.batches.train;
}

/** One batch in one scope; false where the epoch has no more of them. */
async function trainBatch(run: RunState, iterator: Iterator<Batch>, batchIdx: number): Promise<boolean> {
  run.batchIdx = batchIdx;
  const going = await batchScope(run, () => {
    const batch = transfer(run, iterator, "[_TrainingEpochLoop].train_dataloader_next");
    if (batch === null) return false;
    const answer = run.callNow("onTrainBatchStart", batch, batchIdx);
    if (answer instanceof Promise) run.defer(answer.then(refuseLateEnd));
    if (answer === -1) {
      // The batch counts as the epoch's last one, so schedulers have their turn.
      stepAfterBatch(run, batchIdx, true);
      return false;
    }
    const steps = endsAccumulation(run, batchIdx);
    const outputs = run.step("run_training_batch", "", () => runStep(run, batch, batchIdx, steps));
    if (steps) run.globalStep += 1;
    run.batchesDone = batchIdx + 1;
    run.batchesTotal += 1;
    run.phase = "stepped";
    if (steps) stepAfterBatch(run, batchIdx, batchIdx + 1 >= run.batches.train);
    run.callNow("onTrainBatchEnd", outputs, batch, batchIdx);
    executeProfiled(run);
    return true;
  });
  if (going) await logSteps(run, batchIdx);
  run.batch = null;
  return going;
}

/** The batch has run by the time that an asynchronous hook asks to leave it out. */
function refuseLateEnd(answer: unknown): void {
  if (answer !== -1) return;
  throw new MisconfigurationError("onTrainBatchStart returned -1 in a promise, which comes after its batch", {
    where: "onTrainBatchStart",
    fix: "return -1 from a hook that is not async",
  });
}

function runStep(run: RunState, batch: Batch, batchIdx: number, steps: boolean): StepOutputs {
  if (run.compiled === null) return trainOnBatch(run, batch, batchIdx, steps);
  const clears = batchIdx % run.settings.accumulateGradBatches === 0;
  return run.compiled.run(batch, batchIdx, clears, steps);
}

/** Schedulers that follow the optimizer step; those of the epoch step before its last hooks run. */
function stepAfterBatch(run: RunState, batchIdx: number, isLast: boolean): void {
  stepSchedulers(run, "step", batchIdx, false);
  if (isLast) stepSchedulers(run, "epoch", run.currentEpoch, false);
}

/** Sends step values to the loggers at the log interval, and at every batch of a fast development run. */
async function logSteps(run: RunState, batchIdx: number): Promise<void> {
  const { logEveryNSteps, fastDevRun } = run.settings;
  if (!endsAccumulation(run, batchIdx) || !run.trainBook.hasStepValues) return;
  const due = logEveryNSteps > 0 && (run.shouldStop || (run.loggedStep + 1) % logEveryNSteps === 0);
  if (!due && fastDevRun === 0) return;
  // Waits for the device: one read per log interval, and none where no step value is logged.
  const { step } = await run.trainBook.read("step");
  run.take(step);
  await run.sendToLoggers(step.logger, run.loggedStep);
}

function validationIsDue(run: RunState): boolean {
  const { checkValEveryNEpoch, valCheckInterval } = run.settings;
  if (run.batches.validate === 0) return false;
  const acrossEpochs = checkValEveryNEpoch === null;
  if (!acrossEpochs && (run.currentEpoch + 1) % checkValEveryNEpoch !== 0) return false;
  if (run.shouldStop && mayStop(run)) return true;
  const interval = validationInterval(valCheckInterval, run.batches.train, acrossEpochs);
  return (acrossEpochs ? run.batchesTotal : run.batchesDone) % interval === 0;
}
