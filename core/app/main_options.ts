import { resolve } from "node:path";
import { callerFolder, mainEntry } from "../config/caller.ts";
import type { ConfigLoaderOptions } from "../config/config_loader.ts";
import { CommandLineError, MissingConfigError } from "../config/hydra_errors.ts";
import type { Library } from "../config/names.ts";
import type { SearchPathEntry } from "../config/search_path.ts";
import type { Arguments } from "./flags.ts";
import type { Shell } from "./shells.ts";
import type { Streams } from "./logging.ts";

/** What an app's targets are looked up in, and how it listens for Ctrl-C. */
export interface AppOptions {
  /** Loads the library whose exports `_target_` may name; called only when something is built. */
  readonly library?: (() => Promise<Library> | Library) | undefined;
  /** Whether Ctrl-C asks the task to stop. @default true */
  readonly handleInterrupt?: boolean | undefined;
}

/** One of several apps that a program runs, by its first word. */
export interface Verb {
  /** The word, such as `train`. */
  readonly name: string;
  /** Completes the whole program's command line: gives a script, or answers a shell that asks. */
  readonly completion: (action: CompletionAction, shell: Shell) => string | Promise<string>;
}

/** What `--shell-completion` may do. */
export type CompletionAction = "install" | "uninstall" | "query";

/** Where an app's configs are and how it runs. */
export interface MainOptions extends AppOptions {
  /** The folder of its configs: absolute, relative to `base`, or `pkg://name` of a bundle; none searches no folder. */
  readonly configPath?: string | undefined;
  /** The primary config, such as `train` or `train.yaml`. */
  readonly configName?: string | undefined;
  /**
   * The file that `configPath` is relative to, and `./file.ts` in configs first: pass `import.meta.url`.
   * @default the working directory
   */
  readonly base?: string | undefined;
  /** The app's name. @default the name of `base` without its extension, else `app` */
  readonly jobName?: string | undefined;
  /** The version of Hydra whose defaults the app asks for, 1.2 or later. @default "1.3" */
  readonly versionBase?: string | null | undefined;
  /** The command line. @default `Deno.args` */
  readonly args?: readonly string[] | undefined;
  /** Configs made in code, and bundles that `pkg://` names; the package's own is `pkg://fulgur.configs`. */
  readonly loader?: Pick<ConfigLoaderOptions, "store" | "bundles" | "resolvers">;
  /** Where output goes. @default the process's streams */
  readonly streams?: Streams | undefined;
  /** What the app is called in a shell, for completion scripts. @default `jobName` */
  readonly command?: string | undefined;
  /** What the app is in a program that runs several, each for a first word of its own. */
  readonly verb?: Verb | undefined;
}

/** Where an app's configs are, given its flags. @throws {ConfigError} for folders that are not there. */
export function searchPath(
  options: Pick<MainOptions, "configPath" | "base">,
  flags: Arguments["flags"],
): SearchPathEntry[] {
  const entries: SearchPathEntry[] = [];
  const path = flags.get("config-path") ?? options.configPath;
  if (path !== undefined) {
    if (/\.ya?ml$/.test(path)) {
      throw new CommandLineError(
        "Using config_path to specify the config name is not supported, specify the config name via config_name.\n" +
          "See https://hydra.cc/docs/1.2/upgrades/0.11_to_1.0/config_path_changes",
        { fix: "--config-path folder --config-name name" },
      );
    }
    entries.push(mainEntry(path, options));
  }
  const extra = flags.get("config-dir");
  if (extra !== undefined) {
    const folder = resolve(extra);
    if (!isDirectory(folder)) {
      throw new MissingConfigError(`Additional config directory '${folder}' not found`, {
        fix: "--config-dir is relative to the working directory",
      });
    }
    entries.push({ provider: "command-line", path: `file://${folder}` });
  }
  return entries;
}

/** Where `./file.ts` of a config is looked up: the app's folder, as Python imports from the script's, then the working directory. */
export function moduleFolders(options: Pick<MainOptions, "base">): string[] {
  const { base } = options;
  const isElsewhere = base !== undefined && /^[a-z]{2,}:/.test(base) && !base.startsWith("file:");
  return [...new Set([...(isElsewhere ? [] : [callerFolder(options)]), Deno.cwd()])];
}

function isDirectory(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return false;
    throw error;
  }
}
