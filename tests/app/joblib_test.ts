import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { isAlive, pause, startSweep } from "../support/sweep_process.ts";

const JOBLIB = ["-m", "hydra/launcher=joblib"];

Deno.test("main() -m with joblib runs each job in a process of its own, as the plugin logs and names it", async () => {
  await using run = startSweep([...JOBLIB, "x=3,2,1", "hydra.launcher.n_jobs=2"]);
  strictEqual(await run.ended(), 0);
  match(
    run.stdout,
    /\[HYDRA\] Joblib\.Parallel\(n_jobs=2,backend=loky,prefer=processes,require=None,verbose=0,timeout=None,pre_dispatch=2\*n_jobs,batch_size=auto,temp_folder=None,max_nbytes=None,mmap_mode=r\) is launching 3 jobs\n.*\[HYDRA\] Launching jobs, sweep output dir : s\n.*\[HYDRA\] \t#0 : x=3\n.*\[HYDRA\] \t#1 : x=2\n.*\[HYDRA\] \t#2 : x=1\n/,
  );
  match(run.stdout, /^#1 job 2 is app_1$/m);
  match(run.stdout, /^#1 \[.*\]\[__main__\]\[INFO\] - hi 2$/m);
  strictEqual([...run.stdout.matchAll(/after main/g)].length, 1);
  const pids = [0, 1, 2].map((i) => run.read(`s/${i}/pid`));
  strictEqual(new Set([...pids, `${run.pid}\n`]).size, 4);
  match(run.read("s/2/.hydra/hydra.yaml"), /\n {4}id: app_2\n {4}num: 2\n/);
  strictEqual(run.read("s/2/.hydra/overrides.yaml"), "- x=1\n");
  match(run.read("s/2/app.log"), /\[__main__\]\[INFO\] - hi 1\n/);
  deepStrictEqual(run.list("s"), ["0", "1", "2", "multirun.yaml"]);
});

Deno.test("main() -m with joblib names the sweep's folder as Python's Path writes it", async () => {
  await using run = startSweep([...JOBLIB, "x=1", "hydra.sweep.dir=./s//a/."]);
  strictEqual(await run.ended(), 0);
  match(run.stdout, /\[HYDRA\] Launching jobs, sweep output dir : s\/a\n/);
  deepStrictEqual(run.list("s/a"), ["0", "multirun.yaml"]);
});

Deno.test("main() -m with joblib gives all jobs the time of the sweep", async () => {
  await using run = startSweep([...JOBLIB, "x=1,2", "hydra.sweep.dir=s-${time}"]);
  strictEqual(await run.ended(), 0);
  const [folder] = run.list(".").filter((name) => name.startsWith("s-"));
  deepStrictEqual([0, 1].map((i) => `s-${run.read(`${folder}/${i}/time`)}`), [folder, folder]);
});

Deno.test("main() -m with joblib calls callbacks around a job in the job's own process", async () => {
  const callback = "+hydra.callbacks.log._target_=hydra.experimental.callbacks.LogJobReturnCallback";
  await using run = startSweep([...JOBLIB, "x=1,2", "hydra.launcher.n_jobs=2", callback]);
  strictEqual(await run.ended(), 0);
  match(
    run.stdout,
    /^#1 .*\[hydra\.experimental\.callbacks\.LogJobReturnCallback\]\[INFO\] - Succeeded with return value: 2$/m,
  );
});

Deno.test("main() -m with joblib gives an optimizing sweeper what its jobs returned", async () => {
  const optuna = ["hydra/sweeper=optuna", "hydra/sweeper/sampler=random", "hydra.sweeper.sampler.seed=1"];
  const trials = ["hydra.sweeper.n_trials=4", "hydra.sweeper.n_jobs=2", "x=interval(0,1)"];
  await using run = startSweep([...JOBLIB, ...optuna, ...trials]);
  strictEqual(await run.ended(), 0);
  const best = /x: (\S+)\nbest_value: (\S+)\n/.exec(run.read("s/optimization_results.yaml"))!;
  strictEqual(best[1], best[2]);
  strictEqual(best[1], "0.00011437481734488664");
});

Deno.test("main() -m with joblib runs n_jobs at the same time", async () => {
  await using run = startSweep([...JOBLIB, "x=1,2,3", "does=record", "hydra.launcher.n_jobs=1"]);
  strictEqual(await run.ended(), 0);
  deepStrictEqual([0, 1, 2].map((i) => run.read(`s/${i}/peers`)), ["1", "1", "1"]);
  ok(!/^#\d job/m.test(run.stdout), "one job at a time needs no label");
});

Deno.test("main() -m with joblib reports what a job threw, with its stack, after all have run", async () => {
  await using run = startSweep([...JOBLIB, "x=1,2", "does=throw"]);
  strictEqual(await run.ended(), 1);
  match(
    run.stderr,
    /^Error executing job with overrides: \['x=1', 'does=throw'\]\nRangeError: no 1\n {4}at .*sweep_app\.ts:\d+:\d+\)?\n\n/,
  );
  ok(!run.stderr.includes("core/app"));
  ok(run.exists("s/1/pid"));
});

Deno.test("main() -m with joblib tells which job's process was killed, and does not hang", async () => {
  await using run = startSweep([...JOBLIB, "x=1,2", "does=wait,return", "hydra.launcher.n_jobs=2"]);
  await run.until(/waiting/, 2);
  for (const i of [0, 2]) Deno.kill(Number(run.read(`s/${i}/pid`)), "SIGKILL");
  strictEqual(await run.ended(), 1);
  match(
    run.stderr,
    /^Error executing job with .*\nThe process of job #0 was killed by SIGKILL\n {2}fix: a lack of/,
  );
  ok(run.exists("s/3/pid"), "the other jobs run");
});

Deno.test("main() -m with joblib tells the exit code of a job that left no result", async () => {
  await using run = startSweep([...JOBLIB, "x=1", "does=exit"]);
  strictEqual(await run.ended(), 1);
  match(run.stderr, /\nThe process of job #0 ended with code 7 and left no result\n/);
});

Deno.test("main() -m with joblib refuses a return value that no file can carry, and says where it is", async () => {
  await using run = startSweep([...JOBLIB, "x=1", "does=live"]);
  strictEqual(await run.ended(), 1);
  match(
    run.stderr,
    /\nThe job returned something of type Uint8Array, which no file can carry\n {2}where: the returned value, at model\.weights\n {2}fix: /,
  );
});

Deno.test("main() -m with joblib takes NaN, as a diverged run returns it", async () => {
  await using run = startSweep([...JOBLIB, "x=1", "does=diverge"]);
  strictEqual(await run.ended(), 0);
});

Deno.test("main() -m with joblib lets jobs finish and save at the first Ctrl-C, starts no more, and exits 130", async () => {
  await using run = startSweep([...JOBLIB, "x=1,2,3", "does=stop", "hydra.launcher.n_jobs=2"]);
  await run.until(/waiting/, 2);
  run.kill("SIGINT");
  strictEqual(await run.ended(), 130);
  ok(run.exists("s/0/saved") && run.exists("s/1/saved") && !run.exists("s/2"));
  strictEqual([...run.stderr.matchAll(/Stopping after this step/g)].length, 1);
});

Deno.test("main() -m with joblib ends at once at the second Ctrl-C, and its jobs with it", async () => {
  await using run = startSweep([...JOBLIB, "x=1,2", "does=ignore", "hydra.launcher.n_jobs=2"]);
  await run.until(/waiting/, 2);
  const pids = [0, 1].map((i) => Number(run.read(`s/${i}/pid`)));
  run.kill("SIGINT");
  await run.until(/Stopping after this step/);
  run.kill("SIGINT");
  strictEqual(await run.ended(), 130);
  for (const pid of pids) while (isAlive(pid)) await pause();
});

Deno.test("A joblib job saves and ends when the program that started it is gone", async () => {
  await using run = startSweep([...JOBLIB, "x=1", "does=stop"]);
  await run.until(/waiting/);
  run.kill("SIGKILL");
  const pid = Number(run.read("s/0/pid"));
  while (isAlive(pid)) await pause();
  ok(run.exists("s/0/saved"));
});

Deno.test("main() -m with joblib stops a job after its timeout", async () => {
  await using run = startSweep([...JOBLIB, "x=1", "does=stop", "hydra.launcher.timeout=0.4"]);
  strictEqual(await run.ended(), 1);
  ok(run.exists("s/0/saved"));
  match(
    run.stderr,
    /\nJob #0 took longer than 0\.4 s and was stopped\n {2}where: hydra\.launcher\.timeout\n/,
  );
});

Deno.test("main() -m with joblib and verbose logs each job's end", async () => {
  await using run = startSweep([...JOBLIB, "x=1,2", "hydra.launcher.verbose=1"]);
  strictEqual(await run.ended(), 0);
  match(run.stdout, /\[HYDRA\] #\d completed, 2 of 2 done \| elapsed: \d+\.\ds\n/);
});

Deno.test("A joblib job runs the call of main() that its sweep belongs to, and no other", async () => {
  await using run = startSweep([...JOBLIB, "x=twice,2"]);
  strictEqual(await run.ended(), 0);
  strictEqual([...run.stdout.matchAll(/first main/g)].length, 1);
  match(run.stdout, /^#0 job twice is app_0$/m);
});

Deno.test("A joblib job has the permissions of the program that started it", async () => {
  const flags = ["--allow-read", "--allow-write", "--allow-env", "--allow-run", "--no-prompt"];
  await using run = startSweep([...JOBLIB, "x=1", "does=permissions"], { flags });
  strictEqual(await run.ended(), 0);
  match(run.stdout, /^may read write env run$/m);
});

Deno.test("A joblib job has no more permissions where only Deno itself may be started", async () => {
  const flags = [
    `--allow-run=${Deno.execPath()}`,
    "--allow-read",
    "--allow-write",
    "--allow-env",
    "--no-prompt",
  ];
  await using run = startSweep([...JOBLIB, "x=1", "does=permissions"], { flags });
  strictEqual(await run.ended(), 0);
  match(run.stdout, /^may read write env$/m);
});

Deno.test("main() -m with joblib refuses to start jobs that could not be told what they are", async () => {
  const flags = ["--allow-read", "--allow-write", "--allow-run", "--allow-env=NO_COLOR", "--no-prompt"];
  await using run = startSweep([...JOBLIB, "x=1"], { flags });
  strictEqual(await run.ended(), 1);
  match(
    run.stderr,
    /^A job's process could not be told which job it is\n.*FULGUR_JOB\n.*--allow-env=FULGUR_JOB/,
  );
});
