import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import type { DictNode } from "../../core/config/node.ts";
import type { RunContext } from "../../core/config/run_context.ts";
import { select } from "../../core/config/select.ts";
import { configTree } from "../support/config_tree.ts";
import { type AppRun, runApp } from "../support/hydra_app.ts";
import { type GoldenRun, type GoldenSweep, isSameText, optunaGolden } from "../support/optuna_golden.ts";

const STARTUP = 4;
const SPACE_MODULE = new URL("../support/custom_space.ts", import.meta.url).pathname;

/** An app with nothing but the sweeper. */
const FILES = optunaGolden.sweeps.find(({ name }) => name === "ranges")!.files;

/** The words of the golden command; a Python function to draw with has its port here. */
function wordsOf({ args }: GoldenSweep): string[] {
  const words = args.map((word) =>
    word.replace("optuna_cases.sweep_app.configure", `'${SPACE_MODULE}#configure'`)
  );
  return [...words, "hydra.sweep.dir=s"];
}

/** Returns what the golden job of the same number returned. */
function task({ returns }: GoldenRun): (config: DictNode, context: RunContext) => unknown {
  return (_config, { hydra }) => {
    const value = returns[Number(select(hydra, "job.num"))];
    if (value === "throw") throw new RangeError("boom");
    return value;
  };
}

function logLines({ stdout }: AppRun): string[] {
  return stdout.split("\n")
    .map((line) => /^\[[^\]]*\]\[HYDRA\] (.*)$/.exec(line)?.[1])
    .filter((line) => line !== undefined)
    .map((line) =>
      line.replace(/no-name-[0-9a-f-]{36}/, "no-name-*").replaceAll("RangeError", "RuntimeError")
    );
}

function checkLines(lines: readonly string[], wanted: readonly string[]): void {
  for (const [i, line] of wanted.entries()) ok(isSameText(lines[i] ?? "", line), `${lines[i]}\n${line}`);
  strictEqual(lines.length, wanted.length);
}

function checkRun(run: AppRun, wanted: GoldenRun): void {
  strictEqual(run.code, wanted.code, run.stderr);
  if (wanted.log.length > 0) checkLines(logLines(run), wanted.log);
  checkLines(overridesIn(run, wanted), wanted.overrides);
  strictEqual(run.exists("s/optimization_results.yaml"), wanted.results !== null);
  if (wanted.results !== null) checkLines([run.read("s/optimization_results.yaml")], [wanted.results]);
}

function overridesIn(run: AppRun, { overrides }: GoldenRun): string[] {
  return overrides.map((_, i) => run.read(`s/${i}/.hydra/overrides.yaml`));
}

/** A grid is tried in random order: the jobs are compared as a set. */
function checkUnordered(run: AppRun, wanted: GoldenRun): void {
  strictEqual(run.code, wanted.code, run.stderr);
  const jobs = overridesIn(run, wanted);
  const isCapped = wanted.log.includes("Updating num of trials to 3 due to using GridSampler.");
  if (isCapped) strictEqual(new Set(jobs).size, 3);
  else deepStrictEqual(new Set(jobs), new Set(wanted.overrides));
  deepStrictEqual(logLines(run)[0], wanted.log[0]);
}

for (const golden of optunaGolden.sweeps.filter(({ name }) => !name.startsWith("refused"))) {
  Deno.test(`OptunaSweeper sweeps as Hydra's plugin does: ${golden.name}`, async () => {
    const [first, second] = golden.runs;
    using kept = configTree({});
    const words = wordsOf(golden).map((word) => word.replace("sqlite:///", `sqlite:///${kept.folder}/`));
    for (const wanted of second === undefined ? [first!] : [first!, second]) {
      await runApp(words, (run) => {
        const shown = { ...run, stdout: run.stdout.replaceAll(`${kept.folder}/`, "") };
        if (golden.unordered === true) return checkUnordered(shown, wanted);
        checkRun(shown, wanted);
        // What is drawn before a sampler has learnt anything is equal to the last digit.
        const startup = wanted === first ? STARTUP : 0;
        deepStrictEqual(overridesIn(run, wanted).slice(0, startup), wanted.overrides.slice(0, startup));
      }, { files: golden.files, task: task(wanted) });
    }
  });
}

for (const { args, text } of optunaGolden.configs) {
  Deno.test(`main() shows the nodes of the Optuna sweeper as Hydra does: ${args.join(" ")}`, () =>
    runApp(["--cfg", "hydra", "-p", "hydra.sweeper", ...args], (run) => strictEqual(run.stdout, text), {
      files: FILES,
    }));
}

