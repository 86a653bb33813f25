import { ok, strictEqual } from "node:assert/strict";
import { FLAGS } from "../../core/app/flags.ts";
import { usageText } from "../../core/app/usage.ts";
import { golden } from "../support/hydra_api.ts";
import { runApp } from "../support/hydra_app.ts";
import { run } from "./command_line.ts";

for (const { args, code, stderr } of golden.usage) {
  Deno.test(`main() ${args.join(" ")} says what argparse says`, () =>
    runApp(args, (run) => {
      strictEqual(run.stderr.replace(/ {2}fix: .*\n$/, ""), stderr);
      strictEqual(run.code, code);
      strictEqual(run.stdout, "");
    }, { options: { jobName: "app.py" } }));
}

Deno.test("usageText() lets a long name stand alone", () => {
  const name = "a".repeat(60);
  strictEqual(
    usageText(name, FLAGS).split("\n").slice(0, 2).join("\n"),
    `usage: ${name}\n       [--help] [--hydra-help] [--version] [--cfg {job,hydra,all}] [--resolve]`,
  );
});

/** The last line that an app says. */
async function fix(...args: string[]): Promise<string | undefined> {
  let said: string[] = [];
  await runApp(args, (run) => {
    said = run.stderr.split("\n");
  });
  return said.findLast((line) => line.startsWith("  fix: "))?.slice("  fix: ".length);
}

Deno.test("main() names the flag, the choice and the shell that may have been meant", async () => {
  strictEqual(await fix("--mutlirun"), 'did you mean "--multirun"? --help shows what it takes');
  strictEqual(
    await fix("--config-nam=a", "--verison"),
    'did you mean "--version"? --help shows what it takes',
  );
  strictEqual(await fix("--cfg", "jbo"), 'did you mean "job"? --help shows what it takes');
  strictEqual(await fix("--info=searchpth"), 'did you mean "searchpath"? --help shows what it takes');
  strictEqual(await fix("--quite-another"), "--help shows what it takes");
  strictEqual(await fix("-sc", "install=bahs"), 'did you mean "bash"?');
});

Deno.test("main() names the mode that may have been meant", async () => {
  let said = "";
  await runApp(["hydra.mode=MULTRUN", "x=1,2"], (run) => void (said = run.stderr));
  strictEqual(
    said,
    `Error merging override hydra.mode=MULTRUN
Invalid value 'MULTRUN', expected one of [RUN, MULTIRUN]
    full_key: hydra.mode
    object_type=HydraConf
  where: command line:1:12
    1 | hydra.mode=MULTRUN
      |            ^
  fix: did you mean "MULTIRUN"?

Set the environment variable HYDRA_FULL_ERROR=1 for a complete stack trace.
`,
  );
  await runApp([], (run) => void (said = run.stderr), {
    files: { "conf/config": "hydra:\n  mode: run_\n" },
  });
  ok(
    said.startsWith("In 'config': ValidationError raised while composing config:\nInvalid value 'run_'"),
    said,
  );
  ok(said.includes('  fix: did you mean "RUN"?\n'), said);
  strictEqual(await fix("hydra.mode=anything"), undefined);
});

Deno.test("cli() names the verb that may have been meant", async () => {
  const { code, stderr } = await run(".", ["trian", "debug=fdr"]);
  strictEqual(code, 2);
  strictEqual(stderr.split("\n")[0], 'There is no verb "trian"; did you mean "train"?');
  const other = await run(".", ["fit"]);
  strictEqual(
    other.stderr.split("\n")[0],
    'There is no verb "fit"; try train, eval, compose, info, completion',
  );
});

Deno.test("cli() reports the errors of its own verbs as those of an app", async () => {
  const { code, stdout, stderr } = await run(".", ["completion", "bsh"]);
  strictEqual(code, 1);
  strictEqual(stdout, "");
  strictEqual(
    stderr,
    `No completion plugin for 'bsh' found, available : 
\tbash
\tfish
\tzsh
  fix: did you mean "bash"?

Set the environment variable HYDRA_FULL_ERROR=1 for a complete stack trace.
`,
  );
  strictEqual((await run(".", ["completion", "query=bsh"])).code, 1);
});

Deno.test("main() offers the stack of a config path that names a file", () =>
  runApp(["-cp", "x.yaml"], (run) => {
    strictEqual(run.code, 1);
    ok(run.stderr.startsWith("Using config_path to specify the config name is not supported, specify"));
    ok(
      run.stderr.endsWith("\nSet the environment variable HYDRA_FULL_ERROR=1 for a complete stack trace.\n"),
    );
  }));

Deno.test("cli info targets says that nothing holds a word, and names the nearest", async () => {
  for (
    const [words, text] of [
      [["torch.optim.Adm"], 'torch.optim.Adm; did you mean "torch.optim.Adam"?'],
      [["torch.nn", "Linaer"], 'torch.nn and Linaer; did you mean "torch.nn.Linear"?'],
      [["qqqqqq"], "qqqqqq; and none is like it"],
    ] as const
  ) {
    const { code, stdout, stderr } = await run(".", ["info", "targets", ...words]);
    strictEqual(code, 1);
    strictEqual(stdout, "");
    strictEqual(stderr, `No Python name with a port here holds ${text}\n`);
  }
  const { code, stdout } = await run(".", ["info", "targets", "torch.optim.Adam"]);
  strictEqual(code, 0);
  ok(stdout.includes("torch.optim.AdamW  optim.AdamW\n"), stdout);
});

Deno.test("cli info names the topic that may have been meant", async () => {
  const { code, stderr } = await run(".", ["info", "targts"]);
  strictEqual(code, 2);
  strictEqual(stderr, 'info knows nothing of "targts"; did you mean "targets"?\n');
  const other = await run(".", ["info", "weather"]);
  strictEqual(
    other.stderr,
    'info knows nothing of "weather"; try targets, all, config, defaults, defaults-tree, plugins, searchpath\n',
  );
  const shown = await run(".", ["info", "searchpath", "debug=fdr"]);
  strictEqual(shown.code, 0, shown.stderr);
});
