import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { variable } from "../config/environment.ts";

/** The variable that configs read the project's folder from, as in `${oc.env:PROJECT_ROOT}`. */
const VARIABLE = "PROJECT_ROOT";
/** A project says itself where it begins; else one of the files does that stand at the top of most. */
const OWN_MARK = ".project-root";
const MARKS = ["pyproject.toml", "setup.py", "setup.cfg", "deno.json", "deno.jsonc", ".git"];

/**
 * Sets the variable `PROJECT_ROOT` to the folder of the project that a file or folder belongs to, as `rootutils` does
 * for Python's templates. A variable that is set already stays as it is.
 *
 * The folder is the nearest one upwards that holds `.project-root`; where none does, the nearest with `pyproject.toml`,
 * `setup.py`, `setup.cfg`, `deno.json` or `.git`; else the file's own folder.
 *
 * @param from A folder, or the URL of a file: pass `import.meta.url`.
 * @returns What the variable holds; the folder alone where the environment may not be written.
 *
 * @example
 * ```ts
 * import { setupRoot } from "./project_root.ts";
 * const root = setupRoot(import.meta.url);
 * console.assert(root !== "" && Deno.env.get("PROJECT_ROOT") === root);
 * ```
 */
export function setupRoot(from: string): string {
  const set = variable(VARIABLE);
  if (set !== undefined) return set;
  const start = resolve(from.startsWith("file:") ? dirname(fileURLToPath(from)) : from);
  const root = above(start, [OWN_MARK]) ?? above(start, MARKS) ?? start;
  if (Deno.permissions.querySync({ name: "env", variable: VARIABLE }).state === "granted") {
    Deno.env.set(VARIABLE, root);
  }
  return root;
}

/** The nearest folder, from `start` upwards, that holds one of the marks. */
function above(start: string, marks: readonly string[]): string | undefined {
  for (let folder = start;; folder = dirname(folder)) {
    if (marks.some((mark) => exists(join(folder, mark)))) return folder;
    if (folder === dirname(folder)) return undefined;
  }
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
