import { homedir } from "node:os";
import type { Candidate } from "./candidate.ts";

/** Whether a value is being typed as a path. */
export function looksLikePath(value: string): boolean {
  return /^(?:\.{1,2}(?:\/|$)|~\/)|\//.test(value) && !/^[a-z]+:\/\//i.test(value);
}

/** Whether a key holds a path, by its name: `ckpt_path`, `data_dir`. */
export function isPathKey(key: string): boolean {
  return /(?:^|[._])(?:path|dir|file|folder|filename|dirpath)$/.test(key);
}

/**
 * Files and folders that a path may go on to; folders end in `/`. What is typed stays as it is typed: `./a` gives
 * `./ab`, `~/a` gives `~/ab`.
 *
 * @param before What stands before the path in its word, such as `ckpt_path=`.
 */
export function pathCandidates(path: string, before: string = "", onlyFolders: boolean = false): Candidate[] {
  if (path === "." || path === "..") return [{ word: `${before}${path}/` }];
  const slash = path.lastIndexOf("/") + 1;
  const [folder, start] = [path.slice(0, slash), path.slice(slash)];
  const found: Candidate[] = [];
  try {
    for (const entry of Deno.readDirSync(expanded(folder))) {
      // Hidden files are shown to those who ask for them.
      if (!entry.name.startsWith(start) || (entry.name.startsWith(".") && !start.startsWith("."))) continue;
      const isFolder = entry.isDirectory || (entry.isSymlink && isDirectory(expanded(folder) + entry.name));
      if (isFolder || !onlyFolders) {
        found.push({ word: `${before}${folder}${entry.name}${isFolder ? "/" : ""}` });
      }
    }
  } catch (error) {
    const isUnreadable = error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.NotADirectory ||
      error instanceof Deno.errors.PermissionDenied;
    if (!isUnreadable) throw error;
  }
  return found;
}

function expanded(folder: string): string {
  if (folder === "") return "./";
  return folder.startsWith("~/") ? homedir() + folder.slice(1) : folder;
}

function isDirectory(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch {
    return false;
  }
}
