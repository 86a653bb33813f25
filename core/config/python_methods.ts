import { notSupported } from "./python_format.ts";
import { ExpressionError, item } from "./python_operators.ts";
import { METHODS } from "./python_strings.ts";
import { formatMethod } from "./python_templates.ts";
import { pythonTypeName } from "./python_text.ts";

/** A method of a value: positional arguments, then those with a name. */
export type Method = (args: readonly unknown[], named: ReadonlyMap<string, unknown>) => unknown;

/** Methods that Python has and an expression cannot call here. */
const MORE: Readonly<Record<string, string>> = {
  str: `casefold encode expandtabs format_map isascii isdecimal isidentifier isnumeric isprintable istitle
    maketrans rindex rpartition splitlines translate`,
  list: "append clear copy count extend index insert pop remove reverse sort",
  dict: "clear copy fromkeys pop popitem setdefault update",
  int: "as_integer_ratio bit_count bit_length conjugate denominator from_bytes imag numerator real to_bytes",
  float: "as_integer_ratio conjugate fromhex hex imag is_integer real",
};

const DICT_METHODS: Readonly<
  Record<string, (dict: ReadonlyMap<unknown, unknown>, args: readonly unknown[]) => unknown>
> = {
  get: (dict, [key, otherwise = null]) => {
    try {
      return item(dict, key);
    } catch (error) {
      if (error instanceof ExpressionError && error.name === "KeyError") return otherwise;
      throw error;
    }
  },
  items: (dict) => Array.from(dict, ([key, value]) => [key, value]),
  keys: (dict) => [...dict.keys()],
  values: (dict) => [...dict.values()],
};

/**
 * A value's method of a name.
 *
 * @param hasNames Whether it is called with named arguments; only `format` takes any.
 * @throws {ExpressionError} for one that Python has not either, or that is not supported here.
 */
export function methodOf(value: unknown, name: string, hasNames: boolean): Method {
  const type = value === null ? "NoneType" : pythonTypeName(value);
  const found = ownMethod(value, name);
  if (found !== undefined && hasNames && name !== "format") {
    throw notSupported(`${type}.${name}() with named arguments`);
  }
  if (found !== undefined) return found;
  const isPython = (MORE[type] ?? "").split(/\s+/).includes(name);
  if (isPython) throw notSupported(`${type}.${name}`);
  const fix = typeof value === "string"
    ? `a string has ${[...Object.keys(METHODS), "format"].map((known) => `${known}()`).join(", ")}`
    : value instanceof Map
    ? `a dictionary has ${Object.keys(DICT_METHODS).map((known) => `${known}()`).join(", ")}`
    : undefined;
  throw new ExpressionError(
    "AttributeError",
    /^__\w+__$/.test(name)
      ? `'${name}' is not supported here`
      : `'${type}' object has no attribute '${name}'`,
    fix,
  );
}

function ownMethod(value: unknown, name: string): Method | undefined {
  if (typeof value === "string") {
    if (name === "format") return (args, named) => formatMethod(value, args, named);
    const method = Object.hasOwn(METHODS, name) ? METHODS[name]! : undefined;
    return method === undefined ? undefined : (args) => method(value, args);
  }
  if (!(value instanceof Map) || !Object.hasOwn(DICT_METHODS, name)) return undefined;
  return (args) => DICT_METHODS[name]!(value, args);
}
