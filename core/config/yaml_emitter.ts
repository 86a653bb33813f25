import { analyse, isPlainWord, looksTyped } from "./yaml_style.ts";

const WIDTH = 80;
const INDENT = 2;
const BREAKS = "\n\x85\u2028\u2029";
const ESCAPES: Readonly<Record<string, string>> = {
  "\0": "0",
  "\x07": "a",
  "\x08": "b",
  "\t": "t",
  "\n": "n",
  "\v": "v",
  "\f": "f",
  "\r": "r",
  "\x1b": "e",
  '"': '"',
  "\\": "\\",
  "\x85": "N",
  "\xa0": "_",
  "\u2028": "L",
  "\u2029": "P",
};

/**
 * Writes YAML in block style with PyYAML's layout: width 80, two-space indent, lists at the indent of their key.
 *
 * The state is PyYAML's: where the line stands, and whether the last character was a blank or an indent.
 */
export class YamlEmitter {
  #out = "";
  #column = 0;
  #isBlank = true;
  #isIndent = true;

  /** The text so far. */
  get text(): string {
    return this.#out;
  }

  /** Goes to a new line unless it is already at the indent. */
  indent(indent: number): void {
    if (!this.#isIndent || this.#column > indent || (this.#column === indent && !this.#isBlank)) {
      this.lineBreak();
    }
    if (this.#column < indent) {
      this.#isBlank = true;
      this.#write(" ".repeat(indent - this.#column));
    }
  }

  /** Writes `-`, `:`, `?` or a bracket. */
  indicator(
    text: string,
    needsBlank: boolean,
    opts: { readonly blank?: boolean; readonly indent?: boolean } = {},
  ): void {
    this.#write(this.#isBlank || !needsBlank ? text : ` ${text}`);
    this.#isBlank = opts.blank === true;
    this.#isIndent = this.#isIndent && opts.indent === true;
  }

  /** Ends the line. */
  lineBreak(text = "\n"): void {
    this.#out += text;
    this.#isBlank = true;
    this.#isIndent = true;
    this.#column = 0;
  }

  /** Writes a token that is never quoted or folded: `null`, `true`, a number. */
  token(text: string): void {
    this.#write(this.#isBlank ? text : ` ${text}`);
    this.#isBlank = false;
    this.#isIndent = false;
  }

  /**
   * Writes a string as it has to be quoted.
   *
   * @param indent Where a folded line goes on.
   * @param isKey Whether it is a one-line key, which is never folded.
   */
  string(text: string, indent: number, isKey: boolean): void {
    // Most strings are a single word that needs no more than a look.
    if (isPlainWord(text)) return this.token(text);
    const analysis = analyse(text);
    const typed = looksTyped(text);
    const canSingle = analysis.allowSingleQuoted && !(isKey && analysis.isMultiline);
    if (!typed && analysis.allowPlain) this.#plain(chars(text), indent, !isKey);
    else if (canSingle) this.#singleQuoted(chars(text), indent, !isKey);
    else this.#doubleQuoted(chars(text), indent, !isKey);
  }

  /** Writes bytes as a base64 block. */
  binary(bytes: Uint8Array, indent: number): void {
    this.indicator("!!binary", true);
    if (bytes.length === 0) return this.indicator('""', true);
    this.indicator("|", true);
    const base64 = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
    for (const line of base64.match(/.{1,76}/g) ?? []) {
      this.lineBreak();
      this.indent(indent);
      this.#write(line);
    }
    this.lineBreak();
  }

