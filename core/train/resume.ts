import { CheckpointError, MisconfigurationError } from "../errors.ts";
import { scope, type Tensor, tensor } from "../tensor/mod.ts";
import type { StoredTensor } from "../tensor/safetensors.ts";
import { type Json, stateKeyOf } from "./callback.ts";
import {
  type Checkpoint,
  CHECKPOINT_VERSION,
  type CheckpointContent,
  writeCheckpoint,
} from "./checkpoint.ts";
import type { BatchSource } from "./loaders.ts";
import { loggedMetrics, metricStates, stateHolders } from "./logged_metrics.ts";
import { generatorStates, restoreGenerators } from "./random_state.ts";
import type { RunState } from "./run_state.ts";
import { joinState, splitState } from "./state_tree.ts";

/**
 * Writes what a run needs to continue bit for bit: weights, optimizers, schedulers, callbacks, the place in the
 * epoch and in the data, and the random generators.
 */
export async function saveRun(run: RunState, path: string, weightsOnly: boolean): Promise<void> {
  const weights = run.module.stateDict();
  if (weightsOnly) return await writeCheckpoint(path, weights, {}, null);
  const extras: Record<string, Tensor | StoredTensor> = {};
  const optimizers = run.optimizers.map((optimizer, index) => {
    // The scope enqueues all parts of the flat state as one submit, before the first is read.
    const { tensors, json } = scope(() => splitState(optimizer.stateDict()));
    for (const [name, value] of Object.entries(tensors)) extras[`optimizer.${index}.${name}`] = value;
    return json;
  });
  for (const [owner, holder] of stateHolders(run)) {
    for (const [name, value] of Object.entries(holder.stateTensors?.() ?? {})) {
      extras[`${owner}.${name}`] = value;
    }
  }
  for (const [name, gradient] of openGradients(run)) extras[`gradient.${name}`] = gradient;
  const log = run.trainBook.saved(loggedMetrics(run));
  for (const [name, value] of Object.entries(log.tensors)) extras[`log.${name}`] = value;
  for (const [owner, metric] of log.metrics) {
    for (const [name, value] of metricStates(metric)) extras[`metric.${owner}.${name}`] = value;
  }
  const added: Record<string, Json> = {};
  await run.call("onSaveCheckpoint", added);
  const content: CheckpointContent = {
    version: CHECKPOINT_VERSION,
    loop: {
      epoch: run.currentEpoch,
      globalStep: run.globalStep,
      loggedStep: run.loggedStep,
      batchesDone: run.batchesDone,
      batchesTotal: run.batchesTotal,
      phase: run.phase,
      validationBatches: run.validationBatches,
    },
    callbacks: Object.fromEntries(
      run.callbacks.flatMap((callback): [string, Json][] => {
        const state = callback.state?.() ?? null;
        return state === null ? [] : [[stateKeyOf(callback), state]];
      }),
    ),
    optimizers,
    schedulers: run.schedulers.map(({ scheduler }) => splitState(scheduler.stateDict()).json),
    generators: generatorStates(),
    loaders: {
      train: run.openTrainSource?.state?.() ?? null,
      val: run.valSources.map(([source]) => source.state?.() ?? null),
    },
    log: log.state,
    added,
    metrics: run.callbackMetrics,
  };
  await writeCheckpoint(path, weights, extras, content);
}

/** The content of a checkpoint that training can continue from. */
export function resumable(checkpoint: Checkpoint, path: string): CheckpointContent {
  if (checkpoint.content !== null) return checkpoint.content;
  throw new CheckpointError("The checkpoint holds weights alone, so training cannot continue from it", {
    where: `ckpt_path=${path}`,
    fix:
      "resume from a file written with save_weights_only=false, or load the weights into the module and start anew",
  });
}

/** Restores callbacks: before their first hook of the fit. States of callbacks that are not there are left out. */
export function restoreCallbacks(run: RunState, { content, extras }: Checkpoint): void {
  for (const callback of run.callbacks) {
    const state = content?.callbacks[stateKeyOf(callback)];
    if (state !== undefined) callback.loadState?.(state);
  }
  const keys = run.callbacks.map(stateKeyOf);
  const unknown = Object.keys(content?.callbacks ?? {}).filter((key) => !keys.includes(key));
  if (unknown.length > 0) {
    run.print(
      `The checkpoint has the state of callbacks that this run does not have, or has with other options: ${
        unknown.join(", ")
      }. They start anew.`,
    );
  }
  scope(() => {
    for (const [owner, holder] of stateHolders(run)) assignAll(holder.stateTensors?.() ?? {}, extras, owner);
  });
}

