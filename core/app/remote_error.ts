import * as known from "../errors.ts";
import { type ErrorDetails, FulgurError } from "../errors.ts";
import type { Json } from "./json_value.ts";

/** What a task threw in another process, where its class is not one of ours or the language's: name and stack stay. */
export class RemoteError extends Error {}

type Fields = { readonly [key: string]: Json };
type ErrorClass = new (message: string) => Error;

/** How many causes of causes are carried along. */
const MAX_CAUSES = 8;

/** Errors that the language and the runtime throw, by name. */
const BUILT_IN: Readonly<Record<string, ErrorClass>> = {
  TypeError,
  RangeError,
  SyntaxError,
  ReferenceError,
  URIError,
  EvalError,
  ...Deno.errors as unknown as Record<string, ErrorClass>,
};

/** A thrown value as JSON: what {@linkcode errorFrom} needs to make one like it. */
export function errorJson(thrown: unknown, depth = 0): Json {
  if (!(thrown instanceof Error)) return { text: String(thrown) };
  const fields: Record<string, Json> = { name: thrown.name, message: thrown.message };
  if (thrown.stack !== undefined) fields.stack = thrown.stack;
  if (thrown instanceof FulgurError) {
    fields.what = thrown.what;
    if (thrown.where !== undefined) fields.where = thrown.where;
    if (thrown.fix !== undefined) fields.fix = thrown.fix;
  }
  if (thrown.cause !== undefined && depth < MAX_CAUSES) fields.cause = errorJson(thrown.cause, depth + 1);
  return fields;
}

/**
 * An error like the one that was thrown in the other process: of the same class where that is one of ours or of the
 * language, with its message and its stack.
 *
 * @example
 * ```ts
 * import { errorFrom, errorJson } from "./remote_error.ts";
 * const error = errorFrom(errorJson(new RangeError("boom")));
 * console.assert(error instanceof RangeError && error.message === "boom");
 * ```
 */
export function errorFrom(json: Json): unknown {
  const fields = json as Fields;
  if (typeof fields.name !== "string") return fields.text;
  const { name, message } = fields as { readonly name: string; readonly message: string };
  const error = typeof fields.what === "string"
    ? ourError(name, fields.what, fields)
    : new (Object.hasOwn(BUILT_IN, name) ? BUILT_IN[name]! : RemoteError)(message);
  // A class of the user's, or one of ours that this layer does not know.
  if (error.name !== name) Object.defineProperty(error, "name", { value: name });
  if (typeof fields.stack === "string") error.stack = fields.stack;
  if (fields.cause !== undefined) error.cause = errorFrom(fields.cause);
  return error;
}

function ourError(name: string, what: string, fields: Fields): FulgurError {
  const details: ErrorDetails = {
    where: fields.where as string | undefined,
    fix: fields.fix as string | undefined,
  };
  const classes = known as unknown as Readonly<Record<string, unknown>>;
  const found = Object.hasOwn(classes, name) ? classes[name] : undefined;
  const isError = typeof found === "function" && found.prototype instanceof FulgurError;
  return new (isError ? found as typeof FulgurError : FulgurError)(what, details);
}
