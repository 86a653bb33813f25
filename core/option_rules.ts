import { nearest } from "./errors.ts";

/** Marks an option without a default. */
export const required: unique symbol = Symbol("required");

/** What an option takes: its default, a test, and words for who gives something else. */
export class Rule<T> {
  /**
   * @param fallback The default, or {@linkcode required}.
   * @param says What is valid, as an order: `give a number of at least 0`.
   */
  constructor(
    readonly fallback: T | typeof required,
    readonly says: string,
    readonly admits: (value: unknown) => boolean,
  ) {}

  /** What to give instead of a value that is not admitted. */
  advise(_value: unknown): string {
    return this.says;
  }

  /** The same rule with another default. */
  withDefault(fallback: T): Rule<T> {
    return new Rule(fallback, this.says, this.admits);
  }
}

/** A rule that lists what is valid; its advice names the nearest. */
class Choice<T> extends Rule<T> {
  readonly #values: readonly T[];

  constructor(fallback: T | typeof required, values: readonly T[]) {
    super(
      fallback,
      `give one of ${values.map(String).join(", ")}`,
      (value) => (values as readonly unknown[]).includes(value),
    );
    this.#values = values;
  }

  override advise(value: unknown): string {
    const names = this.#values.map(String);
    const near = typeof value === "string" ? nearest(value, names) : undefined;
    return `${near === undefined ? "" : `did you mean "${near}"? `}valid: ${names.join(", ")}`;
  }

  override withDefault(fallback: T): Rule<T> {
    return new Choice(fallback, this.#values);
  }
}

/** An option that Python has and that is not ported: it is taken where it changes nothing. */
export class Unsupported {
  /** @param values Python's default first, then other values that change no result, or rules for them. */
  constructor(readonly values: readonly unknown[]) {}
}

/**
 * Declares an option that Python has and that is not ported.
 *
 * @param fallback Python's default.
 * @param harmless Other values that change no result, such as `foreach: true`, or rules for them.
 */
export function unsupported(fallback: unknown, ...harmless: readonly unknown[]): Unsupported {
  return new Unsupported([fallback, ...harmless]);
}

/** What a number must be, beside finite. */
export interface NumberBounds {
  readonly min?: number;
  readonly max?: number;
  /** The number is greater than this. */
  readonly above?: number;
  /** The number is less than this. */
  readonly below?: number;
  /** Whether it must be whole. @default false */
  readonly integer?: boolean;
}

/**
 * A finite number within bounds.
 *
 * @example
 * ```ts
 * import { number } from "./option_rules.ts";
 * console.assert(number(1, { min: 0 }).admits(0.5) && !number(1, { min: 0 }).admits(-1));
 * ```
 */
export function number(fallback: number | typeof required, bounds: NumberBounds = {}): Rule<number> {
  const { min, max, above, below, integer = false } = bounds;
  const kind = integer ? "a whole number" : "a number";
  const low = min !== undefined ? `of at least ${min}` : above !== undefined ? `above ${above}` : "";
  const high = max !== undefined ? `up to ${max}` : below !== undefined ? `below ${below}` : "";
  const range = min !== undefined && max !== undefined
    ? `from ${min} to ${max}`
    : [low, high].filter((part) => part !== "").join(" and ");
  return new Rule(
    fallback,
    `give ${kind}${range === "" ? "" : ` ${range}`}`,
    (value) =>
      typeof value === "number" && (integer ? Number.isSafeInteger(value) : Number.isFinite(value)) &&
      !(min !== undefined && value < min) && !(max !== undefined && value > max) &&
      !(above !== undefined && value <= above) && !(below !== undefined && value >= below),
  );
}

/** A whole number of at least `min`. */
export function count(fallback: number | typeof required, min = 0): Rule<number> {
  return number(fallback, { min, integer: true });
}

/** Any number, also an infinite one or NaN. */
export function anyNumber(fallback: number | typeof required): Rule<number> {
  return new Rule(fallback, "give a number", (value) => typeof value === "number");
}

/** A word or a text. */
export function text(fallback: string | typeof required): Rule<string> {
  return new Rule(fallback, "give a text", (value) => typeof value === "string");
}

/** Yes or no. */
export function flag(fallback: boolean | typeof required): Rule<boolean> {
  return new Rule(fallback, "give true or false", (value) => typeof value === "boolean");
}

/** One of a few values. */
export function choice<const T>(fallback: NoInfer<T> | typeof required, values: readonly T[]): Rule<T> {
  return new Choice<T>(fallback, values);
}

/** What a rule takes, or null; null is the default unless another is given. */
export function optional<T>(rule: Rule<T>, fallback: T | null | typeof required = null): Rule<T | null> {
  return new Rule<T | null>(
    fallback,
    `${rule.says}, or null`,
    (value) => value === null || rule.admits(value),
  );
}

/** What one of two rules takes, with the default of the first. */
export function either<A, B>(first: Rule<A>, second: Rule<B>): Rule<A | B> {
  return new Rule<A | B>(
    first.fallback,
    `${first.says}, or ${second.says.replace(/^give /, "")}`,
    (value) => first.admits(value) || second.admits(value),
  );
}

/**
 * A list of what a rule takes, of any length or of those given.
 *
 * @param lengths Lengths that the list may have. @default any
 */
export function list<T>(
  item: Rule<T>,
  fallback: readonly T[] | typeof required = required,
  lengths?: readonly number[],
): Rule<readonly T[]> {
  const size = lengths === undefined ? "" : ` of ${lengths.join(" or ")}`;
  return new Rule<readonly T[]>(
    fallback,
    `give a list${size}, each item ${item.says.replace(/^give /, "")}`,
    (value) =>
      Array.isArray(value) && (lengths === undefined || lengths.includes(value.length)) &&
      value.every((part) => item.admits(part)),
  );
}

/** An option that its owner checks itself, with words of its own. */
export function checkedLater<T>(fallback: T | typeof required): Rule<T> {
  return new Rule<T>(fallback, "", () => true);
}

/** An object that a test knows, such as a tensor or an optimizer. */
export function like<T>(
  says: string,
  admits: (value: unknown) => boolean,
  fallback: T | typeof required = required,
): Rule<T> {
  return new Rule<T>(fallback, says, admits);
}

/** A plain object whose values a test knows. */
export function record<T>(
  says: string,
  admits: (value: unknown) => boolean,
  fallback: Readonly<Record<string, T>> | typeof required = required,
): Rule<Readonly<Record<string, T>>> {
  return new Rule<Readonly<Record<string, T>>>(
    fallback,
    says,
    (value) => isRecord(value) && Object.values(value).every(admits),
  );
}

/** Whether a value is an object that is no list. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether a value has methods of these names. */
export function hasMethods(value: unknown, ...names: readonly (string | symbol)[]): boolean {
  const has = (name: string | symbol): boolean =>
    typeof (value as Readonly<Record<string | symbol, unknown>> | null | undefined)?.[name] === "function";
  return names.every(has);
}

/** Whether a value is a function, or an object with a `forward`. */
export function isCallable(value: unknown): boolean {
  return typeof value === "function" || hasMethods(value, "forward");
}
