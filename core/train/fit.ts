import { MisconfigurationError } from "../errors.ts";
import { readCheckpoint } from "./checkpoint.ts";
import { evaluate } from "./eval_loop.ts";
import { limitBatches, validationInterval } from "./limits.ts";
import { type BatchSource, type BatchSources, requireSource, sourceList, unshuffled } from "./loaders.ts";
import { generatorStates, restoreGenerators } from "./random_state.ts";
import { restoreCallbacks, restoreLoops, restorePlaces, resumable } from "./resume.ts";
import { moduleName } from "./module_name.ts";
import { optimizationOf } from "./optimization.ts";
import { compiledStep } from "./optimize.ts";
import type { RunState } from "./run_state.ts";
import { endEpoch, finished, trainLoop } from "./train_loop.ts";

/** Where a fit takes its batches from. */
export interface FitSources {
  readonly train: () => Promise<BatchSource>;
  readonly val: () => Promise<BatchSources | null>;
  /** Whether `val` gives any. */
  readonly hasVal: boolean;
}

/**
 * Everything a fit does between set-up and tear-down, in Lightning's order: restore, optimizers, start hooks, sanity
 * check, training.
 *
 * @throws {MisconfigurationError} where the module cannot be trained.
 */
export async function runFit(
  run: RunState,
  sources: FitSources,
  checkpointPath: string | null,
): Promise<void> {
  requireTraining(run);
  run.validationBatches = [];
  const checkpoint = checkpointPath === null ? null : await readCheckpoint(checkpointPath);
  if (checkpoint !== null) {
    run.print(`Restoring states from the checkpoint path at ${checkpointPath}`);
    resumable(checkpoint, checkpointPath!);
    const { added } = checkpoint.content!;
    await run.callOn(run.moduleReceivers, "onLoadCheckpoint", added);
    run.module.loadStateDict(checkpoint.weights);
    await run.callOn(run.callbackReceivers(), "onLoadCheckpoint", added);
    restoreCallbacks(run, checkpoint);
  }
  const { optimizers, schedulers } = optimizationOf(run.module.configureOptimizers!(run));
  run.optimizers = optimizers;
  run.schedulers = schedulers;
  await run.call("onFitStart");
  if (checkpoint !== null) {
    restoreLoops(run, checkpoint, checkpoint.content!);
    run.print(`Restored all states from the checkpoint at ${checkpointPath}`);
  }
  const sane = run.module.validationStep !== undefined && run.settings.numSanityValSteps > 0 &&
    (checkpoint === null || isBetweenEpochs(run));
  if (sane) await sanityCheck(run, sources);
  const train = await openTraining(run, sources);
  if (run.batches.train === 0) return run.print("`Trainer.fit` stopped: No training batches.");
  if (run.phase === "ending" || run.phase === "cut") await endEpoch(run, {});
  const over = finished(run);
  if (over !== null) return over === "" ? undefined : run.print(over);
  if (!sane) await openValidation(run, sources);
  announce(run);
  if (checkpoint !== null) restorePlaces(run, checkpoint.content!, train);
  run.compiled = compiledStep(run);
  try {
    await trainLoop(run);
  } finally {
    run.compiled?.forget();
    run.compiled = null;
  }
}

/** Whether a resumed run goes on with a new epoch; one that counts its steps never does, as in Lightning. */
function isBetweenEpochs({ settings, phase, batchesDone }: RunState): boolean {
  if (settings.maxSteps !== -1) return false;
  return phase === "ending" || phase === "cut" || (phase === "start" && batchesDone === 0);
}

/** Says what a user may not expect of the settings, in a few words each. */
function announce(run: RunState): void {
  const { detectAnomaly, logEveryNSteps } = run.settings;
  const batches = run.batches.train;
  if (run.optimizers.length === 0) {
    run.printOnce("`configureOptimizers` returned null: this fit will run with no optimizer.");
  }
  if (detectAnomaly) {
    run.printOnce(
      "`detect_anomaly` is on: every batch is looked through for NaN, which makes training slower.",
    );
  }
  if (run.loggers.length > 0 && batches < logEveryNSteps) {
    run.printOnce(
      `The number of training batches (${batches}) is smaller than the logging interval ` +
        `(log_every_n_steps=${logEveryNSteps}); set it lower to see values of steps in every epoch.`,
    );
  }
}

