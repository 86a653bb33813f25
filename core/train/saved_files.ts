import { join, relative } from "node:path";

/** What a run leaves behind, and what each file is. */
const KINDS: readonly (readonly [pattern: RegExp, label: string])[] = [
  [/^checkpoints\/.*\.ckpt$/, "checkpoint"],
  [/metrics\.csv$/, "metrics"],
  [/^config_tree\.log$/, "config tree"],
  [/^\.hydra\/config\.yaml$/, "config"],
  [/^[^/]+\.log$/, "log"],
];

/** Names the files of a run's folder that a user looks for, one a line; empty where there is none. */
export function savedFiles(folder: string): string {
  const paths = [...filesUnder(folder, "")].sort();
  const lines = paths.flatMap((path) => {
    const kind = KINDS.find(([pattern]) => pattern.test(path));
    return kind === undefined || path === "tags.log" ? [] : [`  ${kind[1].padEnd(12)} ${path}`];
  });
  if (lines.length === 0) return "";
  const shown = relative(Deno.cwd(), folder);
  return [`Saved in ${shown.startsWith("..") || shown === "" ? folder : shown}`, ...lines].join("\n");
}

function* filesUnder(folder: string, prefix: string): Generator<string> {
  let entries: Deno.DirEntry[];
  try {
    entries = [...Deno.readDirSync(folder)];
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
  for (const entry of entries) {
    if (entry.isDirectory) yield* filesUnder(join(folder, entry.name), `${prefix}${entry.name}/`);
    else yield prefix + entry.name;
  }
}
