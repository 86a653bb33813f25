import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { FAKE_SLURM } from "../support/fake_slurm.ts";
import { pause, startSweep } from "../support/sweep_process.ts";

const SLURM = ["-m", "hydra/launcher=submitit_slurm"];
/** The same, looked at more often. */
const SOON = ["-m", "hydra/launcher=soon"];
const files = FAKE_SLURM;

Deno.test("main() -m with submitit_slurm hands an array in and collects its results from the shared folder", async () => {
  await using run = startSweep([...SLURM, "x=2,1", "hydra.launcher.partition=gpu"], { files });
  strictEqual(await run.ended(), 0);
  match(
    run.stdout,
    /^\[.*\]\[HYDRA\] Submitit 'slurm' sweep output dir : s\n\[.*\]\[HYDRA\] \t#0 : x=2\n\[.*\]\[HYDRA\] \t#1 : x=1\nafter main\n$/,
  );
  strictEqual([...run.read("sbatch.log").matchAll(/\n/g)].length, 1);
  match(
    run.read("s/.submitit/77/77_submission.sh"),
    /\n#SBATCH --array=0-1%2\n[^]*\n#SBATCH --partition=gpu\n/,
  );
  deepStrictEqual(run.list("s/.submitit/77_1"), [
    "77_1_0_log.err",
    "77_1_0_log.out",
    "77_1_0_result.json",
  ]);
  ok(run.read("s/.submitit/77_1/77_1_0_log.out").startsWith("job 1 is 77_1\n"));
  match(run.read("s/1/.hydra/hydra.yaml"), /\n {4}id: '?77_1'?\n {4}num: 1\n/);
});

Deno.test("main() -m with submitit_slurm hands one job in without an array", async () => {
  await using run = startSweep([...SOON, "x=5", "+hydra.launcher.srun_args=[-v]"], { files });
  strictEqual(await run.ended(), 0);
  ok(!run.read("script.sh").includes("--array"));
  match(run.read("srun.log"), / -v .*sweep_app\.ts/);
  ok(run.read("s/.submitit/77/77_0_log.out").startsWith("job 5 is 77\n"));
});

Deno.test("main() -m with submitit_slurm reports what a job threw", async () => {
  await using run = startSweep([...SOON, "x=1,2", "does=throw"], { files });
  strictEqual(await run.ended(), 1);
  match(
    run.stderr,
    /^Error executing job with overrides: \['x=1', 'does=throw'\]\nRangeError: no 1\n {4}at /,
  );
});

Deno.test("main() -m with submitit_slurm waits for all tasks of a job", async () => {
  await using run = startSweep([...SOON, "x=1", "+hydra.launcher.tasks_per_node=2"], { files });
  strictEqual(await run.ended(), 0, run.stderr);
  deepStrictEqual(run.list("s/.submitit/77").filter((name) => name.endsWith("result.json")), [
    "77_0_result.json",
    "77_1_result.json",
  ]);
});

Deno.test("main() -m with submitit_slurm tells how Slurm ended a job that left no result, and what it wrote last", async () => {
  for (const accounts of ["sacct", "squeue"]) {
    const more = accounts === "sacct" ? { dies: "" } : { dies: "", accounts_off: "" };
    await using run = startSweep([...SOON, "x=1,2"], { files: { ...files, ...more } });
    strictEqual(await run.ended(), 1);
    const state = accounts === "sacct" ? "OUT_OF_MEMORY" : "GONE";
    const [, reported] = run.stderr.split("overrides: ['x=1']\n");
    strictEqual(
      reported?.split("\n\n")[0],
      `Slurm ended job #0 (77_0) as ${state}, and it left no result\n` +
        `  where: ${run.folder}/s/.submitit/77_0/77_0_0_log.err\n` +
        "  fix: it wrote last: slurmstepd: out of memory",
    );
  }
});

Deno.test("A submitit_slurm job that Slurm signals is queued again and goes on from its checkpoint", async () => {
  await using run = startSweep([...SOON, "x=1", "does=pause", "+hydra.launcher.max_num_timeout=1"], {
    files,
  });
  // Pushed aside soon after it began, it has not run out of time: that costs none of its restarts.
  for (const starts of [1, 2, 3]) {
    while (!run.exists("s/0/ckpt") || run.read("s/0/ckpt").split("\n").length <= starts) await pause();
    Deno.kill(Number(run.read("process_77").trim()), starts < 3 ? "SIGUSR2" : "SIGINT");
    await pause(100);
  }
  strictEqual(await run.ended(), 1);
  strictEqual(run.read("s/0/ckpt"), "null\nsome where/last.ckpt\nsome where/last.ckpt\n");
  strictEqual(run.read("scontrol.log"), "requeue 77\nrequeue 77\n");
});

Deno.test("main() -m with submitit_slurm leaves its jobs to Slurm at Ctrl-C, says so, and exits 130", async () => {
  await using run = startSweep([...SOON, "x=1"], { files: { ...files, never: "" } });
  while (!run.exists("s/.submitit/77/77_submission.sh")) await pause();
  run.kill("SIGINT");
  strictEqual(await run.ended(), 130);
  match(run.stdout, /\[HYDRA\] The jobs go on: "squeue -j 77" shows them, "scancel 77" ends them\n/);
});

Deno.test("main() -m with submitit_slurm says that there is no sbatch", async () => {
  await using run = startSweep([...SLURM, "x=1"]);
  strictEqual(await run.ended(), 1);
  match(run.stderr, /^There is no sbatch here: .*\n {2}where: hydra\/launcher=submitit_slurm\n {2}fix: /);
  deepStrictEqual(run.list("s/.submitit"), []);
});

Deno.test("main() -m with submitit_slurm shows what sbatch says against the jobs", async () => {
  const sbatch = "#!/bin/sh\necho 'sbatch: error: invalid partition specified: gpx' >&2; exit 1\n";
  await using run = startSweep([...SOON, "x=1"], { files: { ...files, "bin/sbatch": sbatch } });
  strictEqual(await run.ended(), 1);
  match(run.stderr, /^sbatch refused the jobs: sbatch: error: invalid partition specified: gpx\n/);
});
