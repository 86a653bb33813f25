import { ConfigTypeError, ConfigValueError } from "./config_errors.ts";
import { isPlainObject } from "./create.ts";
import { DictNode } from "./node.ts";
import { EnumMember, isFloat, isInt, isScalar, type Scalar } from "./scalar.ts";
import {
  ANY,
  type EnumType,
  type ScalarKind,
  type Schema,
  type SchemaField,
  type TypeRef,
} from "./type_ref.ts";
import { isKindOf, schemaNode } from "./typed_node.ts";

/** A slot that takes anything. */
export const any: TypeRef = ANY;
/** A slot for an int. */
export const int: TypeRef = scalar("int");
/** A slot for a float; ints are converted. */
export const floating: TypeRef = scalar("float");
/** A slot for a bool. */
export const bool: TypeRef = scalar("bool");
/** A slot for a string; other scalars are converted to Python's text of them. */
export const str: TypeRef = scalar("str");
/** A slot for bytes. */
export const bytes: TypeRef = scalar("bytes");

function scalar(kind: ScalarKind): TypeRef {
  return { kind, optional: false };
}

/** A slot that may also be null. */
export function optional(type: TypeRef): TypeRef {
  return { ...type, optional: true };
}

/** A slot for a list of one type of item. */
export function listOf(item: TypeRef = ANY): TypeRef {
  return { kind: "list", item, optional: false };
}

/** A slot for a dictionary; keys are strings unless said otherwise. */
export function dictOf(value: TypeRef = ANY, key: TypeRef = str): TypeRef {
  return { kind: "dict", key, value, optional: false };
}

/** A slot for a scalar of one of several types; nothing is converted. */
export function unionOf(...types: readonly TypeRef[]): TypeRef {
  for (const type of types) {
    if (type.kind === "list" || type.kind === "dict" || type.kind === "schema") {
      throw new ConfigValueError("Unions of containers are not supported", {
        fix: "use `any` and check in code",
      });
    }
  }
  return {
    kind: "union",
    of: types.map((type) => ({ ...type, optional: false })),
    optional: types.some((t) => t.optional),
  };
}

/** A slot for one of a few values. */
export function literal(...values: readonly Scalar[]): TypeRef {
  return { kind: "literal", values, optional: false };
}

/** A slot for a structured config. */
export function nested(schema: Schema): TypeRef {
  return { kind: "schema", schema, optional: false };
}

/**
 * An enumeration: configs name a member (`RED`, `Color.RED`) or give its int value.
 *
 * @example
 * ```ts
 * import { enumeration } from "./schema.ts";
 * const color = enumeration("Color", { RED: 1, GREEN: 2 });
 * console.assert(color.kind === "enum" && color.enum.members.get("RED")!.value === 1);
 * ```
 */
export function enumeration(
  name: string,
  members: Readonly<Record<string, Scalar>>,
): TypeRef & { kind: "enum" } {
  const made = Object.entries(members).map(([key, value]): [string, EnumMember] => [
    key,
    new EnumMember(name, key, value),
  ]);
  const type: EnumType = { name, members: new Map(made) };
  return { kind: "enum", enum: type, optional: false };
}

/** A field with a default; a container default is copied for each config. */
export function field(type: TypeRef, value: unknown): SchemaField {
  return { type, default: () => value };
}

/** A field that holds a nested schema with that schema's own defaults. */
export function nestedField(of: Schema): SchemaField {
  return { type: nested(of), default: () => structured(of) };
}

/** How {@linkcode schema} makes a schema. */
export interface SchemaOptions {
  /** The schema whose fields come first; values of this one fit where that one is asked for. */
  readonly extends?: Schema | undefined;
  /** The type of keys beyond the fields. @default none are taken */
  readonly rest?: TypeRef | undefined;
  /** Builds the instance for `toObject`. @default the plain object */
  readonly build?: ((fields: Record<string, unknown>) => unknown) | undefined;
}

/**
 * Declares a structured config: fields with types, in order. A field given as a bare type is mandatory.
 *
 * @example
 * ```ts
 * import { field, int, schema, str, structured } from "./schema.ts";
 * import { toContainer } from "./to_container.ts";
 * const db = schema("DB", { host: field(str, "localhost"), port: int });
 * console.assert((toContainer(structured(db)) as { port: unknown }).port === "???");
 * ```
 */
export function schema(
  name: string,
  fields: Readonly<Record<string, TypeRef | SchemaField>>,
  options: SchemaOptions = {},
): Schema {
  const all = new Map<string, SchemaField>(options.extends?.fields);
  for (const [key, spec] of Object.entries(fields)) {
    all.set(key, "kind" in spec ? { type: spec, default: undefined } : spec);
  }
  const { rest, build } = options;
  return { name, fields: all, extends: options.extends, rest: rest ?? options.extends?.rest, build };
}

/** A class whose fields' defaults say what a config may hold. */
export interface ConfigClass {
  /** The class's name, which messages use. */
  readonly name: string;
  /** Types that defaults cannot tell: floats with integral defaults, lists' items, optional and mandatory fields. */
  readonly types?: Readonly<Record<string, TypeRef>> | undefined;
  new (): object;
}

