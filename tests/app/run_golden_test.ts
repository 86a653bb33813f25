import { deepStrictEqual, ok, strictEqual } from "node:assert/strict";
import { select } from "../../core/config/select.ts";
import { golden } from "../support/hydra_api.ts";
import { runApp } from "../support/hydra_app.ts";

const FILES = Object.fromEntries(
  Object.entries(golden.runFiles).map(([path, text]) => [path.replace(/\.yaml$/, ""), text]),
);

/** Folders that hold files, and those above them. */
function foldersOf(files: readonly string[]): string[] {
  const folders = new Set<string>();
  for (const file of files) {
    const parts = file.split("/").slice(0, -1);
    for (let i = 1; i <= parts.length; i++) folders.add(parts.slice(0, i).join("/"));
  }
  return [...folders].sort();
}

/** The text without what is said beyond Hydra's: where, how to mend it, the hint. */
function bare(stderr: string): string {
  return stderr.replace(/\n {2}(?:where|fix): [^]*/, "\n").replace(/\nSet the environment variable [^]*/, "");
}

for (const { args, code, stdout, stderr, folders } of golden.run) {
  Deno.test(`main() ${args.join(" ")} does what Hydra does`, () =>
    runApp(args, (run) => {
      strictEqual(bare(run.stderr), stderr);
      strictEqual(run.stdout.replace(/^\[[^\]]*\]/gm, "[T]"), stdout);
      strictEqual(run.code, code);
      if (code === 0) deepStrictEqual(foldersOf(run.files()), folders);
      else for (const folder of folders) ok(run.exists(folder), folder);
    }, {
      files: FILES,
      task: (config, { logger }) => {
        logger("app").info("hi");
        return select(config, "x");
      },
    }));
}

Deno.test("main() refuses an option that a callback of Hydra's does not take", async () => {
  for (const name of ["LogJobReturnCallback", "PickleJobInfoCallback"]) {
    const target = `hydra.experimental.callbacks.${name}`;
    await runApp([`+hydra.callbacks.l._target_=${target}`, "+hydra.callbacks.l.foo=1"], (run) => {
      strictEqual(run.code, 1);
      ok(run.stderr.startsWith(`${target} has no option "foo"\n  where: hydra.callbacks.l`), run.stderr);
      ok(run.stderr.includes("\n  fix: it takes no options\n"), run.stderr);
    });
  }
});

Deno.test("main() says where PickleJobInfoCallback saves what it knows of a job", async () => {
  const callback = "+hydra.callbacks.p._target_=hydra.experimental.callbacks.PickleJobInfoCallback";
  await runApp([callback, "hydra.run.dir=o"], (run) => {
    const folder = `${run.folder}/o/.hydra`;
    deepStrictEqual(run.stdout.match(/(?<=\[INFO\] - )Saving .*/g), [
      `Saving job configs in ${folder}/config_all.yaml`,
      `Saving job_return in ${folder}/job_return.yaml`,
    ]);
    ok(run.exists("o/.hydra/config_all.yaml") && run.exists("o/.hydra/job_return.yaml"));
  });
});
