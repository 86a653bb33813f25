import { KeyValidationError, ValidationError } from "./config_errors.ts";
import { convert } from "./convert.ts";
import type { DictNode } from "./node.ts";
import { pythonStr, pythonTypeName } from "./python_text.ts";
import { type EnumMember, isFloat, isInt, isScalar, type Key } from "./scalar.ts";
import { ANY, type TypeRef } from "./type_ref.ts";

/**
 * A key as a dictionary takes it: any scalar where keys are untyped, else one of the asked type.
 *
 * @throws {KeyValidationError} for null, containers, and keys of another type.
 */
export function dictKey(dict: DictNode, key: unknown): Key {
  const type = keyType(dict);
  const details = { parent: dict, key: isScalar(key) && key !== null ? key : undefined, value: key };
  if (key === null || key === undefined || !isScalar(key)) {
    throw new KeyValidationError(`Incompatible key type '${pythonTypeName(key)}'`, {
      ...details,
      fix: "use a string, number or boolean as the key",
    });
  }
  switch (type.kind) {
    case "bool":
      if (key === true || key === false || key === 0 || key === 1) return Boolean(key);
      break;
    case "int":
      if (isInt(key) || typeof key === "boolean") return key;
      break;
    case "float":
      if (isFloat(key)) return key;
      break;
    case "str":
      if (typeof key === "string") return key;
      break;
    case "bytes":
      if (key instanceof Uint8Array) return key;
      break;
    case "enum":
      return enumKey(type, key, dict);
    default:
      return key;
  }
  throw new KeyValidationError(
    `Key ${pythonStr(key)} (${pythonTypeName(key)}) is incompatible with (${type.kind})`,
    details,
  );
}

function keyType(dict: DictNode): TypeRef {
  if (dict.type.kind === "dict") return dict.type.key;
  return dict.schema === undefined || dict.schema.rest !== undefined ? ANY : { kind: "str", optional: false };
}

function enumKey(type: TypeRef & { kind: "enum" }, key: Key, dict: DictNode): Key {
  try {
    return convert(type, key, {}) as EnumMember;
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    const valid = [...type.enum.members.keys()].join(", ");
    throw new KeyValidationError(
      `Key '${pythonStr(key)}' is incompatible with the enum type '${type.enum.name}', valid: [${valid}]`,
      { parent: dict, key, value: key, cause: error },
    );
  }
}
