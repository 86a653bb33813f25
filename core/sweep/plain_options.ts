import { OptionError } from "../errors.ts";
import { snakeCase } from "../options.ts";

/** An option that a launcher takes for the sake of configs made for Python, with the values it may have. */
export interface PlainOption {
  readonly value: unknown;
  /** Values that change nothing here. */
  readonly allowed: readonly unknown[];
  /** Why no other value has a meaning here, and what to do instead. */
  readonly why: string;
}

/**
 * Refuses values that would be ignored.
 *
 * @param launcher Its name in `hydra/launcher=`.
 * @throws {OptionError} naming the option, its value and why it has none here.
 *
 * @example
 * ```ts
 * import { refuseIgnored } from "./plain_options.ts";
 * refuseIgnored("joblib", { require: { value: null, allowed: [null], why: "jobs share no memory" } });
 * ```
 */
export function refuseIgnored(launcher: string, options: Readonly<Record<string, PlainOption>>): void {
  for (const [name, { value, allowed, why }] of Object.entries(options)) {
    if (!allowed.includes(value)) {
      throw unusable(launcher, name, value, `leave it at ${JSON.stringify(allowed[0])}: ${why}`);
    }
  }
}

/** The error of a launcher that cannot use the value of an option. */
export function unusable(launcher: string, option: string, value: unknown, fix: string): OptionError {
  return new OptionError(`hydra/launcher=${launcher} cannot use ${option} = ${JSON.stringify(value)}`, {
    where: `hydra.launcher.${snakeCase(option)}`,
    fix,
    data: { owner: `hydra/launcher=${launcher}`, option, known: [option] },
  });
}

/** @throws {OptionError} where a number of minutes or processes is not above 0. */
export function checkCounts(launcher: string, counts: Readonly<Record<string, number>>): void {
  for (const [name, value] of Object.entries(counts)) {
    if (!(value > 0)) throw unusable(launcher, name, value, "give a positive number");
  }
}
