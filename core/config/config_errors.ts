import { ConfigError, type ErrorDetails } from "../errors.ts";
import { type ConfigNode, DictNode, ListNode } from "./node.ts";
import { codeFrame, type Origin } from "./origin.ts";
import type { Key } from "./scalar.ts";
import { isTyped, typeText } from "./type_text.ts";

/** What an OmegaConf error carries beside its text. */
export interface NodeErrorDetails extends ErrorDetails {
  /** The container in which the fault lies. */
  readonly parent?: ConfigNode | undefined;
  /** The key in that container. */
  readonly key?: Key | undefined;
  /** The value that does not fit, as config data. */
  readonly value?: unknown;
  /** What set the faulty value, where that is not the origin of the node under the key. */
  readonly origin?: Origin | undefined;
}

/**
 * The root of OmegaConf's errors; class names and fields are OmegaConf's.
 *
 * The text is OmegaConf's (`message`, `full_key`, `object_type`), then where the value was set with a code frame,
 * then how to mend it.
 */
export class OmegaConfBaseException extends ConfigError {
  override name = "OmegaConfBaseException";
  /** The text without key, type and place. */
  readonly msg: string;
  /** The key in the parent node, or `undefined` where the fault is the node itself. */
  readonly key: Key | undefined;
  /** The path from the root: `a.b[0].c`; empty at the root. */
  readonly fullKey: string;
  /** The value that does not fit. */
  readonly value: unknown;
  /** The container in which the fault lies. */
  readonly parentNode: ConfigNode | undefined;
  /** The node under the key, where there is one. */
  readonly childNode: ConfigNode | undefined;
  /** The place that set the faulty value, where known. */
  readonly origin: Origin | undefined;

  constructor(msg: string, details: NodeErrorDetails = {}) {
    const { parent, key } = details;
    const child = childOf(parent, key);
    const fullKey = parent?.fullKey(key) ?? (key === undefined ? "" : String(key));
    const origin = details.origin ?? child?.origin ?? parent?.origin;
    super(withNode(msg, parent, fullKey), {
      where: details.where ?? (origin === undefined ? undefined : place(origin)),
      fix: details.fix,
      cause: details.cause,
    });
    this.msg = msg;
    this.key = key;
    this.fullKey = fullKey;
    this.value = details.value;
    this.parentNode = parent;
    this.childNode = child;
    this.origin = origin;
  }
}

function childOf(parent: ConfigNode | undefined, key: Key | undefined): ConfigNode | undefined {
  if (key === undefined) return undefined;
  if (parent instanceof DictNode) return parent.child(key);
  if (parent instanceof ListNode && typeof key === "number") return parent.child(key);
  return undefined;
}

function withNode(msg: string, node: ConfigNode | undefined, fullKey: string): string {
  if (node === undefined) return msg;
  const reference = isTyped(node.type) ? `\n    reference_type=${typeText(node.type)}` : "";
  const object = node instanceof DictNode
    ? node.schema?.name ?? "dict"
    : node instanceof ListNode
    ? "list"
    : "any";
  return `${msg}\n    full_key: ${fullKey}${reference}\n    object_type=${object}`;
}

/** A place as errors show it: `file:line:column` and the line itself. */
export function place(origin: Origin): string {
  return `${origin}\n    ${codeFrame(origin).replaceAll("\n", "\n    ")}`;
}

/** A mandatory value (`???`) is read before anything has set it. */
export class MissingMandatoryValue extends OmegaConfBaseException {
  override name = "MissingMandatoryValue";
}

/** A key has a type that the dictionary does not take. */
export class KeyValidationError extends OmegaConfBaseException {
  override name = "KeyValidationError";
}

/** A value does not fit the type of its slot. */
export class ValidationError extends OmegaConfBaseException {
  override name = "ValidationError";
}

/** A value is of a kind that a config cannot hold. */
export class UnsupportedValueType extends ValidationError {
  override name = "UnsupportedValueType";
}

/** A read-only config is written to. */
export class ReadonlyConfigError extends OmegaConfBaseException {
  override name = "ReadonlyConfigError";
}

/** A dictionary lacks a key. */
export class ConfigKeyError extends OmegaConfBaseException {
  override name = "ConfigKeyError";
}

/** A structured or struct-mode dictionary lacks a key that is read or written as an attribute. */
export class ConfigAttributeError extends OmegaConfBaseException {
  override name = "ConfigAttributeError";
}

/** A list lacks an index. */
export class ConfigIndexError extends OmegaConfBaseException {
  override name = "ConfigIndexError";
}

/** An operation does not fit the kind of node. */
export class ConfigTypeError extends OmegaConfBaseException {
  override name = "ConfigTypeError";
}

/** A value is of the right kind and still unusable. */
export class ConfigValueError extends OmegaConfBaseException {
  override name = "ConfigValueError";
}

/** An interpolation does not follow the grammar. */
export class GrammarParseError extends OmegaConfBaseException {
  override name = "GrammarParseError";
  /** Offset in the interpolation's text at which the fault lies. */
  readonly offset: number;

  constructor(msg: string, details: NodeErrorDetails & { readonly offset: number }) {
    super(msg, details);
    this.offset = details.offset;
  }
}

/** An interpolation cannot be resolved. */
export class InterpolationResolutionError extends OmegaConfBaseException {
  override name = "InterpolationResolutionError";
}

/** An interpolation names a key that does not exist. */
export class InterpolationKeyError extends InterpolationResolutionError {
  override name = "InterpolationKeyError";
}

/** An interpolation leads to `???`. */
export class InterpolationToMissingValueError extends InterpolationResolutionError {
  override name = "InterpolationToMissingValueError";
}

/** An interpolation yields a value that does not fit the slot's type. */
export class InterpolationValidationError extends InterpolationResolutionError {
  override name = "InterpolationValidationError";
}

/** An interpolation names a resolver that is not registered. */
export class UnsupportedInterpolationType extends InterpolationResolutionError {
  override name = "UnsupportedInterpolationType";
}

/** A YAML text is malformed, or grows or nests beyond the limits. */
export class YamlError extends ConfigError {
  override name = "YamlError";
  /** Where the fault lies. */
  readonly origin: Origin;

  constructor(what: string, origin: Origin, details: ErrorDetails = {}) {
    super(what, { ...details, where: place(origin) });
    this.origin = origin;
  }
}
