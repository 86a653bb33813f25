import { type NodeErrorDetails, ValidationError } from "./config_errors.ts";
import { convert } from "./convert.ts";
import { dataNode, isPlainObject, scalarNode } from "./create.ts";
import { dictKey } from "./dict_key.ts";
import { type ConfigNode, type ContainerNode, DictNode, ListNode, specialOf, ValueNode } from "./node.ts";
import type { Origin } from "./origin.ts";
import { pythonStr, pythonTypeName } from "./python_text.ts";
import type { Key } from "./scalar.ts";
import { ANY, type Schema, type TypeRef } from "./type_ref.ts";
import { typeText } from "./type_text.ts";

/** Where a node will hang, for errors and inherited flags. */
export interface Slot {
  /** The container. */
  readonly parent: ConfigNode | undefined;
  /** The key in it. */
  readonly key: Key | undefined;
  /** What sets the value. */
  readonly origin: Origin | undefined;
}

/**
 * Makes the node that a slot of a type holds for a value: checked, converted, and carrying the type.
 *
 * @param value Config data or a node (which is copied).
 * @throws {ValidationError} where the value does not fit.
 */
export function typedNode(type: TypeRef, value: unknown, slot: Slot): ConfigNode {
  const details = { ...slot, value };
  if (type.kind === "any") return dataNode(value, slot);
  const origin = slot.origin ?? (isNode(value) ? value.origin : undefined);
  const text = specialText(value);
  if (text === null && !type.optional) throw notOptional(slot);
  switch (type.kind) {
    case "list":
      return typedList(type, value, text, { ...slot, origin });
    case "dict":
      return typedDict(type, value, text, { ...slot, origin });
    case "schema": {
      if (text !== undefined) return specialDict(type, text, origin);
      return typedSchema(type, value, { ...slot, origin });
    }
    default: {
      const raw = value instanceof ValueNode ? value.raw : value;
      const node = scalarNode(
        text === undefined ? convert(type, raw, details) : text,
        origin,
        slot.parent,
        slot.key,
      );
      node.type = type;
      return node;
    }
  }
}

/** A null in a slot that is not optional. */
export function notOptional(slot: NodeErrorDetails): ValidationError {
  const name = slot.parent?.fullKey(slot.key) ?? String(slot.key ?? "");
  return new ValidationError(`field '${name}' is not Optional`, { ...slot, value: null });
}

/** The null, `???` or interpolation text that a value or node is; `undefined` where it has content. */
export function specialText(value: unknown): string | null | undefined {
  if (isNode(value)) return value.special === undefined ? undefined : value.isNone ? null : value.text;
  return specialOf(value) === undefined ? undefined : value as string | null;
}

/** A dictionary of a schema with every default in place. */
export function schemaNode(schema: Schema, type: TypeRef, origin?: Origin): DictNode {
  const node = new DictNode({ origin, type });
  node.schema = schema;
  for (const [name, field] of schema.fields) {
    const value = field.default === undefined ? "???" : field.default();
    node.setChild(name, typedNode(field.type, value, { parent: node, key: name, origin }));
  }
  return node;
}

/** Whether a schema is another or extends it. */
export function isKindOf(schema: Schema, wanted: Schema): boolean {
  for (let at: Schema | undefined = schema; at !== undefined; at = at.extends) if (at === wanted) return true;
  return false;
}

/** The type that new children of a container get. */
export function elementType(node: ContainerNode): TypeRef {
  if (node.type.kind === "list") return node.type.item;
  if (node.type.kind === "dict") return node.type.value;
  return node instanceof DictNode ? node.schema?.rest ?? ANY : node.item ?? ANY;
}

function isNode(value: unknown): value is ContainerNode | ValueNode {
  return value instanceof ValueNode || value instanceof DictNode || value instanceof ListNode;
}

function specialDict(type: TypeRef, text: string | null, origin: Origin | undefined): DictNode {
  const node = new DictNode({ origin, type });
  if (text !== null && text.includes("${")) node.parsed = scalarNode(text).parsed;
  node.setSpecial(text);
  return node;
}

function typedList(
  type: TypeRef & { kind: "list" },
  value: unknown,
  text: string | null | undefined,
  slot: Slot,
): ListNode {
  const list = new ListNode({ origin: slot.origin, type });
  list.parent = slot.parent as ContainerNode | undefined;
  list.key = slot.key;
  if (text !== undefined) {
    if (text?.includes("${")) scalarNode(text);
    list.setSpecial(text);
    return list;
  }
  const items = value instanceof ListNode ? value.children() : value;
  if (!Array.isArray(items)) {
    throw new ValidationError(
      `Invalid value assigned: ${pythonTypeName(unwrap(value))} is not a ListConfig, list or tuple.`,
      { ...slot, value },
    );
  }
  for (const [index, item] of items.entries()) {
    const origin = isNode(item) ? item.origin : slot.origin;
    list.append(typedNode(type.item, item, { parent: list, key: index, origin }));
  }
  return list;
}

function typedDict(
  type: TypeRef & { kind: "dict" },
  value: unknown,
  text: string | null | undefined,
  slot: Slot,
): DictNode {
  if (text !== undefined) return specialDict(type, text, slot.origin);
  const dict = new DictNode({ origin: slot.origin, type });
  dict.parent = slot.parent as ContainerNode | undefined;
  dict.key = slot.key;
  for (const [key, child] of dictEntries(type, value, slot)) {
    const origin = isNode(child) ? child.origin : slot.origin;
    dict.setChild(
      dictKey(dict, key),
      typedNode(type.value, child, { parent: dict, key: key as Key, origin }),
    );
  }
  return dict;
}

function dictEntries(type: TypeRef, value: unknown, slot: Slot): Iterable<readonly [unknown, unknown]> {
  if (value instanceof DictNode) return [...value.children()].map((child) => [child.key, child]);
  if (value instanceof Map) return value;
  if (isPlainObject(value) && !isNode(value)) return Object.entries(value);
  if (value instanceof ListNode || Array.isArray(value)) {
    const text = typeText({ ...type, optional: false });
    throw new ValidationError(
      `Invalid type assigned: list is not a subclass of ${text}. value: ${pythonStr(value)}`,
      { ...slot, value },
    );
  }
  throw new ValidationError(
    `Cannot assign ${pythonTypeName(unwrap(value))} to ${typeText({ ...type, optional: false })}`,
    {
      ...slot,
      value,
    },
  );
}

function typedSchema(type: TypeRef & { kind: "schema" }, value: unknown, slot: Slot): DictNode {
  const given = value instanceof DictNode ? value.schema : undefined;
  if (given === undefined || !isKindOf(given, type.schema)) {
    const name = given?.name ??
      (value instanceof DictNode
        ? "dict"
        : value instanceof ListNode
        ? "list"
        : pythonTypeName(unwrap(value)));
    throw new ValidationError(
      `Invalid type assigned: ${name} is not a subclass of ${type.schema.name}. value: ${pythonStr(value)}`,
      { ...slot, value },
    );
  }
  const node = (value as DictNode).clone();
  node.type = type;
  return node;
}

function unwrap(value: unknown): unknown {
  return value instanceof ValueNode ? value.raw : value;
}
