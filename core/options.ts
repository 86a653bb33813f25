import { nearest, OptionError } from "./errors.ts";
import { choice, required, Rule, Unsupported } from "./option_rules.ts";
import { showValue } from "./show_value.ts";

export { showValue } from "./show_value.ts";
export {
  anyNumber,
  checkedLater,
  choice,
  count,
  either,
  flag,
  hasMethods,
  isCallable,
  isRecord,
  like,
  list,
  number,
  type NumberBounds,
  optional,
  record,
  required,
  Rule,
  text,
  Unsupported,
  unsupported,
} from "./option_rules.ts";

/**
 * The key under which options carry arguments by position, as `_args_` gives them; {@linkcode takeOptions} maps
 * them onto names in the order in which its table lists them.
 */
export const positional: unique symbol = Symbol("positional");

// Whoever calls a class of someone else has to know whether its positions have been looked at.
const PLACED = new WeakSet<readonly unknown[]>();

/** The arguments by position that options carry; whoever asks for them gives each a name. */
export function positionsOf(given: object): readonly unknown[] | undefined {
  const args = (given as { readonly [positional]?: readonly unknown[] })[positional];
  if (args !== undefined) PLACED.add(args);
  return args;
}

/** Whether {@linkcode positionsOf} has handed these arguments to someone. */
export function arePlaced(args: readonly unknown[]): boolean {
  return PLACED.has(args);
}

/** A default that says what its option takes: `true` a boolean, `0.1` a finite number, `"mean"` a text. */
type Bare<T> = [T] extends [number] ? T
  : [T] extends [boolean] ? T
  : [T] extends [string] ? T
  : Exclude<T, number | boolean | string | null> | typeof required;

/**
 * For each option, in Python's order, a default that says what is valid, or a rule with one. Options of Python that
 * have no port stand among them as `unsupported(…)`.
 */
export type OptionDefaults<O extends object> =
  & { readonly [K in keyof O]-?: Bare<Exclude<O[K], undefined>> | Rule<Exclude<O[K], undefined>> }
  & { readonly [name: string]: unknown };

/** Options with every default filled in. */
export type Taken<O extends object> = { readonly [K in keyof O]-?: Exclude<O[K], undefined> };

/**
 * `snake_case` as TypeScript writes it; leading underscores stay.
 *
 * @example
 * ```ts
 * import { camelCase } from "./options.ts";
 * console.assert(camelCase("in_features") === "inFeatures" && camelCase("T_max") === "tMax");
 * ```
 */
export function camelCase(name: string): string {
  const [, lead, rest] = /^(_*)(.*)$/s.exec(name)!;
  const joined = rest!.replace(/_+([a-zA-Z0-9])/g, (_, letter: string) => letter.toUpperCase());
  return lead! + joined.charAt(0).toLowerCase() + joined.slice(1);
}

/** Options of torch that are no plain snake_case. */
const PYTHON_NAMES: Readonly<Record<string, string>> = { tMax: "T_max", t0: "T_0", tMult: "T_mult" };

/**
 * `camelCase` as YAML writes it.
 *
 * @example
 * ```ts
 * import { snakeCase } from "./options.ts";
 * console.assert(snakeCase("inFeatures") === "in_features");
 * ```
 */
export function snakeCase(name: string): string {
  if (Object.hasOwn(PYTHON_NAMES, name)) return PYTHON_NAMES[name]!;
  return name.replace(/[A-Z]/g, (letter, at: number) => (at === 0 ? "" : "_") + letter.toLowerCase());
}

