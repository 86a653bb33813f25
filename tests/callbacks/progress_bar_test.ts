import { deepStrictEqual, strictEqual } from "node:assert/strict";
import type { Terminal } from "../../core/callbacks/live_line.ts";
import { RichProgressBar } from "../../core/callbacks/rich_progress_bar.ts";
import { FakeRun } from "../support/fake_run.ts";

/** What a terminal of this kind was sent, and a clock that the test moves. */
function terminal(
  live: boolean,
  columns = 120,
  color = true,
): { terminal: Terminal; written: string[]; clock: { ms: number } } {
  const written: string[] = [];
  return {
    terminal: { live, color, width: () => columns, write: (text) => void written.push(text) },
    written,
    clock: { ms: 0 },
  };
}

Deno.test("RichProgressBar without a terminal prints one line for each epoch and no control characters", async () => {
  const { terminal: plain, written, clock } = terminal(false);
  const bar = new RichProgressBar({}, plain, () => clock.ms);
  const run = new FakeRun({ maxEpochs: 3 });
  bar.setup(run);
  bar.onTrainEpochStart();
  for (run.batchIdx = 0; run.batchIdx < 4; run.batchIdx++) {
    clock.ms += 500;
    await bar.onTrainBatchEnd(run);
  }
  run.progressBarMetrics = {
    "val/ce": 0.5,
    "val/total": 0.5,
    "val/best": 0.5,
    "train/a": 0.125,
    "train/b": 0.125,
    "train/total": 0.25,
  };
  bar.onTrainEpochEnd(run);
  deepStrictEqual(written, []);
  deepStrictEqual(run.printed, [
    "Epoch 0/2   train a 0.125 b 0.125 total 0.250 · val total 0.500 best 0.500 · 2.0 s, 2.00 it/s",
  ]);
});

Deno.test("RichProgressBar without a terminal says every ten seconds how far it is", async () => {
  const { terminal: plain, clock } = terminal(false);
  const bar = new RichProgressBar({}, plain, () => clock.ms);
  const run = new FakeRun({ maxEpochs: 3 });
  bar.onTrainEpochStart();
  clock.ms = 10_000;
  run.batchIdx = 1;
  await bar.onTrainBatchEnd(run);
  deepStrictEqual(run.printed, ["Epoch 0/2   2/4  0:00:10 • 0:00:10  0.20 it/s"]);
});

Deno.test("RichProgressBar on a terminal draws no more often than it is told", async () => {
  const { terminal: live, written, clock } = terminal(true);
  const bar = new RichProgressBar({ refreshRate: 10 }, live, () => clock.ms);
  const run = new FakeRun();
  run.totalBatches = 1000;
  bar.onTrainEpochStart();
  clock.ms = 1000;
  for (run.batchIdx = 0; run.batchIdx < 50; run.batchIdx++) {
    clock.ms += 10;
    await bar.onTrainBatchEnd(run);
  }
  strictEqual(written.length, 5);
});

Deno.test("RichProgressBar on a terminal prints lines above the bar and leaves the cursor visible", async () => {
  const { terminal: live, written, clock } = terminal(true);
  const bar = new RichProgressBar({}, live, () => clock.ms);
  const run = new FakeRun();
  let printer = (_text: string): void => {};
  run.setPrinter = (given?: (text: string) => void) => {
    printer = given!;
    return () => {};
  };
  bar.setup(run);
  bar.onTrainEpochStart();
  clock.ms = 1000;
  await bar.onTrainBatchEnd(run);
  const drawn = written.at(-1)!;
  printer("a line");
  strictEqual(written.at(-1)!.startsWith("\r\x1b[2Ka line\n"), true);
  strictEqual(written.at(-1)!.endsWith(drawn.slice(drawn.indexOf("Epoch"))), true);
  bar.teardown();
  strictEqual(written.at(-1), "\r\x1b[2K");
});

