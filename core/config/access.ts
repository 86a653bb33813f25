import { append, assign, type AssignOptions, checkIndex, checkKey, outOfRange } from "./assign.ts";
import {
  ConfigAttributeError,
  ConfigKeyError,
  ConfigTypeError,
  InterpolationResolutionError,
  MissingMandatoryValue,
  ReadonlyConfigError,
} from "./config_errors.ts";
import { dictKey } from "./dict_key.ts";
import { dereference } from "./interpolate.ts";
import { type ConfigNode, type ContainerNode, DictNode, type Flag, keyText, type ListNode } from "./node.ts";
import type { Key } from "./scalar.ts";
import { nodeValue } from "./to_container.ts";

/**
 * The value under a key, resolved: scalars as JavaScript values, containers as nodes.
 *
 * @throws {ConfigKeyError} for an absent key, {ConfigIndexError} past the end of a list, {MissingMandatoryValue} for
 * `???`, and interpolation errors.
 *
 * @example
 * ```ts
 * import { at } from "./access.ts";
 * import { loadText } from "./load.ts";
 * console.assert(at(loadText("a: ${b}\nb: 2", "c.yaml"), "a") === 2);
 * ```
 */
export function at(container: ContainerNode, key: Key): unknown {
  return resolved(childOrThrow(container, key, "item"), container, key);
}

/**
 * The value under a key, as attribute access reads it: an absent key is a {@linkcode ConfigAttributeError}.
 *
 * @throws {ConfigAttributeError}, {MissingMandatoryValue}, and interpolation errors.
 */
export function attribute(dict: DictNode, key: string): unknown {
  return resolved(childOrThrow(dict, key, "attribute"), dict, key);
}

/**
 * The value under a key, or a fallback where the key is absent or `???`; struct mode does not matter.
 *
 * @throws {InterpolationResolutionError} for an interpolation that cannot be resolved.
 */
export function get(container: ContainerNode, key: Key, fallback: unknown = null): unknown {
  const child = container instanceof DictNode
    ? container.child(dictKey(container, key))
    : container.child(checkIndex(container, key));
  return child === undefined || child.isMissing ? fallback : nodeValue(dereference(child));
}

/** Whether a key is there: false for `???`, true for null and for an interpolation that cannot be resolved. */
export function has(dict: DictNode, key: Key): boolean {
  const child = dict.child(key);
  if (child === undefined || child.isMissing) return false;
  try {
    dereference(child);
    return true;
  } catch (error) {
    if (error instanceof InterpolationResolutionError) return true;
    throw error;
  }
}

/** Keys and resolved values in order. @throws {MissingMandatoryValue} for `???`, and interpolation errors. */
export function* items(dict: DictNode): Generator<readonly [Key, unknown]> {
  if (dict.isNone) {
    throw new ConfigTypeError("Cannot iterate a DictConfig object representing None", { parent: dict });
  }
  if (dict.isMissing) {
    throw new MissingMandatoryValue("Cannot iterate a missing DictConfig", { parent: dict });
  }
  for (const child of [...dict.children()]) yield [child.key!, resolved(child, dict, child.key!)];
}

/**
 * Sets a value; see `assign`.
 *
 * @throws {ReadonlyConfigError}, {ConfigAttributeError} or {ConfigKeyError}, {ValidationError}.
 */
export function set(container: ContainerNode, key: Key, value: unknown, options: AssignOptions = {}): void {
  assign(container, key, value, options);
}

/**
 * Takes a key or an item out.
 *
 * @throws {ReadonlyConfigError}, {ConfigTypeError} in struct mode, {ConfigKeyError} or {ConfigIndexError}.
 */
export function remove(container: ContainerNode, key: Key): void {
  if (container instanceof DictNode) return removeKey(container, dictKey(container, key));
  if (container.flag("readonly")) {
    throw new ReadonlyConfigError("Cannot delete item from read-only ListConfig", { parent: container, key });
  }
  if (!container.removeChild(checkIndex(container, key))) throw outOfRange(container, key);
}

