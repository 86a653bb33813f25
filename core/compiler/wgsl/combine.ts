import type { ScalarType } from "../expr.ts";
import type { Accumulator } from "../kernel.ts";
import { castText } from "./render.ts";
import type { Words } from "./words.ts";

/** How one accumulator is kept and combined in WGSL. */
export interface Combiner {
  /** Type of the combined values. */
  readonly type: ScalarType;
  /** Whether the position of the extreme is kept beside it. */
  readonly indexed: boolean;
  /** Whether partial sums are worth adding in blocks. */
  readonly blocked: boolean;
  /** Value before anything is combined. */
  readonly start: string;
  /** Text of one value, made ready to be combined. */
  prepare(value: string): string;
  /** Text of two combined values (without positions). */
  join(a: string, b: string): string;
  /** Condition that a later value replaces the extreme. */
  better(value: string, best: string): string;
  /** Condition that two extremes are equal. */
  equal(value: string, best: string): string;
}

/** The combiner of an accumulator. */
export function combinerOf({ combine, value }: Accumulator, words: Words): Combiner {
  const from = value.type;
  const indexed = combine === "argmax" || combine === "argmin";
  const logical = combine === "any" || combine === "all";
  const type: ScalarType = logical ? "bool" : from === "bool" ? "u32" : from;
  const float = type === "f32";
  const greater = combine === "max" || combine === "argmax";
  return {
    type,
    indexed,
    blocked: combine === "sum" && float,
    start: startText(combine, type, words),
    prepare: (text) => castText(text, from, type),
    join: (a, b) => {
      switch (combine) {
        case "sum":
          return `(${a} + ${b})`;
        case "prod":
          return `(${a} * ${b})`;
        case "any":
          return `(${a} | ${b})`;
        case "all":
          return `(${a} & ${b})`;
        default:
          return float
            ? `${greater ? "maxOf" : "minOf"}(${a}, ${b})`
            : `${greater ? "max" : "min"}(${a}, ${b})`;
      }
    },
    better: (v, best) => {
      const wins = `(${v} ${greater ? ">" : "<"} ${best})`;
      return float ? `((${wins} | isNan(${v})) & !isNan(${best}))` : wins;
    },
    equal: (v, best) => float ? `((${v} == ${best}) | (isNan(${v}) & isNan(${best})))` : `(${v} == ${best})`,
  };
}

function startText(combine: Accumulator["combine"], type: ScalarType, words: Words): string {
  switch (combine) {
    case "sum":
      return type === "f32" ? "0.0f" : `${type}(0)`;
    case "prod":
      return type === "f32" ? "1.0f" : `${type}(1)`;
    case "any":
      return "false";
    case "all":
      return "true";
    case "max":
    case "argmax":
      return type === "f32" ? words.float(-Infinity) : type === "i32" ? "(-2147483647i - 1i)" : "0u";
    case "min":
    case "argmin":
      return type === "f32" ? words.float(Infinity) : type === "i32" ? "2147483647i" : "4294967295u";
    default:
      return combine satisfies never;
  }
}
