import { OptionError, ShapeError } from "../errors.ts";
import { type required, Rule, showValue } from "../options.ts";
import type { Tensor } from "../tensor/mod.ts";

/** One size for both axes, or height and width. */
export type Size2 = number | readonly [height: number, width: number];

/** An option that is one size for both axes, or height and width: whole numbers of at least `least`. */
export function size2(fallback: Size2 | typeof required, least: number): Rule<Size2> {
  const fits = (n: unknown): boolean => Number.isSafeInteger(n) && (n as number) >= least;
  return new Rule<Size2>(
    fallback,
    `give a whole number of at least ${least}, or [height, width]`,
    (value) => fits(value) || (Array.isArray(value) && value.length === 2 && value.every(fits)),
  );
}

/**
 * Height and width of an option that may give both as one number.
 *
 * @throws {OptionError} where they are not whole numbers of at least `least`.
 */
export function pair(owner: string, option: string, value: Size2, least: number): [number, number] {
  const both = typeof value === "number" ? [value, value] : [...value];
  if (both.length === 2 && both.every((n) => Number.isInteger(n) && n >= least)) {
    return both as [number, number];
  }
  throw new OptionError(`${owner} cannot use ${option} = ${showValue(value)}`, {
    fix: `give a whole number of at least ${least}, or [height, width]`,
    data: { owner, option, known: [option] },
  });
}

/**
 * Checks the rank of an input.
 *
 * @param meant The shape that is expected, for the error: `[batch, channels, height, width]`.
 * @throws {ShapeError} otherwise.
 */
export function requireRank(input: Tensor, ranks: readonly number[], meant: string, where: string): void {
  if (ranks.includes(input.rank)) return;
  throw new ShapeError(`The input has shape [${input.shape.join(", ")}]`, {
    where,
    fix: `give it as ${meant}`,
  });
}
