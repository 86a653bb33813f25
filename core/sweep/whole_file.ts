import { dirname } from "node:path";

/**
 * Writes a text file so that a reader sees all of it or none, even after a crash: under a temporary name beside it,
 * synced, then renamed. Folders are made.
 *
 * @throws {Deno.errors} as the system refuses it; nothing is left behind.
 *
 * @example
 * ```ts
 * import { writeWhole } from "./whole_file.ts";
 * const folder = Deno.makeTempDirSync();
 * writeWhole(`${folder}/a/b.json`, "{}");
 * console.assert(Deno.readTextFileSync(`${folder}/a/b.json`) === "{}");
 * Deno.removeSync(folder, { recursive: true });
 * ```
 */
export function writeWhole(path: string, text: string): void {
  Deno.mkdirSync(dirname(path), { recursive: true });
  const temporary = `${path}.${Deno.pid}.tmp`;
  const data = new TextEncoder().encode(text);
  const file = Deno.openSync(temporary, { create: true, write: true, truncate: true });
  try {
    try {
      for (let at = 0; at < data.length;) at += file.writeSync(data.subarray(at));
      file.syncSync();
    } finally {
      file.close();
    }
    Deno.renameSync(temporary, path);
  } catch (error) {
    Deno.removeSync(temporary);
    throw error;
  }
}

/** Removes a file or a folder with all that is in it. */
export function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
