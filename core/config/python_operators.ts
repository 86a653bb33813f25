import { OmegaConfBaseException } from "./config_errors.ts";
import { parsePythonFloat, parsePythonInt } from "./convert.ts";
import { mapKey } from "./node.ts";
import { pythonRepr, pythonTypeName } from "./python_text.ts";
import { asTuple, isTuple, strOf } from "./python_tuple.ts";
import { Float, float, integer, isFloat, isInt, type Key } from "./scalar.ts";

/** How long a text or list, and how many bits an int, an expression may make. */
const MAX_LENGTH = 100_000;

/** An expression is malformed, uses what is not allowed, or fails; named as Python names the failure. */
export class ExpressionError extends OmegaConfBaseException {
  constructor(name: string, msg: string, fix?: string) {
    super(msg, { fix });
    this.name = name;
  }
}

/** Whether Python takes a value for true. */
export function truth(value: unknown): boolean {
  if (value instanceof Float) return value.value !== 0;
  if (typeof value === "bigint") return value !== 0n;
  if (typeof value === "number") return value !== 0;
  if (Array.isArray(value)) return value.length > 0;
  if (value instanceof Map) return value.size > 0;
  return value !== null && value !== false && value !== "";
}

/** A binary operator by its Python spelling. */
export function binary(operator: string, left: unknown, right: unknown): unknown {
  if (operator === "+" && typeof left === "string" && typeof right === "string") return sized(left + right);
  if (operator === "+" && Array.isArray(left) && Array.isArray(right)) {
    const both = sized([...left, ...right]);
    return isTuple(left) && isTuple(right) ? asTuple(both) : both;
  }
  if (operator === "*") {
    const repeated = repeat(left, right) ?? repeat(right, left);
    if (repeated !== undefined) return repeated;
  }
  const a = numeric(left);
  const b = numeric(right);
  if (a === undefined || b === undefined) {
    const types = `'${pythonTypeName(left)}' and '${pythonTypeName(right)}'`;
    const name = operator === "**" ? "** or pow()" : operator;
    throw new ExpressionError("TypeError", `unsupported operand type(s) for ${name}: ${types}`);
  }
  const isBool = typeof left === "boolean" && typeof right === "boolean";
  if (typeof a === "bigint" && typeof b === "bigint") return intOperation(operator, a, b, isBool);
  return floatOperation(operator, Number(a), Number(b));
}

function intOperation(operator: string, a: bigint, b: bigint, isBool: boolean): unknown {
  switch (operator) {
    case "+":
      return integer(a + b);
    case "-":
      return integer(a - b);
    case "*":
      return integer(a * b);
    case "/":
      if (b === 0n) throw new ExpressionError("ZeroDivisionError", "division by zero");
      return float(Number(a) / Number(b));
    case "//":
    case "%": {
      if (b === 0n) throw new ExpressionError("ZeroDivisionError", "integer division or modulo by zero");
      const rest = ((a % b) + b) % b;
      return integer(operator === "%" ? rest : (a - rest) / b);
    }
    case "**":
      if (b < 0n) return floatOperation("**", Number(a), Number(b));
      if (a !== 0n && a !== 1n && a !== -1n && b * BigInt(a.toString(2).length) > BigInt(MAX_LENGTH)) {
        tooLarge();
      }
      return integer(a ** b);
    case "<<":
    case ">>":
      if (b < 0n) throw new ExpressionError("ValueError", "negative shift count");
      if (operator === ">>") return integer(a >> b);
      if (b > BigInt(MAX_LENGTH)) tooLarge();
      return integer(a << b);
    case "&":
      return isBool ? (a & b) === 1n : integer(a & b);
    case "|":
      return isBool ? (a | b) === 1n : integer(a | b);
    default:
      return isBool ? (a ^ b) === 1n : integer(a ^ b);
  }
}

