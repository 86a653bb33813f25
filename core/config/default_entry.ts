import { CompositionError } from "./hydra_errors.ts";
import type { Origin } from "./origin.ts";

/** What an entry of a defaults list says. */
export interface EntryOptions {
  /** `group: option` entries have a group; plain config entries a path. */
  readonly group?: string | undefined;
  readonly path?: string | undefined;
  readonly value?: string | null | readonly string[];
  readonly package?: string | undefined;
  readonly optional?: boolean;
  readonly override?: boolean;
  /** Added by `+group=option` on the command line. */
  readonly appended?: boolean;
  readonly primary?: boolean;
  readonly origin?: Origin | undefined;
}

/**
 * An entry of a defaults list: a config to merge, and the package it goes into.
 *
 * What it means depends on the config whose list holds it, see {@linkcode DefaultEntry.enter}.
 */
export class DefaultEntry {
  readonly group: string | undefined;
  readonly optional: boolean;
  readonly override: boolean;
  readonly appended: boolean;
  readonly primary: boolean;
  /** What made the choice: the list's line, or an override. */
  origin: Origin | undefined;
  /** The config's path, for an entry without a group. */
  path: string;
  /** The chosen option, several of them, or null for none. */
  value: string | null | readonly string[];
  /** The package after `@`. */
  package: string | undefined;
  /** The package of the file's header, absolute. */
  header: string | undefined;
  /** Removed by `~group`, or optional and absent. */
  deleted = false;
  #baseDir: string | undefined;
  #parentPackage: string | undefined;

  constructor(options: EntryOptions) {
    this.group = options.group;
    this.path = options.path ?? "";
    this.value = options.value ?? null;
    this.package = options.package === "_here_" ? "" : options.package;
    this.optional = options.optional ?? false;
    this.override = options.override ?? false;
    this.appended = options.appended ?? false;
    this.primary = options.primary ?? false;
    this.origin = options.origin;
    if (this.isSelf && this.package !== undefined) {
      throw new CompositionError("_self_@PACKAGE is not supported", { where: this.origin?.toString() });
    }
  }

  /** A copy that has not been entered yet: lists are read once and used many times. */
  copy(): DefaultEntry {
    return new DefaultEntry(this);
  }

  /** Whether it marks the place of the containing config's own content. */
  get isSelf(): boolean {
    return (this.group === undefined ? this.path : this.value) === "_self_";
  }

  /** Whether several options were chosen. */
  get isList(): boolean {
    return Array.isArray(this.value);
  }

  /** The option's or file's name; null where nothing is chosen. */
  get name(): string | null {
    if (this.group === undefined) return this.path.slice(this.path.lastIndexOf("/") + 1);
    return typeof this.value === "string" ? this.value : null;
  }

  /** Whether a choice is still due: `???`. */
  get isMissing(): boolean {
    return this.name === "???";
  }

  /** Whether the option or path depends on other choices. */
  get isInterpolation(): boolean {
    return (this.group === undefined ? this.path : this.name)?.includes("${") ?? false;
  }

  /** The directory of the containing config. */
  get baseDir(): string {
    return this.#base;
  }

  /** Says in which directory and package the containing config stands. */
  enter(baseDir: string, parentPackage: string): void {
    this.#baseDir = baseDir;
    this.#parentPackage = parentPackage;
    if (this.package?.includes("_group_")) {
      this.package = `_global_.${this.package.replaceAll("_group_", this.defaultPackage)}`;
    }
  }

  /** The directory of the config, as a group path from the search path's top. */
  get groupPath(): string {
    const written = this.group ?? parentOf(this.path);
    const absolute = (this.group ?? this.path).startsWith("/");
    const bare = absolute ? written.replace(/^\//, "") : written;
    if (absolute || this.#base === "") return bare;
    return bare === "" ? this.#base : `${this.#base}/${bare}`;
  }

  /** The path of the config from the search path's top. */
  get configPath(): string {
    if (this.group !== undefined) return `${this.groupPath}/${this.name}`;
    if (this.path.startsWith("/")) return this.path.slice(1);
    return this.#base === "" ? this.path : `${this.#base}/${this.path}`;
  }

  /** The package that the group path alone would give. */
  get defaultPackage(): string {
    return this.groupPath.replaceAll("/", ".");
  }

  /** Where the content goes: `@package`, else the header, else the group path below the parent's package. */
  finalPackage(useHeader = true): string {
    const written = (this.group ?? parentOf(this.path)).replace(/^\//, "");
    const own = this.package ?? (useHeader ? this.header : undefined) ?? written.replaceAll("/", ".");
    const parent = this.#parentPackage ?? "";
    const full = parent === "" ? own : own === "" ? parent : `${parent}.${own}`;
    const global = full.lastIndexOf("_global_");
    return global < 0 ? full : full.slice(global + "_global_".length + 1);
  }

  /** The package as `_self_` sees it: not joined with the parent's. */
  get ownPackage(): string | undefined {
    return this.package ?? this.header;
  }

  /** What an override of this entry is called: `db`, `db@backup`. */
  get overrideKey(): string {
    const final = this.finalPackage(false);
    if (this.defaultPackage === final) return this.groupPath;
    return `${this.groupPath}@${final === "" ? "_global_" : final}`;
  }

  get #base(): string {
    return this.#baseDir ?? "";
  }
}

function parentOf(path: string): string {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? "" : path.slice(0, slash);
}
