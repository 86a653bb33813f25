import { strictEqual } from "node:assert/strict";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../", import.meta.url)).replace(/\/$/, "");

/** A command line that is to fail. */
export interface Failure {
  readonly args: readonly string[];
  /** Files in the folder that the command runs in, by relative path. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  readonly env?: Readonly<Record<string, string>>;
  /** @default 1 */
  readonly code?: number;
}

/** How a command ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `cli.ts` as a process of its own, in `folder`. */
export async function run(
  folder: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    // quiet: what Deno says of packages that it fetches is no word of the command
    args: ["run", "-A", "--quiet", "--no-check", join(ROOT, "cli.ts"), ...args],
    cwd: folder,
    env: { NO_COLOR: "1", ...env },
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/**
 * Runs a command that fails in a folder of its own, and checks all that it writes to stderr.
 *
 * In the text the folder is called `<folder>` and this package `<fulgur>`; nothing else is changed.
 */
export async function fails({ args, files = {}, env = {}, code = 1 }: Failure, text: string): Promise<void> {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  try {
    for (const [path, content] of Object.entries(files)) {
      const file = join(folder, path);
      await Deno.mkdir(dirname(file), { recursive: true });
      if (typeof content === "string") await Deno.writeTextFile(file, content);
      else await Deno.writeFile(file, content);
    }
    const ended = await run(folder, args, env);
    const stderr = ended.stderr.replaceAll(folder, "<folder>").replaceAll(ROOT, "<fulgur>");
    strictEqual(stderr, text, ended.stdout);
    strictEqual(ended.code, code);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
