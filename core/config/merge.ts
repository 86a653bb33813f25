import { withFlag } from "./access.ts";
import { adoptType } from "./adopt_type.ts";
import { append, assign, setValue } from "./assign.ts";
import { checkAbove, checkSchema } from "./check_schema.ts";
import { ConfigTypeError, ReadonlyConfigError, ValidationError } from "./config_errors.ts";
import { convert } from "./convert.ts";
import { dictKey } from "./dict_key.ts";
import { dereference, tryDereference, unwrapped } from "./interpolate.ts";
import {
  type ConfigNode,
  type ContainerNode,
  DictNode,
  type Flag,
  isContainer,
  ListNode,
  ValueNode,
} from "./node.ts";
import { pythonStr, pythonTypeName } from "./python_text.ts";
import type { Schema } from "./type_ref.ts";
import { isTyped, typeText } from "./type_text.ts";
import { elementType, isKindOf, notOptional, schemaNode, typedNode } from "./typed_node.ts";

/**
 * Merges configs into a new one; later ones win. Types of the first are checked and kept.
 *
 * Dictionaries merge key by key, lists and values are replaced, `???` never overwrites. A read-only first config gives
 * a read-only result.
 *
 * @throws {ValidationError}, {ConfigKeyError} and kin, with the place that set the value that does not fit.
 *
 * @example
 * ```ts
 * import { create } from "./create.ts";
 * import { merge } from "./merge.ts";
 * import type { DictNode } from "./node.ts";
 * const merged = merge(create({ a: { x: 1 }, b: 1 }) as DictNode, create({ a: { y: 2 } }) as DictNode) as DictNode;
 * console.assert((merged.child("a") as DictNode).size === 2);
 * ```
 */
export function merge(first: ContainerNode, ...others: readonly ContainerNode[]): ContainerNode {
  for (const config of [first, ...others]) if (!isContainer(config)) throw notConfig(config);
  const target = first.clone();
  const isReadonly = target.flag("readonly");
  if (isReadonly === true) target.setFlag("readonly", false);
  for (const other of others) mergeInto(target, other);
  if (isReadonly === true) target.setFlag("readonly", true);
  return target;
}

/**
 * Merges a config into another in place.
 *
 * @throws {ConfigTypeError} for a list onto a dictionary or the reverse, otherwise as {@linkcode merge}.
 */
export function mergeInto(target: ContainerNode, source: ContainerNode): void {
  mergeNodes(target, source);
  checkAbove(target);
}

/** What a caller without types may pass. */
function notConfig(value: unknown): ConfigTypeError {
  return new ConfigTypeError(`merge() takes config nodes, got ${pythonTypeName(value)}`, {
    value,
    fix: "make a node of it first: create(data), loadText(yaml, name) or structured(schema)",
  });
}

function mergeNodes(target: ContainerNode, source: ContainerNode): void {
  if (target instanceof DictNode && source instanceof DictNode) mergeDict(target, source);
  else if (target instanceof ListNode && source instanceof ListNode) mergeList(target, source);
  else {
    throw new ConfigTypeError("Cannot merge DictConfig with ListConfig", {
      parent: target.parent ?? target,
      key: target.parent === undefined ? undefined : target.key,
      origin: source.origin,
      fix: target.origin === undefined ? undefined : `the other one is set in ${target.origin}`,
    });
  }
}

function mergeDict(target: DictNode, from: DictNode): void {
  let source = from;
  if (source.isNone || source.isInterpolation) {
    if (source.isNone && !target.type.optional) throw notOptional({ parent: target, origin: source.origin });
    makeSpecial(target, source.isNone ? null : source.text);
    target.parsed = source.parsed;
    target.origin = source.origin;
    takeType(target, source);
    return;
  }
  checkMerge(target, source);
  // A slot of a schema that nobody has filled still says what the fields of the target are.
  if (source.isMissing && !target.isMissing && source.type.kind === "schema" && !source.type.optional) {
    source = allMissing(source.type.schema, source);
  }
  // A null that an interpolation has given stays one until there is something to put in.
  if (target.special !== undefined && !source.isMissing && !(target.isNone && source.size === 0)) {
    expand(target);
  }
  for (const child of source.children()) mergeChild(target, child);
  if (source.schema !== undefined) target.schema = source.schema;
  takeType(target, source);
  takeFlags(target, source);
  if (target.schema?.check !== undefined) checkSchema(target);
}

