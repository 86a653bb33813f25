import { place } from "./config_errors.ts";
import { DefaultEntry } from "./default_entry.ts";
import { DefaultOverrides } from "./default_overrides.ts";
import { resolveChoice } from "./default_choice.ts";
import { configNotFound } from "./not_found.ts";
import { CompositionError } from "./hydra_errors.ts";
import { DictNode } from "./node.ts";
import type { Override } from "./overrides.ts";
import type { LoadedConfig, Repository } from "./repository.ts";
import type { ResolverScope } from "./resolver_scope.ts";

/** A config of the tree with the configs that its defaults list brings in, in order. */
export interface DefaultsTree {
  /** `undefined` for the root, which holds `hydra/config` and the primary config. */
  readonly entry: DefaultEntry | undefined;
  readonly parent: DefaultsTree | undefined;
  children: (DefaultsTree | DefaultEntry)[] | undefined;
}

/** One config of the flattened list. */
export interface ResultDefault {
  readonly configPath: string;
  readonly package: string;
  readonly parent: string | undefined;
  readonly isSelf: boolean;
  readonly primary: boolean;
  readonly overrideKey: string | undefined;
}

/** A defaults list, resolved. */
export interface DefaultsList {
  readonly defaults: readonly ResultDefault[];
  readonly tree: DefaultsTree;
  /** Overrides of values rather than of choices. */
  readonly configOverrides: readonly Override[];
  /** What was chosen per override key. */
  readonly choices: ReadonlyMap<string, string | null>;
  /** What a user should know, such as a missing `_self_`. */
  readonly warnings: readonly string[];
}

/** How {@linkcode createDefaultsList} works. */
export interface DefaultsListOptions {
  /** The primary config's name; none composes Hydra's own config alone. */
  readonly configName: string | undefined;
  readonly overrides: readonly Override[];
  /** Resolvers for interpolated entries. */
  readonly scope?: ResolverScope | undefined;
  /** Lets `group: ???` stand, as in the master config of a sweep. */
  readonly skipMissing?: boolean;
}

/** How deep configs may bring in others; a config that brings in itself would otherwise never end. */
const MAX_DEPTH = 250;

/**
 * Expands the defaults lists of the primary config and all it brings in, depth first, and applies choices.
 *
 * @throws {CompositionError} for a list that contradicts itself or an override that matches nothing.
 * @throws {MissingConfigError} for a config that does not exist.
 */
export function createDefaultsList(repository: Repository, options: DefaultsListOptions): DefaultsList {
  const overrides = new DefaultOverrides(repository, options.overrides);
  const builder = new TreeBuilder(repository, overrides, options);
  const tree = builder.root(options.configName);
  const defaults = flatten(tree);
  refuseDuplicates(defaults);
  overrides.ensureUsed();
  return {
    defaults,
    tree,
    configOverrides: overrides.configOverrides,
    choices: overrides.choices,
    warnings: builder.warnings,
  };
}

/** How many entries a tree may have; lists that bring in each other twice would otherwise double at each level. */
const MAX_ENTRIES = 50_000;

class TreeBuilder {
  readonly warnings: string[] = [];
  readonly #repository: Repository;
  readonly #overrides: DefaultOverrides;
  readonly #options: DefaultsListOptions;
  #count = 0;

  constructor(repository: Repository, overrides: DefaultOverrides, options: DefaultsListOptions) {
    this.#repository = repository;
    this.#overrides = overrides;
    this.#options = options;
  }

  root(configName: string | undefined): DefaultsTree {
    const root: DefaultsTree = { entry: undefined, parent: undefined, children: [] };
    const entries = [new DefaultEntry({ path: "hydra/config" })];
    if (configName !== undefined) entries.push(new DefaultEntry({ path: configName, primary: true }));
    const children: (DefaultsTree | DefaultEntry)[] = [];
    // The primary config goes first, so that its overrides of Hydra's groups are known when those are expanded.
    for (const entry of entries.reverse()) {
      entry.enter("", "");
      children.push(this.#child(entry, root, false, 0));
    }
    root.children = children.reverse();
    return root;
  }

  #child(
    entry: DefaultEntry,
    parent: DefaultsTree,
    interpolated: boolean,
    depth: number,
  ): DefaultsTree | DefaultEntry {
    const tree: DefaultsTree = { entry, parent, children: undefined };
    this.#expand(tree, entry, interpolated, depth);
    return tree.children === undefined ? entry : tree;
  }

