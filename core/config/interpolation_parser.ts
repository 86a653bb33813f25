import { GrammarParseError } from "./config_errors.ts";
import { float, integer, type Scalar } from "./scalar.ts";

/** A text with interpolations in it: literal pieces (already unescaped) and interpolations in order. */
export type InterpolationText = readonly (string | Interpolation)[];

/** `${a.b}`: the key's pieces, joined when it is resolved; a piece may itself be an interpolation. */
export interface KeyInterpolation {
  readonly kind: "key";
  /** The key's pieces, leading dots and brackets included. */
  readonly key: InterpolationText;
  /** The whole interpolation as it was written. */
  readonly text: string;
}

/** `${name:arg,arg}`. */
export interface CallInterpolation {
  readonly kind: "call";
  /** The resolver's name in pieces. */
  readonly name: InterpolationText;
  /** The arguments, not yet evaluated. */
  readonly args: readonly Element[];
  /** The arguments as they were written: the key under which a cached result is kept. */
  readonly texts: readonly string[];
  /** The whole interpolation as it was written. */
  readonly text: string;
}

/** What stands between `${` and `}`. */
export type Interpolation = KeyInterpolation | CallInterpolation;

/** An argument of a resolver, or an item within one. */
export type Element =
  | { readonly kind: "scalar"; readonly value: Scalar }
  | { readonly kind: "text"; readonly parts: InterpolationText; readonly isQuoted: boolean }
  | { readonly kind: "list"; readonly items: readonly Element[] }
  | { readonly kind: "dict"; readonly entries: readonly (readonly [key: Scalar, value: Element])[] };

/** How deep interpolations, lists and dictionaries may nest in one text. */
const MAX_DEPTH = 200;
/** How long a text with interpolations may be; patterns with so many turns stay within their memory. */
const MAX_LENGTH = 2_000_000;
const KEY = /[^\\{}()[\]:. \t'"]+/y;
const ID = /^[a-zA-Z_][a-zA-Z0-9_-]*$/;
const NAMELESS = /:\s*[a-zA-Z_0-9/\-+.$%*@?|]+(?:\s*,\s*[a-zA-Z_0-9/\-+.$%*@?|]+)*\s*\}/y;
const WORD = /[a-zA-Z_][a-zA-Z0-9_-]*/y;
const NUMBER =
  /[+-]?(?:(?:(?:0|[1-9](?:_?[0-9])*)?\.[0-9](?:_?[0-9])*|(?:0|[1-9](?:_?[0-9])*)\.?)(?:[eE][+-]?[0-9](?:_?[0-9])*)?|[iI][nN][fF]|[nN][aA][nN])/y;
const ESCAPES = /(?:\\[\\()[\]{}:=, \t])+/y;
const BLANKS = /[ \t]+/y;
const COLON = /[ \t]*:[ \t]*/y;
const OTHER = /[/\-\\+.$%*@?|]/y;

/**
 * Parses a text that holds interpolations. Backslashes before `${` escape it and each other.
 *
 * @throws {GrammarParseError} with the offset of the fault.
 *
 * @example
 * ```ts
 * import { parseInterpolation } from "./interpolation_parser.ts";
 * const [lead, inner] = parseInterpolation("v_${oc.env:HOME}");
 * console.assert(lead === "v_" && typeof inner === "object" && inner.kind === "call");
 * ```
 */
export function parseInterpolation(text: string): InterpolationText {
  const parser = new Parser(text);
  const parts = parser.text(undefined, 0);
  return parts;
}

/**
 * Parses a text as one resolver argument, as `oc.decode` does.
 *
 * @throws {GrammarParseError} with the offset of the fault.
 *
 * @example
 * ```ts
 * import { parseElement } from "./interpolation_parser.ts";
 * const element = parseElement("[1, a]");
 * console.assert(element.kind === "list" && element.items.length === 2);
 * ```
 */
export function parseElement(text: string): Element {
  const parser = new Parser(text);
  const element = parser.element(0);
  parser.end();
  return element;
}