function mergeChild(target: DictNode, source: ConfigNode): void {
  const key = source.key!;
  let existing = target.child(key);
  // The common case of composition: a value replaces a value and nothing is typed.
  if (
    existing instanceof ValueNode && source instanceof ValueNode && !isTyped(existing.type) &&
    !existing.isInterpolation
  ) {
    if (!source.isMissing) replace(target, source);
    else if (isTyped(source.type)) keepUnderType(target, existing, source);
    return;
  }
  if (existing instanceof DictNode) checkMerge(existing, source);
  if (isContainer(existing) && existing.isNone && !source.isMissing && !dereference(source).isNone) {
    expand(existing);
  }
  if (existing?.isInterpolation === true) {
    const reached = tryDereference(existing);
    if (isContainer(reached)) {
      replace(target, withoutPlace(reached, existing));
      existing = target.child(key)!;
    }
  }
  const type = elementType(target);
  if (existing === undefined && type.kind === "schema" && !source.isMissing) {
    const made = schemaNode(type.schema, type, source.origin);
    made.key = dictKey(target, key);
    replace(target, made);
    existing = target.child(key)!;
  }
  if (existing === undefined) return add(target, source);
  if (isContainer(existing) && isContainer(source)) mergeNodes(existing, source);
  else if (isContainer(existing)) {
    if (!source.isMissing) replace(target, source);
  } else if (isContainer(source)) replace(target, source);
  else if (!source.isMissing) {
    if (isTyped(existing.type)) setValue(existing as ValueNode, source, target, key, source.origin);
    else replace(target, source);
  } else if (isTyped(source.type) && !isTyped(existing.type)) {
    keepUnderType(target, existing as ValueNode, source);
  }
}

/** A key that the target does not have yet; a structured config brings its own fields along. */
function add(target: DictNode, source: ConfigNode): void {
  const isField = source.parent instanceof DictNode && source.parent.schema !== undefined;
  if (isField) withFlag(target, "struct", false, () => replace(target, source));
  else replace(target, source);
}

function replace(target: DictNode, source: ConfigNode): void {
  const key = source.key!;
  const existing = target.child(key);
  const isPlain = (existing === undefined || !isTyped(existing.type)) && target.type.kind !== "dict" &&
    target.schema === undefined && target.flag("readonly") !== true &&
    (existing !== undefined || target.flag("struct") !== true);
  if (isPlain) target.setChild(key, source.clone());
  else assign(target, key, source);
}

/** The value stays, checked against the type that a missing one brings along. */
function keepUnderType(target: DictNode, existing: ValueNode, source: ConfigNode): void {
  const slot = { parent: target, key: source.key, origin: existing.origin };
  if (existing.isNone && !source.type.optional) convert(source.type, null, slot);
  target.setChild(source.key!, typedNode(source.type, existing, slot));
}

/** A config of a schema in which every field is still missing, in the place of a node. */
function allMissing(schema: Schema, place: DictNode): DictNode {
  const node = new DictNode({ origin: place.origin, type: place.type });
  node.parent = place.parent;
  node.key = place.key;
  node.schema = schema;
  for (const [name, field] of schema.fields) {
    node.setChild(name, typedNode(field.type, "???", { parent: node, key: name, origin: place.origin }));
  }
  return node;
}

function withoutPlace(reached: ContainerNode, existing: ConfigNode): ContainerNode {
  const copy = reached.clone();
  copy.key = existing.key;
  return copy;
}

function resolvesToNone(node: ConfigNode): boolean {
  if (!node.isInterpolation) return node.isNone;
  return tryDereference(node)?.isNone === true;
}

/** Gives a container that is null, missing or an interpolation the content its type starts with. */
export function expand(node: ContainerNode): void {
  if (node instanceof DictNode && node.type.kind === "schema") {
    const made = schemaNode(node.type.schema, node.type, node.origin);
    node.clear();
    node.schema = made.schema;
    for (const child of [...made.children()]) node.setChild(child.key!, child);
  } else {
    node.clear();
    if (node instanceof DictNode) node.schema = undefined;
  }
}

