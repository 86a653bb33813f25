import { strictEqual, throws } from "node:assert/strict";
import golden from "../golden/train.json" with { type: "json" };
import { SimpleProfiler } from "../../core/profilers/mod.ts";
import { tempFolder } from "../support/temp_folder.ts";

Deno.test("SimpleProfiler writes Lightning's table for the same times", () => {
  const clock = [0, 1, 1.5, 2, 4, 4, 4.125, 100][Symbol.iterator]();
  const profiler = new SimpleProfiler({}, () => clock.next().value!);
  for (const action of ["load", "[LightningModule]Toy.training_step", "load"]) {
    profiler.start(action);
    profiler.stop(action);
  }
  strictEqual(`Profiler Report\n${profiler.summary().slice(1)}`, golden.profile);
});

Deno.test("SimpleProfiler titles its report with the stage and forgets the actions", async () => {
  const profiler = new SimpleProfiler();
  profiler.start("load");
  profiler.stop("load");
  let report = "";
  await profiler.teardown("fit", ".", (text) => report = text);
  strictEqual(report.startsWith("FIT Profiler Report\n"), true);
  strictEqual(report.includes("load"), true);
  report = "";
  await profiler.teardown("fit", ".", (text) => report = text);
  strictEqual(report, "");
});

Deno.test("SimpleProfiler with a filename writes the report to the log folder", async () => {
  const folder = await tempFolder();
  const profiler = new SimpleProfiler({ filename: "times" });
  profiler.start("load");
  profiler.stop("load");
  await profiler.teardown("test", folder, () => {});
  strictEqual((await Deno.readTextFile(`${folder}/test-times.txt`)).startsWith("TEST Profiler Report"), true);
});

Deno.test("SimpleProfiler refuses to start an action twice, and to stop one that was not started", () => {
  const profiler = new SimpleProfiler();
  throws(() => profiler.stop("load"), /never started/);
  profiler.start("load");
  throws(() => profiler.start("load"), /already started/);
});
