import { ok, strictEqual } from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { JobFailure, main } from "../../core/app/mod.ts";
import { ConfigStore, Resolvers, select } from "../../core/config/mod.ts";
import { runApp } from "../support/hydra_app.ts";
import { withVariable } from "../support/variable.ts";
import { run } from "./command_line.ts";

/** The exit code and stderr of an app whose task throws `error`. */
async function reported(error: unknown): Promise<{ code: number; stderr: string }> {
  const folder = await Deno.makeTempDir();
  const before = Deno.exitCode;
  let stderr = "";
  const streams = { stdout: () => {}, stderr: (text: string) => void (stderr += text), color: false };
  try {
    const code = await main(() => Promise.reject(error), {
      args: [`hydra.run.dir=${folder}`],
      configName: "config",
      loader: { store: new ConfigStore().store("config", {}) },
      streams,
      handleInterrupt: false,
    });
    return { code, stderr: stderr.replaceAll(folder, "<folder>") };
  } finally {
    Deno.exitCode = before;
    await Deno.remove(folder, { recursive: true });
  }
}

const HINT = "\n\nSet the environment variable HYDRA_FULL_ERROR=1 for a complete stack trace.\n";
const HEAD = "Error executing job with overrides: []\n";

Deno.test("main() says nothing where the reader of its output has gone", async () => {
  const { code, stderr } = await reported(new Deno.errors.BrokenPipe("Broken pipe (os error 32)"));
  strictEqual(stderr, "");
  strictEqual(code, 141);
});

Deno.test("main() shows what the system refused without a stack", async () => {
  const { code, stderr } = await reported(
    new Deno.errors.PermissionDenied("Permission denied (os error 13): open 'data.csv'"),
  );
  strictEqual(
    stderr,
    `${HEAD}Permission denied (os error 13): open 'data.csv'\n  fix: check the path, its permissions and the free space${HINT}`,
  );
  strictEqual(code, 1);
});

Deno.test("main() says how to allow what Deno refused", async () => {
  const { stderr } = await reported(new Deno.errors.NotCapable('Requires read access to "data.csv"'));
  strictEqual(
    stderr,
    `${HEAD}Requires read access to "data.csv"\n  fix: allow it all: deno run -A …${HINT}`,
  );
});

Deno.test("cli() ends quietly where nobody reads its list of targets to the end", async () => {
  const cli = fileURLToPath(new URL("../../cli.ts", import.meta.url));
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "--no-check", cli, "info", "targets"],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  await child.stdout.cancel();
  const [{ code }, stderr] = await Promise.all([child.status, new Response(child.stderr).text()]);
  strictEqual(stderr, "");
  strictEqual(code, 141);
});

Deno.test("cli() --version says Fulgur's version and Hydra's", async () => {
  const { version } = JSON.parse(Deno.readTextFileSync(new URL("../../deno.json", import.meta.url)));
  const { stdout, code } = await run(".", ["--version"]);
  strictEqual(stdout, `Fulgur ${version}\nHydra 1.3.5\n`);
  strictEqual(code, 0);
});

Deno.test("JobFailure lists the overrides as Python does, whatever quotes they hold", () => {
  const { what } = new JobFailure(["+fail=true", "+y='a'"], undefined);
  strictEqual(what, `Error executing job with overrides: ['+fail=true', "+y='a'"]`);
});

/** What an app says whose resolver throws, with the numbers of lines and columns left out. */
async function resolverFailure(...args: string[]): Promise<string> {
  const divide = () => {
    throw new RangeError("division by zero");
  };
  let said = "";
  await runApp(args, (run) => void (said = run.stderr.replaceAll(/(?<=\.ts):\d+:\d+/g, "")), {
    task: (config) => select(config, "x"),
    options: { loader: { resolvers: () => new Resolvers().register("divide", divide) } },
  });
  return said;
}

const RESOLVER = `Error executing job with overrides: ['x=\${divide:1}']
RangeError raised while resolving interpolation: division by zero
    full_key: x
    object_type=dict
  where: command line:1:3
    1 | x=\${divide:1}
      |   ^`;

Deno.test("main() OC_CAUSE=1 shows what led to an error of OmegaConf's, with its stack", async () => {
  using _ = withVariable("OC_CAUSE", "1");
  const said = await resolverFailure("x=${divide:1}", "hydra.run.dir=o");
  ok(said.startsWith(`${RESOLVER}\nCaused by: RangeError: division by zero\n    at `), said);
  ok(said.includes("/tests/app/report_test.ts)\n") && said.endsWith(HINT), said);
});

Deno.test("main() shows no cause of OmegaConf's where OC_CAUSE is not 1", async () => {
  for (const value of [undefined, "0", ""]) {
    using _ = withVariable("OC_CAUSE", value);
    strictEqual(await resolverFailure("x=${divide:1}", "hydra.run.dir=o"), RESOLVER + HINT);
  }
});

Deno.test("main() OC_CAUSE=1 adds nothing where OmegaConf's error has no cause", async () => {
  using _ = withVariable("OC_CAUSE", "1");
  const said = await resolverFailure("lst.7=1");
  ok(said.startsWith("Error merging override lst.7=1\nlist index out of range\n"), said);
  ok(!said.includes("Caused by"), said);
});
