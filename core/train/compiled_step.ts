import type { Batch } from "../batch.ts";
import { MisconfigurationError } from "../errors.ts";
import { Optimizer } from "../optim/mod.ts";
import { capture, type CapturedStep, Tensor } from "../tensor/mod.ts";
import type { Run, StepOutputs } from "./callback.ts";
import type { SteppableModule } from "./lit_module_hooks.ts";
import { moduleName } from "./module_name.ts";
import { mayUseParameter } from "./parameter_use.ts";
import type { RunState } from "./run_state.ts";
import { guardedRun, HostForms } from "./step_guards.ts";

/** Hooks that a replayed step could not call: they stand between the parts that are captured. */
const INSIDE = ["onBeforeZeroGrad", "onBeforeBackward", "onAfterBackward", "onBeforeOptimizerStep"] as const;

/** Methods of the module that run within the step: what they read beside tensors cannot be followed. */
const WITHIN = ["backward", "optimizerStep", "optimizerZeroGrad", "configureGradientClipping"] as const;

/** As many forms of host values are captured side by side: torch.compile's recompile limit. */
const MOST_FORMS = 8;

/** Records a training step's tensor work for one batch and returns its outputs; the step is given `seen`. */
export type RecordStep = (batch: Batch, batchIdx: number, steps: boolean, seen: Run) => StepOutputs;

interface Captured {
  readonly run: CapturedStep<Batch, StepOutputs>;
  aliases: Record<string, string>;
}

/**
 * The training step, captured: from its third batch of a shape on, the recorded launches run again and the step's own
 * code does not.
 *
 * What the step may read beside tensors is guarded: values that are not tensors in the batch and in the module's own
 * fields belong to what is captured, and every epoch and every validation captures anew, as hooks may have changed
 * anything. A step that reads what changes with every batch is recorded every time, and a line says why.
 */
export class CompiledStep {
  readonly #record: RecordStep;
  readonly #run: RunState;
  readonly #seen: Run;
  readonly #captured = new Map<string, Captured>();
  readonly #forms: HostForms;
  /** Why every batch is recorded, once it is known. */
  #recordsBecause: string | null = null;

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
    this.#run = run;
    this.#seen = guardedRun(run, (property) => this.#stop(`it reads run.${property}`));
    const { module } = run;
    this.#forms = new HostForms(module, run.optimizers);
    const foreign = run.optimizers.find((optimizer) => !(optimizer instanceof Optimizer));
    if (foreign !== undefined) this.#stop("its optimizer does not extend optim.Optimizer");
    const within = WITHIN.find((method) => module[method] !== undefined);
    if (within !== undefined) this.#stop(`the module has its own ${within}()`);
    if (mayUseBatchIdx(module)) this.#stop("it uses its argument batchIdx");
  }

  /**
   * Runs the step for a batch.
   *
   * @param clears Whether gradients are cleared first, and `steps` whether an optimizer step follows: each combination
   * is captured on its own.
   */
  run(batch: Batch, batchIdx: number, clears: boolean, steps: boolean): StepOutputs {
    if (this.#recordsBecause !== null) return this.#record(batch, batchIdx, steps, this.#run);
    const { module } = this.#run;
    const form = this.#forms.of(batch);
    const key = `${clears}${steps};${form}`;
    module.checkBatch?.(batch);
    let step = this.#captured.get(key);
    if (step === undefined) this.#captured.set(key, step = this.#capture(batchIdx, steps));
    const { replays } = step.run;
    const own = step.run(batch);
    const outputs = {
      ...Object.fromEntries(Object.entries(step.aliases).map(([to, from]) => [to, batch[from]])),
      ...own,
    };
    if (step.run.replays === replays && this.#forms.of(batch) !== form) {
      this.#stop("it changes a number, word or truth value in the module's fields or in the batch");
    }
    if (this.#forms.count > MOST_FORMS) {
      const names = this.#forms.changing.join(", ");
      this.#stop(`what it may read beside tensors took more than ${MOST_FORMS} forms: ${names}`);
    }
    if (this.#recordsBecause !== null) this.forget();
    return outputs;
  }

  /** From now on every batch is recorded; says why. */
  #stop(reason: string): void {
    if (this.#recordsBecause !== null) return;
    this.#recordsBecause = reason;
    const name = `${moduleName(this.#run.module)}.trainingStep`;
    this.#run.printOnce(
      `compile: true replays nothing here: ${name} is recorded at every batch, because ${reason}.`,
    );
  }

  /** Outputs that are the batch's own tensors are noted by name: a replay has other ones. */
  #capture(batchIdx: number, steps: boolean): Captured {
    const step = {
      aliases: {} as Record<string, string>,
      run: capture((batch: Batch) => {
        const names = new Map(Object.entries(batch).map(([name, value]) => [value, name]));
        const own: StepOutputs = {};
        const aliases: Record<string, string> = {};
        const outputs = this.#record(batch, batchIdx, steps, this.#seen);
        if (outputs.loss === undefined) this.#stop("it returned null for a batch");
        for (const [name, value] of Object.entries(outputs)) {
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

  /** Frees what is captured; the next batch captures anew. */
  forget(): void {
    for (const { run } of this.#captured.values()) run.dispose();
    this.#captured.clear();
    this.#forms.clear();
  }
}

/** Whether the training step looks at its second argument; handing it to the class it extends is no look. */
function mayUseBatchIdx(module: SteppableModule): boolean {
  for (let owner: object | null = module; owner !== null; owner = Object.getPrototypeOf(owner)) {
    const step = Object.getOwnPropertyDescriptor(owner, "trainingStep")?.value;
    if (typeof step !== "function") continue;
    if (mayUseParameter(step, 1, "trainingStep")) return true;
    if (!String(step).includes("super.")) return false;
  }
  return false;
}
