import type { Batch } from "../batch.ts";
import { MisconfigurationError, ShapeError } from "../errors.ts";
import { clipGradNorm, clipGradValue, Optimizer } from "../optim/mod.ts";
import { isRecord, showValue } from "../options.ts";
import { Tensor } from "../tensor/mod.ts";
import { watchGradients } from "./anomaly.ts";
import type { Run, StepOutputs } from "./callback.ts";
import { CompiledStep } from "./compiled_step.ts";
import type { OptimizerEntry } from "./lit_module_hooks.ts";
import { moduleName } from "./module_name.ts";
import type { RunState } from "./run_state.ts";
import { requireSynchronous } from "./synchronous.ts";

/**
 * Runs the training step, the backward pass and, at the end of an accumulation, the optimizer step.
 *
 * The order is Lightning's: step, zero_grad, backward, clip, optimizer step. Everything is recorded, nothing waits.
 *
 * @param steps Whether an optimizer step follows this batch.
 * @param seen The run as the step is to see it.
 * @returns The loss, detached and divided by the accumulated batches, and what the step returned beside it.
 * @throws {MisconfigurationError} where the step returns no loss, {@linkcode ShapeError} where that is not one number.
 */
export function trainOnBatch(
  run: RunState,
  batch: Batch,
  batchIdx: number,
  steps: boolean,
  seen: Run = run,
): StepOutputs {
  const { accumulateGradBatches } = run.settings;
  const { module } = run;
  const [optimizer] = run.optimizers;
  const result = run.step(
    "[Strategy]SingleDeviceStrategy.training_step",
    "trainingStep",
    () => module.trainingStep!(batch, batchIdx, seen),
  );
  const { loss, rest } = lossOf(result, module);
  if (loss === null) run.printOnce("`training_step` returned null: its batch is skipped.");
  const share = loss !== null && accumulateGradBatches > 1 ? loss.div(accumulateGradBatches) : loss;
  if (batchIdx % accumulateGradBatches === 0 && optimizer !== undefined) {
    run.callNow("onBeforeZeroGrad");
    zeroGrad(run, optimizer);
  }
  const watch = run.settings.detectAnomaly && share !== null ? watchGradients(share) : null;
  if (share !== null) {
    run.callNow("onBeforeBackward", share);
    run.step("[Strategy]SingleDeviceStrategy.backward", "backward", () => {
      if (module.backward !== undefined) return own(run, "backward", share);
      requireTrainable(share, module);
      share.backward();
    });
    run.callNow("onAfterBackward");
  }
  // Recorded before the optimizer step changes the weights; the answer is waited for after the batch.
  if (watch !== null) run.defer(watch.check(`training batch ${batchIdx} of epoch ${run.currentEpoch}`));
  if (steps) optimizerStep(run, optimizer);
  return share === null ? {} : { ...rest, loss: share.detach() };
}

/** Whether the step can be replayed: where the module asks for it, and nothing has to look inside. */
export function compiledStep(run: RunState): CompiledStep | null {
  // Looking for anomalies needs the history that a replay does not have.
  if (run.module.compile !== true || run.settings.detectAnomaly) return null;
  return new CompiledStep(run, (...given) => trainOnBatch(run, ...given));
}

/** Calls what the module does itself within a step, where nothing waits. */
function own(
  run: RunState,
  method: "backward" | "optimizerStep" | "optimizerZeroGrad" | "configureGradientClipping",
  argument: Tensor | OptimizerEntry,
): void {
  const result: unknown = run.module[method]!(run, argument as never);
  requireSynchronous(method, result, `${moduleName(run.module)}.${method}`);
}

function requireTrainable(loss: Tensor, module: object): void {
  if (loss.requiresGrad) return;
  throw new MisconfigurationError("trainingStep returned a loss that depends on no parameter", {
    where: `${moduleName(module)}.trainingStep`,
    fix:
      "compute it from the module's output without detach(), noGrad() and rounding; one parameter at least " +
      "has to require a gradient",
  });
}

function optimizerStep(run: RunState, optimizer: OptimizerEntry | undefined): void {
  if (optimizer === undefined) return;
  run.callNow("onBeforeOptimizerStep");
  clipGradients(run, optimizer);
  const { module } = run;
  run.step("[Strategy]SingleDeviceStrategy.optimizer_step", "optimizerStep", () => {
    if (module.optimizerStep !== undefined) own(run, "optimizerStep", optimizer);
    else optimizer.step();
  });
}

function zeroGrad(run: RunState, optimizer: OptimizerEntry): void {
  if (run.module.optimizerZeroGrad !== undefined) own(run, "optimizerZeroGrad", optimizer);
  else optimizer.zeroGrad();
}

function clipGradients(run: RunState, optimizer: OptimizerEntry): void {
  const { module, settings } = run;
  if (module.configureGradientClipping !== undefined) return own(run, "configureGradientClipping", optimizer);
  if (settings.gradientClipVal === null) return;
  if (!(optimizer instanceof Optimizer)) {
    throw new MisconfigurationError("gradient_clip_val is set, but the optimizer is not one of optim", {
      where: "Trainer.gradient_clip_val",
      fix:
        "clip in the module's configureGradientClipping(), or use an optimizer that extends optim.Optimizer",
    });
  }
  if (settings.gradientClipAlgorithm === "norm") clipGradNorm(optimizer, settings.gradientClipVal);
  else clipGradValue(optimizer, settings.gradientClipVal);
}

function lossOf(result: unknown, module: object): { loss: Tensor | null; rest: Batch } {
  if (result === null || result === undefined) return { loss: null, rest: {} };
  const { loss, ...rest } = result instanceof Tensor
    ? { loss: result }
    : isRecord(result)
    ? result
    : { loss: 0 };
  const where = `${moduleName(module)}.trainingStep`;
  if (!(loss instanceof Tensor)) {
    const isBatch = isRecord(result) && !("loss" in result);
    throw new MisconfigurationError(
      isBatch ? "trainingStep returned a record without a loss" : `trainingStep returned ${shown(result)}`,
      {
        where,
        fix: isBatch
          ? `return the loss, or a record with the key "loss"; the keys are ${
            Object.keys(rest).join(", ") || "none"
          }`
          : 'return the loss as a tensor, a record with the key "loss", or null to skip the batch',
      },
    );
  }
  if (loss.size === 1) return { loss, rest };
  throw new ShapeError(`trainingStep returned a loss of shape [${loss.shape.join(", ")}]`, {
    where,
    fix: "return one number: reduce it, for example with mean()",
  });
}

function shown(result: unknown): string {
  return isRecord(result) ? `a record whose loss is ${showValue(result.loss)}` : showValue(result);
}
