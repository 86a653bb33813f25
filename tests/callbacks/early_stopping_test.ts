import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { EarlyStopping, type EarlyStoppingOptions } from "../../core/callbacks/early_stopping.ts";
import { FakeRun } from "../support/fake_run.ts";

/** Feeds one value per epoch until the run is asked to stop; returns the epochs that ran. */
function feed(callback: EarlyStopping, values: readonly number[], run = new FakeRun()): number {
  for (const value of values) {
    run.callbackMetrics["val/x"] = value;
    callback.onTrainEpochEnd(run);
    run.currentEpoch += 1;
    if (run.shouldStop) break;
  }
  return run.currentEpoch;
}

function watching(options: Partial<EarlyStoppingOptions> = {}): EarlyStopping {
  return new EarlyStopping({ monitor: "val/x", ...options });
}

Deno.test("EarlyStopping stops after patience checks without improvement", () => {
  const callback = watching({ patience: 3 });
  strictEqual(feed(callback, [3, 2, 2, 2, 2, 2, 2]), 5);
  strictEqual(callback.waitCount, 3);
  strictEqual(callback.stoppedEpoch, 4);
});

Deno.test("EarlyStopping stops at once when the metric is NaN", () => {
  const run = new FakeRun();
  strictEqual(feed(watching(), [3, 2, NaN, 1], run), 3);
  deepStrictEqual(run.reasons, [
    "Monitored metric val/x = nan is not finite. Previous best value was 2.000. Signaling Trainer to stop.",
  ]);
});

Deno.test("EarlyStopping stops when the metric is better than stoppingThreshold", () => {
  strictEqual(feed(watching({ stoppingThreshold: 0.6 }), [3, 0.5, 0.4]), 2);
});

Deno.test("EarlyStopping stops when the metric is worse than divergenceThreshold", () => {
  strictEqual(feed(watching({ divergenceThreshold: 10 }), [3, 11, 1]), 2);
});

Deno.test("EarlyStopping counts only changes larger than minDelta as improvement", () => {
  const callback = watching({ minDelta: 0.15 });
  feed(callback, [3, 2.9, 2.8, 2.7]);
  strictEqual(callback.bestScore, 2.8);
  strictEqual(callback.waitCount, 1);
});

Deno.test("EarlyStopping with mode auto follows the direction that the metric declares", () => {
  const run = new FakeRun();
  run.directions["val/x"] = "max";
  const callback = watching({ patience: 1, mode: "auto" });
  strictEqual(feed(callback, [1, 2, 3, 2], run), 4);
  strictEqual(callback.bestScore, 3);
});

Deno.test("EarlyStopping with patience 0 stops at the first check without improvement", () => {
  strictEqual(feed(watching({ patience: 0 }), [3, 3, 1]), 2);
});

Deno.test("EarlyStopping checks at validation's end where validation runs within the epoch", () => {
  const run = new FakeRun({ valCheckInterval: 0.5 });
  run.callbackMetrics["val/x"] = NaN;
  const callback = watching();
  callback.onTrainEpochEnd(run);
  strictEqual(run.shouldStop, false);
  callback.onValidationEnd(run);
  strictEqual(run.shouldStop, true);
});

Deno.test("EarlyStopping does nothing in the sanity check and in a fast development run", () => {
  const sanity = new FakeRun({ valCheckInterval: 0.5 });
  sanity.loop = "sanity";
  watching().onValidationEnd(sanity);
  watching().onTrainEpochEnd(new FakeRun({ fastDevRun: true }));
  strictEqual(sanity.shouldStop, false);
});

Deno.test("EarlyStopping on a metric that was not logged names those that were", () => {
  const run = new FakeRun();
  run.callbackMetrics = { "val/total": 1, "val/best": 1 };
  throws(() => watching().onTrainEpochEnd(run), {
    message: [
      'EarlyStopping monitors "val/x", which was not logged',
      "  where: EarlyStopping",
      "  fix: logged are val/total, val/best",
    ].join("\n"),
  });
});

Deno.test("EarlyStopping continues from its saved state", () => {
  const before = watching({ patience: 3 });
  feed(before, [3, 2, 2, 2]);
  const after = watching({ patience: 3 });
  after.loadState(before.state());
  strictEqual(feed(after, [2.5, 2.5, 2.5]), 1);
});

Deno.test("EarlyStopping has Lightning's state key", () => {
  strictEqual(watching({ mode: "min" }).stateKey, "EarlyStopping{'monitor': 'val/x', 'mode': 'min'}");
});

Deno.test("EarlyStopping takes Lightning's option names as YAML writes them", () => {
  const options = {
    monitor: "val/x",
    min_delta: 0.5,
    stopping_threshold: 1,
  } as unknown as EarlyStoppingOptions;
  strictEqual(feed(new EarlyStopping(options), [3, 0.5]), 2);
});

Deno.test("EarlyStopping names the worst value as the best one where the first value is NaN", () => {
  for (const [mode, worst] of [["min", "inf"], ["max", "-inf"]] as const) {
    const run = new FakeRun();
    feed(watching({ mode }), [NaN], run);
    deepStrictEqual(run.reasons, [
      `Monitored metric val/x = nan is not finite. Previous best value was ${worst}. Signaling Trainer to stop.`,
    ]);
  }
});

Deno.test("EarlyStopping says that it stops the run, and with verbose by how much the metric improved", () => {
  const run = new FakeRun();
  feed(watching({ patience: 1, verbose: true, minDelta: 0.5 }), [3, 2, 2], run);
  deepStrictEqual(run.printed, [
    "Metric val/x improved. New best score: 3.000",
    "Metric val/x improved by 1.000 >= min_delta = 0.5. New best score: 2.000",
  ]);
  deepStrictEqual(run.reasons, [
    "Monitored metric val/x did not improve in the last 1 records. Best score: 2.000. Signaling Trainer to stop.",
  ]);
});
