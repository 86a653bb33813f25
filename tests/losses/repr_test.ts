import assert from "node:assert/strict";
import { CrossEntropyLoss } from "../../core/losses/mod.ts";
import { Accuracy } from "../../core/metrics/mod.ts";

Deno.test("Loss and Metric print their class as in Python", () => {
  assert.equal(Deno.inspect(new CrossEntropyLoss()), "CrossEntropyLoss()");
  assert.equal(Deno.inspect(new Accuracy({ task: "multiclass", numClasses: 3 })), "Accuracy()");
});
