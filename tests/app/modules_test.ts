import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { main, type MainOptions } from "../../core/app/mod.ts";
import type { DictNode } from "../../core/config/node.ts";
import { getOriginalCwd, toAbsolutePath } from "../../core/config/original_cwd.ts";
import { select, selectNode } from "../../core/config/select.ts";
import type { RunContext } from "../../core/config/run_context.ts";

const TARGET = "export class Thing { constructor(o) { this.size = o.size; } }\n";
const RESOLVERS = "export const double = (x) => x * 2;\nexport const pick = () => 'pg';\n";

interface Started {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly folder: string;
}

/** Runs an app with the given files below a folder, from `start` below it. */
async function start(
  args: readonly string[],
  files: Readonly<Record<string, string>>,
  check: (run: Started) => void | Promise<void>,
  options: MainOptions & { readonly start?: string; readonly isPlain?: boolean } = {},
): Promise<void> {
  const folder = Deno.realPathSync(Deno.makeTempDirSync());
  const before = Deno.cwd();
  let [stdout, stderr] = ["", ""];
  try {
    for (const [path, text] of Object.entries(files)) {
      Deno.mkdirSync(`${folder}/${path}/..`.replace(/\/[^/]+\/\.\.$/, ""), { recursive: true });
      Deno.writeTextFileSync(`${folder}/${path}`, text);
    }
    const at = `${folder}/${options.start ?? "."}`;
    Deno.mkdirSync(at, { recursive: true });
    Deno.chdir(at);
    const streams = {
      stdout: (text: string) => void (stdout += text),
      stderr: (text: string) => void (stderr += text),
      color: false,
    };
    const code = await main(build, {
      configPath: "conf",
      configName: "config",
      base: options.isPlain ? undefined : `file://${folder}/app.ts`,
      args,
      streams,
      handleInterrupt: false,
    });
    Deno.exitCode = 0;
    await check({ code, stdout, stderr: stderr.replaceAll(folder, "<folder>"), folder });
  } finally {
    Deno.chdir(before);
    Deno.removeSync(folder, { recursive: true });
  }
}

async function build(config: DictNode, context: RunContext): Promise<void> {
  if (selectNode(config, "net") === undefined) {
    return context.logger("app").info(`z is ${select(config, "z")}`);
  }
  const net = await context.instantiate(selectNode(config, "net")) as { readonly size: number };
  context.logger("app").info(`size is ${net.size}`);
}

const NET = { "conf/config.yaml": "net: {_target_: ./tgt.ts#Thing, size: 3}\n", "tgt.ts": TARGET };

Deno.test("main() finds ./file.ts targets from where it was started, whatever job.chdir says", () =>
  start(["hydra.job.chdir=true"], NET, (run) => {
    match(run.stdout, /size is 3\n$/);
  }, { isPlain: true }));

Deno.test("main() finds ./file.ts targets in the folder of the app when it is started elsewhere", () =>
  start([], NET, (run) => match(run.stdout, /size is 3\n$/), { start: "elsewhere" }));

Deno.test("main() names all folders where it looked for ./file.ts", () =>
  start(["net._target_='./nope.ts#Thing'"], NET, (run) => {
    match(run.stderr, /check that \.\/nope\.ts exists, seen from <folder> or from <folder>\/elsewhere\n/);
  }, { start: "elsewhere" }));

const DOUBLE = {
  "conf/config.yaml": "z: ${double:21}\nhydra:\n  resolvers: [./resolvers.ts]\n",
  "resolvers.ts": RESOLVERS,
};

Deno.test("main() finds hydra.resolvers in the folder of the app when it is started elsewhere", () =>
  start(["--cfg", "job", "--resolve"], DOUBLE, (run) => strictEqual(run.stdout, "z: 42\n"), {
    start: "elsewhere",
  }));

Deno.test("main() --help --resolve uses the functions of hydra.resolvers", () =>
  start(["--help", "--resolve"], DOUBLE, (run) => match(run.stdout, /\nz: 42\n/)));

Deno.test("main() uses the functions of hydra.resolvers in a defaults list", () =>
  start(["--cfg", "job"], {
    "conf/config.yaml": "defaults:\n- db: ${pick:}\n- _self_\nhydra:\n  resolvers: [./resolvers.ts]\n",
    "conf/db/pg.yaml": "port: 1\n",
    "resolvers.ts": RESOLVERS,
  }, (run) => strictEqual(run.stdout + run.stderr, "db:\n  port: 1\n")));

