import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { ConfigError } from "../errors.ts";
import { folderOf } from "./caller.ts";

/** Folders, or files in them, that `./file.ts` is looked up beside, the first one first; none is the working directory. */
export type ModuleFolders = string | readonly string[] | undefined;

/**
 * Imports the module that a config names: `./file.ts` from the first folder that has it, a `file:` URL, or a package
 * (`npm:pkg`, `jsr:@scope/pkg`).
 *
 * @throws {ConfigError} for one that is not there or fails while it is loaded, with the places that were tried.
 */
export async function importModule(
  specifier: string,
  folders: ModuleFolders,
): Promise<Readonly<Record<string, unknown>>> {
  const isPackage = /^(?:npm|jsr):/.test(specifier);
  const bases = folders === undefined ? [Deno.cwd()] : typeof folders === "string" ? [folders] : folders;
  const places = bases.map(folderOf);
  const urls = isPackage || specifier.startsWith("file:")
    ? [specifier]
    : [...new Set(places.map((folder) => pathToFileURL(resolve(folder, specifier)).href))];
  const found = isPackage ? specifier : urls.find(isFile);
  try {
    return await import(found ?? urls[0]!);
  } catch (cause) {
    throw new ConfigError(cause instanceof Error ? cause.message : String(cause), {
      fix: isPackage
        ? "check the package's name and version"
        : found !== undefined
        ? `mend ${specifier}: it is there, and fails while it is loaded`
        : `check that ${specifier} exists, seen from ${[...new Set(places)].join(" or from ")}`,
      cause,
    });
  }
}

function isFile(url: string): boolean {
  try {
    return Deno.statSync(new URL(url)).isFile;
  } catch {
    return false;
  }
}
