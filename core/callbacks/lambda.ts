import { nearest, OptionError } from "../errors.ts";
import { camelCase } from "../options.ts";
import type { Callback } from "../train/callback.ts";

/** Every hook's name, for {@linkcode LambdaCallback}. */
export const HOOKS: readonly (keyof Callback)[] = [
  "setup",
  "teardown",
  "onFitStart",
  "onFitEnd",
  "onSanityCheckStart",
  "onSanityCheckEnd",
  "onTrainStart",
  "onTrainEnd",
  "onTrainEpochStart",
  "onTrainEpochEnd",
  "onTrainBatchStart",
  "onTrainBatchEnd",
  "onBeforeZeroGrad",
  "onBeforeBackward",
  "onAfterBackward",
  "onBeforeOptimizerStep",
  "onValidationStart",
  "onValidationEnd",
  "onValidationEpochStart",
  "onValidationEpochEnd",
  "onValidationBatchStart",
  "onValidationBatchEnd",
  "onTestStart",
  "onTestEnd",
  "onTestEpochStart",
  "onTestEpochEnd",
  "onTestBatchStart",
  "onTestBatchEnd",
  "onPredictStart",
  "onPredictEnd",
  "onPredictEpochStart",
  "onPredictEpochEnd",
  "onPredictBatchStart",
  "onPredictBatchEnd",
  "onException",
];

/** Functions by hook. */
export type LambdaCallbackOptions = Omit<
  Callback,
  "state" | "loadState" | "stateKey" | "monitors" | "stateTensors" | "loggedMetrics"
>;

/**
 * A callback made of functions.
 *
 * @throws {OptionError} for a name that is no hook.
 *
 * @example
 * ```ts
 * import { LambdaCallback } from "./lambda.ts";
 * const callback = new LambdaCallback({ onTrainEnd: (run) => run.print("trained") });
 * console.assert(typeof callback.hooks.onTrainEnd === "function");
 * ```
 */
export class LambdaCallback implements Callback {
  readonly stateKey = "LambdaCallback";
  /** The functions, by hook. */
  readonly hooks: LambdaCallbackOptions;

  constructor(options: LambdaCallbackOptions) {
    const hooks: Record<string, unknown> = {};
    for (const [key, value] of Object.entries(options)) {
      const name = camelCase(key);
      if (!(HOOKS as readonly string[]).includes(name)) {
        const near = nearest(name, HOOKS);
        throw new OptionError(`callbacks.LambdaCallback knows no hook "${key}"`, {
          fix: near === undefined ? `hooks are ${HOOKS.join(", ")}` : `did you mean "${near}"?`,
        });
      }
      hooks[name] = value;
    }
    this.hooks = hooks;
    Object.assign(this, hooks);
  }
}
