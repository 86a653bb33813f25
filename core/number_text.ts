/**
 * A number with so many significant digits and no trailing zeros, as C's `%g`.
 *
 * @example
 * ```ts
 * import { generalText } from "./number_text.ts";
 * console.assert(generalText(0.00001234, 3) === "1.23e-05" && generalText(12.5, 3) === "12.5");
 * ```
 */
export function generalText(value: number, digits: number): string {
  const significant = Math.max(1, digits);
  const exponent = decimalExponent(value, significant);
  if (exponent < -4 || exponent >= significant) return exponentText(value, significant - 1, true);
  const text = fixedText(value, significant - 1 - exponent);
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

/**
 * A float with so many significant digits as Python's format `.5` prints it: like `%g`, but never as a whole number.
 *
 * @example
 * ```ts
 * import { precisionText } from "./number_text.ts";
 * console.assert(precisionText(1, 5) === "1.0" && precisionText(12345, 5) === "1.2345e+04");
 * ```
 */
export function precisionText(value: number, digits: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
  if (decimalExponent(value, digits) >= digits - 1) return exponentText(value, digits - 1, true);
  const text = generalText(value, digits);
  return /[.e]/.test(text) ? text : `${text}.0`;
}

/**
 * A number with so many digits after the point, as Python's format `.2f`: exact halves go to the even digit, where
 * `toFixed` goes up.
 *
 * @example
 * ```ts
 * import { fixedText } from "./number_text.ts";
 * console.assert(fixedText(0.125, 2) === "0.12" && fixedText(0.375, 2) === "0.38");
 * ```
 */
export function fixedText(value: number, digits: number): string {
  const rounded = value.toFixed(digits);
  // A hundred digits are exact for every value that can lie halfway between two results.
  const exact = Math.abs(value).toFixed(100);
  const point = exact.indexOf(".");
  if (point < 0 || !/^50*$/.test(exact.slice(point + 1 + digits))) return rounded;
  const cut = exact.slice(0, digits === 0 ? point : point + 1 + digits);
  return Number(cut.at(-1)) % 2 === 0 ? (value < 0 ? "-" : "") + cut : rounded;
}

/**
 * Scientific notation with Python's two-digit exponent: `1.5e-07`. Exact halves go to the even digit.
 *
 * @param trim Whether zeros at the end of the fraction are left out.
 */
export function exponentText(value: number, fractionDigits: number, trim = false): string {
  const text = roundedExponent(value, fractionDigits).replace(/e([+-])(\d)$/, "e$10$2");
  return trim ? text.replace(/(\.\d*?)0+e/, "$1e").replace(".e", "e") : text;
}

/** As `toExponential`, which rounds halves up. */
function roundedExponent(value: number, digits: number): string {
  const rounded = value.toExponential(digits);
  const [exact, power] = value.toExponential(100).split("e") as [string, string];
  const end = exact.length - 100 + digits;
  if (!/^50*$/.test(exact.slice(end)) || Number(exact.slice(0, end).at(-1)) % 2 !== 0) return rounded;
  return `${exact.slice(0, end)}e${power}`;
}

function decimalExponent(value: number, significant: number): number {
  return value === 0 ? 0 : Number(value.toExponential(significant - 1).split("e")[1]);
}
