/**
 * The number of the next run in a folder: one more than the highest `version_<digits>` there, or 0.
 *
 * @example
 * ```ts
 * import { nextVersion } from "./version.ts";
 * console.assert(nextVersion("/no/such/folder") === 0);
 * ```
 */
export function nextVersion(folder: string): number {
  let highest = -1;
  try {
    for (const entry of Deno.readDirSync(folder)) {
      const match = entry.isDirectory ? /^version_(\d+)$/.exec(entry.name) : null;
      if (match !== null) highest = Math.max(highest, Number(match[1]));
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return highest + 1;
}

/** A version as a folder's name: numbers become `version_3`, words stay. */
export function versionName(version: number | string): string {
  return typeof version === "number" ? `version_${version}` : version;
}

/** Names with the logger's prefix: `p-train/loss`, or unchanged where the prefix is empty. */
export function withPrefix(
  prefix: string,
  metrics: Readonly<Record<string, number>>,
): Record<string, number> {
  if (prefix === "") return { ...metrics };
  return Object.fromEntries(Object.entries(metrics).map(([name, value]) => [`${prefix}-${name}`, value]));
}
