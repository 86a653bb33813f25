import { YamlError } from "./config_errors.ts";
import { Origin, type Source } from "./origin.ts";

const ESCAPES: Readonly<Record<string, string>> = {
  "0": "\0",
  a: "\x07",
  b: "\x08",
  t: "\t",
  "\t": "\t",
  n: "\n",
  v: "\v",
  f: "\f",
  r: "\r",
  e: "\x1b",
  " ": " ",
  '"': '"',
  "\\": "\\",
  "/": "/",
  N: "\x85",
  _: "\xa0",
  L: "\u2028",
  P: "\u2029",
};
const ESCAPE_LENGTHS: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

// Runs are matched by patterns, which run as native code from the first call on; loops over characters do not.
// A repeated group keeps a place to go back to for each turn, so its turns are bounded and the match is repeated.
const BLANK = "[ \\t\\r\\n\\x85\\u2028\\u2029]";
const REST_OF_LINE = /[^\r\n\x85\u2028\u2029]*/y;
const EMPTY_LINES = /(?: *(?:#[^\r\n\x85\u2028\u2029]*)?(?:\r\n|[\r\n\x85\u2028\u2029])){1,1000}/y;
const EMPTY_REST = / *(?:#[^\r\n\x85\u2028\u2029]*)?/y;
const BLOCK_PLAIN = plainPatterns("[^ \\t\\r\\n\\x85\\u2028\\u2029:]", `(?!${BLANK}|$)`);
const FLOW_PLAIN = plainPatterns("[^ \\t\\r\\n\\x85\\u2028\\u2029:,?[\\]{}]", `(?!${BLANK}|[,[\\]{}]|$)`);

/** A plain scalar's words on one line: no blank before `#`, no colon that ends a key. */
interface PlainPatterns {
  readonly first: RegExp;
  /** What follows where the pattern before has had all its turns. */
  readonly more: RegExp;
}

function plainPatterns(char: string, afterColon: string): PlainPatterns {
  const word = `(?:${char}+|:${afterColon}){1,1000}`;
  const words = `${word}(?: +(?!#)${word}){0,100}`;
  return { first: new RegExp(`(?!#)${words}`, "y"), more: new RegExp(`(?: +(?!#))?${words}`, "y") };
}

/** Whether a character ends a line; 0 is the end of the text. */
export function isBreak(code: number): boolean {
  return code === 0x0a || code === 0x0d || code === 0x85 || code === 0x2028 || code === 0x2029;
}

/** Whether a character is a blank, a line's end, or the end of the text. */
export function isBlankOrEnd(code: number): boolean {
  return code === 0x20 || code === 0 || code === 0x09 || isBreak(code);
}

/** A position in a YAML text and the scalars that can be read there; PyYAML's rules for blanks, breaks and folds. */
export class ScalarReader {
  /** The text and its name. */
  readonly source: Source;
  /** The text. */
  readonly text: string;
  /** Offset of the next character. */
  protected at = 0;
  /** Column at which the current block stands; -1 outside any. */
  protected indent: number = -1;
  /** How many flow collections are open. */
  protected flowLevel = 0;
  /** Whether a key may begin here. */
  protected allowKey = true;
  /** Offset at which the current line begins. */
  protected lineStart = 0;

  constructor(source: Source) {
    this.source = source;
    this.text = source.text;
  }

  /** Column, counted from 0. */
  protected get column(): number {
    return this.at - this.lineStart;
  }

  /** The character code some places ahead; 0 past the end. */
  protected code(ahead = 0): number {
    return this.text.charCodeAt(this.at + ahead) || 0;
  }

  /** Skips a byte order mark, which counts as no column. */
  protected skipMark(): void {
    this.at++;
    this.lineStart++;
  }

  /** Throws with the current position. */
  protected fail(what: string, fix?: string): never {
    throw new YamlError(what, new Origin(this.source, Math.min(this.at, this.text.length)), { fix });
  }

  /** What a sticky pattern matches here, consumed. */
  protected match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  /** Goes to the end of the line. */
  protected toLineEnd(): void {
    this.match(REST_OF_LINE);
  }

  /** Consumes a line's end; the text it stands for, empty where there is none. */
  protected lineBreak(): string {
    const code = this.code();
    if (!isBreak(code)) return "";
    this.at += code === 0x0d && this.code(1) === 0x0a ? 2 : 1;
    this.lineStart = this.at;
    return code === 0x2028 || code === 0x2029 ? String.fromCharCode(code) : "\n";
  }

  /** Goes over blanks, comments and empty lines; whether a line ended. */
  protected toText(): boolean {
    const start = this.at;
    while (this.match(EMPTY_LINES) !== undefined);
    const hasLines = this.at > start;
    if (hasLines) this.lineStart = this.at;
    this.match(EMPTY_REST);
    return hasLines;
  }

  /** Whether `---` or `...` stands here, alone or before a blank. */
  protected atSeparator(): boolean {
    const isMark = this.text.startsWith("---", this.at) || this.text.startsWith("...", this.at);
    return isMark && isBlankOrEnd(this.code(3));
  }

  /** Reads an unquoted scalar, over lines that are indented. */
  protected plain(): string {
    const isFlow = this.flowLevel > 0;
    const { first, more } = isFlow ? FLOW_PLAIN : BLOCK_PLAIN;
    const indent = this.indent + 1;
    let value = "";
    let blanks = "";
    while (this.code() !== 0x23) {
      const start = this.at;
      if (this.match(first) === undefined) break;
      while (this.match(more) !== undefined);
      this.allowKey = false;
      value += blanks + this.text.slice(start, this.at);
      blanks = this.#plainBlanks();
      if (blanks === "" || this.code() === 0x23 || (!isFlow && this.column < indent)) break;
    }
    return value;
  }

  /** The text that blanks and line ends inside a plain scalar stand for; empty where the scalar ends. */
  #plainBlanks(): string {
    const start = this.at;
    while (this.code() === 0x20) this.at++;
    const blanks = this.text.slice(start, this.at);
    if (!isBreak(this.code())) return blanks;
    const first = this.lineBreak();
    this.allowKey = true;
    if (this.atSeparator()) return "";
    let breaks = "";
    for (;;) {
      if (this.code() === 0x20) this.at++;
      else if (isBreak(this.code())) {
        breaks += this.lineBreak();
        if (this.atSeparator()) return "";
      } else break;
    }
    return folded(first, breaks);
  }

  /** Reads a quoted scalar with its quotes. */
  protected quoted(quote: string): string {
    const start = this.at++;
    this.allowKey = false;
    let value = "";
    for (;;) {
      const char = this.text[this.at];
      if (char === undefined) {
        this.at = start;
        this.fail(`missing closing quote ${quote}`, `end the text with ${quote}`);
      }
      const code = this.code();
      if (code === 0x20 || code === 0x09 || isBreak(code)) value += this.#quotedBlanks(start);
      else if (char === quote) {
        this.at++;
        if (quote === '"' || this.text[this.at] !== "'") return value;
        value += "'";
        this.at++;
      } else if (char === "\\" && quote === '"') value += this.#escape();
      else {
        const from = this.at++;
        while (!this.#endsRun(quote)) this.at++;
        value += this.text.slice(from, this.at);
      }
    }
  }

  #endsRun(quote: string): boolean {
    const code = this.code();
    return isBlankOrEnd(code) || this.text[this.at] === quote || (code === 0x5c && quote === '"');
  }

  #quotedBlanks(start: number): string {
    const from = this.at;
    while (this.code() === 0x20 || this.code() === 0x09) this.at++;
    const blanks = this.text.slice(from, this.at);
    if (this.code() === 0) {
      this.at = start;
      this.fail("found unexpected end of the text in a quoted scalar");
    }
    if (!isBreak(this.code())) return blanks;
    return folded(this.lineBreak(), this.#quotedBreaks());
  }

  #quotedBreaks(): string {
    let breaks = "";
    for (;;) {
      if (this.atSeparator()) this.fail("found unexpected document separator in a quoted scalar");
      while (this.code() === 0x20 || this.code() === 0x09) this.at++;
      if (!isBreak(this.code())) return breaks;
      breaks += this.lineBreak();
    }
  }

  #escape(): string {
    const char = this.text[++this.at] ?? "";
    const length = ESCAPE_LENGTHS[char];
    if (length !== undefined) {
      const hex = this.text.slice(this.at + 1, this.at + 1 + length);
      if (!new RegExp(`^[0-9A-Fa-f]{${length}}$`).test(hex)) {
        this.fail(`expected escape sequence of ${length} hexadecimal numbers`);
      }
      const code = parseInt(hex, 16);
      if (code > 0x10ffff) this.fail(`escape sequence names no character: ${hex}`);
      this.at += 1 + length;
      return String.fromCodePoint(code);
    }
    if (isBreak(this.code())) {
      this.lineBreak();
      return this.#quotedBreaks();
    }
    const simple = Object.hasOwn(ESCAPES, char) ? ESCAPES[char] : undefined;
    if (simple === undefined) {
      this.fail(
        `found unknown escape character ${JSON.stringify(char)}`,
        "double the backslash, or use single quotes",
      );
    }
    this.at++;
    return simple;
  }

  /** Reads a block scalar from its `|` or `>`. */
  protected block(isFolded: boolean): string {
    this.at++;
    const { chomp, increment } = this.#blockHeader();
    const least = Math.max(this.indent + 1, 1);
    let indent = least;
    let breaks = "";
    if (increment === undefined) {
      let deepest = 0;
      for (;;) {
        if (this.code() === 0x20) {
          this.at++;
          deepest = Math.max(deepest, this.column);
        } else if (isBreak(this.code())) breaks += this.lineBreak();
        else break;
      }
      indent = Math.max(least, deepest);
    } else {
      indent = least + increment - 1;
      breaks = this.#blockBreaks(indent);
    }
    return this.#blockLines(indent, breaks, isFolded, chomp);
  }

  #blockLines(indent: number, leading: string, isFolded: boolean, chomp: "+" | "-" | undefined): string {
    let breaks = leading;
    let last = "";
    let value = "";
    while (this.column === indent && this.code() !== 0) {
      value += breaks;
      const isText = this.code() !== 0x20 && this.code() !== 0x09;
      const start = this.at;
      this.toLineEnd();
      value += this.text.slice(start, this.at);
      last = this.lineBreak();
      breaks = this.#blockBreaks(indent);
      if (this.column !== indent || this.code() === 0) break;
      const joins = isFolded && last === "\n" && isText && this.code() !== 0x20 && this.code() !== 0x09;
      if (!joins) value += last;
      else if (breaks === "") value += " ";
    }
    if (chomp !== "-") value += last;
    return chomp === "+" ? value + breaks : value;
  }

  #blockBreaks(indent: number): string {
    let breaks = "";
    for (;;) {
      while (this.column < indent && this.code() === 0x20) this.at++;
      if (!isBreak(this.code())) return breaks;
      breaks += this.lineBreak();
    }
  }

  #blockHeader(): { readonly chomp: "+" | "-" | undefined; readonly increment: number | undefined } {
    const header = this.match(/(?:[+-][0-9]?|[0-9][+-]?)?/y) ?? "";
    const digit = /[0-9]/.exec(header)?.[0];
    if (digit === "0") this.fail("expected indentation indicator in the range 1-9, but found 0");
    const hasBlank = this.code() === 0x20;
    while (this.code() === 0x20) this.at++;
    if (hasBlank && this.text[this.at] === "#") this.toLineEnd();
    if (this.code() !== 0 && this.lineBreak() === "") {
      this.fail(
        "expected a comment or a line break after the block's mark",
        "begin the text on the next line",
      );
    }
    const chomp = header.includes("+") ? "+" : header.includes("-") ? "-" : undefined;
    return { chomp, increment: digit === undefined ? undefined : Number(digit) };
  }
}

/** What a line's end and those after it stand for: one alone is a blank, more are all but the first. */
function folded(first: string, breaks: string): string {
  if (first !== "\n") return first + breaks;
  return breaks === "" ? " " : breaks;
}
