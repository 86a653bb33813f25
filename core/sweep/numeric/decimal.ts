/** A number as written: `digits · 10^exponent`. */
interface Decimal {
  readonly digits: bigint;
  readonly exponent: number;
}

/**
 * The last of `low`, `low + step`, … that is not above `high`, counted in decimals as written: 0.3 is three tenths here,
 * which it is not in binary.
 *
 * @param step Above 0, as all three finite.
 *
 * @example
 * ```ts
 * import { lastStep } from "./decimal.ts";
 * console.assert(lastStep(0, 1, 0.3) === 0.9 && lastStep(0, 0.3, 0.1) === 0.3);
 * ```
 */
export function lastStep(low: number, high: number, step: number): number {
  const read = [low, high, step].map(decimal);
  const least = Math.min(...read.map(({ exponent }) => exponent));
  const [from, to, by] = read.map(({ digits, exponent }) => digits * 10n ** BigInt(exponent - least)) as [
    bigint,
    bigint,
    bigint,
  ];
  const rest = (to - from) % by;
  return rest === 0n ? high : Number(`${to - rest}e${least}`);
}

function decimal(value: number): Decimal {
  const [, mantissa, exponent] = /^(.+)e(.+)$/.exec(value.toExponential())!;
  const fraction = mantissa!.split(".")[1] ?? "";
  return { digits: BigInt(mantissa!.replace(".", "")), exponent: Number(exponent) - fraction.length };
}