function removeKey(dict: DictNode, key: Key): void {
  refuseRemoval(dict, key, "deletion", "DictConfig in read-only mode does not support deletion");
  if (!dict.removeChild(key)) {
    throw new ConfigKeyError(`Key not found: '${keyText(key)}'`, { parent: dict, key });
  }
}

function refuseRemoval(dict: DictNode, key: Key, what: "deletion" | "pop", readonlyText: string): void {
  if (dict.flag("readonly")) throw new ReadonlyConfigError(readonlyText, { parent: dict, key });
  const isTyped = dict.schema !== undefined && dict.ownFlag("struct") !== false;
  const who = dict.flag("struct")
    ? "DictConfig in struct mode"
    : isTyped
    ? `${dict.schema!.name} (DictConfig)`
    : undefined;
  if (who === undefined) return;
  throw new ConfigTypeError(`${who} does not support ${what}`, {
    parent: dict,
    key,
    fix: "open it first: openDict(config, () => …)",
  });
}

/**
 * Takes a key out and returns its resolved value.
 *
 * @param fallback What an absent key gives instead of an error.
 * @throws As {@linkcode remove} and {@linkcode at}.
 */
export function pop(dict: DictNode, key: Key, fallback?: unknown): unknown {
  refuseRemoval(dict, key, "pop", "Cannot pop from read-only node");
  const child = dict.child(dictKey(dict, key));
  if (child === undefined) {
    if (fallback !== undefined) return fallback;
    const path = dict.fullKey(key);
    const name = keyText(key);
    const shown = path === name ? "" : ` (path: '${path}')`;
    throw new ConfigKeyError(`Key not found: '${name}'${shown}`, { parent: dict, key });
  }
  const value = child.isMissing && fallback !== undefined ? fallback : resolved(child, dict, key);
  dict.removeChild(key);
  return value;
}

/** Adds an item at the end of a list; see `append` in `assign.ts`. */
export function push(list: ListNode, value: unknown, options: AssignOptions = {}): void {
  append(list, value, options);
}

/**
 * Runs a function while a config takes new keys, and restores its struct flag afterwards.
 *
 * @example
 * ```ts
 * import { openDict, set } from "./access.ts";
 * import { create } from "./create.ts";
 * import type { DictNode } from "./node.ts";
 * const config = create({ a: 1 }, { flags: { struct: true } }) as DictNode;
 * openDict(config, () => set(config, "b", 2));
 * console.assert(config.size === 2);
 * ```
 */
export function openDict<T>(config: ConfigNode, run: () => T): T {
  return withFlag(config, "struct", false, run);
}

/** Runs a function while a config may be written to, and restores its readonly flag afterwards. */
export function readWrite<T>(config: ConfigNode, run: () => T): T {
  return withFlag(config, "readonly", false, run);
}

/** Runs a function while a flag is set, and restores it afterwards. */
export function withFlag<T>(config: ConfigNode, flag: Flag, value: boolean, run: () => T): T {
  const before = config.ownFlag(flag);
  config.setFlag(flag, value);
  try {
    return run();
  } finally {
    config.setFlag(flag, before);
  }
}

function childOrThrow(container: ContainerNode, key: Key, as: "item" | "attribute"): ConfigNode {
  if (!(container instanceof DictNode)) {
    const child = container.child(checkIndex(container, key));
    if (child === undefined) throw outOfRange(container, key);
    return child;
  }
  const name = dictKey(container, key);
  checkKey(container, name, undefined, as);
  const child = container.child(name);
  if (child !== undefined) return child;
  const type = as === "item" ? ConfigKeyError : ConfigAttributeError;
  throw new type(`Missing key ${keyText(name)}`, { parent: container, key: name });
}

function resolved(child: ConfigNode, parent: ContainerNode, key: Key): unknown {
  if (child.isMissing) {
    throw new MissingMandatoryValue(`Missing mandatory value: ${parent.fullKey(key)}`, {
      parent,
      key,
      fix: `set ${parent.fullKey(key)}, on the command line ${parent.fullKey(key)}=…`,
    });
  }
  return nodeValue(dereference(child));
}
