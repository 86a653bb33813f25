import type { Expr } from "../expr.ts";
import type { Combiner } from "./combine.ts";
import type { Words } from "./words.ts";

/**
 * An accumulator of a reduction: in WGSL its value for kept neighbour `j` is the variable `a<number>_<j>`, the
 * position of an extreme `i<number>_<j>`.
 */
export interface Cell {
  /** Number among the accumulators of all phases. */
  readonly number: number;
  readonly phase: number;
  readonly combiner: Combiner;
  /** What is combined. */
  readonly expr: Expr;
  /** Where its partial results lie among those of all accumulators. */
  readonly word: number;
}

/** Workgroup arrays of one launch, by element type and purpose; accumulators take turns in using them. */
export class SharedArrays {
  readonly #keys: string[] = [];
  /** Declared types, by number. */
  readonly types: string[] = [];

  /** Name of an array. */
  name(type: string, purpose: "value" | "position"): string {
    const key = `${purpose} ${type}`;
    let index = this.#keys.indexOf(key);
    if (index < 0) {
      index = this.#keys.push(key) - 1;
      this.types.push(`array<${type}, SIZE>`);
    }
    return `shared${index}`;
  }
}

/** Statements that combine the lanes' parts of an accumulator; afterwards all lanes hold the result. */
export function shareCell(
  { number, combiner }: Cell,
  copies: readonly number[],
  arrays: SharedArrays,
): string[] {
  const array = arrays.name(combiner.type === "bool" ? "u32" : combiner.type, "value");
  const positions = combiner.indexed ? arrays.name("u32", "position") : "";
  return copies.flatMap((j) => {
    const a = `a${number}_${j}`;
    const i = `i${number}_${j}`;
    const other = `${array}[local + half * COLUMNS]`;
    const read = (text: string): string => combiner.type === "bool" ? `(${text} != 0u)` : text;
    const write = combiner.type === "bool" ? `select(0u, 1u, ${a})` : a;
    const position = combiner.indexed ? [`${positions}[local] = ${i};`] : [];
    return [
      `${array}[local] = ${write};`,
      ...position,
      "workgroupBarrier();",
      "for (var half = LANES / 2u; half > 0u; half /= 2u) {",
      "if (lane < half) {",
      ...(combiner.indexed
        ? merge(combiner, a, i, other, `${positions}[local + half * COLUMNS]`)
        : [`${a} = ${combiner.join(a, read(other))};`]),
      `${array}[local] = ${write};`,
      ...position,
      "}",
      "workgroupBarrier();",
      "}",
      `${a} = ${read(`${array}[local % COLUMNS]`)};`,
      ...(combiner.indexed ? [`${i} = ${positions}[local % COLUMNS];`] : []),
      "workgroupBarrier();",
    ];
  });
}

/** Statements that take another extreme with its position; of equal ones the first position stays. */
function merge(combiner: Combiner, a: string, i: string, other: string, position: string): string[] {
  return [
    `let value = ${other};`,
    `let position = ${position};`,
    `let take = ${combiner.better("value", a)} | (${combiner.equal("value", a)} & (position < ${i}));`,
    `${a} = select(${a}, value, take);`,
    `${i} = select(${i}, position, take);`,
  ];
}

/** Temporary memory with the results of slices: `[word][kept point][slice]`. */
export interface Partials {
  /** Name of its variable, an `array<u32>`. */
  readonly memory: string;
  readonly points: number;
  readonly slices: number;
  /** Whether a work item handles four kept points. */
  readonly wide: boolean;
  readonly words: Words;
}

function partialAt(
  { memory, points, slices, wide, words }: Partials,
  word: number,
  j: number,
  slice: string,
): string {
  const point = wide ? `(4u * k + ${j}u)` : "k";
  return `${memory}[(${words.whole(word * points)} + ${point}) * ${words.whole(slices)} + ${slice}]`;
}

/** Statements that leave an accumulator of slice `slice` in temporary memory. */
export function leaveCell(
  { number, combiner, word }: Cell,
  copies: readonly number[],
  to: Partials,
): string[] {
  return copies.flatMap((j) => {
    const value = `a${number}_${j}`;
    const bits = combiner.type === "bool" ? `select(0u, 1u, ${value})` : `bitcast<u32>(${value})`;
    return [
      `${partialAt(to, word, j, "slice")} = ${bits};`,
      ...(combiner.indexed ? [`${partialAt(to, word + 1, j, "slice")} = i${number}_${j};`] : []),
    ];
  });
}

/** Statements that combine the slices of an accumulator in order. */
export function recombineCell(
  { number, combiner, word }: Cell,
  copies: readonly number[],
  from: Partials,
): string[] {
  const slices = from.words.whole(from.slices);
  return copies.flatMap((j) => {
    const a = `a${number}_${j}`;
    const i = `i${number}_${j}`;
    const stored = partialAt(from, word, j, "part");
    const read = combiner.type === "bool"
      ? `(${stored} != 0u)`
      : combiner.type === "u32"
      ? stored
      : `bitcast<${combiner.type}>(${stored})`;
    return [
      `var ${a} = ${combiner.start};`,
      ...(combiner.indexed ? [`var ${i} = 0u;`] : []),
      `for (var part = 0u; part < ${slices}; part++) {`,
      ...(combiner.indexed
        ? merge(combiner, a, i, read, partialAt(from, word + 1, j, "part"))
        : [`${a} = ${combiner.join(a, read)};`]),
      "}",
    ];
  });
}
