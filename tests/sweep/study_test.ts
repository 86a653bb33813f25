import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { OptionError, ValueError } from "../../core/errors.ts";
import { RandomSampler } from "../../core/sweep/samplers/random_sampler.ts";
import { createStudy, type Study, type StudyOptions } from "../../core/sweep/study/study.ts";

function study(options: StudyOptions = {}): Study {
  return createStudy({ sampler: new RandomSampler({ seed: 1 }), log: { warning: () => {} }, ...options });
}

Deno.test("Study.optimize() keeps the first of equally good trials as the best", () => {
  const made = study();
  made.optimize((trial) => Math.abs(trial.number - 3) > 1 ? 1 : 0, { nTrials: 6 });
  strictEqual(made.bestTrial.number, 2);
  deepStrictEqual(made.bestTrial.values, [0]);
});

Deno.test("Study.optimize() marks a trial whose objective throws as failed and lets the error through", () => {
  const made = study();
  throws(() =>
    made.optimize(() => {
      throw new RangeError("boom");
    }, { nTrials: 3 }), RangeError);
  deepStrictEqual(made.trials.map(({ state }) => state), ["fail"]);
});

Deno.test("Study.tell() gives a pruned trial the last value that it reported", () => {
  const made = study();
  const trial = made.ask();
  trial.report(3, 5);
  trial.report(2, 1);
  trial.report(9, 5);
  made.tell(trial, null, "pruned");
  deepStrictEqual(made.trials[0]!.values, [3]);
  deepStrictEqual([...made.trials[0]!.intermediateValues], [[5, 3], [1, 2]]);
  throws(() => made.bestTrial, ValueError);
});

Deno.test("Study.tell() refuses values that do not fit the objectives or the state", () => {
  const made = study({ directions: ["minimize", "maximize"] });
  const trial = made.ask();
  for (const values of [null, [1], [1, 2, 3], [1, NaN]]) throws(() => made.tell(trial, values), ValueError);
  throws(() => made.tell(trial, [1, 2], "fail"), ValueError);
  throws(() => made.tell(trial, null, "running"), ValueError);
  throws(() => trial.report(1, 0), /not supported for multi-objective/);
  made.tell(trial, [1, 2]);
  throws(() => made.tell(trial, [1, 2]), /Trial#0 has already finished/);
  throws(() => made.bestTrial, /study of one objective/);
});

Deno.test("Study.bestTrials are those that no other one dominates, in two and in three objectives", () => {
  const values = [[1, 5, 0], [2, 4, 0], [2, 5, 0], [3, 3, 1], [1, 5, 0], [9, 9, -1]] as const;
  const two = study({ directions: ["minimize", "minimize"] });
  two.optimize((trial) => values[trial.number]!.slice(0, 2), { nTrials: values.length });
  deepStrictEqual(two.bestTrials.map(({ number }) => number), [0, 1, 3, 4]);
  const three = study({ directions: ["minimize", "minimize", "maximize"] });
  three.optimize((trial) => values[trial.number]!, { nTrials: values.length });
  deepStrictEqual(three.bestTrials.map(({ number }) => number), [0, 1, 3, 4]);
});

Deno.test("Study.enqueueTrial() begins with the given values and draws those out of range", () => {
  const warnings: string[] = [];
  const made = study({ log: { warning: (message) => void warnings.push(message) } });
  made.enqueueTrial({ x: 1, n: 50, c: "b" });
  const trial = made.ask();
  strictEqual(trial.suggestFloat("x", 0, 2), 1);
  strictEqual(trial.suggestCategorical("c", ["a", "b"]), "b");
  ok(trial.suggestInt("n", 1, 9) <= 9);
  strictEqual(String(trial.frozen.params.get("x")), "1.0");
  deepStrictEqual(warnings, ["Fixed parameter 'n' with value 50 is out of range, so it is drawn."]);
});

Deno.test("Trial gives the same value for a name that is asked for twice, and refuses another kind of it", () => {
  const made = study();
  const trial = made.ask();
  const x = trial.suggestFloat("x", 0, 1);
  strictEqual(trial.suggestFloat("x", 0, 1), x);
  throws(() => trial.suggestInt("x", 0, 1), /different distribution kind/);
  trial.suggestCategorical("c", ["a", "b"]);
  made.tell(trial, [1]);
  const next = made.ask();
  next.suggestFloat("x", 5, 6);
  throws(() => next.suggestCategorical("c", ["a", "z"]), /does not support dynamic value space/);
});

Deno.test("Trial refuses empty ranges, steps of a log range, and choices that are objects", () => {
  const trial = study().ask();
  throws(() => trial.suggestFloat("a", 1, 0), ValueError);
  throws(() => trial.suggestFloat("a", 0, 1, { log: true }), ValueError);
  throws(() => trial.suggestFloat("a", 1, 2, { log: true, step: 0.5 }), ValueError);
  throws(() => trial.suggestFloat("a", 0, 1, { step: 0 }), ValueError);
  throws(() => trial.suggestInt("a", 0.5, 2), ValueError);
  throws(() => trial.suggestInt("a", 0, 2, { log: true }), ValueError);
  throws(() => trial.suggestInt("a", 1, 9, { log: true, step: 2 }), ValueError);
  throws(() => trial.suggestCategorical("a", []), ValueError);
  throws(() => trial.suggestCategorical("a", [{} as string]), ValueError);
  throws(() => trial.report(1, -1), ValueError);
  throws(() => trial.report("1" as unknown as number, 1), ValueError);
});

Deno.test("Trial.setUserAttr() keeps what it is given", () => {
  const trial = study().ask();
  trial.setUserAttr("note", [1, "a"]);
  deepStrictEqual({ ...trial.userAttrs }, { note: [1, "a"] });
});

Deno.test("createStudy() refuses directions that there are not, and none", () => {
  throws(() => study({ directions: ["up" as "minimize"] }), OptionError);
  throws(() => study({ directions: [] }), OptionError);
  throws(
    () => createStudy({ direction: "minimize" } as unknown as StudyOptions),
    /has no option "direction"/,
  );
});
