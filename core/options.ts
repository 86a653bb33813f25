import { nearest, OptionError } from "./errors.ts";

/** Marks an option without a default. */
export const required: unique symbol = Symbol("required");

/** A default for each option, or {@linkcode required}. */
export type OptionDefaults<O extends object> = {
  readonly [K in keyof O]-?: Exclude<O[K], undefined> | typeof required;
};

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
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replace(/^_(?=[a-z])/, "");
}

/**
 * Checks an options object: fills in defaults, takes either spelling of each name, and rejects the rest.
 *
 * An explicit `undefined` counts as absent.
 *
 * @param owner Who takes the options, for the error: `optim.Adam`.
 * @throws {OptionError} for an unknown name (with the nearest known one) or a missing required option.
 *
 * @example
 * ```ts
 * import { required, takeOptions } from "./options.ts";
 * interface LinearOptions { inFeatures: number; outFeatures: number; bias?: boolean }
 * const given = { in_features: 3, outFeatures: 2 } as unknown as LinearOptions;
 * const o = takeOptions<LinearOptions>("nn.Linear", given, { inFeatures: required, outFeatures: required, bias: true });
 * console.assert(o.inFeatures === 3 && o.bias === true);
 * ```
 */
export function takeOptions<O extends object>(
  owner: string,
  given: O | undefined,
  defaults: OptionDefaults<O>,
): Taken<O> {
  const known = Object.keys(defaults);
  const taken: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(given ?? {})) {
    if (value === undefined) continue;
    const name = Object.hasOwn(defaults, key) ? key : camelCase(key);
    if (!Object.hasOwn(defaults, name)) throw unknownOption(owner, key, known);
    if (Object.hasOwn(taken, name)) {
      throw new OptionError(`${owner} is given "${name}" twice, as ${key} and in its other spelling`, {
        fix: "write it once",
        data: { owner, option: key, known },
      });
    }
    taken[name] = value;
  }
  for (const name of known) {
    if (Object.hasOwn(taken, name)) continue;
    const fallback = (defaults as Record<string, unknown>)[name];
    if (fallback === required) {
      throw new OptionError(`${owner} needs the option "${name}"`, {
        fix: `it takes ${known.join(", ")}`,
        data: { owner, option: name, known },
      });
    }
    taken[name] = fallback;
  }
  return taken as Taken<O>;
}

/** The error for an option that its owner does not know: the nearest name, then all. */
export function unknownOption(owner: string, option: string, known: readonly string[]): OptionError {
  const snake = option.includes("_");
  const names = snake ? known.map(snakeCase) : known;
  const near = nearest(option, names);
  return new OptionError(`${owner} has no option "${option}"`, {
    fix: (near === undefined ? "it takes " : `did you mean "${near}"? It takes `) + names.join(", "),
    data: { owner, option, known },
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
  if ((choices as readonly unknown[]).includes(value)) return value as T;
  const near = typeof value === "string" ? nearest(value, choices.map(String)) : undefined;
  throw new OptionError(`${owner} cannot use ${option} = ${JSON.stringify(value)}`, {
    fix: (near === undefined ? "" : `did you mean "${near}"? `) + `valid: ${choices.map(String).join(", ")}`,
    data: { owner, option, known: [option] },
  });
}
