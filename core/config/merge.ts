import { assign, setValue } from "./assign.ts";
import { checkAbove, checkSchema } from "./check_schema.ts";
import { ConfigTypeError, ReadonlyConfigError, ValidationError } from "./config_errors.ts";
import { dictKey } from "./dict_key.ts";
import { tryDereference, unwrapped } from "./interpolate.ts";
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
import { isTyped } from "./type_text.ts";
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

function mergeDict(target: DictNode, source: DictNode): void {
  if (source.isNone || source.isInterpolation) {
    if (source.isNone && !target.type.optional) throw notOptional({ parent: target, origin: source.origin });
    target.setSpecial(source.isNone ? null : source.text);
    target.parsed = source.parsed;
    target.origin = source.origin;
    takeTypes(target, source);
    return;
  }
  checkMerge(target, source);
  if (target.special !== undefined && !source.isMissing) expand(target);
  if (source.schema !== undefined) target.schema = source.schema;
  for (const child of source.children()) mergeChild(target, child);
  takeTypes(target, source);
  takeFlags(target, source);
  if (target.schema?.check !== undefined) checkSchema(target);
}

function mergeChild(target: DictNode, source: ConfigNode): void {
  const key = source.key!;
  let existing = target.child(key);
  if (existing === undefined) return add(target, source);
  // The common case of composition: a value replaces a value and nothing is typed.
  if (
    existing instanceof ValueNode && source instanceof ValueNode && !isTyped(existing.type) &&
    !(existing.isInterpolation && source.isMissing)
  ) {
    if (!source.isMissing) replace(target, source);
    else if (isTyped(source.type)) keepUnderType(target, existing, source);
    return;
  }
  if (existing instanceof DictNode) checkMerge(existing, source);
  if (isContainer(existing) && existing.isNone && !source.isMissing && !resolvesToNone(source)) {
    expand(existing);
  }
  if (existing.isInterpolation) {
    const reached = tryDereference(existing);
    if (isContainer(reached)) {
      replace(target, withoutPlace(reached, existing));
      existing = target.child(key)!;
    }
  }
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

/** A key that the target does not have yet. */
function add(target: DictNode, source: ConfigNode): void {
  const type = elementType(target);
  if (type.kind === "schema" && !source.isMissing && source instanceof DictNode) {
    const key = dictKey(target, source.key);
    const made = schemaNode(type.schema, type, source.origin);
    target.setChild(key, made);
    if (source.special === undefined) return mergeDict(made, source);
  }
  // A schema that extends the target's brings its own fields along.
  if (source.parent instanceof DictNode && source.parent.schema !== undefined) {
    target.setChild(source.key!, source.clone());
  } else replace(target, source);
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
  const node = typedNode(source.type, existing, { parent: target, key: source.key, origin: existing.origin });
  target.setChild(source.key!, node);
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
  } else node.clear();
}

function checkMerge(target: DictNode, source: ConfigNode): void {
  if (!target.type.optional && resolvesToNone(source)) {
    throw notOptional({ parent: target.parent ?? target, key: target.key, origin: source.origin });
  }
  if (source.special !== undefined) return;
  const wanted = target.schema ??
    (target.isMissing && target.type.kind === "schema" ? target.type.schema : undefined);
  if (wanted === undefined || (source instanceof DictNode && fits(source.schema, wanted))) return;
  const given = source instanceof DictNode ? source.schema!.name : pythonTypeName(unwrapped(source));
  const name = given === "ListConfig" ? "list" : given;
  throw new ValidationError(
    `Merge error: ${name} is not a subclass of ${wanted.name}. value: ${pythonStr(source)}`,
    { parent: target, origin: source.origin },
  );
}

function fits(schema: Schema | undefined, wanted: Schema): boolean {
  return schema === undefined || isKindOf(schema, wanted);
}

function takeTypes(target: DictNode, source: DictNode): void {
  if (source.schema !== undefined) target.schema = source.schema;
  if (!isTyped(target.type) && isTyped(source.type)) target.type = source.type;
}

function takeFlags(target: ContainerNode, source: ContainerNode): void {
  for (const [flag, value] of Object.entries(source.ownFlags)) target.setFlag(flag as Flag, value);
}

function mergeList(target: ListNode, source: ListNode): void {
  if (source.isNone) {
    if (!target.type.optional) throw notOptional({ parent: target, origin: source.origin });
    target.setSpecial(null);
  } else if (source.isInterpolation) {
    target.setSpecial(source.text);
    target.parsed = source.parsed;
  } else if (!source.isMissing) {
    if (target.flag("readonly") && source.size > 0) {
      throw new ReadonlyConfigError("ListConfig is read-only", {
        parent: target,
        key: 0,
        origin: source.origin,
      });
    }
    const type = elementType(target);
    const items = source.children().map((item, index) => {
      if (type.kind === "schema" && item instanceof DictNode && item.special === undefined) {
        const made = schemaNode(type.schema, type, item.origin);
        made.parent = target;
        made.key = index;
        mergeDict(made, item);
        return made;
      }
      return isTyped(type)
        ? typedNode(type, item, { parent: target, key: index, origin: item.origin })
        : item.clone();
    });
    target.clear();
    for (const item of items) target.append(item);
  }
  target.origin = source.origin ?? target.origin;
  takeFlags(target, source);
}
