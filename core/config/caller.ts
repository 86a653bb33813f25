import { dirname, isAbsolute, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { SearchPathEntry } from "./search_path.ts";

/** The file of whoever asks for configs, and what it is called. */
export interface Caller {
  /** The file that relative paths start from: pass `import.meta.url`. @default the working directory */
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

/** The folder of the caller's file. */
export function callerFolder({ base }: Caller): string {
  if (base === undefined) return Deno.cwd();
  return dirname(base.startsWith("file:") ? fileURLToPath(base) : base);
}

/** Where the caller's configs are: an absolute folder, one relative to its file, or `pkg://name`. */
export function mainEntry(configPath: string, caller: Caller): SearchPathEntry {
  const isPlace = isAbsolute(configPath) || /^[a-z]+:\/\//.test(configPath);
  return { provider: "main", path: isPlace ? configPath : resolve(callerFolder(caller), configPath) };
}
