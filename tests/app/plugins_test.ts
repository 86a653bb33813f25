import { deepStrictEqual, match, strictEqual } from "node:assert/strict";
import { at } from "../../core/config/access.ts";
import type { ContainerNode } from "../../core/config/node.ts";
import { BASE_FILES, runApp } from "../support/hydra_app.ts";

const CONFIG = { "conf/config": "x: 1\n" };
const LAUNCHER = "export class Mine {\n" +
  "  setup(context) { this.context = context; }\n" +
  "  async launch(jobs, first) {\n" +
  "    const results = [];\n" +
  "    for (const [i, job] of jobs.entries()) {\n" +
  "      this.context.log.info(`job ${first + i}`);\n" +
  "      results.push(await this.context.runJob(this.context.loadJob(job), first + i));\n" +
  "    }\n" +
  "    return results;\n" +
  "  }\n" +
  "}\n";

Deno.test("main() with hydra.verbose=true first logs what --info all shows", async () => {
  let info = "";
  await runApp(["--info", "all"], (run) => void (info = run.stdout), { files: CONFIG });
  await runApp(["hydra.verbose=true"], (run) => {
    // The folders of the two runs have names of their own, and the table is as wide as they are.
    const named = (text: string): string => text.replace(/file:\S+/g, "").replace(/(-| )+/g, "$1");
    const shown = named(run.stdout.replace(/^\[[^\]]+\]\[HYDRA\] /gm, ""));
    const end = shown.indexOf("Config\n******");
    strictEqual(shown.slice(0, end), named(info).slice(0, end));
    match(run.stdout, /\]\[HYDRA\] x: 1\n\n\[[^\]]+\]\[__main__\]\[INFO\] - hi\n$/);
  }, { files: CONFIG });
});

Deno.test("main() with hydra.verbose of a logger of the job shows nothing of Hydra", () =>
  runApp(["hydra.verbose=app"], (run) => match(run.stdout, /^\[[^\]]+\]\[__main__\]\[INFO\] - hi\n$/)));

Deno.test("main() -m lets launchers log under their Python names", () =>
  runApp(["-m", "hydra/hydra_logging=none", "x=1,2"], (run) => {
    match(run.stdout, /\[hydra\._internal\.core_plugins\.basic_launcher\]\[INFO\] - \t#1 : x=2\n/);
  }, { files: CONFIG }));

/** What a sweep over `x` leaves in the file of Hydra's own lines. */
async function debugLog(x: string): Promise<string> {
  let log = "";
  await runApp(["-m", "hydra/hydra_logging=hydra_debug", x], (run) => {
    strictEqual(run.code, 0, run.stderr);
    log = run.read("hydra-app.log").replace(/^\[[^\]]+\]/gm, "");
  }, { files: CONFIG });
  return log;
}

Deno.test("main() -m hydra/hydra_logging=hydra_debug begins its file anew as Hydra does", async () => {
  const name = "[hydra._internal.core_plugins.basic_launcher][INFO] -";
  strictEqual(await debugLog("x=1"), `${name} Launching 1 jobs locally\n${name} \t#0 : x=1\n`);
  strictEqual(await debugLog("x=1,2"), `${name} \t#1 : x=2\n`);
});

Deno.test("main() -m numbers the jobs of a launcher of one's own, which logs under its module's name", () => {
  const seen: unknown[] = [];
  const folder = Deno.makeTempDirSync();
  Deno.writeTextFileSync(`${folder}/mine.ts`, LAUNCHER);
  return runApp(["-m", "hydra/launcher=mine", "hydra/hydra_logging=stdout_names", "x=1,2"], (run) => {
    Deno.removeSync(folder, { recursive: true });
    strictEqual(run.stderr, "");
    deepStrictEqual(seen, [[0, "0"], [1, "1"]]);
    match(run.stdout, /^mine job 0\n/);
  }, {
    files: {
      ...BASE_FILES,
      "conf/hydra/launcher/mine": `_target_: ${folder}/mine.ts#Mine\n`,
      "conf/hydra/hydra_logging/stdout_names":
        "version: 1\nformatters: {f: {format: '%(name)s %(message)s'}}\n" +
        "handlers: {c: {class: logging.StreamHandler, formatter: f, stream: ext://sys.stdout}}\n" +
        "root: {level: INFO, handlers: [c]}\n",
    },
    task: (_, { hydra }) => void seen.push([at(job(hydra), "num"), at(job(hydra), "id")]),
  });
});

Deno.test("main() --info plugins lists plugins by kind, as Hydra does", () =>
  runApp(["--info", "plugins"], (run) => {
    match(run.stdout, /^Installed Hydra Plugins\n\*{23}\n\tConfigSource:\n\t-{13}\n\t\tFileConfigSource\n/);
    match(run.stdout, /\tLauncher:\n\t-{9}\n\t\tBasicLauncher\n\t\tJoblibLauncher\n/);
    match(run.stdout, /\tSweeper:\n\t-{8}\n\t\tBasicSweeper\n\t\tOptunaSweeper\n$/);
  }));

Deno.test("main() --help lists a group before the groups inside it", () =>
  runApp(["--help"], (run) => match(run.stdout, /\ndb: mysql, pg\ndb\/sub: deep\n/), {
    files: { ...BASE_FILES, "conf/db/sub/deep": "a: 1\n" },
  }));

function job(hydra: ContainerNode): ContainerNode {
  return at(hydra, "job") as ContainerNode;
}
