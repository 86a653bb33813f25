import { match, strictEqual } from "node:assert/strict";

const SCRIPT = new URL("../support/interruptible_app.ts", import.meta.url).pathname;
const CONFIG = new URL("../../deno.json", import.meta.url).pathname;

/** Starts the app, sends SIGINT so many times once it is ready, and tells how it ended. */
async function interrupted(
  times: number,
  ...overrides: string[]
): Promise<{ code: number; stderr: string; saved: boolean }> {
  const folder = Deno.makeTempDirSync();
  try {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", "--no-check", "--config", CONFIG, SCRIPT, ...overrides],
      cwd: folder,
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const reader = child.stdout.getReader();
    let shown = "";
    while (!shown.includes("ready")) shown += new TextDecoder().decode((await reader.read()).value);
    for (let i = 0; i < times; i++) {
      child.kill("SIGINT");
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    const [{ code }, stderr] = await Promise.all([child.status, new Response(child.stderr).text()]);
    await reader.cancel();
    let saved = true;
    try {
      Deno.statSync(`${folder}/o/saved`);
    } catch {
      saved = false;
    }
    return { code, stderr, saved };
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("main() lets the task finish and save at the first Ctrl-C and exits 130", async () => {
  const { code, stderr, saved } = await interrupted(1);
  strictEqual(code, 130);
  strictEqual(saved, true);
  match(stderr, /Stopping after this step; press Ctrl-C again to stop at once\./);
});

Deno.test("main() ends at the second Ctrl-C with 130", async () => {
  const { code, saved } = await interrupted(2, "+ignore=true");
  strictEqual(code, 130);
  strictEqual(saved, false);
});