/** A dictionary that is null, missing or an interpolation is of no schema; what its slot accepts stays. */
function makeSpecial(node: DictNode, text: string | null): void {
  node.setSpecial(text);
  node.schema = undefined;
}

function checkMerge(target: DictNode, source: ConfigNode): void {
  if (!target.type.optional && resolvesToNone(source)) {
    throw notOptional({ parent: target.parent ?? target, key: target.key, origin: source.origin });
  }
  if (target.isMissing) return checkMissing(target, source);
  if (target.special !== undefined || source.isMissing || source.isNone || target.schema === undefined) {
    return;
  }
  const given = source instanceof DictNode ? source.schema : null;
  if (given === undefined || (given !== null && isKindOf(given, target.schema))) return;
  throw new ValidationError(
    `Merge error: ${kindOf(source)} is not a subclass of ${target.schema.name}. value: ${pythonStr(source)}`,
    { parent: target, origin: source.origin },
  );
}

/** A slot that nobody has filled takes content of its type only, where the source is typed or a list. */
function checkMissing(target: DictNode, source: ConfigNode): void {
  const { type } = target;
  const isTypedSource = source instanceof DictNode
    ? source.schema !== undefined
    : source instanceof ListNode || (isTyped(source.type) && source.type.kind !== "union");
  if (source.special !== undefined || !isTypedSource) return;
  const wanted = typeText({ ...type, optional: false });
  const isSchema = type.kind === "schema";
  if (!isSchema && type.kind !== "dict") return;
  if (isSchema && source instanceof DictNode && isKindOf(source.schema!, type.schema)) return;
  throw new ValidationError(
    isSchema || source instanceof ListNode
      ? `Invalid type assigned: ${kindOf(source)} is not a subclass of ${wanted}. value: ${pythonStr(source)}`
      : `Cannot assign ${kindOf(source)} to ${wanted}`,
    { parent: target.parent ?? target, key: target.key, origin: source.origin },
  );
}

/** What OmegaConf's messages call the kind of a node. */
function kindOf(node: ConfigNode): string {
  if (node instanceof DictNode) return node.schema?.name ?? "dict";
  return node instanceof ListNode
    ? "list"
    : pythonTypeName(node.special === undefined ? unwrapped(node) : node.text);
}

/** An untyped target gets the type of the source, and so does what it holds. */
function takeType(target: DictNode, source: DictNode): void {
  if (!isTyped(target.type) && isTyped(source.type)) adoptType(target, source.type);
}

function takeFlags(target: ContainerNode, source: ContainerNode): void {
  for (const [flag, value] of Object.entries(source.ownFlags)) target.setFlag(flag as Flag, value);
}

function mergeList(target: ListNode, source: ListNode): void {
  if (source.isNone) {
    if (!target.type.optional) {
      throw new ValidationError("Non optional ListConfig cannot be constructed from None", {
        parent: target.parent ?? target,
        key: target.key,
        origin: source.origin,
      });
    }
    target.setSpecial(null);
  } else if (source.isInterpolation) {
    target.setSpecial(source.text);
    target.parsed = source.parsed;
  } else if (source.isMissing) {
    if (!isTyped(elementType(target))) target.item = elementType(source);
  } else {
    if (target.flag("readonly") && source.size > 0) {
      throw new ReadonlyConfigError("ListConfig is read-only", {
        parent: target,
        key: 0,
        origin: source.origin,
      });
    }
    const made = new ListNode({ type: target.type });
    made.item = target.item;
    made.parent = target.parent;
    made.key = target.key;
    for (const item of source.children()) append(made, baseOf(made, item));
    target.clear();
    for (const item of [...made.children()]) target.append(item);
  }
  target.origin = source.origin ?? target.origin;
  takeFlags(target, source);
}

/** An item for a list of a schema starts from the schema's defaults. */
function baseOf(list: ListNode, item: ConfigNode): ConfigNode {
  const type = elementType(list);
  if (type.kind !== "schema" || !(item instanceof DictNode)) return item;
  const made = schemaNode(type.schema, type, item.origin);
  made.parent = list;
  made.key = list.size;
  mergeDict(made, item);
  return made;
}