function requireTraining({ module }: RunState): void {
  const { automaticOptimization, automatic_optimization } = module as {
    readonly automaticOptimization?: boolean;
    readonly automatic_optimization?: boolean;
  };
  if (automaticOptimization === false || automatic_optimization === false) {
    throw new MisconfigurationError("Manual optimization (automaticOptimization = false) is not supported", {
      where: moduleName(module),
      fix:
        "take it out and return the loss from trainingStep(): the trainer does the backward pass and steps the " +
        "optimizer; where that is not enough, write the loop yourself, as examples/mnist_loop.ts does",
    });
  }
  for (const hook of ["trainingStep", "configureOptimizers"] as const) {
    if (typeof module[hook] === "function") continue;
    throw new MisconfigurationError(`No ${hook}() method is defined, so the module cannot be trained`, {
      where: moduleName(module),
      fix: `define ${hook}()`,
    });
  }
}

/** The training loader: made once, and anew every so many epochs where that was asked for. */
async function openTraining(run: RunState, sources: FitSources): Promise<BatchSource> {
  const { settings } = run;
  const open = async (): Promise<BatchSource> => {
    const source = requireSource(await sources.train(), "trainDataloaders");
    const ordered = settings.overfitBatches === 0 ? source : unshuffled(source);
    if (ordered !== source) {
      run.printOnce(
        "You requested to overfit; the training loader's sampler is replaced by a sequential one.",
      );
    }
    run.batches.train = limitBatches(
      settings.overfitBatches !== 0 ? "overfitBatches" : "limitTrainBatches",
      settings.limitTrainBatches,
      source.length,
      "train_dataloader",
    );
    const { valCheckInterval, checkValEveryNEpoch, limitValBatches } = settings;
    if (run.batches.train > 0 && limitValBatches !== 0) {
      validationInterval(valCheckInterval, run.batches.train, checkValEveryNEpoch === null);
    }
    return ordered;
  };
  let source = await open();
  let openedIn = run.currentEpoch;
  run.openTrainSource = source;
  run.trainSource = async () => {
    const every = settings.reloadDataloadersEveryNEpochs;
    if (every > 0 && run.currentEpoch > openedIn && run.currentEpoch % every === 0) {
      source = await open();
      openedIn = run.currentEpoch;
      run.openTrainSource = source;
    }
    return source;
  };
  return source;
}

async function validationSources(run: RunState, sources: FitSources): Promise<RunState["valSources"]> {
  const list = sourceList(await sources.val(), "valDataloaders");
  const step = run.module.validationStep !== undefined;
  if (list.length > 0 && !step) {
    run.print("You passed a val_dataloader but have no validation_step. Skipping val loop.");
  }
  if (list.length === 0 && step) {
    run.print("You defined a validation_step but have no val_dataloader. Skipping val loop.");
  }
  if (!step) return [];
  const { limitValBatches, overfitBatches } = run.settings;
  return list.map((source) => {
    const ordered = overfitBatches === 0 ? source : unshuffled(source);
    return [
      ordered,
      limitBatches(
        overfitBatches !== 0 ? "overfitBatches" : "limitValBatches",
        limitValBatches,
        source.length,
        "val_dataloader",
      ),
    ] as const;
  });
}

async function openValidation(run: RunState, sources: FitSources): Promise<void> {
  run.valSources = await validationSources(run, sources);
  run.batches.validate = run.valSources.reduce((sum, [, batches]) => sum + batches, 0);
}

/** Tries a few validation batches before training; leaves no trace in metrics or random numbers. */
async function sanityCheck(run: RunState, from: FitSources): Promise<void> {
  const { numSanityValSteps, limitValBatches } = run.settings;
  if (limitValBatches === 0 || !from.hasVal) return await openValidation(run, from);
  const generators = generatorStates();
  run.loop = "sanity";
  await run.callOn(run.callbackReceivers(), "onSanityCheckStart");
  await openValidation(run, from);
  const sources = run.valSources.map(([source, batches]) =>
    [source, Math.min(batches, numSanityValSteps)] as const
  );
  run.batches.sanity = sources.reduce((sum, [, batches]) => sum + batches, 0);
  const { callbackMetrics } = run;
  await evaluate(run, "sanity", sources);
  await run.callOn(run.callbackReceivers(), "onSanityCheckEnd");
  run.clearMetrics();
  // Those of a resumed run; a fresh one has none.
  run.callbackMetrics = callbackMetrics;
  restoreGenerators(generators);
}
