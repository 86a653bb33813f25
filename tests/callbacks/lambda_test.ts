import { deepStrictEqual, throws } from "node:assert/strict";
import { LambdaCallback, type LambdaCallbackOptions } from "../../core/callbacks/lambda.ts";
import type { Callback } from "../../core/train/callback.ts";
import { FakeRun } from "../support/fake_run.ts";

Deno.test("LambdaCallback runs the function that was given for a hook, in either spelling", () => {
  const seen: string[] = [];
  const options = {
    onTrainStart: () => void seen.push("start"),
    on_train_end: () => void seen.push("end"),
  } as LambdaCallbackOptions;
  const callback: Callback = new LambdaCallback(options);
  callback.onTrainStart!(new FakeRun());
  callback.onTrainEnd!(new FakeRun());
  deepStrictEqual(seen, ["start", "end"]);
});

Deno.test("LambdaCallback names the nearest hook for one that is not there", () => {
  throws(() => new LambdaCallback({ onTrainStrat: () => {} } as unknown as LambdaCallbackOptions), {
    message: [
      'callbacks.LambdaCallback knows no hook "onTrainStrat"',
      '  fix: did you mean "onTrainStart"?',
    ].join("\n"),
  });
});
