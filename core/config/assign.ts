import { nearest } from "../errors.ts";
import { adoptType } from "./adopt_type.ts";
import { checkAbove, checkSchema } from "./check_schema.ts";
import {
  ConfigAttributeError,
  ConfigIndexError,
  ConfigKeyError,
  ConfigTypeError,
  ReadonlyConfigError,
  ValidationError,
} from "./config_errors.ts";
import { convert } from "./convert.ts";
import { dictKey } from "./dict_key.ts";
import {
  type ConfigNode,
  type ContainerNode,
  DictNode,
  isContainer,
  keyText,
  type ListNode,
  ValueNode,
} from "./node.ts";
import type { Origin } from "./origin.ts";
import { pythonTypeName } from "./python_text.ts";
import type { Key } from "./scalar.ts";
import { isTyped } from "./type_text.ts";
import { elementType, notOptional, specialText, typedNode } from "./typed_node.ts";

/** How a value is set. */
export interface AssignOptions {
  /** What set the value. */
  readonly origin?: Origin | undefined;
  /** Whether an absent key is an attribute's or an item's, which decides the error class. @default "item" */
  readonly as?: "item" | "attribute" | undefined;
}

/**
 * Sets a child of a container as OmegaConf's item assignment does: flags and types are checked, nodes are copied.
 *
 * @param value Config data, or a node.
 * @throws {ReadonlyConfigError}, {ConfigKeyError} for a new key in struct mode, {ConfigIndexError},
 * {ValidationError} where the slot has a type that the value does not fit.
 *
 * @example
 * ```ts
 * import { assign } from "./assign.ts";
 * import { create } from "./create.ts";
 * import type { DictNode } from "./node.ts";
 * const config = create({ a: 1 }) as DictNode;
 * assign(config, "b", [1, 2]);
 * console.assert(config.size === 2);
 * ```
 */
export function assign(
  container: ContainerNode,
  key: Key,
  value: unknown,
  options: AssignOptions = {},
): void {
  if (container instanceof DictNode) assignInDict(container, key, value, options);
  else assignInList(container, key, value, options);
  checkSchema(container);
  checkAbove(container);
}

function assignInDict(dict: DictNode, key: unknown, value: unknown, options: AssignOptions): void {
  const name = dictKey(dict, key);
  checkKey(dict, name, value, options.as ?? "item");
  if (dict.flag("readonly")) throw readonly(dict, name, value);
  const target = dict.child(name);
  if (
    isTypedValue(value) &&
    !(target instanceof DictNode && isTyped(target.type) && value.special === undefined)
  ) {
    return dict.setChild(name, typedChild(dict, name, value, target));
  }
  if (target !== undefined && isTyped(target.type)) {
    return setTyped(dict, target, name, value, options.origin);
  }
  const type = elementType(dict);
  const node = typedNode(type, value, { parent: dict, key: name, origin: originOf(value, options) });
  dict.setChild(name, node);
}

/** A value that has a type of its own, which it keeps where it goes. */
function isTypedValue(value: unknown): value is ValueNode {
  return value instanceof ValueNode && isTyped(value.type) && value.type.kind !== "union";
}

/** The copy of a typed value that a container takes: its type stays, as far as the container's own allows. */
function typedChild(
  parent: ContainerNode,
  key: Key,
  value: ValueNode,
  target: ConfigNode | undefined,
): ConfigNode {
  const type = elementType(parent);
  if (value.isNone && !(target?.type ?? type).optional) {
    throw notOptional({ parent, key, origin: value.origin });
  }
  if (type.kind === "union") return typedNode(type, value, { parent, key, origin: value.origin });
  const copy = value.clone();
  copy.parent = parent;
  copy.key = key;
  adoptType(copy, type);
  return copy;
}

function assignInList(list: ListNode, key: Key, value: unknown, options: AssignOptions): void {
  const index = checkIndex(list, key);
  if (list.flag("readonly")) throw readonly(list, key, value);
  const target = list.child(index);
  if (target === undefined) throw outOfRange(list, key);
  checkItem(list, index, value);
  if (isTyped(target.type)) return setTyped(list, target, index, value, options.origin);
  const type = elementType(list);
  list.setChild(
    index,
    typedNode(type, value, { parent: list, key: index, origin: originOf(value, options) }),
  );
}

/**
 * Adds an item at the end of a list.
 *
 * @throws {ReadonlyConfigError} or {ValidationError} as {@linkcode assign}.
 */
export function append(list: ListNode, value: unknown, options: AssignOptions = {}): void {
  if (list.flag("readonly")) {
    throw new ReadonlyConfigError("ListConfig is read-only", { parent: list, key: list.size, value });
  }
  const key = list.size;
  checkItem(list, key, value);
  list.append(
    isTypedValue(value)
      ? typedChild(list, key, value, undefined)
      : typedNode(elementType(list), value, { parent: list, key, origin: originOf(value, options) }),
  );
}

