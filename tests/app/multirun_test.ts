import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import type { DictNode } from "../../core/config/node.ts";
import type { RunContext } from "../../core/config/run_context.ts";
import { select } from "../../core/config/select.ts";
import { BASE_FILES, runApp } from "../support/hydra_app.ts";

const SWEEP_DIR = "hydra.sweep.dir=s";

/** Records `x` and the driver of each job. */
function recorder(seen: string[]): (config: DictNode) => void {
  return (config) => void seen.push(`${select(config, "x")} ${select(config, "db.driver")}`);
}

Deno.test("main() -m runs every combination in order, each in its numbered folder", async () => {
  const seen: string[] = [];
  await runApp(["-m", "x=1,2", "db=mysql,pg", SWEEP_DIR], (run) => {
    strictEqual(run.code, 0);
    deepStrictEqual(seen, ["1 mysql", "1 pg", "2 mysql", "2 pg"]);
    for (const i of [0, 1, 2, 3]) ok(run.exists(`s/${i}/.hydra/config.yaml`));
    strictEqual(run.read("s/3/.hydra/overrides.yaml"), "- x=2\n- db=pg\n");
    match(run.read("s/multirun.yaml"), /^hydra:\n[^]*\n {4}num: \?\?\?\n[^]*\nx: 1\n/);
    match(run.read("s/3/.hydra/hydra.yaml"), /\n {4}id: '3'\n {4}num: 3\n/);
    match(run.stdout, /\[HYDRA\] Launching 4 jobs locally\n.*\[HYDRA\] \t#0 : x=1 db=mysql\n/);
  }, { task: recorder(seen) });
});

Deno.test("main() -m sweeps over ranges and globs", async () => {
  const seen: string[] = [];
  await runApp(["-m", "x=range(1,3)", "db=glob(*)", SWEEP_DIR], () => {
    deepStrictEqual(seen, ["1 mysql", "1 pg", "2 mysql", "2 pg"]);
  }, { task: recorder(seen) });
});

Deno.test("main() sweeps without -m where the config asks for it, and the command line replaces a parameter", async () => {
  const files = {
    ...BASE_FILES,
    "conf/config": `${
      BASE_FILES["conf/config"]
    }hydra:\n  mode: MULTIRUN\n  sweeper:\n    params:\n      x: 1,2\n`,
  };
  const swept: string[] = [];
  await runApp([SWEEP_DIR], () => deepStrictEqual(swept, ["1 mysql", "2 mysql"]), {
    task: recorder(swept),
    files,
  });
  const single: string[] = [];
  await runApp([SWEEP_DIR, "x=5"], () => deepStrictEqual(single, ["5 mysql"]), {
    task: recorder(single),
    files,
  });
});

Deno.test("main() resolves interpolations in the parameters of a sweep", async () => {
  const seen: string[] = [];
  const config = `${BASE_FILES["conf/config"]}values: 3,4\nhydra:\n  sweeper:\n    params:\n      x: ` +
    "${values}\n";
  await runApp(["-m", SWEEP_DIR], () => deepStrictEqual(seen, ["3 mysql", "4 mysql"]), {
    task: recorder(seen),
    files: { ...BASE_FILES, "conf/config": config },
  });
});

Deno.test("main() -m overrides a config that says RUN and warns", async () => {
  const seen: string[] = [];
  await runApp(["-m", "x=1,2", SWEEP_DIR], (run) => {
    match(run.stderr, /Running Hydra app with --multirun, overriding with `hydra.mode=MULTIRUN`/);
    strictEqual(seen.length, 2);
  }, {
    task: recorder(seen),
    files: { ...BASE_FILES, "conf/config": `${BASE_FILES["conf/config"]}hydra:\n  mode: RUN\n` },
  });
});

Deno.test("main() -m refuses intervals and sweeps over Hydra's own config", async () => {
  await runApp(["-m", "x=interval(0,1)", SWEEP_DIR], (run) => {
    strictEqual(run.code, 1);
    match(run.stderr, /^BasicSweeper does not support sweep type : INTERVAL_SWEEP\n/);
  });
  await runApp(["-m", "hydra.run.dir=1,2"], (run) => {
    match(run.stderr, /^Sweeping over Hydra's configuration is not supported : 'hydra.run.dir=1,2'\n/);
  });
});

Deno.test("main() -m runs the rest of a batch after a failing job and then exits 1", async () => {
  const seen: unknown[] = [];
  const task = (config: DictNode) => {
    seen.push(select(config, "x"));
    if (select(config, "x") === 1) throw new RangeError("boom");
  };
  await runApp(["-m", "x=1,2,3", SWEEP_DIR], (run) => {
    strictEqual(run.code, 1);
    deepStrictEqual(seen, [1, 2, 3]);
    match(run.stderr, /^Error executing job with overrides: \['x=1'\]\nRangeError: boom\n/);
  }, { task });
  seen.length = 0;
  await runApp(["-m", "x=1,2,3", SWEEP_DIR, "hydra.sweeper.max_batch_size=1"], (run) => {
    strictEqual(run.code, 1);
    deepStrictEqual(seen, [1]);
  }, { task });
});

Deno.test("main() -m checks that a batch can be composed before any job of it runs", async () => {
  const seen: string[] = [];
  await runApp(["-m", "db=pg,nope", SWEEP_DIR], (run) => {
    strictEqual(run.code, 1);
    deepStrictEqual(seen, []);
    match(run.stderr, /^In 'config': Could not find 'db\/nope'/);
  }, { task: recorder(seen) });
});

Deno.test("main() -m gives all jobs the timestamp of the sweep's folder", async () => {
  const seen: unknown[] = [];
  await runApp(["-m", "x=1,2", "hydra.sweep.dir=s-${now:%S-%f}", "+t=${now:%S-%f}"], (run) => {
    const [folder] = run.files()[0]!.split("/");
    deepStrictEqual(seen.map((time) => `s-${time}`), [folder, folder]);
  }, { task: (config: DictNode) => void seen.push(select(config, "t")) });
});

Deno.test("main() -m tolerates a choice that only the jobs make", async () => {
  const seen: string[] = [];
  await runApp(["-m", "db=mysql,pg", SWEEP_DIR], () => deepStrictEqual(seen, ["1 mysql", "1 pg"]), {
    task: recorder(seen),
    files: { ...BASE_FILES, "conf/config": "defaults:\n- db: ???\n- _self_\nx: 1\n" },
  });
});

const CALLBACKS = new URL("../support/hydra_callbacks.ts", import.meta.url).pathname;

Deno.test("main() calls callbacks in order at starts and in reverse at ends; one that throws only warns", async () => {
  const { calls } = await import("../support/hydra_callbacks.ts");
  calls.length = 0;
  const config = `hydra:\n  callbacks:\n    a: {_target_: "${CALLBACKS}#Recorder", name: a}\n` +
    `    b: {_target_: "${CALLBACKS}#Recorder", name: b}\n    c: {_target_: "${CALLBACKS}#Thrower"}\n`;
  await runApp(["hydra.run.dir=o"], (run) => {
    strictEqual(run.code, 0);
    deepStrictEqual(calls, [
      "a runStart",
      "b runStart",
      "a jobStart",
      "b jobStart",
      "b jobEnd 7",
      "a jobEnd 7",
      "b runEnd",
      "a runEnd",
    ]);
    match(run.stderr, /UserWarning: Callback Thrower\.on_job_end raised RangeError: no\n/);
  }, { files: { "conf/config": config }, task: () => 7 });
});

Deno.test("main() has Hydra's callback that logs what jobs return", () =>
  runApp(["hydra.run.dir=o"], (run) => {
    match(run.stdout, /Succeeded with return value: 1\.5\n/);
  }, {
    files: {
      "conf/config":
        "hydra:\n  callbacks:\n    log:\n      _target_: hydra.experimental.callbacks.LogJobReturnCallback\n",
    },
    task: (_config: DictNode, _context: RunContext) => 1.5,
  }));

Deno.test("main() -m with an unknown launcher names it", () =>
  runApp(["-m", "x=1", SWEEP_DIR], (run) => {
    strictEqual(run.code, 1);
    match(run.stderr, /^Unknown plugin class : 'my\.Launcher'\n/);
  }, { files: { ...BASE_FILES, "conf/config": "x: 1\nhydra:\n  launcher:\n    _target_: my.Launcher\n" } }));
