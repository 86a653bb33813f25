/** A line's end as PyYAML counts lines. */
const LINE_END = /\r\n|[\r\n\x85\u2028\u2029]/g;

/** A text that config values come from: a YAML file, an override on the command line, a schema. */
export class Source {
  /** How the text is called in errors: a path, `command line`, `oc.create`. */
  readonly name: string;
  /** The whole text. */
  readonly text: string;
  #lineStarts: number[] | undefined;

  constructor(name: string, text: string) {
    this.name = name;
    this.text = text;
  }

  /** Offsets at which lines begin; computed when an error first needs them. */
  get lineStarts(): readonly number[] {
    if (this.#lineStarts === undefined) {
      // A byte order mark is no column.
      const starts = [this.text.charCodeAt(0) === 0xfeff ? 1 : 0];
      for (const { 0: end, index } of this.text.matchAll(LINE_END)) starts.push(index + end.length);
      this.#lineStarts = starts;
    }
    return this.#lineStarts;
  }
}

/**
 * The place that set a config value. Every node carries one through every merge.
 *
 * Line and column are counted from 1 and derived on demand, so that loading a tree stores one number per node.
 *
 * @example
 * ```ts
 * import { Origin, Source } from "./origin.ts";
 * const origin = new Origin(new Source("conf/config.yaml", "a: 1\nb: 2\n"), 8);
 * console.assert(String(origin) === "conf/config.yaml:2:4");
 * ```
 */
export class Origin {
  /** The text that holds the value. */
  readonly source: Source;
  /** Offset of the value's first character in the text, in UTF-16 units. */
  readonly offset: number;

  constructor(source: Source, offset: number) {
    this.source = source;
    this.offset = offset;
  }

  /** The source's name. */
  get file(): string {
    return this.source.name;
  }

  /** Line, counted from 1. */
  get line(): number {
    const starts = this.source.lineStarts;
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= this.offset) low = middle;
      else high = middle - 1;
    }
    return low + 1;
  }

  /** Column, counted from 1 in UTF-16 units. */
  get column(): number {
    return Math.max(this.offset - this.source.lineStarts[this.line - 1]!, 0) + 1;
  }

  /** `file:line:column`. */
  toString(): string {
    return `${this.file}:${this.line}:${this.column}`;
  }
}

/**
 * The line that an origin points at, with its number and a caret under the column.
 *
 * @example
 * ```ts
 * import { codeFrame, Origin, Source } from "./origin.ts";
 * const frame = codeFrame(new Origin(new Source("a.yaml", "a: 1\nb: ${zz}\n"), 8));
 * console.assert(frame === "2 | b: ${zz}\n  |    ^");
 * ```
 */
export function codeFrame(origin: Origin): string {
  const { line, column } = origin;
  const start = origin.source.lineStarts[line - 1]!;
  const text = origin.source.text.slice(start, origin.source.lineStarts[line]).replace(
    /[\r\n\x85\u2028\u2029]+$/,
    "",
  );
  // A very long line is cut around the column, so that the caret stays on screen.
  const from = text.length > 160 ? Math.max(0, column - 81) : 0;
  const shown = text.slice(from, from + 160);
  const margin = String(line);
  const lead = shown.slice(0, column - 1 - from).replace(/[^\t]/g, " ");
  return `${margin} | ${shown}\n${" ".repeat(margin.length)} | ${lead}^`;
}
