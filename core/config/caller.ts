import { dirname, extname, isAbsolute, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { ConfigError } from "../errors.ts";
import type { SearchPathEntry } from "./search_path.ts";

/** The file of whoever asks for configs, and what it is called. */
export interface Caller {
  /** The file that relative paths start from, or its folder: pass `import.meta.url`. @default the working directory */
  readonly base?: string | undefined;
  /** The app's name. @default the name of `base` without its extension, else `app` */
  readonly jobName?: string | undefined;
}

/** The app's name: it names the log file and `hydra.job.name`. */
export function jobName({ jobName, base = "" }: Caller): string {
  if (jobName !== undefined) return jobName;
  const file = decoded(base).split(/[/\\]/).at(-1)!.replace(/\.[^.]*$/, "");
  const valid = file.trim().replaceAll(" ", "_").replace(/[^-\p{L}\p{N}_.]/gu, "");
  return valid === "" ? "app" : valid;
}

/** A file's path or URL as it is read: without what a URL writes as %20. */
function decoded(base: string): string {
  if (!/^[a-z]{2,}:/.test(base) || !URL.canParse(base)) return base;
  const { pathname } = new URL(base);
  try {
    return decodeURIComponent(pathname);
  } catch (error) {
    if (error instanceof URIError) return pathname;
    throw error;
  }
}

/** The folder of the caller's file. @throws {ConfigError} where it is on no disk. */
export function callerFolder({ base }: Caller): string {
  return base === undefined ? Deno.cwd() : folderOf(base);
}

/**
 * The folder that a base stands for: a folder itself, that of a file, either as a path or as a `file:` URL.
 *
 * What is not there is a file where its name has an extension.
 *
 * @throws {ConfigError} for a URL of another kind.
 */
export function folderOf(base: string): string {
  if (/^[a-z]{2,}:/.test(base) && !base.startsWith("file:")) {
    throw new ConfigError(`The base "${base}" is no file or folder of this machine`, {
      fix: "give a folder, or import.meta.url of a file on disk",
    });
  }
  const path = base.startsWith("file:") ? fileURLToPath(base) : base;
  return isFolder(path) ? path : dirname(path);
}

function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return extname(path) === "";
    }
    throw error;
  }
}

/** Where the caller's configs are: an absolute folder, one relative to its file, or `pkg://name`. */
export function mainEntry(configPath: string, caller: Caller): SearchPathEntry {
  const isPlace = isAbsolute(configPath) || /^[a-z]+:\/\//.test(configPath);
  return { provider: "main", path: isPlace ? configPath : resolve(callerFolder(caller), configPath) };
}