function floatOperation(operator: string, a: number, b: number): unknown {
  switch (operator) {
    case "+":
      return float(a + b);
    case "-":
      return float(a - b);
    case "*":
      return float(a * b);
    case "/":
      if (b === 0) throw new ExpressionError("ZeroDivisionError", "float division by zero");
      return float(a / b);
    case "//":
    case "%": {
      if (b === 0) throw new ExpressionError("ZeroDivisionError", "float floor division by zero");
      return float(operator === "%" ? floatModulo(a, b) : floatFloor(a, b));
    }
    case "**": {
      if (a === 0 && b < 0) {
        throw new ExpressionError("ZeroDivisionError", "0.0 cannot be raised to a negative power");
      }
      const power = a === 1 ? 1 : a ** b;
      if (Number.isNaN(power) && !Number.isNaN(a) && !Number.isNaN(b)) {
        throw new ExpressionError("ValueError", "the result is a complex number");
      }
      if (!Number.isFinite(power) && Number.isFinite(a) && Number.isFinite(b)) {
        throw new ExpressionError("OverflowError", "Numerical result out of range");
      }
      return float(power);
    }
    default:
      throw new ExpressionError(
        "TypeError",
        `unsupported operand type(s) for ${operator}: 'float' and 'float'`,
      );
  }
}

function floatModulo(a: number, b: number): number {
  const rest = a % b;
  if (rest === 0) return Object.is(Math.sign(b), -1) ? -0 : 0;
  return (rest < 0) === (b < 0) ? rest : rest + b;
}

function floatFloor(a: number, b: number): number {
  const quotient = (a - floatModulo(a, b)) / b;
  if (quotient === 0) return a / b < 0 || Object.is(a / b, -0) ? -0 : 0;
  const floor = Math.floor(quotient);
  return quotient - floor > 0.5 ? floor + 1 : floor;
}

/** A unary operator by its Python spelling. */
export function unary(operator: string, value: unknown): unknown {
  const number = numeric(value);
  if (number === undefined || (operator === "~" && typeof number !== "bigint")) {
    throw new ExpressionError(
      "TypeError",
      `bad operand type for unary ${operator}: '${pythonTypeName(value)}'`,
    );
  }
  if (typeof number !== "bigint") return float(operator === "-" ? -number : number);
  return integer(operator === "-" ? -number : operator === "~" ? ~number : number);
}

/** A comparison by its Python spelling. */
export function compare(operator: string, left: unknown, right: unknown): boolean {
  switch (operator) {
    case "==":
      return equal(left, right);
    case "!=":
      return !equal(left, right);
    case "in":
      return contains(right, left);
    case "not in":
      return !contains(right, left);
    case "is":
      return left === right || (isFloat(left) && isFloat(right) && equal(left, right));
    case "is not":
      return !compare("is", left, right);
    default:
      return ordered(operator, left, right);
  }
}

function equal(left: unknown, right: unknown): boolean {
  const a = numeric(left);
  const b = numeric(right);
  if (a !== undefined || b !== undefined) return a !== undefined && b !== undefined && a == b;
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item, i) => equal(item, right[i]));
  }
  if (left instanceof Map && right instanceof Map) {
    return left.size === right.size &&
      [...left].every(([key, value]) => right.has(key) && equal(value, right.get(key)));
  }
  return left === right;
}

function ordered(operator: string, left: unknown, right: unknown): boolean {
  const order = orderOf(left, right);
  if (order === undefined) {
    const types = `'${pythonTypeName(left)}' and '${pythonTypeName(right)}'`;
    throw new ExpressionError("TypeError", `'${operator}' not supported between instances of ${types}`);
  }
  return operator === "<"
    ? order < 0
    : operator === "<="
    ? order <= 0
    : operator === ">"
    ? order > 0
    : order >= 0;
}

function orderOf(left: unknown, right: unknown): number | undefined {
  const a = numeric(left);
  const b = numeric(right);
  if (a !== undefined && b !== undefined) return a < b ? -1 : a > b ? 1 : a == b ? 0 : NaN;
  if (typeof left === "string" && typeof right === "string") return codePointOrder(left, right);
  if (!Array.isArray(left) || !Array.isArray(right)) return undefined;
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    if (!equal(left[i], right[i])) return orderOf(left[i], right[i]);
  }
  return left.length - right.length;
}

