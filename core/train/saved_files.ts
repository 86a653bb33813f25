import { join, relative, resolve } from "node:path";

/** What a run leaves behind, and what each file is. */
const KINDS: readonly (readonly [pattern: RegExp, label: string])[] = [
  [/\.ckpt$/, "checkpoint"],
  [/metrics\.csv$/, "metrics"],
  [/^config_tree\.log$/, "config tree"],
  [/^\.hydra\/config\.yaml$/, "config"],
  [/^[^/]+\.log$/, "log"],
];

/** Files that each run writes under a name of its own: what an earlier run left under such a name is not this one's. */
const PER_RUN: ReadonlySet<string> = new Set(["checkpoint", "metrics"]);

/**
 * Knows which files of a run a user looks for: those in its folder, and checkpoints in folders outside it.
 *
 * Made before the run writes anything; checkpoints and metrics that lie there unchanged since are left out.
 */
export class SavedFiles {
  readonly #folder: string;
  readonly #elsewhere = new Set<string>();
  readonly #before = new Map<string, string>();

  /** @param folder The run's folder. */
  constructor(folder: string) {
    this.#folder = resolve(folder);
    for (const path of filesUnder(this.#folder, "")) {
      const whole = join(this.#folder, path);
      this.#before.set(whole, stamp(whole));
    }
  }

  /** Looks for checkpoints in a folder outside the run's as well, but not below it: it may be anybody's. */
  watch(folder: string): void {
    const path = resolve(folder);
    if (isOutside(relative(this.#folder, path))) {
      this.#elsewhere.add(path);
      for (const name of filesIn(path)) this.#before.set(join(path, name), stamp(join(path, name)));
    }
  }

  /** Names the files, one a line; empty where there is none. */
  text(): string {
    const own = [...filesUnder(this.#folder, "")].sort().map((path) =>
      [path, join(this.#folder, path)] as const
    );
    const others = [...this.#elsewhere].flatMap((folder) =>
      filesIn(folder).filter((name) => name.endsWith(".ckpt")).map((name) =>
        [shown(join(folder, name)), join(folder, name)] as const
      )
    );
    const lines = [...own, ...others].flatMap(([name, path]) => {
      const kind = KINDS.find(([pattern]) => pattern.test(name))?.[1];
      if (kind === undefined || name === "tags.log") return [];
      if (PER_RUN.has(kind) && this.#before.get(path) === stamp(path)) return [];
      return [`  ${kind.padEnd(12)} ${name}`];
    });
    return lines.length === 0 ? "" : [`Saved in ${shown(this.#folder)}`, ...lines].join("\n");
  }
}

/** When a file was last written, and how long it is. */
function stamp(path: string): string {
  const { mtime, size } = Deno.lstatSync(path);
  return `${mtime?.getTime()} ${size}`;
}

/** A path seen from the working directory, where it lies below that. */
function shown(path: string): string {
  const seen = relative(Deno.cwd(), path);
  return seen === "" || isOutside(seen) ? path : seen;
}

function isOutside(path: string): boolean {
  return path === ".." || /^\.\.[/\\]/.test(path) || path === resolve(path);
}

function* filesUnder(folder: string, prefix: string): Generator<string> {
  for (const entry of entriesOf(folder)) {
    if (entry.isDirectory) yield* filesUnder(join(folder, entry.name), `${prefix}${entry.name}/`);
    else yield prefix + entry.name;
  }
}

function filesIn(folder: string): string[] {
  return entriesOf(folder).filter((entry) => !entry.isDirectory).map(({ name }) => name).sort();
}

function entriesOf(folder: string): Deno.DirEntry[] {
  try {
    return [...Deno.readDirSync(folder)];
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
