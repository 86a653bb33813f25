import { CompositionError } from "./hydra_errors.ts";
import { type ChoiceSweep, isSweep, type OverrideValue, typeName } from "./override_value.ts";

/** What went wrong in an override function, under the name of the Python error that Hydra reports. */
export class OverrideFunctionError extends CompositionError {
  override name = "OverrideFunctionError";
  /** `ValueError`, `TypeError`, … */
  readonly kind: string;

  constructor(kind: string, message: string) {
    super(message);
    this.kind = kind;
  }
}

/** What an argument may be: its Python type annotation and a test for it. */
export interface ArgumentType {
  readonly text: string;
  accepts(value: OverrideValue): boolean;
}

/** A parameter of an override function; `rest` takes all remaining positional arguments. */
export interface Parameter {
  readonly name: string;
  readonly type: ArgumentType;
  readonly kind?: "required" | "optional" | "rest" | "keyword";
}

/** Arguments bound to their parameters: `rest` as an array, absent ones left out. */
export type Bound = ReadonlyMap<string, OverrideValue | readonly OverrideValue[]>;

/** A function of the override grammar. */
export interface OverrideFunction {
  readonly parameters: readonly Parameter[];
  call(bound: Bound): OverrideValue;
}

/** Binds arguments to parameters as Python does, and checks their types. */
export function bind(
  parameters: readonly Parameter[],
  args: readonly OverrideValue[],
  named: ReadonlyMap<string, OverrideValue>,
): Bound {
  const bound = new Map<string, OverrideValue | readonly OverrideValue[]>();
  const left = new Map(named);
  let next = 0;
  for (const { name, kind = "required" } of parameters) {
    if (kind === "rest") {
      const rest = args.slice(next);
      next = args.length;
      bound.set(name, rest);
      continue;
    }
    const positional = kind !== "keyword" && next < args.length;
    const value = positional ? args[next++]! : left.get(name);
    if (positional && left.has(name)) throw typeError(`multiple values for argument '${name}'`);
    if (value === undefined) {
      if (kind === "required") throw typeError(`missing a required argument: '${name}'`);
      continue;
    }
    left.delete(name);
    bound.set(name, value);
  }
  if (next < args.length) throw typeError("too many positional arguments");
  for (const name of left.keys()) throw typeError(`got an unexpected keyword argument '${name}'`);
  for (const { name, kind, type } of parameters) {
    const value = bound.get(name);
    if (value === undefined) continue;
    if (kind !== "rest") check(name, type, value as OverrideValue);
    else (value as readonly OverrideValue[]).forEach((item, i) => check(`${name}[${i}]`, type, item));
  }
  return bound;
}

function check(name: string, type: ArgumentType, value: OverrideValue): void {
  if (type.accepts(value)) return;
  throw typeError(`mismatch type argument ${name}: ${typeName(value)} is incompatible with ${type.text}`);
}

/** An error of Python's `TypeError` kind. */
export function typeError(message: string): OverrideFunctionError {
  return new OverrideFunctionError("TypeError", message);
}

/** An error of Python's `ValueError` kind. */
export function valueError(message: string): OverrideFunctionError {
  return new OverrideFunctionError("ValueError", message);
}

/** Several arguments as the sweep `a,b,c`. */
export function simpleChoice(args: readonly OverrideValue[]): ChoiceSweep {
  if (args.some(isSweep)) throw new OverrideFunctionError("AssertionError", "");
  return { sweep: "choice", list: args, simple: true, shuffle: false, tags: [] };
}
