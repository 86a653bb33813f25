/**
 * A value as Python writes it: `True`, `None`, `'text'`, `(3, 3)`.
 *
 * Lists are written as tuples, which is what torch's sizes and coefficients are.
 *
 * @example
 * ```ts
 * import { pythonLiteral } from "./python_literal.ts";
 * console.assert(pythonLiteral([0.9, 1e-5]) === "(0.9, 1e-05)" && pythonLiteral(null) === "None");
 * ```
 */
export function pythonLiteral(value: unknown): string {
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "number") return Number.isInteger(value) ? String(value) : pythonFloat(value);
  if (typeof value === "string") return `'${value}'`;
  if (!Array.isArray(value)) return String(value);
  return `(${value.map(pythonLiteral).join(", ")}${value.length === 1 ? "," : ""})`;
}

/**
 * A float as Python's `repr` writes it, whole numbers included: `1.0`, `1e-05`.
 *
 * @example
 * ```ts
 * import { pythonFloat } from "./python_literal.ts";
 * console.assert(pythonFloat(20) === "20.0" && pythonFloat(0.00001) === "1e-05");
 * ```
 */
export function pythonFloat(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : value > 0 ? "inf" : "-inf";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) {
    return value.toExponential().replace(/e([+-])(\d)$/, "e$10$2");
  }
  return Number.isInteger(value) ? `${Object.is(value, -0) ? "-0" : value}.0` : String(value);
}