/**
 * Checks an options object: fills in defaults, takes either spelling of each name, and rejects the rest.
 *
 * An explicit `undefined` counts as absent. A bare default says what its option takes: `true` a boolean, `0.1` a
 * finite number, `"mean"` a text; a {@linkcode Rule} says it for other options.
 *
 * @param owner Who takes the options, for the error: `optim.Adam`.
 * @throws {OptionError} for an unknown name (with the nearest known one), a missing required option, or a value
 * that its option does not take.
 *
 * @example
 * ```ts
 * import { count, required } from "./option_rules.ts";
 * import { takeOptions } from "./options.ts";
 * interface LinearOptions { inFeatures: number; outFeatures: number; bias?: boolean }
 * const given = { in_features: 3, outFeatures: 2 } as unknown as LinearOptions;
 * const o = takeOptions<LinearOptions>("nn.Linear", given, {
 *   inFeatures: count(required),
 *   outFeatures: count(required),
 *   bias: true,
 * });
 * console.assert(o.inFeatures === 3 && o.bias === true);
 * ```
 */
export function takeOptions<O extends object>(
  owner: string,
  given: O | undefined,
  defaults: OptionDefaults<O>,
): Taken<O> {
  const table = defaults as Readonly<Record<string, unknown>>;
  const taken: Record<string, unknown> = {};
  if (given !== undefined && given !== null) {
    requirePlain(owner, given, table);
    const args = positionsOf(given);
    if (args !== undefined) takePositions(owner, given, args, table, taken);
    for (const key of Object.keys(given)) {
      const value = (given as Record<string, unknown>)[key];
      if (value === undefined) continue;
      const name = Object.hasOwn(table, key) ? key : camelCase(key);
      if (!Object.hasOwn(table, name)) throw unknownOption(owner, key, supported(table), table);
      if (Object.hasOwn(taken, name)) {
        throw new OptionError(`${owner} is given "${name}" twice, as ${key} and in its other spelling`, {
          fix: "write it once",
          data: { owner, option: key, known: supported(table) },
        });
      }
      take(owner, key, name, value, table, taken);
    }
  }
  for (const name of Object.keys(table)) {
    if (Object.hasOwn(taken, name)) continue;
    const rule = table[name];
    if (rule instanceof Unsupported) continue;
    const fallback = rule instanceof Rule ? rule.fallback : rule;
    if (fallback === required) {
      const known = supported(table);
      throw new OptionError(`${owner} needs the option "${name}"`, {
        fix: `it takes ${known.join(", ")}`,
        data: { owner, option: name, known },
      });
    }
    taken[name] = fallback;
  }
  return taken as Taken<O>;
}

/**
 * Options by name, for a class that looks at their names before it takes them: positions get the names given.
 *
 * @param names The class's own options in Python's order.
 * @throws {OptionError} where there are more positions, an option is given twice, or there is no options object.
 */
export function namedOptions(
  owner: string,
  given: object,
  names: readonly string[],
): Readonly<Record<string, unknown>> {
  const table = Object.fromEntries(names.map((name) => [name, null]));
  requirePlain(owner, given, table);
  const args = positionsOf(given);
  const named: Record<string, unknown> = {};
  if (args !== undefined) takePositions(owner, given, args, table, named);
  return { ...named, ...Object.fromEntries(Object.entries(given)) };
}

/** Puts one value into `taken` where its option takes it. */
function take(
  owner: string,
  key: string,
  name: string,
  value: unknown,
  table: Readonly<Record<string, unknown>>,
  taken: Record<string, unknown>,
): void {
  const rule = table[name];
  if (rule instanceof Unsupported) {
    if (rule.values.some((one) => one instanceof Rule ? one.admits(value) : isSame(one, value))) return;
    throw new OptionError(`${owner} does not support ${key} = ${showValue(value)}`, {
      fix: `it is not supported here; leave it at ${
        rule.values.filter((one) => !(one instanceof Rule)).map(showValue).join(" or ")
      }`,
      data: { owner, option: name, known: [name] },
    });
  }
  const says = objection(rule, value);
  if (says !== undefined) throw wrongValue(owner, key, value, says);
  taken[name] = value;
}

/** What to give instead of a value that a table's entry does not take; `undefined` where it does. */
function objection(rule: unknown, value: unknown): string | undefined {
  if (rule instanceof Rule) return rule.admits(value) ? undefined : rule.advise(value);
  switch (typeof rule) {
    case "boolean":
      return typeof value === "boolean" ? undefined : "give true or false";
    case "number":
      return Number.isFinite(value) ? undefined : "give a number";
    case "string":
      return typeof value === "string" ? undefined : "give a text";
    default:
      return undefined;
  }
}

