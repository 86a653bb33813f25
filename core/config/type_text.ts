import type { TypeRef } from "./type_ref.ts";

/** Whether a slot asks for something particular. */
export function isTyped(type: TypeRef): boolean {
  return type.kind !== "any";
}

/**
 * A type as OmegaConf's messages write it: `Optional[int]`, `Dict[str, List[int]]`, a schema's name.
 *
 * @example
 * ```ts
 * import { typeText } from "./type_text.ts";
 * console.assert(typeText({ kind: "list", item: { kind: "int", optional: true }, optional: false }) === "List[Optional[int]]");
 * ```
 */
export function typeText(type: TypeRef): string {
  const bare = bareText(type);
  return type.optional && type.kind !== "any" ? `Optional[${bare}]` : bare;
}

function bareText(type: TypeRef): string {
  switch (type.kind) {
    case "any":
      return "Any";
    case "enum":
      return type.enum.name;
    case "literal":
      return `Literal[${type.values.map((value) => JSON.stringify(value) ?? "None").join(", ")}]`;
    case "list":
      return `List[${typeText(type.item)}]`;
    case "dict":
      return `Dict[${typeText(type.key)}, ${typeText(type.value)}]`;
    case "schema":
      return type.schema.name;
    case "union":
      return `Union[${type.of.map(typeText).join(", ")}]`;
    default:
      return type.kind;
  }
}
