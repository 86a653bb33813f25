import { ConfigTypeError } from "./config_errors.ts";
import { ANY, type Schema, type SchemaField, type SchemaIssue, type TypeRef } from "./type_ref.ts";

/** The part of the Standard Schema interface (version 1) that is used; Zod, Valibot, ArkType and others offer it. */
export interface StandardSchema {
  /** What every such validator carries under this name. */
  readonly "~standard": {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => StandardResult | Promise<StandardResult>;
  };
}

/** What a validator found. */
export type StandardResult =
  | { readonly value: unknown; readonly issues?: undefined }
  | { readonly issues: readonly StandardIssue[] };

/** One thing that is wrong. */
export interface StandardIssue {
  /** What is wrong. */
  readonly message: string;
  /** Where, from the value that was validated. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

/** How {@linkcode fromStandard} makes a schema. */
export interface StandardOptions {
  /** Defaults of fields, as config data; `"???"` where a field must be set. @default none */
  readonly defaults?: Readonly<Record<string, unknown>> | undefined;
  /** Types of fields, where text has to be converted before it is validated. @default any */
  readonly types?: Readonly<Record<string, TypeRef>> | undefined;
}

/**
 * A structured config whose values a Standard Schema validator checks: once when a config is composed, after all
 * overrides and with interpolations resolved, and on each `merge` and `set` in code.
 *
 * The validator judges and changes nothing: its own defaults, coercions and transforms are not taken over. Give
 * defaults and types here. Values that are still `???` are not judged; in `merge` and `set`, interpolations are left to
 * the check of the composed config.
 *
 * @example
 * ```ts
 * import { fromStandard, type StandardSchema } from "./standard_schema.ts";
 * import { structured } from "./schema.ts";
 * const positive: StandardSchema = {
 *   "~standard": {
 *     version: 1,
 *     vendor: "example",
 *     validate: (value) =>
 *       (value as { lr: number }).lr > 0 ? { value } : { issues: [{ message: "must be positive", path: ["lr"] }] },
 *   },
 * };
 * console.assert(structured(fromStandard("Optimizer", positive, { defaults: { lr: 0.1 } })).size === 1);
 * ```
 */
export function fromStandard(name: string, validator: StandardSchema, options: StandardOptions = {}): Schema {
  const fields = new Map<string, SchemaField>();
  const { defaults = {}, types = {} } = options;
  for (const [key, value] of Object.entries(defaults)) {
    const type = Object.hasOwn(types, key) ? types[key]! : ANY;
    fields.set(key, { type, default: value === "???" ? undefined : () => value });
  }
  for (const [key, type] of Object.entries(types)) {
    if (!fields.has(key)) fields.set(key, { type, default: undefined });
  }
  return { name, fields, rest: ANY, check: (value) => issuesOf(name, validator, value) };
}

function issuesOf(name: string, validator: StandardSchema, value: unknown): readonly SchemaIssue[] {
  const result = validator["~standard"].validate(value);
  if (result instanceof Promise) {
    throw new ConfigTypeError(`The validator of ${name} is asynchronous`, {
      fix: "configs are checked while they are merged: use a synchronous validator",
    });
  }
  return (result.issues ?? []).map((issue) => ({
    message: issue.message,
    path: (issue.path ?? []).map(step),
  }));
}

function step(part: PropertyKey | { readonly key: PropertyKey }): string | number {
  const key = typeof part === "object" ? part.key : part;
  return typeof key === "symbol" ? String(key) : key;
}
