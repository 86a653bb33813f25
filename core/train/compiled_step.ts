import type { Batch } from "../batch.ts";
import { MisconfigurationError } from "../errors.ts";
import { capture, type CapturedStep, Tensor } from "../tensor/mod.ts";
import type { StepOutputs } from "./callback.ts";
import type { RunState } from "./run_state.ts";

/** Hooks that a replayed step could not call: they stand between the parts that are captured. */
const INSIDE = ["onBeforeZeroGrad", "onBeforeBackward", "onAfterBackward", "onBeforeOptimizerStep"] as const;

/** Records a training step's tensor work for one batch and returns its outputs. */
export type RecordStep = (batch: Batch, batchIdx: number, steps: boolean) => StepOutputs;

/**
 * The training step, captured: from its third batch of a shape on, the recorded launches run again and the step's own
 * code does not.
 */
export class CompiledStep {
  readonly #record: RecordStep;
  readonly #check: ((batch: Batch) => void) | null;
  readonly #captured = new Map<
    string,
    { readonly run: CapturedStep<Batch, StepOutputs>; aliases: Record<string, string> }
  >();

  /** @throws {MisconfigurationError} where a hook has to run inside the step. */
  constructor(run: RunState, record: RecordStep) {
    for (const [name, target] of [...run.callbackReceivers(), ...run.moduleReceivers]) {
      const hook = INSIDE.find((name) => typeof (target as Record<string, unknown>)[name] === "function");
      if (hook === undefined) continue;
      throw new MisconfigurationError(`compile: true replays whole steps, and ${name} has ${hook}`, {
        where: "train.BaseLitModule.compile",
        fix: "take the hook out, or set compile to false",
      });
    }
    this.#record = record;
    this.#check = run.module.checkBatch?.bind(run.module) ?? null;
  }

  /**
   * Runs the step for a batch.
   *
   * @param clears Whether gradients are cleared first, and `steps` whether an optimizer step follows: each combination
   * is captured on its own.
   */
  run(batch: Batch, batchIdx: number, clears: boolean, steps: boolean): StepOutputs {
    const key = `${clears}${steps}`;
    this.#check?.(batch);
    let step = this.#captured.get(key);
    if (step === undefined) this.#captured.set(key, step = this.#capture(batchIdx, steps));
    const own = step.run(batch);
    return {
      ...Object.fromEntries(Object.entries(step.aliases).map(([to, from]) => [to, batch[from]])),
      ...own,
    };
  }

  /** Outputs that are the batch's own tensors are noted by name: a replay has other ones. */
  #capture(
    batchIdx: number,
    steps: boolean,
  ): { run: CapturedStep<Batch, StepOutputs>; aliases: Record<string, string> } {
    const step = {
      aliases: {} as Record<string, string>,
      run: capture((batch: Batch) => {
        const names = new Map(Object.entries(batch).map(([name, value]) => [value, name]));
        const own: StepOutputs = {};
        const aliases: Record<string, string> = {};
        for (const [name, value] of Object.entries(this.#record(batch, batchIdx, steps))) {
          const from = value instanceof Tensor ? names.get(value) : undefined;
          if (from === undefined) own[name] = value;
          else aliases[name] = from;
        }
        step.aliases = aliases;
        return own;
      }),
    };
    return step;
  }

  /** Frees what the captured steps hold. */
  dispose(): void {
    for (const { run } of this.#captured.values()) run.dispose();
    this.#captured.clear();
  }
}
