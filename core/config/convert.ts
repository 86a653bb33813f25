import { type NodeErrorDetails, ValidationError } from "./config_errors.ts";
import type { TypeRef } from "./type_ref.ts";

/**
 * A value as a typed slot takes it: converted where OmegaConf converts, refused elsewhere.
 *
 * @throws {ValidationError} with OmegaConf's text.
 */
export function convert(type: TypeRef, value: unknown, details: NodeErrorDetails): unknown {
  if (type.kind === "any") return value;
  throw new ValidationError(`Value '${value}' is incompatible with type hint '${type.kind}'`, details);
}
