/**
 * A float whose value JavaScript would take for an integer: `1.0`, `-0.0`, `1e20`.
 *
 * JavaScript has one number type, Python two. In config data a safe integer or a `bigint` is an int, any other
 * `number` a float, and a float that would read as an integer is wrapped in this class. What leaves the config
 * system as plain data is always a bare `number`.
 *
 * @example
 * ```ts
 * import { Float } from "./scalar.ts";
 * console.assert(new Float(1).value === 1 && String(new Float(1)) === "1.0");
 * ```
 */
export class Float {
  /** The number. */
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }

  /** The bare number, so that arithmetic and comparison work. */
  valueOf(): number {
    return this.value;
  }

  /** The text Python prints. */
  toString(): string {
    return floatText(this.value);
  }

  /** The bare number. */
  toJSON(): number {
    return this.value;
  }
}

/** A member of an enumeration declared in a schema; written as its name. */
export class EnumMember {
  /** The enumeration's name, such as `Color`. */
  readonly type: string;
  /** The member's name, such as `RED`. */
  readonly name: string;
  /** The member's value. */
  readonly value: Scalar;

  constructor(type: string, name: string, value: Scalar) {
    this.type = type;
    this.name = name;
    this.value = value;
  }

  /** `Color.RED`, as Python prints it. */
  toString(): string {
    return `${this.type}.${this.name}`;
  }
}

/** What a value node may hold, apart from live objects. */
export type Scalar = null | boolean | number | bigint | string | Float | EnumMember | Uint8Array;

/** A dictionary key; Python compares `1`, `1.0` and `true` as equal, and so do dictionary nodes. */
export type Key = string | number | boolean | bigint | Float | EnumMember | Uint8Array;

/**
 * A number as a float: wrapped where it would otherwise read as an integer.
 *
 * @example
 * ```ts
 * import { Float, float } from "./scalar.ts";
 * console.assert(float(0.5) === 0.5 && float(1) instanceof Float);
 * ```
 */
export function float(value: number): number | Float {
  return Number.isInteger(value) ? new Float(value) : value;
}

/** Whether a scalar is a float in Python's sense. */
export function isFloat(value: unknown): value is number | Float {
  return value instanceof Float || (typeof value === "number" && !Number.isSafeInteger(value));
}

/** Whether a scalar is an int in Python's sense. */
export function isInt(value: unknown): value is number | bigint {
  return typeof value === "bigint" || Number.isSafeInteger(value);
}

/** An integer as a `number` where that is exact, else as a `bigint`. */
export function integer(value: bigint): number | bigint {
  const small = Number(value);
  return Number.isSafeInteger(small) ? small : value;
}

/** Whether a value is one a value node may hold without being a live object. */
export function isScalar(value: unknown): value is Scalar {
  switch (typeof value) {
    case "string":
    case "boolean":
    case "number":
    case "bigint":
      return true;
    case "object":
      return value === null || value instanceof Float || value instanceof EnumMember ||
        value instanceof Uint8Array;
    default:
      return false;
  }
}

/** The scalar as plain JavaScript sees it: floats unwrapped. */
export function plain(value: unknown): unknown {
  return value instanceof Float ? value.value : value;
}

/**
 * A float as Python's `repr` prints it: the shortest text that reads back, exponents from 1e16 and below 1e-4.
 *
 * @example
 * ```ts
 * import { floatText } from "./scalar.ts";
 * console.assert(floatText(1) === "1.0" && floatText(1e16) === "1e+16" && floatText(0.00001) === "1e-05");
 * ```
 */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
  const [, sign, mantissa, exponentText] = /^(-?)([\d.]+)e([+-]\d+)$/.exec(value.toExponential())!;
  const exponent = Number(exponentText);
  const digits = mantissa!.replace(".", "");
  if (exponent >= 16 || exponent < -4) {
    const fraction = digits.length > 1 ? `.${digits.slice(1)}` : "";
    const size = String(Math.abs(exponent)).padStart(2, "0");
    return `${sign}${digits[0]}${fraction}e${exponent < 0 ? "-" : "+"}${size}`;
  }
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${digits}`;
  const whole = digits.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  return `${sign}${whole}.${digits.slice(exponent + 1) || "0"}`;
}
