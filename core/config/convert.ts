import { nearest } from "../errors.ts";
import { type NodeErrorDetails, ValidationError } from "./config_errors.ts";
import { ConfigNode } from "./node.ts";
import { pythonStr, pythonTypeName } from "./python_text.ts";
import { EnumMember, Float, float, integer, isFloat, isInt, isScalar, type Scalar } from "./scalar.ts";
import type { EnumType, TypeRef } from "./type_ref.ts";
import { typeText } from "./type_text.ts";

/**
 * A value as a typed slot takes it: converted where OmegaConf converts, refused elsewhere.
 *
 * An int takes ints and their text, a float also ints, a bool ints and `yes`, `no` and their kin, a str any scalar, an
 * enum its names and values. Null and interpolations are looked at by the caller.
 *
 * @throws {ValidationError} with OmegaConf's text.
 */
export function convert(type: TypeRef, value: unknown, details: NodeErrorDetails): unknown {
  if (value === null) {
    if (type.optional) return null;
    const text = type.kind === "union"
      ? `Value 'None' is incompatible with type hint '${typeText(type)}'`
      : `Incompatible value 'None' for field of type '${typeText(type)}'`;
    throw new ValidationError(text, details);
  }
  switch (type.kind) {
    case "any":
      return value;
    case "int":
      return toInt(value) ?? refuse(value, "Integer", details);
    case "float":
      return toFloat(value) ?? refuse(value, "Float", details);
    case "bool":
      return toBool(value) ?? notBool(value, details);
    case "str":
      return toStr(value, details);
    case "bytes":
      return value instanceof Uint8Array ? value : notBytes(value, details);
    case "enum":
      return toEnum(type.enum, value, details);
    case "literal":
      return toLiteral(type, value, details);
    case "union":
      return toUnion(type, value, details);
    default:
      throw new ValidationError(`Cannot assign ${pythonTypeName(value)} to ${typeText(type)}`, details);
  }
}

/** An int's text as Python's `int` reads it, or `undefined`. */
export function parsePythonInt(text: string): number | bigint | undefined {
  const bare = text.trim();
  if (!/^[+-]?[0-9]+(?:_[0-9]+)*$/.test(bare)) return undefined;
  return integer(BigInt(bare.replaceAll("_", "").replace("+", "")));
}

const FLOAT =
  /^[+-]?(?:[0-9]+(?:_[0-9]+)*\.?(?:[0-9]+(?:_[0-9]+)*)?|\.[0-9]+(?:_[0-9]+)*)(?:[eE][+-]?[0-9]+(?:_[0-9]+)*)?$/;

/** A float's text as Python's `float` reads it, or `undefined`. */
export function parsePythonFloat(text: string): number | undefined {
  const bare = text.trim();
  if (FLOAT.test(bare)) return Number(bare.replaceAll("_", ""));
  const [, sign, name] = /^([+-]?)(inf|infinity|nan)$/i.exec(bare) ?? [];
  if (name === undefined) return undefined;
  return name.toLowerCase() === "nan" ? NaN : sign === "-" ? -Infinity : Infinity;
}

function toInt(value: unknown): Scalar | undefined {
  if (isInt(value)) return value;
  return typeof value === "string" ? parsePythonInt(value) : undefined;
}

function toFloat(value: unknown): Scalar | undefined {
  if (value instanceof Float) return value;
  if (typeof value === "number" || typeof value === "bigint") return float(Number(value));
  const parsed = typeof value === "string" ? parsePythonFloat(value) : undefined;
  return parsed === undefined ? undefined : float(parsed);
}

function toBool(value: unknown): boolean | undefined {
  if (typeof value === "boolean") return value;
  if (isInt(value)) return value != 0;
  if (typeof value !== "string") return undefined;
  const number = parsePythonInt(value);
  if (number !== undefined) return number != 0;
  const lower = value.toLowerCase();
  if (["yes", "y", "on", "true"].includes(lower)) return true;
  return ["no", "n", "off", "false"].includes(lower) ? false : undefined;
}

