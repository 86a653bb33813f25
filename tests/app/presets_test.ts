import { match, strictEqual } from "node:assert/strict";
import { runApp } from "../support/hydra_app.ts";
import { run } from "./command_line.ts";

const FILES = {
  "conf/config": "defaults:\n- trainer: cpu\n- _self_\nx: 1\nhydra:\n  searchpath: [pkg://fulgur.configs]\n",
};

Deno.test("main() finds the package's presets on a search path", () =>
  runApp(["--cfg", "job", "-p", "trainer.accelerator"], (run) => {
    strictEqual(run.stderr, "");
    strictEqual(run.stdout, "cpu\n");
  }, { files: FILES }));

Deno.test("main() --info searchpath and errors call the presets by their name", () =>
  runApp(["--info", "searchpath"], async (shown) => {
    match(shown.stdout, /\n\| hydra\.searchpath in main +\| pkg:\/\/fulgur\.configs +\|\n/);
    await runApp(["trainer=tpu"], (failed) => {
      match(failed.stderr, /\n\tprovider=hydra\.searchpath in main, path=pkg:\/\/fulgur\.configs\n/);
    }, { files: FILES });
  }, { files: FILES }));

Deno.test("main() prefers the app's own option to a preset, and its own bundle of the name", async () => {
  const own = { ...FILES, "conf/trainer/cpu": "accelerator: mine\n" };
  await runApp(["--cfg", "job", "-p", "trainer.accelerator"], (run) => strictEqual(run.stdout, "mine\n"), {
    files: own,
  });
  const bundles = new Map([["fulgur.configs", new Map([["trainer/cpu", "accelerator: other"]])]]);
  await runApp(["--cfg", "job", "-p", "trainer.accelerator"], (run) => strictEqual(run.stdout, "other\n"), {
    files: FILES,
    options: { loader: { bundles } },
  });
});

Deno.test("cli() calls its presets by their name where a folder has no configs", async () => {
  const folder = await Deno.makeTempDir();
  try {
    match((await run(folder, ["info", "searchpath"])).stdout, /\| main +\| pkg:\/\/fulgur\.configs +\|/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
