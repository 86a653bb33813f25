import { deepStrictEqual, strictEqual, throws } from "node:assert/strict";
import { Timer, type TimerOptions } from "../../core/callbacks/timer.ts";
import { FakeRun } from "../support/fake_run.ts";

/** A timer whose clock the test moves. */
function timed(options: TimerOptions): { timer: Timer; clock: { ms: number } } {
  const clock = { ms: 0 };
  return { timer: new Timer(options, () => clock.ms), clock };
}

Deno.test("Timer stops after the batch at which its time is up", () => {
  const { timer, clock } = timed({ duration: "00:00:00:01" });
  const run = new FakeRun();
  timer.onTrainStart();
  clock.ms = 999;
  timer.onTrainBatchEnd(run);
  strictEqual(run.shouldStop, false);
  clock.ms = 1000;
  timer.onTrainBatchEnd(run);
  deepStrictEqual(run.reasons, ["Time limit reached. Elapsed time is 0:00:01. Signaling Trainer to stop."]);
});

Deno.test("Timer with interval epoch looks at epochs only", () => {
  const { timer, clock } = timed({ duration: "00:00:00:01", interval: "epoch" });
  const run = new FakeRun();
  timer.onTrainStart();
  clock.ms = 5000;
  timer.onTrainBatchEnd(run);
  strictEqual(run.shouldStop, false);
  timer.onTrainEpochEnd(run);
  strictEqual(run.shouldStop, true);
});

Deno.test("Timer counts the time of the run that it resumes", () => {
  const first = timed({ duration: "00:00:01:00" });
  first.timer.onTrainStart();
  first.clock.ms = 59_000;
  const second = timed({ duration: "00:00:01:00" });
  second.timer.loadState(first.timer.state());
  const run = new FakeRun();
  second.timer.onTrainStart();
  second.clock.ms = 1000;
  second.timer.onTrainBatchEnd(run);
  strictEqual(run.shouldStop, true);
});

Deno.test("Timer shows how a duration is written where it cannot read one", () => {
  throws(() => new Timer({ duration: "1h" }), {
    message: [
      'callbacks.Timer cannot read the duration "1h"',
      '  fix: write days, hours, minutes and seconds as "DD:HH:MM:SS", such as "00:12:00:00" for 12 hours',
    ].join("\n"),
  });
});
