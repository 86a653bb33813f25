import { deepStrictEqual, throws } from "node:assert/strict";
import { metrics, type Tensor, tensor } from "../../mod.ts";
import { eachDevice } from "../support/tensors.ts";

type AnyMetric = metrics.Metric<[Tensor, Tensor]>;
const classes = metrics as unknown as Readonly<Record<string, new (options: object) => AnyMetric>>;

const scores = () => tensor([[0.9, 0.1, 0.4], [0.2, 0.7, 0.6], [0.3, 0.4, 0.8], [0.6, 0.2, 0.1]]);
const yes = () => tensor([[1, 0, 1], [0, 1, 0], [0, 1, 1], [0, 0, 1]], { dtype: "i32" });

/** What each task takes, and a batch for it. */
const TASKS = {
  Binary: {
    options: {},
    batch: () => [tensor([0.2, 0.7, 0.9, 0.4]), tensor([0, 1, 1, 1], { dtype: "i32" })],
  },
  Multiclass: { options: { numClasses: 3 }, batch: () => [scores(), tensor([0, 1, 1, 2], { dtype: "i32" })] },
  Multilabel: { options: { numLabels: 3 }, batch: () => [scores(), yes()] },
} as const;

for (const [task, { options, batch }] of Object.entries(TASKS)) {
  for (const name of ["Accuracy", "Precision", "Recall", "F1Score", "ConfusionMatrix"]) {
    eachDevice(`${task}${name} is ${name} of its task, averaged over classes by default`, async () => {
      const average = name === "ConfusionMatrix" ? {} : { average: "macro" };
      const one = new classes[`${task}${name}`]!(options);
      const other = new classes[name]!({ ...options, ...average, task: task.toLowerCase() });
      const copy = one.clone();
      for (const metric of [one, other, copy]) metric.update(...batch() as [Tensor, Tensor]);
      const expected = [...await other.compute().data()];
      deepStrictEqual([...await one.compute().data()], expected);
      deepStrictEqual([...await copy.compute().data()], expected);
    });
  }
}

Deno.test("MulticlassAccuracy names itself where its classes are missing", () => {
  throws(
    () => new metrics.MulticlassAccuracy({} as never),
    /^OptionError: metrics.MulticlassAccuracy needs the option/,
  );
  throws(
    () => new metrics.MulticlassAccuracy({ numClasses: 1 }),
    /cannot use numClasses = 1\n {2}fix: give a whole/,
  );
});
