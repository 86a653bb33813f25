import { createHash } from "node:crypto";
import { dirname, join, relative } from "node:path";
import { DataError } from "../../errors.ts";
import { readBytes } from "./read_file.ts";

/** Where the Hugging Face Hub is, and how it may be used. */
export interface HubSettings {
  /** Base of URLs, without a slash at the end. */
  readonly endpoint: string;
  readonly token: string | null;
  /** Whether the network must not be asked. */
  readonly offline: boolean;
  /** The cache's `hub` folder. */
  readonly cache: string;
}

/** Hub settings out of HF_ENDPOINT, HF_TOKEN, HF_HOME, HF_HUB_CACHE, HF_HUB_OFFLINE; read at each call. */
export function hubSettings(given: { cacheDir?: string | null; token?: string | null } = {}): HubSettings {
  const env = (name: string): string | undefined => Deno.env.get(name) || undefined;
  const user = env("XDG_CACHE_HOME") ?? join(env("HOME") ?? env("USERPROFILE") ?? ".", ".cache");
  const home = env("HF_HOME") ?? join(user, "huggingface");
  const endpoint = (env("HF_ENDPOINT") ?? "https://huggingface.co").replace(/\/+$/, "");
  return {
    endpoint,
    token: given.token ?? env("HF_TOKEN") ?? storedToken(env("HF_TOKEN_PATH") ?? join(home, "token")),
    offline: /^(1|on|yes|true)$/i.test(env("HF_HUB_OFFLINE") ?? ""),
    cache: given.cacheDir ?? env("HF_HUB_CACHE") ?? env("HUGGINGFACE_HUB_CACHE") ?? join(home, "hub"),
  };
}

function storedToken(path: string): string | null {
  try {
    return Deno.readTextFileSync(path).trim() || null;
  } catch {
    // no file means that the user has not logged in, which most downloads do not need
    return null;
  }
}

/** A dataset repository's folder in the cache. */
export function repoFolder(settings: HubSettings, repo: string): string {
  return join(settings.cache, `datasets--${repo.replaceAll("/", "--")}`);
}

/** Names of the datasets that the cache has. */
export function cachedNames(settings: HubSettings): string[] {
  try {
    const names = Array.from(
      Deno.readDirSync(settings.cache),
      ({ name }) => /^datasets--(.+)$/.exec(name)?.[1],
    );
    return names.filter((name) => name !== undefined).map((name) => name.replaceAll("--", "/"));
  } catch {
    // there may be no cache yet
    return [];
  }
}

/** The folder of a cached snapshot; `undefined` where the revision is not cached. */
export function cachedSnapshot(settings: HubSettings, repo: string, revision: string): string | undefined {
  const folder = repoFolder(settings, repo);
  let commit = revision;
  try {
    commit = Deno.readTextFileSync(join(folder, "refs", ...revision.split("/"))).trim();
  } catch {
    // no such ref: the revision may be a commit itself
  }
  const snapshot = join(folder, "snapshots", commit);
  try {
    return Deno.statSync(snapshot).isDirectory ? snapshot : undefined;
  } catch {
    return undefined;
  }
}

/** A file of a repository that is to be put into the cache. */
export interface CacheEntry {
  readonly repo: string;
  readonly commit: string;
  /** Path within the repository. */
  readonly path: string;
  /** Name of its blob: a SHA-256 for large files. */
  readonly etag: string;
  /** Gets the bytes from `offset` on. */
  readonly fetch: (offset: number) => Promise<{ body: ReadableStream<Uint8Array>; offset: number }>;
}

/**
 * Puts a file into the cache as Python's client does: `blobs/<etag>`, and a relative link from the snapshot.
 * An interrupted download goes on where it stopped; two processes wait for each other.
 *
 * @throws {DataError} where the file's SHA-256 is not its etag.
 */
export async function addToCache(settings: HubSettings, entry: CacheEntry): Promise<string> {
  const folder = repoFolder(settings, entry.repo);
  const blob = join(folder, "blobs", entry.etag);
  const place = join(folder, "snapshots", entry.commit, ...entry.path.split("/"));
  const lockPath = join(
    settings.cache,
    ".locks",
    folder.slice(dirname(folder).length + 1),
    `${entry.etag}.lock`,
  );
  for (const path of [blob, place, lockPath]) Deno.mkdirSync(dirname(path), { recursive: true });
  using lock = Deno.openSync(lockPath, { write: true, create: true });
  await lock.lock(true);
  if (!exists(blob)) await download(blob, entry);
  if (!exists(place)) link(blob, place);
  return place;
}

/** Remembers which commit a branch is at. */
export function writeRef(settings: HubSettings, repo: string, revision: string, commit: string): void {
  if (revision === commit) return;
  const path = join(repoFolder(settings, repo), "refs", ...revision.split("/"));
  Deno.mkdirSync(dirname(path), { recursive: true });
  Deno.writeTextFileSync(path, commit);
}

async function download(blob: string, entry: CacheEntry): Promise<void> {
  const partial = `${blob}.incomplete`;
  const present = exists(partial) ? Deno.statSync(partial).size : 0;
  const { body, offset } = await entry.fetch(present);
  const file = Deno.openSync(partial, {
    write: true,
    create: true,
    truncate: offset === 0,
    append: offset > 0,
  });
  await body.pipeTo(file.writable);
  if (/^[0-9a-f]{64}$/.test(entry.etag)) {
    const digest = createHash("sha256").update(await readBytes(partial)).digest("hex");
    if (digest !== entry.etag) {
      Deno.removeSync(partial);
      throw new DataError(`Downloaded file is damaged: its SHA-256 is ${digest}, not ${entry.etag}`, {
        where: `${entry.repo}/${entry.path}`,
        fix: "try again",
      });
    }
  }
  Deno.renameSync(partial, blob);
}

function link(blob: string, place: string): void {
  if (Deno.env.get("HF_HUB_DISABLE_SYMLINKS")) return Deno.copyFileSync(blob, place);
  try {
    Deno.symlinkSync(relative(dirname(place), blob), place);
  } catch {
    // file systems and accounts without links get the file itself, as Python's client does
    Deno.renameSync(blob, place);
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
