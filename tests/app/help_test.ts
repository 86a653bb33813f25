import { ok, strictEqual } from "node:assert/strict";
import { golden } from "../support/hydra_api.ts";
import { runApp } from "../support/hydra_app.ts";
import { run } from "./command_line.ts";

const FILES = Object.fromEntries(
  Object.entries(golden.helpFiles).map(([path, text]) => [path.replace(/\.yaml$/, ""), text]),
);

/** Where the texts must differ: no Python declares the app, records are no pickles, zsh has a script of its own. */
const WORDS: readonly (readonly [python: string | RegExp, here: string])[] = [
  ["specified in hydra.main().", "specified in main()."],
  ["the Python file declaring @hydra.main()", "the file that calls main()"],
  ["specified in hydra.main()", "specified in main()"],
  ["from a previous config pickle", "from a previous config: its .hydra folder, or the config.yaml in it"],
  [/ {4}Zsh is compatible with .*\n/, ""],
  [/(?<=Zsh - (Install|Uninstall):\n.*install=)bash/g, "zsh"],
  // Plugins that are built in.
  [/(?<=^hydra\/(hydra|job)_logging: )default/gm, "colorlog, default"],
  [/^hydra\/launcher: basic/gm, "hydra/launcher: basic, joblib, submitit_local, submitit_slurm"],
  [
    /^hydra\/sweeper: basic/gm,
    "hydra/sweeper: basic, optuna\nhydra/sweeper/sampler: cmaes, grid, motpe, nsgaii, random, tpe",
  ],
];

function here(python: string): string {
  return WORDS.reduce((text, [from, to]) => text.replace(from, () => to), python);
}

for (const { args, code, stdout, stderr } of golden.help) {
  Deno.test(`main() ${args.join(" ").replaceAll("\n", "⏎")} equals Hydra`, () =>
    runApp(args, (run) => {
      strictEqual(run.stdout.replaceAll(run.folder, "<folder>"), here(stdout));
      strictEqual(run.code, code, run.stderr);
      // Python says no more of an unknown variable than its name.
      if (stderr === "'NOPE'") {
        ok(run.stderr.startsWith("hydra.help.template uses the unknown variable $NOPE\n"));
      } else ok(run.stderr.includes(stderr), run.stderr);
    }, { files: FILES, options: { command: "python app.py" } }));
}

Deno.test("main() --help says what a template may use, and where the fault is", () =>
  runApp(["--help", "hydra.help.template='a\nb $ c'"], (run) =>
    strictEqual(
      run.stderr,
      `Invalid placeholder in string: line 2, col 3
  where: hydra.help.template
  fix: it may use $FLAGS_HELP, $HYDRA_CONFIG_GROUPS, $APP_CONFIG_GROUPS, $CONFIG, and $$ for a dollar

Set the environment variable HYDRA_FULL_ERROR=1 for a complete stack trace.
`,
    )));

Deno.test("cli train --hydra-help shows the words that were typed, and they give the script for all verbs", async () => {
  const { stdout } = await run(".", ["train", "--hydra-help"]);
  const [, words] = /Bash - Install:\n {4}eval "\$\((.* -sc install=bash)\)"\n/.exec(stdout) ?? [];
  ok(words?.match(/^deno run -A --quiet --no-check \S+\/cli\.ts train -sc install=bash$/), stdout);
  const [script, verb] = await Promise.all([
    run(".", ["train", "-sc", "install=bash"]),
    run(".", ["completion", "bash"]),
  ]);
  strictEqual(script.stdout, verb.stdout);
  const off = await run(".", ["eval", "--shell-completion", "uninstall=bash"]);
  ok(off.stdout.startsWith("complete -r fulgur cli.ts\n"), off.stdout);
});

for (const args of [["--cfg", "job", "--resolve"], ["--help", "--resolve"], []]) {
  Deno.test(`main() ${args.join(" ")} warns of a deprecated key once`, () =>
    runApp(args, (run) => {
      const read = args.length > 0 ? "UserWarning: use new, not old\n" : "";
      strictEqual(run.stderr, read);
    }, {
      files: {
        "conf/config": "new: 1\nold: ${oc.deprecated:new,'use $NEW_KEY, not $OLD_KEY'}\nagain: ${old}\n",
      },
    }));
}
