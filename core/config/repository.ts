import { CompositionError } from "./hydra_errors.ts";
import { place } from "./config_errors.ts";
import { DefaultEntry } from "./default_entry.ts";
import { type ConfigNode, type ContainerNode, DictNode, ListNode, ValueNode } from "./node.ts";
import { pythonTypeName } from "./python_text.ts";
import { keyText } from "./node.ts";
import type { ConfigSource, ObjectKind } from "./search_path.ts";

/** A config with its defaults list taken out. */
export interface LoadedConfig {
  /** The content without `defaults`; shared, so copy before changing. */
  readonly node: ContainerNode;
  /** The package of its header, absolute: `_global_`, `_global_.foo`. */
  readonly header: string | undefined;
  /** The entries of its defaults list; empty where it has none. */
  readonly defaults: readonly DefaultEntry[];
  readonly source: ConfigSource;
}

/** Looks configs up in the sources of a search path, first one first, and keeps what it loaded. */
export class Repository {
  readonly #cache: Map<string, LoadedConfig | undefined>;
  readonly #groups = new Map<string, boolean>();
  /** Sources in order. */
  readonly sources: readonly ConfigSource[];

  /** @param known A repository whose loaded configs stay, as when the search path grows. */
  constructor(sources: readonly ConfigSource[], known?: Repository) {
    this.sources = sources;
    this.#cache = known === undefined ? new Map() : known.#cache;
  }

  /** The config of a path such as `db/pg`, or `undefined`. */
  load(path: string): LoadedConfig | undefined {
    if (this.#cache.has(path)) return this.#cache.get(path);
    const source = this.#find(path, "config");
    let loaded: LoadedConfig | undefined;
    if (source !== undefined) {
      const { node, header } = source.load(path);
      loaded = { node, header: absoluteHeader(header), defaults: takeDefaults(path, node), source };
    }
    this.#cache.set(path, loaded);
    return loaded;
  }

  /** Whether a group of this path exists in any source. */
  hasGroup(path: string): boolean {
    let known = this.#groups.get(path);
    if (known === undefined) this.#groups.set(path, known = this.#find(path, "group") !== undefined);
    return known;
  }

  /** Whether a config of this path exists in any source. */
  hasConfig(path: string): boolean {
    return this.#find(path, "config") !== undefined;
  }

  /** Options (or sub-groups) of a group over all sources, sorted. */
  options(group: string, kind: ObjectKind = "config"): string[] {
    const names = new Set<string>();
    for (const source of this.sources) {
      if (source.has(group, "group")) { for (const name of source.list(group, kind)) names.add(name); }
    }
    return [...names].sort();
  }

  #find(path: string, kind: ObjectKind): ConfigSource | undefined {
    const bare = path.replace(/\/+$/, "");
    return this.sources.find((source) => source.has(bare, kind));
  }
}

/** Header packages are absolute whether they say so or not. */
function absoluteHeader(header: string | undefined): string | undefined {
  if (header === undefined || header === "_global_" || header.startsWith("_global_.")) return header;
  return `_global_.${header}`;
}

/** Takes the defaults list out of a config's content. */
function takeDefaults(path: string, node: ContainerNode): readonly DefaultEntry[] {
  if (!(node instanceof DictNode)) return [];
  const defaults = node.child("defaults");
  if (defaults === undefined) return [];
  node.removeChild("defaults");
  if (defaults instanceof ListNode && defaults.special === undefined) {
    return defaults.children().map((item) => entryOf(path, item));
  }
  const type = defaults instanceof DictNode ? "mapping" : pythonTypeName((defaults as ValueNode).raw ?? null);
  throw new CompositionError(
    `Invalid defaults list in '${path}', defaults must be a list (got ${type})`,
    at(defaults),
  );
}

function entryOf(path: string, item: ConfigNode): DefaultEntry {
  if (item instanceof ValueNode && typeof item.raw === "string") {
    const [config, pack] = splitPackage(item.raw);
    return new DefaultEntry({ path: config, package: pack, origin: item.origin });
  }
  if (!(item instanceof DictNode)) {
    const type = item instanceof ListNode ? "ListConfig" : pythonTypeName((item as ValueNode).raw);
    throw new CompositionError(`Unsupported type in defaults : ${type}`, at(item));
  }
  const children = [...item.children()];
  if (children.length > 1) {
    throw new CompositionError(`In ${path}: Too many keys in default item ${itemText(item)}`, {
      ...at(item),
      fix: "write one `- group: option` for each",
    });
  }
  const child = children[0];
  if (child === undefined) throw new CompositionError(`In ${path}: Missing group name in {}`, at(item));
  const [written, pack] = splitPackage(keyText(child.key!));
  const words = written.split(" ");
  const group = words.pop()!;
  // As in Hydra 1.3, reading stops at the first word that is no keyword.
  const unknown = words.findIndex((word) => word !== "optional" && word !== "override");
  const keywords = unknown < 0 ? words : words.slice(0, unknown);
  return new DefaultEntry({
    group,
    value: optionOf(child),
    package: pack,
    optional: keywords.includes("optional"),
    override: keywords.includes("override"),
    origin: child.origin,
  });
}

function optionOf(node: ConfigNode): string | null | readonly string[] {
  if (node.isNone) return null;
  if (node instanceof ListNode && node.special === undefined) {
    return node.children().map((item) => {
      if (item instanceof ValueNode && typeof item.raw === "string") return item.raw;
      throw new CompositionError(
        `Unsupported item value in defaults : ${typeOf(item)}, nested list items must be strings`,
        at(item),
      );
    });
  }
  if (node instanceof ValueNode && typeof node.raw === "string") return node.raw;
  throw new CompositionError(
    `Unsupported item value in defaults : ${typeOf(node)}. Supported: string or list`,
    at(node),
  );
}

function typeOf(node: ConfigNode): string {
  if (node instanceof DictNode) return "dict";
  return node instanceof ListNode ? "list" : pythonTypeName((node as ValueNode).raw);
}

function itemText(item: DictNode): string {
  const pairs = [...item.children()].map((child) => {
    const raw = child instanceof ValueNode ? child.raw : child instanceof ListNode ? "[...]" : "{...}";
    return `'${keyText(child.key!)}': ${typeof raw === "string" ? `'${raw}'` : raw === null ? "None" : raw}`;
  });
  return `{${pairs.join(", ")}}`;
}

/** `group@package` in two; what follows a `:` in the package was a rename once and is dropped. */
function splitPackage(text: string): [string, string | undefined] {
  const index = text.indexOf("@");
  if (index < 0) return [text, undefined];
  return [text.slice(0, index), text.slice(index + 1).split(":")[0]];
}

function at(node: ConfigNode): { where: string | undefined } {
  return { where: node.origin === undefined ? undefined : place(node.origin) };
}