// A class has one schema, so that a field's type and a value's type can be compared by identity.
const KNOWN = new WeakMap<ConfigClass, Schema>();

/**
 * The schema of a TypeScript class: field names and defaults from a fresh instance, types from the defaults or from
 * the class's static `types`. A default of `"???"` makes the field mandatory.
 *
 * @throws {ConfigTypeError} for a field whose default is no config data.
 *
 * @example
 * ```ts
 * import { floating, schemaOf, structured } from "./schema.ts";
 * import { merge } from "./merge.ts";
 * import { loadText } from "./load.ts";
 * import { toContainer } from "./to_container.ts";
 * class Adam {
 *   static types = { eps: floating };
 *   lr = 0.001;
 *   eps = 1;
 * }
 * const merged = merge(structured(schemaOf(Adam)), loadText("lr: '1e-4'", "adam.yaml"));
 * console.assert((toContainer(merged) as Adam).lr === 0.0001);
 * ```
 */
export function schemaOf(type: ConfigClass): Schema {
  const known = KNOWN.get(type);
  if (known !== undefined) return known;
  const fields = new Map<string, SchemaField>();
  for (const [key, value] of Object.entries(new type())) {
    const declared = type.types?.[key];
    const fieldType = declared ?? inferred(type.name, key, value);
    fields.set(
      key,
      value === "???" ? { type: fieldType, default: undefined } : field(fieldType, data(fieldType, value)),
    );
  }
  for (const [key, declared] of Object.entries(type.types ?? {})) {
    if (!fields.has(key)) fields.set(key, { type: declared, default: undefined });
  }
  const parent = Object.getPrototypeOf(type) as ConfigClass | null;
  const isDerived = typeof parent === "function" && parent.prototype !== undefined;
  const made: Schema = {
    name: type.name,
    fields,
    extends: isDerived ? schemaOf(parent as ConfigClass) : undefined,
    build: (values) => Object.assign(new type(), values),
  };
  KNOWN.set(type, made);
  return made;
}

function inferred(owner: string, key: string, value: unknown): TypeRef {
  if (value === null || value === undefined || value === "???") return ANY;
  if (typeof value === "string") return str;
  if (typeof value === "boolean") return bool;
  if (isInt(value)) return int;
  if (isFloat(value)) return floating;
  if (Array.isArray(value)) return listOf();
  if (value instanceof Map || isPlainObject(value)) return dictOf();
  if (value instanceof EnumMember) return ANY;
  if (typeof value === "object" && typeof value.constructor === "function" && !isBuiltIn(value.constructor)) {
    return nested(schemaOf(value.constructor as unknown as ConfigClass));
  }
  throw new ConfigTypeError(`Field "${key}" of ${owner} has a default that is no config data`, {
    value,
    fix: "give it a type in the class's static types, or take it out",
  });
}

/** A class of the language or the platform, such as `Date`: its fields are no config. */
function isBuiltIn(type: unknown): boolean {
  return Function.prototype.toString.call(type).includes("[native code]") ||
    Object.values(Object.getOwnPropertyDescriptors(globalThis)).some(({ value }) => value === type);
}

/** A default as config data: an instance becomes a dictionary of its schema, in lists and dictionaries too. */
function data(type: TypeRef, value: unknown): unknown {
  if (type.kind === "list" && Array.isArray(value)) return value.map((item) => data(type.item, item));
  if (type.kind === "dict" && value instanceof Map) {
    return new Map([...value].map(([key, item]) => [key, data(type.value, item)]));
  }
  if (type.kind === "dict" && isPlainObject(value)) {
    return new Map(Object.entries(value).map(([key, item]) => [key, data(type.value, item)]));
  }
  if (type.kind !== "schema" || isScalar(value) || value instanceof DictNode) return value ?? null;
  const own = instanceSchema(value as object, type.schema);
  const node = schemaNode(own, type);
  for (const [key, entry] of Object.entries(value as object)) {
    const inner = own.fields.get(key);
    if (inner === undefined) continue;
    const made = schemaNode({
      name: own.name,
      fields: new Map([[key, field(inner.type, data(inner.type, entry))]]),
    }, type);
    node.setChild(key, made.child(key)!);
  }
  return node;
}

/** The schema of an instance's own class, where that extends the one that is asked for. */
function instanceSchema(value: object, wanted: Schema): Schema {
  if (isPlainObject(value)) return wanted;
  const own = schemaOf(value.constructor as unknown as ConfigClass);
  return isKindOf(own, wanted) ? own : wanted;
}

/**
 * A config of a schema, or of a class as {@linkcode schemaOf} reads it: every default in place, mandatory fields missing.
 *
 * @throws {ValidationError} where a default does not fit its own type.
 */
export function structured(of: Schema | ConfigClass): DictNode {
  return schemaNode(typeof of === "function" ? schemaOf(of) : of, ANY);
}
