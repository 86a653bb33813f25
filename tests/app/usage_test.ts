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