  #expand(tree: DefaultsTree, entry: DefaultEntry, interpolated: boolean, depth: number): void {
    if (depth > MAX_DEPTH) {
      throw new CompositionError(
        `Defaults lists nest deeper than ${MAX_DEPTH} configs at '${entry.configPath}'`,
        {
          where: whereOf(entry),
          fix: "a config brings in itself, directly or through others",
        },
      );
    }
    if (++this.#count > MAX_ENTRIES) {
      throw new CompositionError(`The defaults lists bring in more than ${MAX_ENTRIES} configs`, {
        where: whereOf(entry),
        fix: "configs that bring in each other more than once double at every level",
      });
    }
    if (entry.primary && !this.#repository.hasConfig(entry.configPath)) {
      throw configNotFound(this.#repository, tree, entry);
    }
    const loaded = entry.isMissing || entry.name === null
      ? undefined
      : this.#repository.load(entry.configPath);
    entry.header = loaded?.header;
    if (this.#overrides.takeDeletion(entry)) return;
    this.#overrides.setChoice(entry);
    if (entry.name === null || this.#isPending(entry)) return;
    if (loaded === undefined) {
      if (!entry.optional) throw configNotFound(this.#repository, tree, entry);
      entry.deleted = true;
      return;
    }
    const list = this.#entries(entry, loaded);
    this.#takeOverrides(list, entry, interpolated);
    tree.children = this.#children(list, tree, entry, interpolated, depth);
    if (tree.children.length === 0) tree.children = undefined;
  }

  /** Whether the option is `???`; outside a sweep's master config that is an error that lists the options. */
  #isPending(entry: DefaultEntry): boolean {
    if (!entry.configPath.endsWith("???")) return false;
    if (this.#options.skipMissing) return true;
    if (entry.group === undefined) {
      throw new CompositionError(`Missing ConfigDefault is not supported : ${entry.configPath}`, {
        where: whereOf(entry),
      });
    }
    const key = entry.overrideKey;
    const options = this.#repository.options(entry.groupPath).map((option) => `\t${option}`);
    throw new CompositionError(
      `You must specify '${key}', e.g, ${key}=<OPTION>\nAvailable options:\n${options.join("\n")}`,
      { where: whereOf(entry) },
    );
  }

  /** The config's own entries with `_self_` in its place, and what the command line appends to the primary. */
  #entries(entry: DefaultEntry, loaded: LoadedConfig): DefaultEntry[] {
    const list = loaded.defaults.map((item) => item.copy());
    const appended = entry.primary ? this.#overrides.appended : [];
    if (list.length > 0 || appended.length > 0) this.#placeSelf(list, entry, loaded);
    return [...list, ...appended];
  }

  #placeSelf(list: DefaultEntry[], entry: DefaultEntry, loaded: LoadedConfig): void {
    const own = list.filter((item) => item.isSelf);
    if (own.length > 1) {
      throw new CompositionError(`Duplicate _self_ defined in ${entry.configPath}`, {
        where: whereOf(own[1]!),
        fix: "keep the one that says when this file's own values are merged",
      });
    }
    const choices = list.some((item) => !item.override);
    if (own.length === 1 || (list.length > 0 && !choices)) return;
    if (entry.primary && choices && hasContent(loaded)) {
      this.warnings.push(
        `In '${entry.configPath}': Defaults list is missing \`_self_\`. See ` +
          "https://hydra.cc/docs/1.2/upgrades/1.0_to_1.1/default_composition_order for more information",
      );
    }
    list.push(new DefaultEntry({ path: "_self_" }));
  }

  #takeOverrides(list: readonly DefaultEntry[], parent: DefaultEntry, interpolated: boolean): void {
    let last: DefaultEntry | undefined;
    for (const item of list) {
      if (item.isSelf) continue;
      item.enter(parent.groupPath, parent.finalPackage());
      if (last !== undefined && !item.override && !item.appended) {
        throw new CompositionError(
          `In ${parent.configPath}: Override '${last.overrideKey} : ${
            last.name ?? "None"
          }' is defined before ` +
            `'${item.overrideKey}: ${
              item.name ?? "None"
            }'.\nOverrides must be at the end of the defaults list`,
          { where: whereOf(last) },
        );
      }
      if (item.group === undefined || !item.override) continue;
      last = item;
      if (interpolated) {
        throw new CompositionError(
          `${parent.configPath}: Default List Overrides are not allowed in the subtree\n` +
            `of an in interpolated config group (override ${item.overrideKey}=${item.name}).\n`,
          { where: whereOf(item) },
        );
      }
      this.#overrides.addOverride(parent.configPath, item);
    }
  }