function toStr(value: unknown, details: NodeErrorDetails): string {
  if (isScalar(value) && !(value instanceof Uint8Array)) return pythonStr(value);
  throw new ValidationError(
    `Cannot convert '${pythonTypeName(value)}' to string: '${pythonStr(value)}'`,
    details,
  );
}

function toEnum(type: EnumType, value: unknown, details: NodeErrorDetails): EnumMember {
  if (value instanceof EnumMember && value.type === type.name) return value;
  if (typeof value === "string") {
    const prefix = `${type.name}.`;
    const member = type.members.get(value.startsWith(prefix) ? value.slice(prefix.length) : value);
    if (member !== undefined) return member;
  }
  if (isInt(value)) {
    for (const member of type.members.values()) {
      if (isInt(member.value) && member.value == value) return member;
    }
  }
  if (typeof value !== "string" && !isInt(value) && typeof value !== "boolean") {
    const text = `Value ${pythonStr(value)} (${
      pythonTypeName(value)
    }) is not a valid input for <enum '${type.name}'>`;
    throw new ValidationError(text, details);
  }
  throw noChoice(value, [...type.members.keys()], details);
}

/** The error for a value that is none of a few, with the one that may have been meant. */
function noChoice(value: unknown, choices: readonly string[], details: NodeErrorDetails): ValidationError {
  const text = pythonStr(value);
  const near = nearest(text, choices);
  return new ValidationError(`Invalid value '${text}', expected one of [${choices.join(", ")}]`, {
    ...details,
    fix: near === undefined ? details.fix : `did you mean "${near}"?`,
  });
}

function toLiteral(type: TypeRef & { kind: "literal" }, value: unknown, details: NodeErrorDetails): Scalar {
  for (const choice of type.values) {
    const isSame = choice instanceof Float && value instanceof Float
      ? choice.value === value.value
      : choice === value;
    if (isSame) return choice;
  }
  throw noChoice(value, type.values.map(pythonStr), details);
}

/** A union takes a value of one of its types as it is; nothing is converted, so that `1` stays apart from `"1"`. */
function toUnion(type: TypeRef & { kind: "union" }, value: unknown, details: NodeErrorDetails): unknown {
  const text = pythonStr(value);
  if (value instanceof ConfigNode) {
    throw new ValidationError(
      `Cannot assign container '${text}' of type '${pythonTypeName(value)}' to ${typeText(type)}`,
      details,
    );
  }
  for (const candidate of type.of) if (isOfType(candidate, value)) return convert(candidate, value, details);
  throw new ValidationError(
    `Value '${text}' of type '${pythonTypeName(value)}' is incompatible with type hint '${typeText(type)}'`,
    details,
  );
}

/** Whether a value that is no container is of a type as it is, without a conversion. */
export function isOfType(type: TypeRef, value: unknown): boolean {
  switch (type.kind) {
    case "any":
      return true;
    case "int":
      return isInt(value);
    case "float":
      return isFloat(value);
    case "bool":
      return typeof value === "boolean";
    case "str":
      return typeof value === "string";
    case "bytes":
      return value instanceof Uint8Array;
    case "enum":
      return value instanceof EnumMember && value.type === type.enum.name;
    case "literal":
      return type.values.includes(value as Scalar);
    default:
      return false;
  }
}

function refuse(value: unknown, wanted: string, details: NodeErrorDetails): never {
  const text = `Value '${pythonStr(value)}' of type '${
    pythonTypeName(value)
  }' could not be converted to ${wanted}`;
  throw new ValidationError(text, details);
}

function notBool(value: unknown, details: NodeErrorDetails): never {
  throw new ValidationError(
    `Value '${pythonStr(value)}' is not a valid bool (type ${pythonTypeName(value)})`,
    details,
  );
}

function notBytes(value: unknown, details: NodeErrorDetails): never {
  const text = `Value '${pythonStr(value)}' of type '${pythonTypeName(value)}' is not of type 'bytes'`;
  throw new ValidationError(text, details);
}
