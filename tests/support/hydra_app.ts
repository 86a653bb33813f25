import { main, type MainOptions } from "../../core/app/mod.ts";
import type { DictNode } from "../../core/config/node.ts";
import type { RunContext, TaskFunction } from "../../core/config/run_context.ts";
import { configTree } from "./config_tree.ts";

/** The base app of the conformance list. */
export const BASE_FILES: Readonly<Record<string, string>> = {
  "conf/config": "defaults:\n  - db: mysql\n  - optional server: apache\n  - _self_\nx: 1\nname: hello\n" +
    "lst: [1, 2, 3]\nnest:\n  a: 1\n  b: ${x}\n",
  "conf/db/mysql": "driver: mysql\nport: 3306\n",
  "conf/db/pg": "driver: pg\nport: 5432\n",
};

/** What an app showed and did. */
export interface AppRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The folder it was started in; `read` and `exists` take paths below it. */
  readonly folder: string;
  read(path: string): string;
  exists(path: string): boolean;
  /** Paths of all files below the folder, sorted. */
  files(): string[];
}

/** How {@linkcode runApp} runs. */
export interface AppSetup {
  readonly task?: TaskFunction;
  readonly files?: Readonly<Record<string, string>>;
  readonly options?: MainOptions;
}

/**
 * Runs an app in a temporary folder, hands what it did to `check`, and removes the folder.
 *
 * The working directory is put back even when the app changed it.
 */
export async function runApp(
  args: readonly string[],
  check: (run: AppRun) => void | Promise<void>,
  setup: AppSetup = {},
): Promise<void> {
  using tree = configTree(setup.files ?? BASE_FILES);
  const folder = Deno.realPathSync(tree.folder);
  const before = Deno.cwd();
  let stdout = "";
  let stderr = "";
  const streams = {
    stdout: (text: string) => void (stdout += text),
    stderr: (text: string) => void (stderr += text),
    color: false,
  };
  Deno.chdir(folder);
  try {
    const code = await main(setup.task ?? logHello, {
      configPath: "conf",
      configName: "config",
      jobName: "app",
      args,
      streams,
      handleInterrupt: false,
      ...setup.options,
    });
    Deno.exitCode = 0;
    await check({
      code,
      stdout,
      stderr,
      folder,
      read: (path) => Deno.readTextFileSync(`${folder}/${path}`),
      exists: (path) => exists(`${folder}/${path}`),
      files: () => [...walk(folder, "")].filter((path) => !path.startsWith("conf/")).sort(),
    });
  } finally {
    Deno.chdir(before);
  }
}

function logHello(_config: DictNode, context: RunContext): void {
  context.logger("__main__").info("hi");
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

function* walk(folder: string, below: string): Generator<string> {
  for (const entry of Deno.readDirSync(folder)) {
    const path = below === "" ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory) yield* walk(`${folder}/${entry.name}`, path);
    else yield path;
  }
}
