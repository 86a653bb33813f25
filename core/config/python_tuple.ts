import { pythonRepr, pythonStr } from "./python_text.ts";

/** Lists that an expression wrote as tuples: `%` takes their items for several values. */
const TUPLES = new WeakSet<readonly unknown[]>();

/** Marks a list as a tuple. */
export function asTuple(values: readonly unknown[]): readonly unknown[] {
  TUPLES.add(values);
  return values;
}

/** Whether a list was written as a tuple. */
export function isTuple(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && TUPLES.has(value);
}

/** A value as Python's `str` writes it, tuples in round brackets. */
export function strOf(value: unknown): string {
  return isTuple(value) ? reprOf(value) : pythonStr(value);
}

/** A value as Python's `repr` writes it, tuples in round brackets. */
export function reprOf(value: unknown): string {
  if (!isTuple(value)) return pythonRepr(value);
  return `(${value.map(reprOf).join(", ")}${value.length === 1 ? "," : ""})`;
}