class Parser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
    if (text.length > MAX_LENGTH) {
      this.#fail(`text with interpolations has more than ${MAX_LENGTH} characters`);
    }
  }

  /** Free text up to the end, or up to a closing quote. */
  text(quote: string | undefined, depth: number): (string | Interpolation)[] {
    const parts: (string | Interpolation)[] = [];
    let literal = "";
    const flush = () => {
      if (literal !== "") parts.push(literal);
      literal = "";
    };
    while (this.#at < this.#text.length) {
      const char = this.#text[this.#at]!;
      if (char === quote) {
        flush();
        return parts;
      }
      if (char === "\\") literal += this.#backslashes(quote);
      else if (this.#startsWith("${")) {
        flush();
        parts.push(this.#interpolation(depth + 1));
      } else {
        literal += char;
        this.#at++;
      }
    }
    if (quote !== undefined) this.#fail(`missing closing quote ${quote}`);
    flush();
    return parts;
  }

  /** A run of backslashes: halved where it stands before `${` or a quote, literal elsewhere. */
  #backslashes(quote: string | undefined): string {
    const start = this.#at;
    while (this.#text[this.#at] === "\\") this.#at++;
    const count = this.#at - start;
    const escaped = this.#startsWith("${") ? "${" : this.#text[this.#at] === quote ? quote : undefined;
    if (escaped === undefined) return "\\".repeat(count);
    const kept = "\\".repeat(count >> 1);
    if (count % 2 === 0) return kept;
    this.#at += escaped.length;
    return kept + escaped;
  }

  #interpolation(depth: number): Interpolation {
    this.#limit(depth);
    const open = this.#at;
    this.#at += 2;
    this.#blanks();
    // OmegaConf lets a call without a name pass until it is resolved.
    if (depth === 1 && this.#match(NAMELESS) !== undefined) {
      return { kind: "call", name: [], args: [], texts: [], text: this.#text.slice(open, this.#at) };
    }
    const start = this.#at;
    const parts: (string | Interpolation)[] = [];
    while (this.#text[this.#at] === ".") this.#at++;
    if (this.#at > start) parts.push(this.#text.slice(start, this.#at));
    // A name is a resolver's when a colon follows; only identifiers and interpolations joined by dots can be one.
    let canCall = parts.length === 0;
    for (let first = true;; first = false) {
      if (this.#startsWith("[")) {
        canCall = false;
        this.#at++;
        parts.push("[", this.#key(depth), "]");
        if (!this.#take("]")) this.#fail("missing ]");
      } else if (first || this.#startsWith(".")) {
        if (!first) {
          this.#at++;
          parts.push(".");
        }
        const key = this.#key(depth);
        if (typeof key === "string" && !ID.test(key)) canCall = false;
        parts.push(key);
      } else break;
    }
    const before = this.#at;
    this.#blanks();
    if (this.#take("}")) return { kind: "key", key: parts, text: this.#text.slice(open, this.#at) };
    if (canCall && this.#take(":")) {
      const { args, texts } = this.#call(depth);
      return { kind: "call", name: parts, args, texts, text: this.#text.slice(open, this.#at) };
    }
    this.#at = before;
    return this.#fail(this.#at < this.#text.length ? `unexpected ${this.#shown()}` : "missing }");
  }

  #key(depth: number): string | Interpolation {
    if (this.#startsWith("${")) return this.#interpolation(depth + 1);
    return this.#match(KEY) ?? this.#fail(`expected a key, found ${this.#shown()}`);
  }

  #call(depth: number): { readonly args: readonly Element[]; readonly texts: readonly string[] } {
    this.#blanks();
    const args: Element[] = [];
    const texts: string[] = [];
    if (this.#take("}")) return { args, texts };
    this.#sequence("}", depth, (element, text) => {
      args.push(element);
      texts.push(text);
    });
    return { args, texts };
  }

  /** Elements separated by commas up to a closing bracket; a missing element is an empty string. */
  #sequence(close: string, depth: number, add: (element: Element, text: string) => void): void {
    const empty: Element = { kind: "scalar", value: "" };
    let expected = true;
    for (;;) {
      this.#blanks();
      if (this.#take(close)) {
        if (expected) add(empty, "");
        return;
      }
      if (this.#take(",")) {
        if (expected) add(empty, "");
        expected = true;
        continue;
      }
      if (!expected) this.#fail(`expected , or ${close}, found ${this.#shown()}`);
      const start = this.#at;
      const element = this.element(depth);
      add(element, this.#text.slice(start, this.#at).trimEnd());
      expected = false;
    }
  }

  /** A quoted text, a list, a dictionary or a primitive. */
  element(depth: number): Element {
    this.#limit(depth);
    const char = this.#text[this.#at];
    if (char === "'" || char === '"') {
      this.#at++;
      const parts = this.text(char, depth);
      this.#at++;
      return { kind: "text", parts, isQuoted: true };
    }
    if (char === "[") {
      this.#at++;
      this.#blanks();
      const items: Element[] = [];
      if (!this.#take("]")) this.#sequence("]", depth + 1, (item) => items.push(item));
      return { kind: "list", items };
    }
    if (char === "{") return this.#dict(depth + 1);
    return this.#primitive(depth, true);
  }

  #dict(depth: number): Element {
    this.#at++;
    this.#blanks();
    const entries: [Scalar, Element][] = [];
    if (this.#take("}")) return { kind: "dict", entries };
    for (;;) {
      const key = this.#primitive(depth, false);
      this.#blanks();
      if (!this.#take(":")) this.#fail(`expected : after a dictionary key, found ${this.#shown()}`);
      this.#blanks();
      const value = key.kind === "scalar"
        ? key.value
        : key.kind === "text"
        ? String(key.parts[0] ?? "")
        : null;
      entries.push([value, this.element(depth)]);
      this.#blanks();
      if (this.#take("}")) return { kind: "dict", entries };
      if (!this.#take(",")) this.#fail(`expected , or }, found ${this.#shown()}`);
      this.#blanks();
    }
  }

  /** A run of tokens: alone a token decides the type, together they are text. */
  #primitive(depth: number, isValue: boolean): Element {
    const start = this.#at;
    const parts: (string | Interpolation)[] = [];
    let tokens = 0;
    let only: Element | undefined;
    for (;; tokens++) {
      const before = this.#at;
      if (isValue && this.#startsWith("${")) {
        const inner = this.#interpolation(depth + 1);
        parts.push(inner);
        only = { kind: "text", parts: [inner], isQuoted: false };
        continue;
      }
      // A colon takes the blanks around it along, which matters before a closing brace.
      const colon = isValue ? this.#match(COLON) : undefined;
      if (colon !== undefined) {
        parts.push(colon);
        only = { kind: "scalar", value: colon };
        continue;
      }
      const blanks = this.#match(BLANKS) ?? "";
      if (blanks !== "" && this.#atBoundary(isValue)) {
        this.#at = before;
        break;
      }
      if (blanks !== "") {
        parts.push(blanks);
        only = undefined;
        continue;
      }
      const token = this.#token();
      if (token === undefined) break;
      parts.push(token.text);
      only = { kind: "scalar", value: token.value };
    }
    if (tokens === 0 || (tokens === 1 && only === undefined)) {
      this.#at = start;
      this.#fail(this.#at < this.#text.length ? `unexpected ${this.#shown()}` : "unexpected end");
    }
    if (tokens === 1) return only!;
    return { kind: "text", parts: joined(parts), isQuoted: false };
  }

  #atBoundary(isValue: boolean): boolean {
    const char = this.#text[this.#at];
    return char === "," || char === "}" || char === "]" || (!isValue && char === ":");
  }

  /** One token of an unquoted value: the longest match wins, as in a lexer. */
  #token(): { readonly text: string; readonly value: Scalar } | undefined {
    const start = this.#at;
    const escapes = this.#match(ESCAPES);
    if (escapes !== undefined) {
      const text = escapes.replace(/\\(.)/gs, "$1");
      return { text, value: text };
    }
    const word = this.#match(WORD);
    const afterWord = this.#at;
    this.#at = start;
    const number = this.#match(NUMBER);
    if (number !== undefined && this.#at >= afterWord) return { text: number, value: numberValue(number) };
    this.#at = afterWord;
    if (word !== undefined) return { text: word, value: wordValue(word) };
    const other = this.#match(OTHER);
    return other === undefined ? undefined : { text: other, value: other };
  }

  /** Fails unless the whole text has been read. */
  end(): void {
    if (this.#at < this.#text.length) this.#fail(`unexpected ${this.#shown()}`);
  }

  #limit(depth: number): void {
    if (depth > MAX_DEPTH) this.#fail(`nested deeper than ${MAX_DEPTH} levels`);
  }

  #blanks(): void {
    this.#match(BLANKS);
  }

  #startsWith(text: string): boolean {
    return this.#text.startsWith(text, this.#at);
  }

  #take(text: string): boolean {
    if (!this.#startsWith(text)) return false;
    this.#at += text.length;
    return true;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found === undefined || found === "") return undefined;
    this.#at += found.length;
    return found;
  }

  #shown(): string {
    const char = String.fromCodePoint(this.#text.codePointAt(this.#at) ?? 0x20);
    return this.#at < this.#text.length ? `'${char}'` : "the end";
  }

  #fail(what: string): never {
    const shown = this.#text.length > 60 ? `${this.#text.slice(0, 60)}…` : this.#text;
    throw new GrammarParseError(`${what} at column ${this.#at + 1} of '${shown}'`, {
      offset: this.#at,
      fix: "close each ${ with }, quote arguments with special characters, or write \\${ for a literal ${",
    });
  }
}

function joined(parts: readonly (string | Interpolation)[]): (string | Interpolation)[] {
  const result: (string | Interpolation)[] = [];
  for (const part of parts) {
    const last = result.length - 1;
    if (typeof part === "string" && typeof result[last] === "string") result[last] += part;
    else result.push(part);
  }
  return result;
}

function numberValue(text: string): Scalar {
  const bare = text.replaceAll("_", "");
  if (/^[+-]?[0-9]+$/.test(bare)) return integer(BigInt(bare.replace("+", "")));
  const [, sign, name] = /^([+-]?)(inf|nan)$/i.exec(bare) ?? [];
  if (name === undefined) return float(Number(bare));
  return name.toLowerCase() === "nan" ? NaN : sign === "-" ? -Infinity : Infinity;
}

function wordValue(word: string): Scalar {
  const lower = word.toLowerCase();
  return lower === "null" ? null : lower === "true" ? true : lower === "false" ? false : word;
}