/**
 * The error for a value that an option does not take.
 *
 * @param option The option as it was written.
 * @param says What is valid, as an order.
 */
export function wrongValue(owner: string, option: string, value: unknown, says: string): OptionError {
  const name = camelCase(option);
  return new OptionError(`${owner} cannot use ${option} = ${showValue(value)}`, {
    fix: says,
    data: { owner, option: name, known: [name] },
  });
}

function isSame(admitted: unknown, value: unknown): boolean {
  return Object.is(admitted, value) || (Array.isArray(admitted) && showValue(admitted) === showValue(value));
}

function supported(table: Readonly<Record<string, unknown>>): string[] {
  return Object.keys(table).filter((name) => !(table[name] instanceof Unsupported));
}

function requirePlain(owner: string, given: object, table: Readonly<Record<string, unknown>>): void {
  const prototype = typeof given === "object" ? Object.getPrototypeOf(given) : undefined;
  if (prototype === Object.prototype || prototype === null) return;
  const [first] = supported(table);
  const error = new OptionError(`${owner} takes its options by name, and is given ${showValue(given)}`, {
    fix: first === undefined
      ? "it takes no options"
      : `write { ${first}: … }; it takes ${supported(table).join(", ")}`,
  });
  REFUSED.set(error, given);
  throw error;
}

// What was given instead of options, so that a caller by position can tell that it was its own first argument.
const REFUSED = new WeakMap<OptionError, unknown>();

/** Whether an error says that a value stands where options by name are due. */
export function wantsNames(error: unknown, given: unknown): boolean {
  return error instanceof OptionError && REFUSED.has(error) && REFUSED.get(error) === given;
}

function takePositions(
  owner: string,
  given: object,
  args: readonly unknown[],
  table: Readonly<Record<string, unknown>>,
  taken: Record<string, unknown>,
): void {
  const names = Object.keys(table);
  if (args.length > names.length) {
    throw new OptionError(`${owner} is given ${args.length} values in _args_, and takes ${names.length}`, {
      fix: names.length === 0 ? "leave _args_ out" : `in this order: ${names.map(snakeCase).join(", ")}`,
      data: { owner, option: "_args_", known: ["_args_"] },
    });
  }
  const twice = Object.keys(given).find((key) =>
    names.slice(0, args.length).includes(Object.hasOwn(table, key) ? key : camelCase(key))
  );
  if (twice !== undefined) {
    throw new OptionError(`${owner} is given "${twice}" twice, by its place in _args_ and by name`, {
      fix: "write it once",
      data: { owner, option: twice, known: [twice] },
    });
  }
  for (const [i, value] of args.entries()) take(owner, snakeCase(names[i]!), names[i]!, value, table, taken);
}

/** The error for an option that its owner does not know: the nearest name, then all. */
export function unknownOption(
  owner: string,
  option: string,
  known: readonly string[],
  table?: Readonly<Record<string, unknown>>,
): OptionError {
  const snake = option.includes("_");
  const names = snake ? known.map(snakeCase) : known;
  const near = nearest(option, names);
  return new OptionError(`${owner} has no option "${option}"`, {
    fix: names.length === 0
      ? "it takes no options"
      : (near === undefined ? "it takes " : `did you mean "${near}"? It takes `) + names.join(", "),
    data: { owner, option, known, table },
  });
}

/**
 * Checks that a value is one of a few words.
 *
 * @throws {OptionError} naming the valid words.
 *
 * @example
 * ```ts
 * import { oneOf } from "./options.ts";
 * console.assert(oneOf("losses.MSELoss", "reduction", "sum", ["mean", "sum", "none"]) === "sum");
 * ```
 */
export function oneOf<const T>(owner: string, option: string, value: unknown, choices: readonly T[]): T {
  const rule = choice<T>(required, choices);
  if (rule.admits(value)) return value as T;
  throw wrongValue(owner, option, value, rule.advise(value));
}