/** What the app says where the plugin ends with a Python error of its own. */
const REFUSED: Readonly<Record<string, string>> = {
  "refused: a choice that is no override by itself": "Ambiguous value for argument 'z=",
  "refused: x=glob(*)": "x=glob(*) is not supported by Optuna sweeper\n  fix: list the options: x=a,b\n",
  "refused: x=interval(2,1)": "The low end of a range must not be above its high end, got low=2, high=1\n" +
    "  where: x=interval(2,1)\n",
  "refused: x=range(5,0,-1)": "The low end of a range must not be above its high end, got low=5, high=0\n" +
    "  where: x=range(5,0,-1)\n",
  "refused: x=tag(log,interval(0,1))": "A log distribution must start above 0, not at 0.0\n" +
    "  where: x=tag(log,interval(0,1))\n",
  "refused: an interval in a grid":
    'GridSampler only supports discrete distributions.\n  where: parameter "x"\n' +
    "  fix: list its values (x=1,2) or give a range with a step; other samplers take intervals\n",
  "refused: a mixed grid": "The values of x cannot be sorted: 1, 'a'\n",
  "refused: a seed for a grid": "Could not override 'hydra.sweeper.sampler.seed'.\n",
  "refused: cmaes for two objectives": "CmaEsSampler cannot be used for several objectives\n" +
    "  where: directions: minimize, minimize\n" +
    "  fix: use hydra/sweeper/sampler=nsgaii, tpe or motpe, or a single direction\n",
  "refused: an unknown option": 'sweep.TPESampler has no option "group"\n  where: hydra.sweeper.sampler',
};

for (const golden of optunaGolden.sweeps.filter(({ name }) => name.startsWith("refused"))) {
  Deno.test(`OptunaSweeper explains what is ${golden.name}`, () =>
    runApp(wordsOf(golden), (run) => {
      strictEqual(run.code, golden.runs[0]!.code);
      ok(run.stderr.startsWith(REFUSED[golden.name]!), run.stderr);
    }, { files: golden.files, task: () => 1 }));
}

Deno.test("OptunaSweeper fails a job that returns NaN and goes on", () =>
  runApp(["-m", "x=interval(0,1)", "hydra.sweeper.n_trials=4", "hydra.sweep.dir=s"], (run) => {
    strictEqual(run.code, 0, run.stderr);
    match(run.stdout, /Failed experiment: Return value must be a number\. Got 'nan'\./);
    match(run.read("s/optimization_results.yaml"), /best_value: 1\.0\n/);
  }, { files: FILES, task: (_c, { hydra }: RunContext) => select(hydra, "job.num") === 0 ? NaN : 1 }));

Deno.test("OptunaSweeper names the storages that it knows where it is given another", () =>
  runApp(["-m", "x=interval(0,1)", "hydra.sweeper.storage=mysql://a@b/c"], (run) => {
    strictEqual(run.code, 1);
    strictEqual(
      run.stderr.split("\n\n")[0],
      "The storage mysql://a@b/c is not supported\n  where: hydra.sweeper.storage\n" +
        "  fix: give null for memory, or a file: sqlite:///relative.db, sqlite:////absolute.db",
    );
  }, { files: FILES, task: () => 1 }));

Deno.test("OptunaSweeper takes a sampler of the user's own", () =>
  runApp(["-m", "x=interval(0,8)", "hydra.sweep.dir=s", "hydra.sweeper.n_trials=3"], (run) => {
    strictEqual(run.code, 0, run.stderr);
    match(run.stdout, /Sampler: MySampler\n/);
    strictEqual(run.read("s/1/.hydra/overrides.yaml"), "- x=1.0\n");
    match(run.read("s/optimization_results.yaml"), /best_params:\n {2}x: 0\.0\n/);
  }, {
    files: {
      "conf/config":
        "defaults:\n- override hydra/sweeper: optuna\n- override hydra/sweeper/sampler: mine\n- _self_\nx: 1\n",
      "conf/hydra/sweeper/sampler/mine": `_target_: "${SPACE_MODULE}#MySampler"\n`,
    },
    task: (config: DictNode) => select(config, "x"),
  }));

Deno.test("OptunaSweeper refuses a share of failures above 1, no jobs at a time, and another direction", async () => {
  const cases = {
    "max_failure_rate=1.5": "0 to 1",
    "n_jobs=0": "1 or more",
    "direction=up": "minimize, maximize, or a list",
  };
  for (const [word, fix] of Object.entries(cases)) {
    const [option, value] = word.split("=");
    await runApp(["-m", "x=1,2", `hydra.sweeper.${word}`], (run) => {
      match(run.stderr, new RegExp(`^hydra\\.sweeper\\.${option} cannot be ${value}\\n[^]*fix: give ${fix}`));
    }, { files: FILES, task: () => 1 });
  }
});
