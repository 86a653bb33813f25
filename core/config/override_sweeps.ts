import { Float, float, isFloat, isInt } from "./scalar.ts";
import {
  type ArgumentType,
  type Bound,
  type OverrideFunction,
  simpleChoice,
  typeError,
  valueError,
} from "./override_call.ts";
import {
  type ChoiceSweep,
  elementText,
  isSweep,
  type Num,
  type OverrideValue,
  QuotedString,
  type RangeSweep,
  reprText,
  type Sweep,
  typeName,
} from "./override_value.ts";

// Python's bool is an int, so true counts as a number here.
const NUMBER: ArgumentType = {
  text: "Union[int, float]",
  accepts: (value) => isFloat(value) || isInt(value) || typeof value === "boolean",
};
const OPTIONAL_NUMBER: ArgumentType = {
  text: "Optional[Union[int, float]]",
  accepts: (value) => value === null || NUMBER.accepts(value),
};
const CHOICE: ArgumentType = {
  text: "Union[str, int, float, bool, Dict[Any, Any], List[Any], ChoiceSweep]",
  accepts: (value) => value !== null && (!isSweep(value) || value.sweep === "choice"),
};
const SORTABLE: ArgumentType = {
  text: "Union[str, int, bool, float, list, dict, ChoiceSweep, RangeSweep]",
  accepts: (value) =>
    value !== null && (!isSweep(value) || value.sweep === "choice" || value.sweep === "range"),
};
const OPTIONAL_SWEEP: ArgumentType = {
  text: "Union[ChoiceSweep, RangeSweep, NoneType]",
  accepts: (value) =>
    value === null || (isSweep(value) && (value.sweep === "choice" || value.sweep === "range")),
};
const OPTIONAL_LIST: ArgumentType = {
  text: "Union[List[Any], NoneType]",
  accepts: (value) => value === null || Array.isArray(value),
};
const BOOL: ArgumentType = { text: "bool", accepts: (value) => typeof value === "boolean" };
const TAG: ArgumentType = {
  text: "Union[str, Sweep]",
  accepts: (value) => typeof value === "string" || (isSweep(value) && value.sweep !== "glob"),
};
const TAGGED: ArgumentType = {
  text: "Union[Sweep, NoneType]",
  accepts: (value) => value === null || (isSweep(value) && value.sweep !== "glob"),
};
const GLOB: ArgumentType = {
  text: "Union[List[str], str]",
  accepts: (value) => typeof value === "string" || Array.isArray(value),
};
const OPTIONAL_GLOB: ArgumentType = {
  text: "Optional[Union[str, List[str]]]",
  accepts: (value) => value === null || GLOB.accepts(value),
};

/** Functions that make sweeps or put them in order. */
export const sweeps: readonly (readonly [string, OverrideFunction])[] = [
  ["choice", { parameters: [{ name: "args", type: CHOICE, kind: "rest" }], call: choice }],
  ["range", {
    parameters: [
      { name: "start", type: NUMBER },
      { name: "stop", type: OPTIONAL_NUMBER, kind: "optional" },
      { name: "step", type: NUMBER, kind: "optional" },
    ],
    call: range,
  }],
  ["interval", {
    parameters: [{ name: "start", type: NUMBER }, { name: "end", type: NUMBER }],
    call: (bound) => ({
      sweep: "interval",
      start: float(Number(bound.get("start"))),
      end: float(Number(bound.get("end"))),
      tags: [],
    }),
  }],
  ["glob", {
    parameters: [{ name: "include", type: GLOB }, { name: "exclude", type: OPTIONAL_GLOB, kind: "optional" }],
    call: (bound) => ({
      sweep: "glob",
      include: patterns(bound.get("include") as OverrideValue),
      exclude: patterns((bound.get("exclude") ?? null) as OverrideValue),
    }),
  }],
  ["tag", {
    parameters: [{ name: "args", type: TAG, kind: "rest" }, { name: "sweep", type: TAGGED, kind: "keyword" }],
    call: tag,
  }],
  ["sort", {
    parameters: [
      { name: "args", type: SORTABLE, kind: "rest" },
      { name: "sweep", type: OPTIONAL_SWEEP, kind: "keyword" },
      { name: "list", type: OPTIONAL_LIST, kind: "keyword" },
      { name: "reverse", type: BOOL, kind: "keyword" },
    ],
    call: sort,
  }],
  ["shuffle", {
    parameters: [
      { name: "args", type: SORTABLE, kind: "rest" },
      { name: "sweep", type: OPTIONAL_SWEEP, kind: "keyword" },
      { name: "list", type: OPTIONAL_LIST, kind: "keyword" },
    ],
    call: shuffle,
  }],
];

function choice(bound: Bound): OverrideValue {
  const args = bound.get("args") as readonly OverrideValue[];
  if (args.length === 0) throw valueError("empty choice is not legal");
  const first = args[0]!;
  if (args.length === 1 && isSweep(first)) {
    if (!(first as ChoiceSweep).simple) throw valueError("nesting choices is not supported");
    return { ...first as ChoiceSweep, simple: false };
  }
  return { sweep: "choice", list: args, simple: false, shuffle: false, tags: [] };
}

