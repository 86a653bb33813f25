import { place } from "./config_errors.ts";
import { Origin, Source } from "./origin.ts";
import { basename, dirname, isAbsolute, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { ConfigStore } from "./config_store.ts";
import { decodeUtf8 } from "./decode_utf8.ts";
import { MissingConfigError } from "./hydra_errors.ts";
import { HYDRA_CONFIGS } from "./hydra_configs.ts";
import { HYDRA_SCHEMAS } from "./hydra_schema.ts";
import { loadFileText } from "./load.ts";
import type { ContainerNode } from "./node.ts";

/** What a source may hold under a name. */
export type ObjectKind = "config" | "group";

/** A config as a source has it: its content, and its text where the header is read from. */
export interface SourceConfig {
  readonly node: ContainerNode;
  /** The package that the header or the store asks for. */
  readonly header: string | undefined;
}

/** A place where configs are looked up by `group/option`. */
export interface ConfigSource {
  /** Who added it: `hydra`, `main`, `command-line`, `schema`, … */
  readonly provider: string;
  /** `file`, `pkg` or `structured`. */
  readonly scheme: string;
  /** The place without its scheme. */
  readonly path: string;
  /** Whether the place exists. */
  available(): boolean;
  /** Whether it holds a config or a group of this name. */
  has(name: string, kind: ObjectKind): boolean;
  /** Names in a group, sorted; the empty group is the top. */
  list(group: string, kind: ObjectKind): string[];
  /** Loads a config that `has` says is there. */
  load(name: string): SourceConfig;
}

/** One entry of the search path, before it is opened. */
export interface SearchPathEntry {
  readonly provider: string;
  /** A directory, `file://directory`, `pkg://name` or `structured://`. */
  readonly path: string;
}

/** Files that travel with a program: what `pkg://name` refers to. Texts by name, or the folder that holds them. */
export type Bundle = ReadonlyMap<string, string> | string;

/** How a source is shown in errors and tables. */
export function describeSource(source: ConfigSource): string {
  return `provider=${source.provider}, path=${source.scheme}://${source.path}`;
}

/**
 * Opens an entry of the search path.
 *
 * @param bundles What `pkg://name` may refer to; `hydra.conf` is always there.
 * @throws {MissingConfigError} for a scheme that has no source.
 */
export function openSource(
  entry: SearchPathEntry,
  store: ConfigStore,
  bundles: ReadonlyMap<string, Bundle> = new Map(),
): ConfigSource {
  const { provider, path } = entry;
  const [, scheme, place] = /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):\/\/)?(.*)$/s.exec(path)!;
  switch (scheme ?? "file") {
    case "file":
      return new DirectorySource(
        provider,
        place!.startsWith("/") && scheme ? fileURLToPath(new URL(path)) : place!,
      );
    case "pkg": {
      const bundle = place === "hydra.conf" ? HYDRA_CONFIGS : bundles.get(place!);
      if (typeof bundle === "string") return new DirectorySource(provider, bundle, place);
      return new BundleSource(provider, place!, bundle);
    }
    case "structured":
      return new StoreSource(provider, place!, store);
    default:
      throw new MissingConfigError(
        `No config source registered for schema ${scheme}, supported types : [file, pkg, structured]`,
        { where: `search path entry ${path}, given by ${provider}` },
      );
  }
}

/** The name a config has in a source: without `.yaml`. */
function baseName(name: string): string {
  return name.endsWith(".yaml") ? name.slice(0, -5) : name;
}

/** A directory tree of `.yaml` files; relative ones are relative to the working directory. */
class DirectorySource implements ConfigSource {
  readonly provider: string;
  readonly scheme: "file" | "pkg";
  readonly path: string;
  readonly #folder: string;
  readonly #entries = new Map<string, Map<string, ObjectKind>>();

  /** @param name What `pkg://` calls the directory, where a program brings it along. */
  constructor(provider: string, folder: string, name?: string) {
    this.provider = provider;
    this.scheme = name === undefined ? "file" : "pkg";
    this.path = name ?? folder;
    this.#folder = folder;
  }

  available(): boolean {
    return this.has("", "group");
  }

