import { OptionError } from "../errors.ts";

/**
 * Checks that settings lie in their ranges.
 *
 * @param least The smallest value that each named setting may have.
 * @throws {OptionError} for the first that does not.
 */
export function requireAtLeast<S extends object>(
  owner: string,
  settings: S,
  least: { readonly [K in keyof S]?: number },
): void {
  for (const [name, bound] of Object.entries(least) as [keyof S & string, number][]) {
    const value: unknown = settings[name];
    if (typeof value === "number" && value >= bound) continue;
    throw new OptionError(`${owner} cannot use ${name} = ${JSON.stringify(value)}`, {
      fix: `give a number of at least ${bound}`,
      data: { owner, option: name, known: Object.keys(settings) },
    });
  }
}

/**
 * Checks the decay rates of running averages.
 *
 * @throws {OptionError} where one is not in [0, 1).
 */
export function requireBetas(owner: string, betas: readonly number[]): void {
  if (Array.isArray(betas) && betas.length === 2 && betas.every((beta) => beta >= 0 && beta < 1)) return;
  throw new OptionError(`${owner} cannot use betas = ${JSON.stringify(betas)}`, {
    fix: "give two numbers from 0 to below 1",
    data: { owner, option: "betas", known: ["betas"] },
  });
}
