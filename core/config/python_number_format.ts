/** A number's decimal digits, halves rounded to the even neighbour as Python rounds them. */
interface Digits {
  readonly digits: string;
  /** The power of ten of the first digit. */
  readonly exponent: number;
}

/** How many digits are looked at beyond those that stay, to tell a half from what is a little more. */
const BEYOND = 60;

/** The first `count` digits of a finite number that is not negative; fewer than one may leave a zero. */
function rounded(value: number, count: number): Digits {
  const [mantissa, power] = value.toExponential(Math.min(100, Math.max(0, count) + BEYOND)).split("e");
  const all = mantissa!.replace(".", "");
  const exponent = Number(power);
  if (count < 0) return { digits: "0", exponent };
  const kept = all.slice(0, count);
  const rest = all.slice(count);
  const isHalf = /^50*$/.test(rest);
  const isOdd = /[13579]$/.test(kept);
  const up = isHalf ? isOdd : rest >= "5";
  const digits = up ? String(BigInt(kept || "0") + 1n).padStart(count, "0") : kept || "0";
  return digits.length > Math.max(1, count) || (count === 0 && up)
    ? { digits: digits.slice(0, Math.max(1, count)), exponent: exponent + 1 }
    : { digits, exponent };
}

/**
 * A finite number that is not negative with a fixed number of decimals, as Python's `f`.
 *
 * @example
 * ```ts
 * import { fixed } from "./python_number_format.ts";
 * console.assert(fixed(2.5, 0) === "2" && fixed(0.125, 2) === "0.12" && fixed(3, 1) === "3.0");
 * ```
 */
export function fixed(value: number, places: number): string {
  // Whole beyond here.
  if (value >= 1e21) return point(String(BigInt(value)) + "0".repeat(places), places);
  const nothing = point("0".repeat(places + 1), places);
  const count = exponentOf(value) + 1 + places;
  if (value === 0 || count < 0) return nothing;
  const { digits, exponent } = rounded(value, count);
  if (/^0*$/.test(digits)) return nothing;
  return point(digits.padEnd(exponent + 1 + places, "0").padStart(places + 1, "0"), places);
}

/** The power of ten of a number's first digit. */
function exponentOf(value: number): number {
  return Number(value.toExponential(20).split("e")[1]);
}

function point(digits: string, places: number): string {
  if (places === 0) return digits;
  return `${digits.slice(0, -places)}.${digits.slice(-places)}`;
}

/** A finite number that is not negative as a power of ten, as Python's `e`. */
export function scientific(value: number, places: number): string {
  const { digits, exponent } = rounded(value, places + 1);
  const mantissa = places === 0 ? digits : `${digits.charAt(0)}.${digits.slice(1)}`;
  const power = String(Math.abs(value === 0 ? 0 : exponent)).padStart(2, "0");
  return `${mantissa}e${value !== 0 && exponent < 0 ? "-" : "+"}${power}`;
}

/**
 * A finite number that is not negative with so many digits, as Python's `g`: as a power of ten where it is very large
 * or very small, without zeros at the end.
 *
 * @param isFloat Whether a whole number keeps `.0`, as where no type is given.
 */
export function general(value: number, precision: number, isFloat = false): string {
  const count = Math.max(1, precision);
  const exponent = value === 0 ? 0 : rounded(value, count).exponent;
  if (exponent < -4 || exponent >= count - (isFloat ? 1 : 0)) {
    const [mantissa, power] = scientific(value, count - 1).split("e");
    return `${bare(mantissa!)}e${power}`;
  }
  const text = bare(fixed(value, count - 1 - exponent));
  return isFloat && !text.includes(".") ? `${text}.0` : text;
}

function bare(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}