/**
 * Restores the loops, optimizers and schedulers: once they are made.
 *
 * @throws {MisconfigurationError} where the checkpoint is further than the run is to go.
 */
export function restoreLoops(run: RunState, checkpoint: Checkpoint, content: CheckpointContent): void {
  const { loop } = content;
  const { maxEpochs } = run.settings;
  if (maxEpochs !== -1 && loop.epoch > maxEpochs) {
    throw new MisconfigurationError(
      `You restored a checkpoint with current_epoch=${loop.epoch}, but the trainer has max_epochs=${maxEpochs}`,
      { where: "Trainer.fit", fix: `raise max_epochs above ${loop.epoch}` },
    );
  }
  run.currentEpoch = loop.epoch;
  run.globalStep = loop.globalStep;
  run.loggedStep = loop.loggedStep;
  run.batchesDone = loop.batchesDone;
  run.batchesTotal = loop.batchesTotal;
  run.phase = loop.phase;
  run.validationBatches = [...loop.validationBatches ?? []];
  run.callbackMetrics = { ...content.metrics };
  scope(() => {
    const metrics = loggedMetrics(run);
    run.trainBook.restore(content.log, tensorsUnder("log", checkpoint.extras), metrics);
    for (const [owner, metric] of metrics) {
      assignAll(Object.fromEntries(metricStates(metric)), checkpoint.extras, `metric.${owner}`);
    }
    run.optimizers.forEach((optimizer, index) => {
      const tensors = storedUnder(`optimizer.${index}`, checkpoint.extras);
      const state = content.optimizers[index];
      if (state !== undefined) optimizer.loadStateDict(joinState(state, tensors) as never);
    });
  });
  scope(() => {
    const gradients = tensorsUnder("gradient", checkpoint.extras);
    for (const [name, parameter] of run.module.namedParameters()) {
      if (gradients[name] !== undefined) parameter.receiveGrad(gradients[name]);
    }
  });
  run.schedulers.forEach(({ scheduler }, index) => {
    const state = content.schedulers[index];
    if (state !== undefined) scheduler.loadStateDict(state as never);
  });
}

/** Brings loaders and generators to where they were: last, so that nothing draws in between. */
export function restorePlaces(run: RunState, content: CheckpointContent, train: BatchSource): void {
  if (content.loaders.train !== null) train.loadState?.(content.loaders.train);
  run.valSources.forEach(([source], index) => {
    const state = content.loaders.val[index];
    if (state !== undefined && state !== null) source.loadState?.(state);
  });
  restoreGenerators(content.generators);
}

/** Gradients of an accumulation whose optimizer step is still to come. */
function openGradients(run: RunState): [string, Tensor][] {
  const open = run.batchesDone % run.settings.accumulateGradBatches !== 0 &&
    run.batchesDone < run.batches.train;
  if (!open) return [];
  return Array.from(run.module.namedParameters()).flatMap(([name, { grad }]) =>
    grad === null ? [] : [[name, grad] as [string, Tensor]]
  );
}

/** Stored tensors whose names begin with a prefix, under the rest of their names. */
function storedUnder(
  prefix: string,
  saved: Readonly<Record<string, StoredTensor>>,
): Record<string, StoredTensor> {
  const own = Object.entries(saved).filter(([name]) => name.startsWith(`${prefix}.`));
  return Object.fromEntries(own.map(([name, value]) => [name.slice(prefix.length + 1), value]));
}

function tensorsUnder(prefix: string, saved: Readonly<Record<string, StoredTensor>>): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(storedUnder(prefix, saved)).map(([name, { data, shape, dtype }]) => [
      name,
      tensor(data, { shape: [...shape], dtype }),
    ]),
  );
}

function assignAll(
  own: Readonly<Record<string, Tensor>>,
  saved: Readonly<Record<string, StoredTensor>>,
  owner: string,
): void {
  for (const [name, value] of Object.entries(own)) {
    const stored = saved[`${owner}.${name}`];
    if (stored === undefined) continue;
    value.assign(tensor(stored.data, { shape: [...stored.shape], dtype: stored.dtype }));
  }
}