  has(name: string, kind: ObjectKind): boolean {
    // Joined, not resolved: a name that begins with a slash is looked up in here as well.
    const path = resolve(join(this.#folder, kind === "config" ? `${baseName(name)}.yaml` : name));
    if (kind === "group") return isDirectory(path);
    return this.#read(dirname(path)).get(basename(path)) === "config";
  }

  list(group: string, kind: ObjectKind): string[] {
    const names: string[] = [];
    for (const [name, is] of this.#read(resolve(join(this.#folder, group)))) {
      if (is !== kind || name === "__pycache__" || name === "__init__.py") continue;
      names.push(kind === "config" ? baseName(name) : name);
    }
    return names.sort();
  }

  load(name: string): SourceConfig {
    const path = join(this.#folder, `${baseName(name)}.yaml`);
    const text = this.#text(name, path);
    return { node: loadFileText(text, displayPath(path)), header: packageHeader(text, displayPath(path)) };
  }

  #text(name: string, path: string): string {
    let bytes: Uint8Array;
    try {
      bytes = Deno.readFileSync(path);
    } catch (error) {
      if (error instanceof Deno.errors.NotCapable) throw error;
      throw new MissingConfigError(`Could not read '${displayPath(path)}'`, {
        config: name,
        fix: "check that the file is still there and that you may read it",
        cause: error,
      });
    }
    return decodeUtf8(bytes, displayPath(path));
  }

  /** Reads a directory once: a composition asks for many names in few directories. */
  #read(directory: string): Map<string, ObjectKind> {
    let entries = this.#entries.get(directory);
    if (entries !== undefined) return entries;
    entries = new Map();
    this.#entries.set(directory, entries);
    try {
      for (const entry of Deno.readDirSync(directory)) {
        const kind = kindOf(entry, directory);
        if (kind !== undefined) entries.set(entry.name, kind);
      }
    } catch (error) {
      if (error instanceof Deno.errors.NotCapable) throw error;
    }
    return entries;
  }
}

/** What an entry of a directory holds for us; pipes, sockets and links that lead nowhere hold nothing. */
function kindOf(entry: Deno.DirEntry, directory: string): ObjectKind | undefined {
  const path = join(directory, entry.name);
  const { isDirectory, isFile } = (entry.isSymlink ? statOf(path) : entry) ?? {};
  // A link to a folder above would be listed without end.
  if (isDirectory === true) return entry.isSymlink && leadsUp(path, directory) ? undefined : "group";
  // Hydra takes any file for a config and cuts its last extension; only .yaml files can be loaded.
  return isFile === true && entry.name.endsWith(".yaml") ? "config" : undefined;
}

function leadsUp(link: string, directory: string): boolean {
  const target = Deno.realPathSync(link);
  return `${Deno.realPathSync(directory)}/`.startsWith(target === "/" ? target : `${target}/`);
}

function isDirectory(path: string): boolean {
  return statOf(path)?.isDirectory === true;
}

/** What stands at a path; as in Python's `isfile`, what cannot be looked at is not there. */
function statOf(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    return undefined;
  }
}

/** A path as errors show it: relative where it lies below the working directory. */
function displayPath(path: string): string {
  const full = resolve(path);
  const near = relative(Deno.cwd(), full);
  return near.startsWith("..") || isAbsolute(near) ? full : near;
}

/** Configs that travel with a program. */
class BundleSource implements ConfigSource {
  readonly provider: string;
  readonly scheme = "pkg";
  readonly path: string;
  readonly #files: ReadonlyMap<string, string> | undefined;

  constructor(provider: string, path: string, files: ReadonlyMap<string, string> | undefined) {
    this.provider = provider;
    this.path = path;
    this.#files = files;
  }

  available(): boolean {
    return this.#files !== undefined;
  }

  has(name: string, kind: ObjectKind): boolean {
    if (this.#files === undefined) return false;
    if (kind === "config") return this.#files.has(baseName(name));
    return name === "" || [...this.#files.keys()].some((file) => file.startsWith(`${name}/`));
  }

  list(group: string, kind: ObjectKind): string[] {
    return listNames(this.#files?.keys() ?? [], group, kind);
  }

  load(name: string): SourceConfig {
    const base = baseName(name);
    const typed = this.path === "hydra.conf" ? HYDRA_SCHEMAS.get(base) : undefined;
    if (typed !== undefined) return { node: typed(), header: undefined };
    const text = this.#files!.get(base)!;
    const shown = `pkg://${this.path}/${base}.yaml`;
    return { node: loadFileText(text, shown), header: packageHeader(text, shown) };
  }
}

/** The config store as a source; always the last one. */
class StoreSource implements ConfigSource {
  readonly provider: string;
  readonly scheme = "structured";
  readonly path: string;
  readonly #store: ConfigStore;

  constructor(provider: string, path: string, store: ConfigStore) {
    this.provider = provider;
    this.path = path;
    this.#store = store;
  }

  available(): boolean {
    return true;
  }

  has(name: string, kind: ObjectKind): boolean {
    if (kind === "config") return this.#store.get(baseName(name)) !== undefined;
    return name === "" || [...this.#store.names()].some((file) => file.startsWith(`${name}/`));
  }

  list(group: string, kind: ObjectKind): string[] {
    return listNames(this.#store.names(), group, kind);
  }

  load(name: string): SourceConfig {
    const entry = this.#store.get(baseName(name))!;
    return { node: entry.node.clone() as ContainerNode, header: entry.package };
  }
}

function listNames(files: Iterable<string>, group: string, kind: ObjectKind): string[] {
  const prefix = group === "" ? "" : `${group}/`;
  const names = new Set<string>();
  for (const file of files) {
    if (!file.startsWith(prefix)) continue;
    const rest = file.slice(prefix.length);
    const slash = rest.indexOf("/");
    if (kind === "config" && slash < 0) names.add(rest);
    if (kind === "group" && slash > 0) names.add(rest.slice(0, slash));
  }
  return [...names].sort();
}

/**
 * The package named by a header: `# @package foo.bar` in comment lines before anything else.
 *
 * @throws {MissingConfigError} for a header with too few or too many words.
 */
export function packageHeader(text: string, name: string): string | undefined {
  let found: string | undefined;
  // Hydra looks at the first 512 characters only.
  for (const raw of text.slice(0, 512).split(/\r\n|\r|\n/)) {
    const line = raw.trim();
    if (line === "") continue;
    if (!/^#\s*@/.test(line)) break;
    const bare = line.replace(/^#+/, "").trim();
    const at = () => place(new Origin(new Source(name, text), text.indexOf(bare)));
    const words = bare.split(" ").filter((word) => word !== "");
    if (words.length < 2) {
      throw new MissingConfigError(`Expected header format: KEY VALUE, got '${bare}'`, { where: at() });
    }
    if (words.length > 2) {
      throw new MissingConfigError(`Too many components in '${bare}'`, {
        where: at(),
        fix: "write one package: # @package a.b",
      });
    }
    if (words[0] === "@package") found = words[1];
  }
  return found;
}