  #children(
    list: readonly DefaultEntry[],
    tree: DefaultsTree,
    parent: DefaultEntry,
    interpolated: boolean,
    depth: number,
  ): (DefaultsTree | DefaultEntry)[] {
    const children: (DefaultsTree | DefaultEntry)[] = [];
    // From last to first: an override in a later sibling is known when an earlier one is expanded.
    for (const item of [...list].reverse()) {
      if (item.isSelf) {
        item.enter(parent.baseDir, "");
        children.push(item);
      } else if (!item.override) {
        this.#overrides.applyTo(item);
        if (item.isList) {
          for (const option of this.#chosen(item, parent)) {
            children.push(this.#child(option, tree, interpolated, depth + 1));
          }
        } else if (item.isInterpolation) children.push(item);
        else children.push(this.#child(item, tree, interpolated, depth + 1));
      }
    }
    for (const [i, child] of children.entries()) {
      if (!(child instanceof DefaultEntry) || !child.isInterpolation) continue;
      resolveChoice(child, this.#overrides.choices, this.#options.scope);
      child.enter(parent.groupPath, parent.finalPackage());
      children[i] = this.#child(child, tree, true, depth + 1);
    }
    return children.reverse();
  }

  /** The configs of `group: [a, b]`, last first. */
  #chosen(item: DefaultEntry, parent: DefaultEntry): DefaultEntry[] {
    return [...item.value as readonly string[]].reverse().map((option) => {
      if (typeof option !== "string") {
        throw new CompositionError(`Options of '${item.overrideKey}' must be strings`, {
          where: whereOf(item),
        });
      }
      if (option.includes("${")) {
        throw new CompositionError(
          `In '${parent.configPath}': Defaults List interpolation is not supported in options list items`,
          { where: whereOf(item) },
        );
      }
      const entry = new DefaultEntry({
        path: `${item.group}/${option}`,
        package: item.package,
        optional: item.optional,
        origin: item.origin,
      });
      entry.enter(parent.groupPath, parent.finalPackage());
      return entry;
    });
  }
}

function whereOf(entry: DefaultEntry): string | undefined {
  return entry.origin === undefined ? undefined : place(entry.origin);
}

function hasContent(loaded: LoadedConfig): boolean {
  if (!(loaded.node instanceof DictNode)) return false;
  for (const child of loaded.node.children()) if (!child.isMissing) return true;
  return false;
}

function flatten(tree: DefaultsTree): ResultDefault[] {
  const result: ResultDefault[] = [];
  const add = (holder: DefaultsTree | undefined, entry: DefaultEntry): void => {
    if (entry.deleted || (!entry.isSelf && (entry.isMissing || entry.name === null))) return;
    const config = entry.isSelf ? holder!.entry! : entry;
    result.push({
      configPath: config.configPath,
      package: config.finalPackage(),
      parent: (entry.isSelf ? holder!.parent : holder)?.entry?.configPath ??
        (holder === undefined ? undefined : "<root>"),
      isSelf: entry.isSelf,
      primary: config.primary,
      overrideKey: !entry.isSelf && entry.group !== undefined ? entry.overrideKey : undefined,
    });
  };
  const walk = (node: DefaultsTree): void => {
    for (const child of node.children ?? []) {
      if (child instanceof DefaultEntry) add(node, child);
      else walk(child);
    }
  };
  walk(tree);
  return result;
}

function refuseDuplicates(defaults: readonly ResultDefault[]): void {
  const seen = new Set<string>();
  for (const { overrideKey } of defaults) {
    if (overrideKey === undefined) continue;
    if (seen.has(overrideKey)) {
      throw new CompositionError(`${overrideKey} appears more than once in the final defaults list`, {
        fix: `keep one, or give one a package: ${overrideKey}@name`,
      });
    }
    seen.add(overrideKey);
  }
}