  #write(text: string): void {
    this.#out += text;
    this.#column += text.length;
  }

  #writeChars(text: readonly string[]): void {
    this.#out += text.join("");
    this.#column += text.length;
  }

  #plain(text: readonly string[], indent: number, canFold: boolean): void {
    if (text.length === 0) return;
    if (!this.#isBlank) this.#write(" ");
    this.#isBlank = false;
    this.#isIndent = false;
    let start = 0;
    let inSpaces = false;
    for (let end = 0; end <= text.length; end++) {
      const char = text[end];
      if (inSpaces) {
        if (char !== " ") {
          if (start + 1 === end && this.#column > WIDTH && canFold) {
            this.indent(indent);
            this.#isBlank = false;
            this.#isIndent = false;
          } else this.#writeChars(text.slice(start, end));
          start = end;
        }
      } else if (char === undefined || char === " ") {
        this.#writeChars(text.slice(start, end));
        start = end;
      }
      inSpaces = char === " ";
    }
  }

  #singleQuoted(text: readonly string[], indent: number, canFold: boolean): void {
    this.indicator("'", true);
    let start = 0;
    let mode: "text" | "spaces" | "breaks" = "text";
    for (let end = 0; end <= text.length; end++) {
      const char = text[end];
      if (mode === "spaces") {
        if (char !== " ") {
          const isInner = start !== 0 && end !== text.length;
          if (start + 1 === end && this.#column > WIDTH && canFold && isInner) this.indent(indent);
          else this.#writeChars(text.slice(start, end));
          start = end;
        }
      } else if (mode === "breaks") {
        if (char === undefined || !BREAKS.includes(char)) {
          // One more line break, because a reader folds a single one into a blank.
          if (text[start] === "\n") this.lineBreak();
          for (const lineBreak of text.slice(start, end)) this.lineBreak(lineBreak);
          this.indent(indent);
          start = end;
        }
      } else if (char === undefined || char === " " || char === "'" || BREAKS.includes(char)) {
        if (start < end) this.#writeChars(text.slice(start, end));
        start = end;
      }
      if (char === "'") {
        this.#write("''");
        start = end + 1;
      }
      mode = char === " " ? "spaces" : char !== undefined && BREAKS.includes(char) ? "breaks" : "text";
    }
    this.indicator("'", false);
  }

  #doubleQuoted(text: readonly string[], indent: number, canFold: boolean): void {
    this.indicator('"', true);
    let start = 0;
    for (let end = 0; end <= text.length; end++) {
      const char = text[end];
      if (char === undefined || !isPrintable(char)) {
        if (start < end) this.#writeChars(text.slice(start, end));
        start = end;
        if (char !== undefined) {
          this.#write(escaped(char));
          start = end + 1;
        }
      }
      const isInner = end > 0 && end < text.length - 1;
      if (isInner && (char === " " || start >= end) && this.#column + (end - start) > WIDTH && canFold) {
        this.#writeChars(text.slice(start, end));
        this.#write("\\");
        if (start < end) start = end;
        this.indent(indent);
        this.#isBlank = false;
        this.#isIndent = false;
        if (text[start] === " ") this.#write("\\");
      }
    }
    this.indicator('"', false);
  }
}

/** The indent after one more level. */
export function deeper(indent: number): number {
  return indent + INDENT;
}

/** Whether a key can stand before its colon on one line; the tag's name counts as PyYAML counts it. */
export function isSimpleKey(text: string, tagLength: number): boolean {
  if (isPlainWord(text)) return text.length + tagLength < 128;
  return text !== "" && !analyse(text).isMultiline && Array.from(text).length + tagLength < 128;
}

function chars(text: string): readonly string[] {
  return Array.from(text);
}

function isPrintable(char: string): boolean {
  if (
    char === '"' || char === "\\" || char === "\ufeff" || char === "\x85" || char === "\u2028" ||
    char === "\u2029"
  ) {
    return false;
  }
  const code = char.codePointAt(0)!;
  return (code >= 0x20 && code <= 0x7e) || (code >= 0xa0 && code <= 0xd7ff) ||
    (code >= 0xe000 && code <= 0xfffd);
}

function escaped(char: string): string {
  const short = ESCAPES[char];
  if (short !== undefined) return `\\${short}`;
  const code = char.codePointAt(0)!;
  const hex = (length: number) => code.toString(16).toUpperCase().padStart(length, "0");
  return code <= 0xff ? `\\x${hex(2)}` : code <= 0xffff ? `\\u${hex(4)}` : `\\U${hex(8)}`;
}
