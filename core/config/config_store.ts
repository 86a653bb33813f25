import { create } from "./create.ts";
import { ConfigError } from "../errors.ts";
import { type ContainerNode, isContainer } from "./node.ts";

/** A config in a store. */
export interface StoredConfig {
  readonly node: ContainerNode;
  /** Where its content goes, absolute; by default where its group says. */
  readonly package: string | undefined;
}

/** How a config is stored. */
export interface StoreOptions {
  /** The group that it is an option of, such as `db` or `hydra/launcher`. */
  readonly group?: string;
  /** Where its content goes, absolute: `foo.bar`, or `_global_`. */
  readonly package?: string;
}

/**
 * Configs made in code, found by the defaults list after all files. Typed ones check what is merged into them.
 *
 * @example
 * ```ts
 * import { ConfigStore } from "./config_store.ts";
 * const store = new ConfigStore().store("pg", { driver: "pg", port: 5432 }, { group: "db" });
 * console.assert(store.get("db/pg") !== undefined);
 * ```
 */
export class ConfigStore {
  readonly #configs = new Map<string, StoredConfig>();

  /**
   * Stores a config under a name; a name stored before is replaced.
   *
   * @param content A node (typed or not), a plain object or an array.
   * @throws {ConfigError} for content that is no dictionary and no list.
   */
  store(name: string, content: unknown, options: StoreOptions = {}): this {
    const node = create(content);
    if (!isContainer(node)) {
      throw new ConfigError(`Config "${name}" holds neither a dictionary nor a list`, {
        fix: "store an object, an array or a node",
      });
    }
    const base = name.endsWith(".yaml") ? name.slice(0, -5) : name;
    const full = options.group === undefined ? base : `${options.group}/${base}`;
    this.#configs.set(full, { node, package: options.package });
    return this;
  }

  /** The config of a full name such as `db/pg`. */
  get(name: string): StoredConfig | undefined {
    return this.#configs.get(name);
  }

  /** Full names of all configs. */
  names(): IterableIterator<string> {
    return this.#configs.keys();
  }
}
