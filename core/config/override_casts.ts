import { Float, float, floatText, integer, isFloat, isInt } from "./scalar.ts";
import {
  type ArgumentType,
  type Bound,
  type OverrideFunction,
  OverrideFunctionError,
  simpleChoice,
  typeError,
  valueError,
} from "./override_call.ts";
import { pythonRepr } from "./python_text.ts";
import {
  type Element,
  isSweep,
  type Num,
  type OverrideValue,
  QuotedString,
  typeName,
} from "./override_value.ts";

type ScalarCast = (value: Element) => Element;

const CAST: ArgumentType = {
  text: "Optional[Union[str, int, float, bool, List[Any], Dict[str, Any], QuotedString, Sweep]]",
  accepts: (value) => !(isSweep(value) && value.sweep === "glob"),
};

/** `int`, `float`, `str`, `bool`: cast a scalar, each item of a list, dict or choice, or the ends of a range. */
export const casts: readonly (readonly [string, OverrideFunction])[] = [
  cast("int", toInt),
  cast("float", toFloat),
  cast("str", toStr),
  cast("bool", toBool),
];

function cast(name: string, scalar: ScalarCast): readonly [string, OverrideFunction] {
  const call = (bound: Bound): OverrideValue => castValue(name, scalar, only(bound));
  return [name, {
    parameters: [
      { name: "args", type: CAST, kind: "rest" },
      { name: "value", type: CAST, kind: "keyword" },
    ],
    call,
  }];
}

function only(bound: Bound): OverrideValue {
  const args = bound.get("args") as readonly OverrideValue[];
  const value = bound.get("value") as OverrideValue | undefined;
  const named = value !== undefined && value !== null;
  if (args.length > 0 && named) throw typeError("cannot use both position and named arguments");
  if (named) return value;
  if (args.length === 0) throw typeError("No positional args or value specified");
  return args.length === 1 ? args[0]! : simpleChoice(args);
}

function castValue(name: string, scalar: ScalarCast, value: OverrideValue): OverrideValue {
  if (!isSweep(value)) return castElement(name, scalar, value);
  switch (value.sweep) {
    case "choice":
      return {
        ...value,
        list: value.list.map((item) => castElement(name, scalar, item)),
        shuffle: false,
        tags: [],
      };
    case "range": {
      if (name !== "int" && name !== "float") throw valueError("Range can only be cast to int or float");
      const end = (number: Num): Num => scalar(number) as Num;
      return {
        sweep: "range",
        start: end(value.start),
        stop: end(value.stop),
        step: end(value.step),
        shuffle: false,
        tags: [],
      };
    }
    case "interval":
      if (name === "str" || name === "bool") throw valueError(`Intervals cannot be cast to ${name}`);
      return { ...value, start: scalar(value.start), end: scalar(value.end) };
    case "glob":
      throw typeError("a glob cannot be cast");
    default:
      return value satisfies never;
  }
}

function castElement(name: string, scalar: ScalarCast, value: OverrideValue): OverrideValue {
  if (isSweep(value)) return castValue(name, scalar, value);
  if (value instanceof QuotedString) return scalar(value.text);
  if (Array.isArray(value)) return value.map((item) => castElement(name, scalar, item));
  if (value instanceof Map) {
    return new Map([...value].map(([key, item]) => [key, castElement(name, scalar, item)]));
  }
  // Of the four, Python's bool alone takes None.
  if (value === null && name === "bool") return false;
  if (value === null) throw new OverrideFunctionError("AssertionError", "");
  return scalar(value);
}

function toInt(value: Element): Element {
  if (typeof value === "boolean") return value ? 1 : 0;
  if (isFloat(value)) {
    const number = Number(value);
    if (Number.isNaN(number)) throw valueError("cannot convert float NaN to integer");
    if (!Number.isFinite(number)) {
      throw new OverrideFunctionError("OverflowError", "cannot convert float infinity to integer");
    }
    return integer(BigInt(Math.trunc(number)));
  }
  if (isInt(value)) return value;
  const text = String(value).trim();
  if (!/^[+-]?[0-9](?:_?[0-9])*$/.test(text)) {
    throw valueError(`invalid literal for int() with base 10: ${pythonRepr(value)}`);
  }
  const digits = text.replaceAll("_", "").replace(/^\+/, "");
  return integer(digits.startsWith("-") ? -BigInt(digits.slice(1)) : BigInt(digits));
}

function toFloat(value: Element): Element {
  if (typeof value === "boolean") return new Float(value ? 1 : 0);
  if (typeof value !== "string") return float(Number(value));
  const text = value.trim().toLowerCase();
  if (/^[+-]?(?:inf|infinity)$/.test(text)) return text.startsWith("-") ? -Infinity : Infinity;
  if (/^[+-]?nan$/.test(text)) return NaN;
  const digits = "[0-9](?:_?[0-9])*";
  if (!new RegExp(`^[+-]?(?:${digits}\\.?(?:${digits})?|\\.${digits})(?:e[+-]?${digits})?$`).test(text)) {
    throw valueError(`could not convert string to float: ${pythonRepr(value)}`);
  }
  return float(Number(text.replaceAll("_", "")));
}

function toStr(value: Element): Element {
  if (isFloat(value)) return floatText(Number(value));
  return String(value);
}

function toBool(value: Element): Element {
  if (typeof value === "string") {
    const text = value.toLowerCase();
    if (text === "true" || text === "false") return text === "true";
    throw valueError(`Cannot cast '${value}' to bool`);
  }
  if (typeof value === "boolean") return value;
  if (typeof value === "number" || typeof value === "bigint") return Number(value) !== 0;
  if (value instanceof Float) return value.value !== 0;
  throw typeError(`a ${typeName(value)} cannot be cast to bool`);
}