function range(bound: Bound): OverrideValue {
  const number = (name: string): Num | undefined => {
    const value = bound.get(name) ?? undefined;
    return typeof value === "boolean" ? Number(value) : value as Num | undefined;
  };
  const stop = number("stop");
  const start = number("start")!;
  return {
    sweep: "range",
    start: stop === undefined ? 0 : start,
    stop: stop ?? start,
    step: number("step") ?? 1,
    shuffle: false,
    tags: [],
  };
}

function patterns(value: OverrideValue): readonly string[] {
  if (value === null) return [];
  const list = Array.isArray(value) ? value : [value];
  return list.map((item) => {
    if (item instanceof QuotedString) return item.text;
    return typeof item === "string" ? item : elementText(item);
  });
}

function tag(bound: Bound): OverrideValue {
  const args = [...bound.get("args") as readonly OverrideValue[]];
  const sweep = bound.get("sweep") as Sweep | null | undefined;
  // Hydra counts the arguments before it looks at the keyword.
  if (args.length < 1) throw valueError("Not enough arguments to tag, must take at least a sweep");
  if (sweep !== undefined && sweep !== null) args.push(sweep);
  const last = args.pop()!;
  if (!isSweep(last)) {
    throw valueError("Last argument to tag() must be a choice(), range() or interval(), got NoneType");
  }
  const tags = args.map((item) => {
    if (typeof item === "string") return item;
    throw valueError(`tag arguments type must be string, got ${typeName(item)}`);
  });
  return { ...last, tags: [...new Set(tags)].sort() } as Sweep;
}

function target(bound: Bound): readonly OverrideValue[] {
  const named = bound.get("list") ?? bound.get("sweep");
  if (named === undefined || named === null) return bound.get("args") as readonly OverrideValue[];
  return [named as OverrideValue];
}

function sort(bound: Bound): OverrideValue {
  const args = target(bound);
  const reverse = bound.get("reverse") === true;
  if (args.length === 1) {
    const only = args[0]!;
    if (isSweep(only)) return sortSweep(only as ChoiceSweep | RangeSweep, reverse);
    return Array.isArray(only) ? sorted(only, reverse) : only;
  }
  for (const arg of args) {
    if (isSweep(arg) || Array.isArray(arg) || arg instanceof Map) {
      throw typeError(`Invalid arguments: (${args.map(reprText).join(", ")})`);
    }
  }
  if (args.length === 0) throw valueError("empty sort input");
  return sortSweep(simpleChoice(args), reverse);
}

function sortSweep(sweep: ChoiceSweep | RangeSweep, reverse: boolean): Sweep {
  if (sweep.sweep === "choice") return { ...sweep, list: sorted(sweep.list, reverse) };
  const down = Number(sweep.start) > Number(sweep.stop);
  const up = Number(sweep.start) < Number(sweep.stop);
  if (reverse ? !up : !down) return sweep;
  // Hydra 1.3 turns a range round by one step too far; the jobs must be the ones Hydra starts.
  const width = absolute(sweep.step);
  const shift = reverse ? negate(width) : width;
  return { ...sweep, start: add(sweep.stop, shift), stop: add(sweep.start, shift), step: negate(sweep.step) };
}

function add(a: Num, b: Num): Num {
  if (isFloat(a) || isFloat(b)) return float(Number(a) + Number(b));
  return Number(BigInt(a as number | bigint) + BigInt(b as number | bigint));
}

function negate(a: Num): Num {
  if (a instanceof Float) return new Float(-a.value);
  return -a;
}

function absolute(a: Num): Num {
  return Number(a) < 0 ? negate(a) : a;
}

function sorted(list: readonly OverrideValue[], reverse: boolean): OverrideValue[] {
  const order = [...list].sort(compare);
  // Python's reverse keeps equal items in their order, which reversing a sorted list would not.
  return reverse ? [...list].sort((a, b) => compare(b, a)) : order;
}

function compare(a: OverrideValue, b: OverrideValue): number {
  const comparable = (value: OverrideValue) => typeof value === "boolean" || isFloat(value) || isInt(value);
  if (comparable(a) && comparable(b)) return Number(a) - Number(b);
  if (typeof a === "string" && typeof b === "string") return comparePoints(a, b);
  if (Array.isArray(a) && Array.isArray(b)) {
    for (let i = 0; i < Math.min(a.length, b.length); i++) {
      const order = compare(a[i], b[i]);
      if (order !== 0) return order;
    }
    return a.length - b.length;
  }
  throw typeError(`'<' not supported between instances of '${typeName(a)}' and '${typeName(b)}'`);
}

function comparePoints(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

function shuffle(bound: Bound): OverrideValue {
  const args = target(bound);
  if (args.length !== 1) return { ...simpleChoice(args), shuffle: true };
  const only = args[0]!;
  if (isSweep(only)) return { ...only as ChoiceSweep | RangeSweep, shuffle: true };
  return Array.isArray(only) ? shuffled(only) : [only];
}

/** The items in a random order (Fisher-Yates). */
export function shuffled<T>(items: readonly T[], random: () => number = Math.random): T[] {
  const order = [...items];
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}
