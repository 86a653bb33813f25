import { KeyValidationError, ValidationError } from "./config_errors.ts";
import { convert, isOfType } from "./convert.ts";
import { type ConfigNode, type ContainerNode, DictNode, isContainer, ListNode, ValueNode } from "./node.ts";
import { pythonRepr, pythonTypeName } from "./python_text.ts";
import type { Key } from "./scalar.ts";
import type { TypeRef } from "./type_ref.ts";
import { isTyped, typeText } from "./type_text.ts";
import { specialText, typedNode } from "./typed_node.ts";

/**
 * Gives a node that was made without types the type of a slot, down to the elements of lists and dictionaries.
 *
 * This is how a typed config merged onto an untyped one types what is already there: the content is checked and not
 * converted, as in OmegaConf, so that `1` is no float. Null, `???` and interpolations turn into slots of the type.
 *
 * @throws {ValidationError} for content that does not fit, {KeyValidationError} for a key that does not.
 */
export function adoptType(node: ConfigNode, type: TypeRef): void {
  if (!isTyped(type)) return;
  checkContent(node, type);
  if (!isContainer(node)) {
    if (node.type.kind === type.kind) node.type = type;
    return;
  }
  node.type = type;
  if (node.special !== undefined) return;
  if (node instanceof ListNode && type.kind === "list") {
    for (const item of [...node.children()]) adoptChild(node, item, type.item);
  }
  if (node instanceof DictNode && type.kind === "dict") {
    for (const child of [...node.children()]) {
      checkKeyType(node, child.key!, type.key);
      adoptChild(node, child, type.value);
    }
  }
}

function adoptChild(parent: ContainerNode, child: ConfigNode, type: TypeRef): void {
  if (!isTyped(type)) return;
  const key = child.key!;
  if (child.special === undefined) return adoptType(child, type);
  const slot = { parent, key, origin: child.origin };
  if (child.isNone && !type.optional && !isContainerKind(type)) convert(type, null, slot);
  const made = typedNode(type, specialText(child), slot);
  if (parent instanceof DictNode) parent.setChild(key, made);
  else parent.setChild(key as number, made);
}

function checkContent(node: ConfigNode, type: TypeRef): void {
  if (node.special !== undefined) {
    if (node.isNone && !type.optional) throw incompatible(node, hintName(type));
    return;
  }
  if (node instanceof ValueNode) {
    if (isUnion(node)) throw incompatible(node, hintText(type), "'UnionNode'");
    if (isContainerKind(type) || type.kind === "union") throw incompatible(node, hintText(type));
    if (!isInstance(node.raw, type)) throw incompatible(node, hintName(type));
    return;
  }
  const fits = node instanceof ListNode
    ? type.kind === "list"
    : type.kind === "dict" || type.kind === "schema";
  if (!fits) {
    throw incompatible(node, hintText(type), node instanceof ListNode ? "'ListConfig'" : "'DictConfig'");
  }
}

function isUnion(node: ConfigNode): boolean {
  return node.type.kind === "union";
}

function isContainerKind(type: TypeRef): boolean {
  return type.kind === "list" || type.kind === "dict" || type.kind === "schema";
}

/** Python's `isinstance`, for which a bool is an int; what is in containers is checked on its own. */
function isInstance(value: unknown, type: TypeRef): boolean {
  if (type.kind === "int" && typeof value === "boolean") return true;
  return type.kind === "union" || isContainerKind(type) || isOfType(type, value);
}

function checkKeyType(dict: DictNode, key: Key, type: TypeRef): void {
  if (!isTyped(type) || isInstance(key, type)) return;
  throw new KeyValidationError(
    `Key ${pythonRepr(key)} (${pythonTypeName(key)}) is incompatible with key type hint '${hintName(type)}'`,
    { parent: dict, key, value: key, origin: dict.child(key)?.origin },
  );
}

function incompatible(node: ConfigNode, hint: string, what?: string): ValidationError {
  const value = node instanceof ValueNode ? node.raw : null;
  const subject = what ?? `Value ${pythonRepr(value)} (${pythonTypeName(value)})`;
  const place = node.parent === undefined ? { parent: node } : { parent: node.parent, key: node.key };
  return new ValidationError(`${subject} is incompatible with type hint '${hint}'`, {
    ...place,
    value,
    origin: node.origin,
    fix:
      "a structured config that is merged later gives the type: change the value, or merge that config first, " +
      "as _self_ first in a defaults list does",
  });
}

/** A type's bare name, as Python's `__name__` has it. */
function hintName(type: TypeRef): string {
  return type.kind === "list" ? "List" : type.kind === "dict" ? "Dict" : typeText(bare(type));
}

/** A type as Python prints the annotation. */
function hintText(type: TypeRef): string {
  const text = typeText(bare(type));
  if (type.kind === "schema") return `<class '${text}'>`;
  return type.kind === "list" || type.kind === "dict" || type.kind === "union" ? `typing.${text}` : text;
}

function bare(type: TypeRef): TypeRef {
  return { ...type, optional: false };
}
