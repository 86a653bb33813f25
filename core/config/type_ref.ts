import type { EnumMember, Scalar } from "./scalar.ts";

/** The scalar kinds a typed slot may ask for. */
export type ScalarKind = "int" | "float" | "bool" | "str" | "bytes";

/** An enumeration: a name and its members in order. */
export interface EnumType {
  /** The name that texts and messages use. */
  readonly name: string;
  /** The members by name, in order. */
  readonly members: ReadonlyMap<string, EnumMember>;
}

/** One field of a {@linkcode Schema}. */
export interface SchemaField {
  /** What the field accepts. */
  readonly type: TypeRef;
  /** The default as config data, or `undefined` where the value is mandatory (`???`). */
  readonly default: (() => unknown) | undefined;
}

/** A structured config: a name and typed fields in order. */
export interface Schema {
  /** The name that messages use. */
  readonly name: string;
  /** The schema this one extends; its values fit where that one is asked for. */
  readonly extends?: Schema | undefined;
  /** The fields in order. */
  readonly fields: ReadonlyMap<string, SchemaField>;
  /** The type of keys beyond the fields, for a schema that is also an open dictionary. */
  readonly rest?: TypeRef | undefined;
  /** Builds the instance for `_convert_: object` and `toObject`. */
  readonly build?: ((fields: Record<string, unknown>) => unknown) | undefined;
  /** A whole-value check, such as a Standard Schema validator; returns the issues found. */
  readonly check?: ((value: unknown) => readonly SchemaIssue[]) | undefined;
}

/** What a whole-value check found wrong. */
export interface SchemaIssue {
  /** What is wrong. */
  readonly message: string;
  /** Where, from the value that was checked. */
  readonly path: readonly (string | number)[];
}

/** What a slot accepts. `optional` says whether it may be null. */
export type TypeRef =
  | { readonly kind: "any"; readonly optional: boolean }
  | { readonly kind: ScalarKind; readonly optional: boolean }
  | { readonly kind: "enum"; readonly enum: EnumType; readonly optional: boolean }
  | { readonly kind: "literal"; readonly values: readonly Scalar[]; readonly optional: boolean }
  | { readonly kind: "list"; readonly item: TypeRef; readonly optional: boolean }
  | { readonly kind: "dict"; readonly key: TypeRef; readonly value: TypeRef; readonly optional: boolean }
  | { readonly kind: "schema"; readonly schema: Schema; readonly optional: boolean }
  | { readonly kind: "union"; readonly of: readonly TypeRef[]; readonly optional: boolean };

/** The type of a slot that takes anything. */
export const ANY: TypeRef = { kind: "any", optional: true };
