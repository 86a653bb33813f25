import { JobError } from "../errors.ts";
import { isPlainObject } from "../config/create.ts";
import { Float } from "../config/scalar.ts";

/** What JSON holds. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Marks what JSON has no form of: `{"$": ["number", "NaN"]}`. */
const MARK = "$";

/**
 * A value as JSON: data as it is, and marked what JSON lacks but configs and metrics have (NaN, infinities, big
 * integers, floats that look like integers, maps, `undefined`).
 *
 * @throws {JobError} for anything else, naming where in the value it stands.
 *
 * @example
 * ```ts
 * import { fromJson, toJson } from "./json_value.ts";
 * const text = JSON.stringify(toJson({ loss: NaN, steps: [1, 2n] }));
 * const back = fromJson(JSON.parse(text)) as { loss: number; steps: unknown[] };
 * console.assert(Number.isNaN(back.loss) && back.steps[1] === 2n);
 * ```
 */
export function toJson(value: unknown): Json {
  return encode(value, "", new Set());
}

function encode(value: unknown, path: string, above: Set<object>): Json {
  switch (typeof value) {
    case "boolean":
    case "string":
      return value;
    case "number":
      return Number.isFinite(value) && !Object.is(value, -0) ? value : marked("number", numberText(value));
    case "bigint":
      return marked("bigint", String(value));
    case "undefined":
      return marked("undefined", null);
    case "object":
      return value === null ? null : encodeObject(value, path, above);
    default:
      throw refused(value, path);
  }
}

function encodeObject(value: object, path: string, above: Set<object>): Json {
  if (value instanceof Float) return marked("float", encode(value.value, path, above));
  if (above.has(value)) throw refused(value, path, "which contains itself");
  above.add(value);
  const inner = (key: unknown, item: unknown): Json =>
    encode(item, path === "" ? String(key) : `${path}.${key}`, above);
  let made: Json;
  if (Array.isArray(value)) made = value.map((item, i) => inner(i, item));
  else if (value instanceof Map) {
    made = marked("map", [...value].map(([key, item]) => [inner("<key>", key), inner(key, item)]));
  } else if (isPlainObject(value)) {
    const entries = Object.entries(value).map(([key, item]): [string, Json] => [key, inner(key, item)]);
    made = Object.hasOwn(value, MARK) ? marked("object", entries) : Object.fromEntries(entries);
  } else throw refused(value, path);
  above.delete(value);
  return made;
}

function marked(kind: string, content: Json): Json {
  return { [MARK]: [kind, content] };
}

function numberText(value: number): string {
  return Object.is(value, -0) ? "-0" : String(value);
}

function refused(value: unknown, path: string, why = "which no file can carry"): JobError {
  const kind = typeof value === "object" ? value!.constructor?.name ?? "object" : typeof value;
  return new JobError(`The job returned something of type ${kind}, ${why}`, {
    where: path === "" ? "the returned value" : `the returned value, at ${path}`,
    fix:
      "a job in a process of its own returns numbers, text, lists or plain objects: await tensor.item(), say",
  });
}

/** The value that {@linkcode toJson} was given. */
export function fromJson(json: Json): unknown {
  if (typeof json !== "object" || json === null) return json;
  if (Array.isArray(json)) return json.map(fromJson);
  const object = json as { readonly [key: string]: Json };
  if (!Object.hasOwn(object, MARK)) {
    return Object.fromEntries(Object.entries(object).map(([key, item]) => [key, fromJson(item)]));
  }
  const [kind, content] = object[MARK] as readonly [string, Json];
  switch (kind) {
    case "number":
      return Number(content);
    case "bigint":
      return BigInt(content as string);
    case "float":
      return new Float(fromJson(content) as number);
    case "map":
      return new Map((content as readonly (readonly [Json, Json])[]).map(([key, item]) => {
        return [fromJson(key), fromJson(item)];
      }));
    case "object":
      return Object.fromEntries((content as readonly (readonly [string, Json])[]).map(([key, item]) => {
        return [key, fromJson(item)];
      }));
    case "undefined":
      return undefined;
    default:
      throw new JobError(`The value is marked "${kind}", which this version does not know`, {
        fix: "run all jobs of a sweep with one version",
      });
  }
}