Deno.test("main() takes hydra.resolvers from a group's file", () =>
  start(["--cfg", "job", "--resolve", "+experiment=a"], {
    "conf/config.yaml": "z: ${double:21}\n",
    "conf/experiment/a.yaml": "# @package _global_\nhydra:\n  resolvers: [./resolvers.ts]\n",
    "resolvers.ts": RESOLVERS,
  }, (run) => strictEqual(run.stdout + run.stderr, "z: 42\n")));

Deno.test("main() takes hydra.resolvers from the command line", () =>
  start(["--cfg", "job", "--resolve", "hydra.resolvers=[./resolvers.ts]"], {
    "conf/config.yaml": "z: ${double:21}\n",
    "resolvers.ts": RESOLVERS,
  }, (run) => strictEqual(run.stdout + run.stderr, "z: 42\n")));

Deno.test("main() takes an empty hydra.resolvers, which replaces the file's", () =>
  start(["--cfg", "job", "--resolve", "hydra.resolvers=[]"], DOUBLE, (run) => {
    match(run.stderr, /^Unsupported interpolation type double/);
  }));

Deno.test("main() shows hydra.resolvers only where something sets it", async () => {
  await start(["--cfg", "hydra"], { "conf/config.yaml": "z: 1\n" }, (run) => {
    ok(!run.stdout.includes("resolvers"));
  });
  await start(
    ["--cfg", "hydra"],
    DOUBLE,
    (run) => match(run.stdout, / {2}resolvers:\n {2}- \.\/resolvers\.ts\n/),
  );
});

Deno.test("main() --experimental-rerun uses the functions of hydra.resolvers", () =>
  start(["hydra.run.dir=out"], DOUBLE, async (run) => {
    strictEqual(run.code, 0);
    const shown: string[] = [];
    const streams = { stdout: (text: string) => void shown.push(text), stderr: () => {}, color: false };
    const base = `file://${run.folder}/app.ts`;
    await main(build, { args: ["--experimental-rerun", "out/.hydra"], base, streams });
    match(shown.join(""), /z is 42\n$/);
  }));

Deno.test("main() says which key names a module of resolvers that is missing", () =>
  start([], { "conf/config.yaml": "hydra:\n  resolvers: [./nope.ts]\n" }, (run) => {
    match(run.stderr, /^Cannot load the resolvers of '\.\/nope\.ts':\nModule not found/);
    match(run.stderr, /where: hydra\.resolvers, set in conf\/config\.yaml:2:15\n/);
    match(run.stderr, /fix: check that \.\/nope\.ts exists, seen from <folder>\n/);
    ok(!run.stderr.includes(" at "));
    strictEqual(run.code, 1);
  }));

Deno.test("main() says which key names a module of resolvers with a syntax error", () =>
  start([], { ...DOUBLE, "resolvers.ts": "export const = 1;\n" }, (run) => {
    match(run.stderr, /where: hydra\.resolvers, set in conf\/config\.yaml:3:15\n/);
    match(run.stderr, /fix: mend \.\/resolvers\.ts: it is there, and fails while it is loaded\n/);
    strictEqual(run.code, 1);
  }));

Deno.test("main() names the app after the decoded name of its file", async () => {
  for (
    const [base, name] of [["my%20app.v2.ts", "my_app.v2"], [
      "%D1%82%D0%B5%D1%81%D1%82%20%C3%A9.ts",
      "тест_é",
    ]]
  ) {
    const shown: string[] = [];
    const streams = { stdout: (text: string) => void shown.push(text), stderr: () => {}, color: false };
    const args = ["--cfg", "hydra", "-p", "hydra.job.name"];
    await main(() => {}, { args, base: `file:///nowhere/${base}`, streams });
    strictEqual(shown.join(""), `${name}\n`);
  }
});

Deno.test("getOriginalCwd() and toAbsolutePath() see the launch directory from a job's folder", async () => {
  const folder = Deno.realPathSync(Deno.makeTempDirSync());
  const before = Deno.cwd();
  const seen: string[] = [];
  Deno.chdir(folder);
  try {
    await main((_, context) => {
      seen.push(
        Deno.cwd(),
        getOriginalCwd(context),
        toAbsolutePath("a/b", context),
        toAbsolutePath("/c", context),
      );
      seen.push(toAbsolutePath("d"));
    }, {
      args: ["hydra.job.chdir=true", "hydra.run.dir=o"],
      streams: { stdout: () => {}, stderr: () => {}, color: false },
      handleInterrupt: false,
    });
  } finally {
    Deno.chdir(before);
    Deno.removeSync(folder, { recursive: true });
  }
  deepStrictEqual(seen, [`${folder}/o`, folder, `${folder}/a/b`, "/c", `${folder}/d`]);
});