/** An interpolation is no item for a list of a schema, whatever it may lead to. */
function checkItem(list: ListNode, key: Key, value: unknown): void {
  const type = elementType(list);
  const text = specialText(value);
  if (type.kind !== "schema" || text === null || text === undefined || !text.includes("${")) return;
  const given = value instanceof DictNode ? "dict" : "str";
  throw new ValidationError(
    `Invalid type assigned: ${given} is not a subclass of ${type.schema.name}. value: ${text}`,
    { parent: list, key, value, origin: originOf(value, {}), fix: "write the fields out" },
  );
}

/** Sets a typed child in place, so that its type stays. */
function setTyped(
  parent: ContainerNode,
  target: ConfigNode,
  key: Key,
  value: unknown,
  origin: Origin | undefined,
): void {
  const from = origin ?? originOf(value, {});
  if (specialText(value) === null && !target.type.optional) throw notOptional({ parent, key, origin: from });
  if (target instanceof ValueNode) return setValue(target, value, parent, key, from);
  const made = typedNode(target.type, value, { parent, key, origin: from });
  for (const [flag, set] of Object.entries(target.ownFlags)) made.setFlag(flag as "struct", set);
  if (parent instanceof DictNode) parent.setChild(key, made);
  else parent.setChild(key as number, made);
}

/** Sets a value node, converting to its type. */
export function setValue(
  target: ValueNode,
  value: unknown,
  parent: ConfigNode | undefined,
  key: Key | undefined,
  origin: Origin | undefined,
): void {
  const details = { parent, key, value, origin };
  if (target.flag("readonly")) {
    throw new ReadonlyConfigError("Cannot set value of read-only config node", details);
  }
  const text = specialText(value);
  const raw = value instanceof ValueNode ? value.raw : value;
  if (text !== undefined && (text !== null || target.type.optional)) target.setRaw(text, origin);
  else if (!isTyped(target.type) && isContainer(raw as ConfigNode)) {
    throw new ValidationError(`Value '${pythonTypeName(raw)}' is not a supported primitive type`, details);
  } else target.setRaw(convert(target.type, raw, details), origin);
  if (target.isInterpolation && value instanceof ValueNode) target.parsed = value.parsed;
}

/** Refuses an absent key where the dictionary is closed by a struct flag or a schema. */
export function checkKey(dict: DictNode, key: Key, value: unknown, as: "item" | "attribute"): void {
  if (dict.child(key) !== undefined) return;
  const schema = dict.schema !== undefined && dict.schema.rest === undefined ? dict.schema : undefined;
  const isOpen = schema !== undefined && dict.ownFlag("struct") === false;
  if (isOpen || (schema === undefined && dict.flag("struct") !== true)) return;
  const name = keyText(key);
  const msg = schema === undefined
    ? `Key '${name}' is not in struct`
    : `Key '${name}' not in '${schema.name}'`;
  const names = [...dict.keys()].map(keyText);
  const near = nearest(name, names);
  const fix = near !== undefined
    ? `did you mean "${dict.fullKey(near)}"?`
    : names.length > 0
    ? `known here: ${names.slice(0, 20).join(", ")}`
    : undefined;
  const details = { parent: dict, key, value, fix, origin: originOf(value, {}) };
  throw as === "item" ? new ConfigKeyError(msg, details) : new ConfigAttributeError(msg, details);
}

/** An index into a list, negative ones counted from the end. */
export function checkIndex(list: ListNode, key: Key): number {
  // Python's True and False are the indices 1 and 0.
  if (typeof key === "boolean") return Number(key);
  if (typeof key !== "number" || !Number.isInteger(key)) {
    throw new KeyTypeError(list, key);
  }
  return key < 0 ? key + list.size : key;
}

/** A list is asked for something that is no index. */
class KeyTypeError extends ConfigTypeError {
  override name = "KeyValidationError";

  constructor(list: ListNode, key: Key) {
    super(`ListConfig indices must be integers or slices, not ${pythonTypeName(key)}`, {
      parent: list,
      key,
      value: key,
      fix: list.size === 0 ? "the list is empty" : `use an index from 0 to ${list.size - 1}`,
    });
  }
}

/** The error for an index past the end. */
export function outOfRange(list: ListNode, key: Key): ConfigIndexError {
  return new ConfigIndexError("list index out of range", {
    parent: list,
    key,
    fix: list.size === 0 ? "the list is empty" : `it has the indices 0 to ${list.size - 1}`,
  });
}

function readonly(container: ContainerNode, key: Key, value: unknown): ReadonlyConfigError {
  const kind = container instanceof DictNode
    ? "Cannot change read-only config container"
    : "ListConfig is read-only";
  return new ReadonlyConfigError(kind, { parent: container, key, value, origin: originOf(value, {}) });
}

function originOf(value: unknown, options: AssignOptions): Origin | undefined {
  if (options.origin !== undefined) return options.origin;
  return value instanceof ValueNode || isContainer(value as ConfigNode)
    ? (value as ConfigNode).origin
    : undefined;
}
