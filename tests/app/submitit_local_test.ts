import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { isAlive, pause, startSweep } from "../support/sweep_process.ts";

const LOCAL = ["-m", "hydra/launcher=submitit_local"];
/** The same with less than a second to run. */
const QUICK = ["-m", "hydra/launcher=quick"];

Deno.test("main() -m with submitit_local writes logs and results below submitit_folder, as submitit names them", async () => {
  await using run = startSweep([...LOCAL, "x=2,1"]);
  strictEqual(await run.ended(), 0);
  match(
    run.stdout,
    /^\[.*\]\[HYDRA\] Submitit 'local' sweep output dir : s\n\[.*\]\[HYDRA\] \t#0 : x=2\n\[.*\]\[HYDRA\] \t#1 : x=1\nafter main\n$/,
  );
  const ids = [0, 1].map((i) => run.read(`s/${i}/pid`).trim());
  deepStrictEqual(run.list("s/.submitit"), [...ids].sort());
  deepStrictEqual(run.list(`s/.submitit/${ids[0]}`), [
    `${ids[0]}_0_log.err`,
    `${ids[0]}_0_log.out`,
    `${ids[0]}_0_result.json`,
  ]);
  const log = run.read(`s/.submitit/${ids[1]}/${ids[1]}_0_log.out`);
  ok(log.startsWith(`job 1 is ${ids[1]}\n`));
  match(log, /\[__main__\]\[INFO\] - hi 1\n/);
  ok(run.read("s/0/.hydra/hydra.yaml").includes(`\n    id: '${ids[0]}'\n    num: 0\n`));
});

Deno.test("main() -m with submitit_local reports what a job threw", async () => {
  await using run = startSweep([...LOCAL, "x=1,2", "does=throw"]);
  strictEqual(await run.ended(), 1);
  match(
    run.stderr,
    /^Error executing job with overrides: \['x=1', 'does=throw'\]\nRangeError: no 1\n {4}at /,
  );
});

Deno.test("main() -m with submitit_local writes errors into the output's file where it is asked to", async () => {
  await using run = startSweep([...LOCAL, "x=1", "hydra.launcher.stderr_to_stdout=true"]);
  strictEqual(await run.ended(), 0);
  const id = run.read("s/0/pid").trim();
  deepStrictEqual(run.list(`s/.submitit/${id}`), [`${id}_0_log.out`, `${id}_0_result.json`]);
});

Deno.test("main() -m with submitit_local names the log of a job whose process was killed", async () => {
  await using run = startSweep([...LOCAL, "x=1", "does=ignore"]);
  while (!run.exists("s/0/pid")) await pause();
  const id = run.read("s/0/pid").trim();
  Deno.kill(Number(id), "SIGKILL");
  strictEqual(await run.ended(), 1);
  ok(run.stderr.includes(
    `\nThe process of job #0 was killed by SIGKILL\n  where: ${run.folder}/s/.submitit/${id}/${id}_0_log.err\n`,
  ));
});

Deno.test("A submitit_local job goes on when the program that started it is gone", async () => {
  await using run = startSweep([...LOCAL, "x=1", "does=stop"]);
  while (!run.exists("s/0/pid")) await pause();
  run.kill("SIGKILL");
  await pause(200);
  const id = run.read("s/0/pid").trim();
  ok(isAlive(Number(id)));
  Deno.kill(Number(id), "SIGINT");
  while (isAlive(Number(id))) await pause();
  const result = JSON.parse(run.read(`s/.submitit/${id}/${id}_0_result.json`));
  strictEqual(result.error.message, "Job #0 was interrupted");
});

Deno.test("main() -m with submitit_local lets jobs save at the first Ctrl-C and exits 130", async () => {
  await using run = startSweep([...LOCAL, "x=1,2", "does=stop"]);
  while (!run.exists("s/0/pid") || !run.exists("s/1/pid")) await pause();
  run.kill("SIGINT");
  strictEqual(await run.ended(), 130);
  ok(run.exists("s/0/saved") && run.exists("s/1/saved"));
});

Deno.test("A submitit_local job whose time is up starts again from its checkpoint, three times", async () => {
  await using run = startSweep([...QUICK, "x=1", "does=pause"]);
  strictEqual(await run.ended(), 1);
  const resumed = "some where/last.ckpt\n";
  strictEqual(run.read("s/0/ckpt"), `null\n${resumed}${resumed}${resumed}`);
  match(run.stderr, /\nJob #0 ran out of time: it had 0\.01 min\n {2}where: hydra\.launcher\.timeout_min\n/);
  strictEqual(run.list("s/.submitit").length, 1, "it keeps its id");
});

Deno.test("A submitit_local job that does not stop when its time is up is ended", async () => {
  await using run = startSweep([...QUICK, "x=1", "does=ignore"]);
  strictEqual(await run.ended(), 1);
  match(run.stderr, /\nJob #0 ran out of time: it had 0\.01 min\n/);
});

Deno.test("main() -m with submitit_local starts tasks_per_node processes under one id", async () => {
  await using run = startSweep([...LOCAL, "x=1", "hydra.launcher.tasks_per_node=2"]);
  strictEqual(await run.ended(), 0);
  const [id] = run.list("s/.submitit");
  deepStrictEqual(run.list(`s/.submitit/${id}`).filter((name) => name.endsWith(".out")), [
    `${id}_0_log.out`,
    `${id}_1_log.out`,
  ]);
  ok(run.read(`s/.submitit/${id}/${id}_1_log.out`).startsWith(`job 1 is ${id}\n`));
});

Deno.test("main() -m with submitit_local refuses what only a queue can give", async () => {
  for (const [option, value] of [["cpus_per_task", 2], ["gpus_per_node", 1], ["mem_gb", 4], ["nodes", 2]]) {
    await using run = startSweep([...LOCAL, "x=1", `hydra.launcher.${option}=${value}`]);
    strictEqual(await run.ended(), 1);
    match(run.stderr, new RegExp(`hydra/launcher=submitit_local cannot use ${option} = ${value}\n`));
  }
});
