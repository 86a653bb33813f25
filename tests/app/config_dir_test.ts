import { strictEqual } from "node:assert/strict";
import { run } from "./command_line.ts";

/** What `train --config-dir mine` shows of the config, in a folder that has these files below `mine/`. */
async function shown(files: Readonly<Record<string, string>>, ...args: string[]): Promise<string> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${folder}/mine/trainer`, { recursive: true });
    for (const [path, text] of Object.entries(files)) {
      await Deno.writeTextFile(`${folder}/mine/${path}`, text);
    }
    return (await run(folder, ["train", "--config-dir", "mine", "--cfg", "job", ...args])).stdout;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("cli train --config-dir takes the primary config of a folder that has one", async () => {
  strictEqual(await shown({ "train.yaml": "lr: 0.5\n" }), "lr: 0.5\n");
});

Deno.test("cli train --config-dir adds the options of a folder without a primary config", async () => {
  const files = { "trainer/short.yaml": "max_epochs: 1\n" };
  strictEqual(
    await shown(files, "trainer=short", "-p", "trainer"),
    "# @package trainer\nmax_epochs: 1\n",
  );
});
