import { strictEqual } from "node:assert/strict";
import { join } from "node:path";
import { setupRoot } from "../../core/app/mod.ts";
import { withVariable } from "../support/variable.ts";
import { run } from "./command_line.ts";

/** Makes files in a folder of their own, and gives the folder to `body`. */
async function inProject(
  files: Readonly<Record<string, string>>,
  body: (folder: string) => void | Promise<void>,
): Promise<void> {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  try {
    for (const [path, text] of Object.entries(files)) {
      await Deno.mkdir(join(folder, path, ".."), { recursive: true });
      await Deno.writeTextFile(join(folder, path), text);
    }
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** What setupRoot() finds from a folder of the project, relative to the project. */
async function found(files: Readonly<Record<string, string>>, from: string): Promise<string> {
  let root = "";
  await inProject(files, (folder) => {
    using _ = withVariable("PROJECT_ROOT", undefined);
    root = setupRoot(join(folder, from)).slice(folder.length);
    strictEqual(Deno.env.get("PROJECT_ROOT"), folder + root);
  });
  return root;
}

Deno.test("setupRoot() finds the nearest .project-root, whatever other marks are nearer", async () => {
  strictEqual(await found({ "a/.project-root": "", "a/b/pyproject.toml": "", "a/b/c/x": "" }, "a/b/c"), "/a");
});

Deno.test("setupRoot() finds the nearest of the usual files where no folder is marked", async () => {
  strictEqual(await found({ "a/pyproject.toml": "", "a/b/x": "" }, "a/b"), "/a");
  strictEqual(await found({ "a/.git/HEAD": "", "a/b/deno.json": "{}", "a/b/c/x": "" }, "a/b/c"), "/a/b");
});

Deno.test("setupRoot() takes the folder itself where nothing marks a project", async () => {
  strictEqual(await found({ "a/b/x": "" }, "a/b"), "/a/b");
});

Deno.test("setupRoot() takes a file's URL and leaves a variable that is set", () => {
  using _ = withVariable("PROJECT_ROOT", "/elsewhere");
  strictEqual(setupRoot(import.meta.url), "/elsewhere");
});

const CONFIGS = { "configs/train.yaml": "root: ${oc.env:PROJECT_ROOT}\n" };
const SHOW = ["compose", "--resolve", "-p", "root"];

Deno.test("cli() sets PROJECT_ROOT for the configs that it runs, unless it is set", async () => {
  await inProject({ ...CONFIGS, ".project-root": "", "sub/x": "" }, async (folder) => {
    strictEqual((await run(folder, SHOW)).stdout, `${folder}\n`);
    strictEqual((await run(folder, SHOW, { PROJECT_ROOT: "/set" })).stdout, "/set\n");
    for (const flag of [["-cp", "../configs"], ["--config-dir=../configs"]]) {
      strictEqual((await run(join(folder, "sub"), [...SHOW, ...flag])).stdout, `${folder}\n`);
    }
  });
  await inProject(CONFIGS, async (folder) => {
    strictEqual((await run("/", [...SHOW, "-cp", `${folder}/configs`])).stdout, `${folder}\n`);
  });
});