/** A line without its control sequences. */
function shown(text: string): string {
  // deno-lint-ignore no-control-regex -- these are the sequences to strip
  return text.replace(/\r|\x1b\[[?\d;]*[a-zA-Z]/g, "");
}

Deno.test("RichProgressBar fits its line into the terminal, however narrow", async () => {
  for (const columns of [30, 60, 80, 200]) {
    const { terminal: live, written, clock } = terminal(true, columns);
    const bar = new RichProgressBar({}, live, () => clock.ms);
    const run = new FakeRun();
    run.totalBatches = 12345;
    run.progressBarMetrics = { "train/total": 0.5, "val/accuracy": 0.9 };
    bar.onTrainEpochStart();
    clock.ms = 1000;
    await bar.onTrainBatchEnd(run);
    const line = shown(written.at(-1)!);
    strictEqual(line.length < columns, true, `${line.length} of ${columns}: ${line}`);
    strictEqual(line.includes("1/12345"), true);
    strictEqual(line.includes("· val accuracy 0.900"), columns === 200);
  }
});

for (
  const [columns, line] of [
    [40, "Epoch 0/2     1/844  train total 1.591"],
    [60, "Epoch 0/2   ━━━━━━━━━━    1/844  0:00:01  train total 1.591"],
    [80, "Epoch 0/2   ━━━━━━━━━━━━━━━    1/844  0:00:01  train total 1.591 accuracy 0.538"],
    [
      110,
      "Epoch 0/2   ━━━━━━━━━━━━━━━━━━━━━━━━    1/844  0:00:01 • 0:14:03  1.00 it/s  train total 1.591 accuracy 0.538",
    ],
  ] as const
) {
  Deno.test(`RichProgressBar shows how the loss falls on ${columns} columns`, async () => {
    const { terminal: live, written, clock } = terminal(true, columns);
    const bar = new RichProgressBar({}, live, () => clock.ms);
    const run = new FakeRun({ maxEpochs: 3 });
    run.totalBatches = 844;
    run.progressBarMetrics = {
      "val/total": 0.5,
      "val/accuracy": 0.9,
      "val/best": 0.95,
      "train/total": 1.591,
      "train/accuracy": 0.538,
    };
    bar.onTrainEpochStart();
    clock.ms = 1000;
    await bar.onTrainBatchEnd(run);
    strictEqual(shown(written.at(-1)!), line);
  });
}

Deno.test("RichProgressBar without colours leaves the open part of the bar blank", async () => {
  const { terminal: live, written, clock } = terminal(true, 120, false);
  const bar = new RichProgressBar({}, live, () => clock.ms);
  const run = new FakeRun({ maxEpochs: 3 });
  bar.onTrainEpochStart();
  clock.ms = 1000;
  await bar.onTrainBatchEnd(run);
  strictEqual(
    written.at(-1),
    `\r\x1b[2KEpoch 0/2   ${"━".repeat(7)}${" ".repeat(21)}  1/4  0:00:01 • 0:00:03  1.00 it/s  `,
  );
});

Deno.test("RichProgressBar without a terminal shows the loss in its lines of progress", async () => {
  const { terminal: plain, clock } = terminal(false);
  const bar = new RichProgressBar({}, plain, () => clock.ms);
  const run = new FakeRun({ maxEpochs: 3 });
  run.readProgress = () => {
    run.progressBarMetrics = { "train/total": 0.25 };
    return Promise.resolve();
  };
  bar.onTrainEpochStart();
  clock.ms = 10_000;
  await bar.onTrainBatchEnd(run);
  deepStrictEqual(run.printed, ["Epoch 0/2   1/4  0:00:10 • 0:00:30  0.10 it/s  train total 0.250"]);
});

Deno.test("RichProgressBar repeats no validation values of an earlier epoch in an epoch's line", () => {
  const { terminal: plain, clock } = terminal(false);
  const bar = new RichProgressBar({}, plain, () => clock.ms);
  const run = new FakeRun({ maxEpochs: 3 });
  run.progressBarMetrics = { "train/total": 0.5 };
  const epoch = (validated: boolean): string => {
    bar.onTrainEpochStart();
    clock.ms += 2000;
    if (validated) {
      bar.onValidationStart(run);
      run.progressBarMetrics = { ...run.progressBarMetrics, "val/total": 0.75 };
      bar.onValidationEnd(run);
    }
    bar.onTrainEpochEnd(run);
    return run.printed.at(-1)!;
  };
  strictEqual(epoch(true), "Epoch 0/2   train total 0.500 · val total 0.750 · 2.0 s, 0.00 it/s");
  strictEqual(epoch(false), "Epoch 0/2   train total 0.500 · 2.0 s, 0.00 it/s");
  strictEqual(epoch(true), "Epoch 0/2   train total 0.500 · val total 0.750 · 2.0 s, 0.00 it/s");
});

Deno.test("RichProgressBar leaves the speed out of an epoch's line that would not fit", () => {
  const { terminal: live, clock } = terminal(true, 50);
  const bar = new RichProgressBar({}, live, () => clock.ms);
  const run = new FakeRun({ maxEpochs: 3 });
  run.progressBarMetrics = { "train/total": 0.5, "train/accuracy": NaN };
  bar.onTrainEpochStart();
  clock.ms = 2000;
  bar.onTrainEpochEnd(run);
  strictEqual(shown(run.printed[0]!), "Epoch 0/2   train total 0.500 accuracy nan · 2.0 s");
});

Deno.test("RichProgressBar breaks an epoch's line before a stage that would not fit", () => {
  const { terminal: live, clock } = terminal(true, 60);
  const bar = new RichProgressBar({}, live, () => clock.ms);
  const run = new FakeRun({ maxEpochs: 3 });
  run.progressBarMetrics = {
    "train/total": 0.5,
    "train/accuracy": 0.75,
    "val/total": 0.25,
    "val/best": 0.25,
  };
  bar.onTrainEpochStart();
  clock.ms = 2000;
  bar.onTrainEpochEnd(run);
  strictEqual(
    shown(run.printed[0]!),
    [
      "Epoch 0/2   train total 0.500 accuracy 0.750",
      "            val total 0.250 best 0.250 · 2.0 s, 0.00 it/s",
    ].join("\n"),
  );
});
