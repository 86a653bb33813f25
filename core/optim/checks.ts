import { like, type required, type Rule } from "../options.ts";

/** The option `betas`: two decay rates of running averages. */
export function betas(
  fallback: readonly [number, number] | typeof required,
): Rule<readonly [number, number]> {
  const fits = (beta: unknown): boolean => typeof beta === "number" && beta >= 0 && beta < 1;
  return like<readonly [number, number]>(
    "give two numbers from 0 to below 1",
    (value) => Array.isArray(value) && value.length === 2 && value.every(fits),
    fallback,
  );
}