function codePointOrder(left: string, right: string): number {
  const a = Array.from(left);
  const b = Array.from(right);
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const difference = a[i]!.codePointAt(0)! - b[i]!.codePointAt(0)!;
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

function contains(container: unknown, item: unknown): boolean {
  if (typeof container === "string") {
    if (typeof item === "string") return container.includes(item);
    const type = pythonTypeName(item);
    throw new ExpressionError("TypeError", `'in <string>' requires string as left operand, not ${type}`);
  }
  if (Array.isArray(container)) return container.some((entry) => equal(entry, item));
  if (container instanceof Map) return dictHas(container, item);
  throw new ExpressionError("TypeError", `argument of type '${pythonTypeName(container)}' is not iterable`);
}

function dictHas(dict: ReadonlyMap<unknown, unknown>, key: unknown): boolean {
  return [...dict.keys()].some((known) => same(known, key));
}

function same(a: unknown, b: unknown): boolean {
  return a === null || b === null ? a === b : mapKey(a as Key) === mapKey(b as Key);
}

/** An item of a text, list or dictionary. */
export function item(container: unknown, index: unknown): unknown {
  if (container instanceof Map) {
    for (const [key, value] of container) if (same(key, index)) return value;
    throw new ExpressionError("KeyError", pythonRepr(index));
  }
  const items = sequence(container);
  if (items === undefined) {
    throw new ExpressionError("TypeError", `'${pythonTypeName(container)}' object is not subscriptable`);
  }
  const at = numeric(index);
  if (typeof at !== "bigint") {
    const type = pythonTypeName(container) === "str" ? "string" : "list";
    throw new ExpressionError(
      "TypeError",
      `${type} indices must be integers, not '${pythonTypeName(index)}'`,
    );
  }
  const found = items.at(Number(at));
  if (found === undefined) {
    throw new ExpressionError("IndexError", `${pythonTypeName(container)} index out of range`);
  }
  return found;
}

/** A part of a text or list; null leaves an end open, or steps by one. */
export function slice(container: unknown, from: unknown, to: unknown, by: unknown = null): unknown {
  const items = sequence(container);
  if (items === undefined) {
    throw new ExpressionError("TypeError", `'${pythonTypeName(container)}' object is not subscriptable`);
  }
  const bound = (value: unknown) => {
    const number = value === null ? undefined : numeric(value);
    if (value !== null && typeof number !== "bigint") {
      throw new ExpressionError("TypeError", "slice indices must be integers or None");
    }
    return number === undefined ? undefined : Number(number);
  };
  const step = bound(by) ?? 1;
  if (step === 0) throw new ExpressionError("ValueError", "slice step cannot be zero");
  const part = step === 1
    ? items.slice(bound(from) ?? 0, bound(to))
    : stepped(items, bound(from), bound(to), step);
  return typeof container === "string" ? part.join("") : isTuple(container) ? asTuple(part) : part;
}

/** Every so many items, backwards for a negative step. */
function stepped(
  items: readonly unknown[],
  from: number | undefined,
  to: number | undefined,
  step: number,
): unknown[] {
  const { length } = items;
  const [low, high] = step > 0 ? [0, length] : [-1, length - 1];
  const within = (at: number) => Math.min(high, Math.max(low, at < 0 ? at + length : at));
  const first = from === undefined ? (step > 0 ? low : high) : within(from);
  const last = to === undefined ? (step > 0 ? high : low) : within(to);
  const part: unknown[] = [];
  for (let at = first; step > 0 ? at < last : at > last; at += step) part.push(items[at]);
  return part;
}

function sequence(value: unknown): unknown[] | undefined {
  if (typeof value === "string") return Array.from(value);
  return Array.isArray(value) ? value : undefined;
}

/** A number or bool as a bigint (int) or number (float); `undefined` for anything else. */
export function numeric(value: unknown): bigint | number | undefined {
  if (typeof value === "boolean") return value ? 1n : 0n;
  if (isInt(value)) return BigInt(value);
  if (value instanceof Float) return value.value;
  return typeof value === "number" ? value : undefined;
}

function repeat(items: unknown, count: unknown): unknown {
  const times = numeric(count);
  if (typeof times !== "bigint" || (typeof items !== "string" && !Array.isArray(items))) return undefined;
  const number = times < 0n ? 0 : Number(times);
  if (items.length * number > MAX_LENGTH) tooLarge();
  return typeof items === "string"
    ? items.repeat(number)
    : Array.from({ length: number }, () => items).flat();
}

function sized<T extends string | readonly unknown[]>(value: T): T {
  if (value.length > MAX_LENGTH) tooLarge();
  return value;
}

function tooLarge(): never {
  throw new ExpressionError("OverflowError", `the result is larger than ${MAX_LENGTH} items or bits`);
}

/** The functions an expression may call: Python's own of these names, for config data. */
export const FUNCTIONS: Readonly<Record<string, (args: readonly unknown[]) => unknown>> = {
  abs: ([value]) => {
    const number = numeric(value);
    if (number === undefined) return unary("abs()", value);
    return typeof number === "number" ? float(Math.abs(number)) : integer(number < 0n ? -number : number);
  },
  bool: ([value = false]) => truth(value),
  float: ([value = 0]) => {
    const number = typeof value === "string" ? parsePythonFloat(value) : numeric(value);
    if (number !== undefined) return float(Number(number));
    throw cannotConvert("float", value);
  },
  int: ([value = 0]) => {
    if (isFloat(value)) {
      const number = Math.trunc(Number(value));
      if (Number.isFinite(number)) return integer(BigInt(number));
      throw new ExpressionError("OverflowError", "cannot convert float infinity or NaN to integer");
    }
    const number = typeof value === "string" ? parsePythonInt(value) : unary("+", value);
    if (number !== undefined) return number;
    throw cannotConvert("int", value);
  },
  len: ([value]) => {
    if (value instanceof Map) return value.size;
    const items = sequence(value);
    if (items !== undefined) return items.length;
    throw new ExpressionError("TypeError", `object of type '${pythonTypeName(value)}' has no len()`);
  },
  max: (args) => extreme(">", args),
  min: (args) => extreme("<", args),
  round: ([value, digits = null]) => rounded(value, digits),
  str: ([value = ""]) => strOf(value),
  sum: ([values, start = 0]) =>
    (sequence(values) ?? []).reduce((total, value) => binary("+", total, value), start),
};

function cannotConvert(type: string, value: unknown): ExpressionError {
  if (typeof value !== "string") {
    const text = `${type}() argument must be a string or a real number, not '${pythonTypeName(value)}'`;
    return new ExpressionError("TypeError", text);
  }
  const text = type === "int"
    ? "invalid literal for int() with base 10"
    : "could not convert string to float";
  return new ExpressionError("ValueError", `${text}: ${pythonRepr(value)}`);
}

function extreme(operator: string, args: readonly unknown[]): unknown {
  const values = args.length === 1 ? sequence(args[0]) : args;
  if (values === undefined || values.length === 0) {
    throw new ExpressionError(
      values === undefined ? "TypeError" : "ValueError",
      "expected at least one value",
    );
  }
  return values.reduce((best, value) => compare(operator, value, best) ? value : best);
}

/** A float rounded to some decimals, exact halves to the even neighbour. */
function roundedTo(value: number, places: number): number {
  if (!Number.isFinite(value) || Math.abs(value) >= 1e21) return value;
  // These decimals are exact, so a half shows as a 5 with nothing but zeros after it.
  const [whole, decimals = ""] = value.toFixed(Math.min(100, places + 60)).split(".");
  if (!/^50*$/.test(decimals.slice(places))) return Number(value.toFixed(places));
  const lower = `${whole}${decimals.slice(0, places)}`;
  const isEven = Number(lower.at(-1)) % 2 === 0;
  const digits = BigInt(lower) + (isEven ? 0n : value < 0 ? -1n : 1n);
  return Number(`${digits}e-${places}`);
}

/** Python rounds halves to the even neighbour. */
function rounded(value: unknown, digits: unknown): unknown {
  const number = numeric(value);
  if (number === undefined) {
    throw new ExpressionError("TypeError", `type ${pythonTypeName(value)} doesn't define __round__ method`);
  }
  if (typeof number === "bigint" && digits === null) return integer(number);
  if (digits === null) {
    const floor = Math.floor(Number(number));
    const rest = Number(number) - floor;
    const up = rest > 0.5 || (rest === 0.5 && floor % 2 !== 0);
    return FUNCTIONS.int!([float(up ? floor + 1 : floor)]);
  }
  const places = Number(digits);
  if (typeof number === "bigint") return places >= 0 ? integer(number) : unary("+", value);
  return float(roundedTo(Number(number), Math.min(Math.max(places, 0), 99)));
}
