import { YamlError } from "./config_errors.ts";
import { Origin, type Source } from "./origin.ts";
import { isBlankOrEnd, isBreak, ScalarReader } from "./yaml_scalar_reader.ts";

/** What a YAML text is made of, as PyYAML's scanner sees it. */
export type TokenKind =
  | "stream end"
  | "directive"
  | "document start"
  | "document end"
  | "block sequence start"
  | "block mapping start"
  | "block end"
  | "["
  | "]"
  | "{"
  | "}"
  | "-"
  | ","
  | "?"
  | ":"
  | "alias"
  | "anchor"
  | "tag"
  | "scalar";

/** A token with the offset of its first character. */
export interface Token {
  readonly kind: TokenKind;
  readonly offset: number;
  /** A scalar's value, a name, a tag's suffix, a directive's words. */
  readonly text: string;
  /** A tag's handle (`!!`, `!e!`), or `undefined` for a tag that is complete. */
  readonly handle?: string | undefined;
  /** Whether a scalar is neither quoted nor a block. */
  readonly isPlain?: boolean;
}

/** A place where a key may have begun whose colon is still to come. */
interface SimpleKey {
  readonly token: number;
  readonly isRequired: boolean;
  readonly offset: number;
  readonly lineStart: number;
  readonly column: number;
}

// deno-lint-ignore no-control-regex
const UNPRINTABLE = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]/u;
const NAME = /[0-9A-Za-z_-]+/y;
const TAG_URI = /(?:[0-9A-Za-z;/?:@&=+$,_.!~*'()[\]-]+|%[0-9A-Fa-f]{2}){1,1000}/y;
const TAG_HANDLE = /!(?:[0-9A-Za-z_-]*!)?/y;
/** How long a key on one line may be. */
const MAX_KEY = 1024;
/** How many tokens a text may have; more would need more memory than a program gets. */
const MAX_TOKENS = 12_000_000;

/**
 * Splits a YAML 1.1 text into tokens by the rules of PyYAML: what its scanner refuses is refused here.
 *
 * @throws {YamlError} with the position.
 */
export function scanYaml(source: Source): Token[] {
  return new Scanner(source).scan();
}

class Scanner extends ScalarReader {
  readonly #tokens: Token[] = [];
  readonly #indents: number[] = [];
  #keys: (SimpleKey | undefined)[] = [];

  constructor(source: Source) {
    super(source);
    const bad = UNPRINTABLE.exec(source.text);
    if (bad === null) return;
    const code = bad[0].codePointAt(0)!.toString(16).padStart(4, "0");
    throw new YamlError(`special characters are not allowed: U+${code}`, new Origin(source, bad.index), {
      fix: "write it as an escape inside double quotes",
    });
  }

  scan(): Token[] {
    if (this.text.charCodeAt(0) === 0xfeff) this.skipMark();
    while (this.#next());
    return this.#tokens;
  }

  #next(): boolean {
    this.#toToken();
    this.#dropStaleKeys();
    this.#unwind(this.column);
    const char = this.text[this.at];
    if (char === undefined) {
      this.#unwind(-1);
      this.#dropKey();
      this.#push("stream end");
      return false;
    }
    this.#token(char);
    return true;
  }

  #token(char: string): void {
    const followed = isBlankOrEnd(this.code(1));
    if (this.column === 0) {
      if (char === "%") return this.#directive();
      if (this.atSeparator()) return this.#separator(char);
    }
    switch (char) {
      case "[":
      case "{":
        return this.#open(char);
      case "]":
      case "}":
        return this.#close(char);
      case ",":
        return this.#comma();
      case "*":
      case "&":
        return this.#anchor(char);
      case "!":
        return this.#tag();
      case "'":
      case '"':
        this.#saveKey();
        return this.#push("scalar", this.at, this.quoted(char));
      case "|":
      case ">":
        if (this.flowLevel === 0) return this.#block(char);
        break;
      case "-":
        if (followed) return this.#entry();
        return this.#plain();
      case "?":
        if (this.flowLevel > 0 || followed) return this.#explicitKey();
        return this.#plain();
      case ":":
        if (this.flowLevel > 0 || followed) return this.#value();
        return this.#plain();
      default:
        if (!"#%@`\t".includes(char)) return this.#plain();
    }
    const hint = char === "\t" ? "use blanks instead of tabs" : "quote the text";
    this.fail(`found character ${JSON.stringify(char)} that cannot start any token`, hint);
  }

  #push(kind: TokenKind, offset = this.at, text = "", rest: Partial<Token> = {}): void {
    if (this.#tokens.length >= MAX_TOKENS) {
      this.fail(
        `YAML text has more than ${MAX_TOKENS} values, keys and marks`,
        "keep large data in a data file and name that file here",
      );
    }
    this.#tokens.push({ kind, offset, text, ...rest });
  }

  #toToken(): void {
    if (this.toText() && this.flowLevel === 0) this.allowKey = true;
  }

  #unwind(column: number): void {
    if (this.flowLevel > 0) return;
    while (this.indent > column) {
      this.indent = this.#indents.pop()!;
      this.#push("block end");
    }
  }

  /** Goes in one level where the column lies deeper; true when a block begins. */
  #deepen(column: number): boolean {
    if (this.indent >= column) return false;
    this.#indents.push(this.indent);
    this.indent = column;
    return true;
  }

  #saveKey(): void {
    if (!this.allowKey) return;
    this.#dropKey();
    const isRequired = this.flowLevel === 0 && this.indent === this.column;
    this.#keys[this.flowLevel] = {
      token: this.#tokens.length,
      isRequired,
      offset: this.at,
      lineStart: this.lineStart,
      column: this.column,
    };
    this.allowKey = false;
  }

  #dropKey(): void {
    const key = this.#keys[this.flowLevel];
    if (key?.isRequired) this.#noColon(key);
    this.#keys[this.flowLevel] = undefined;
  }

  /** A key must end on its line, and soon. */
  #dropStaleKeys(): void {
    for (let level = 0; level < this.#keys.length; level++) {
      const key = this.#keys[level];
      if (key === undefined || (key.lineStart === this.lineStart && this.at - key.offset <= MAX_KEY)) {
        continue;
      }
      if (key.isRequired) this.#noColon(key);
      this.#keys[level] = undefined;
    }
  }

  #noColon(key: SimpleKey): never {
    throw new YamlError("could not find expected ':'", new Origin(this.source, key.offset), {
      fix: "a key needs a colon and a blank after it",
    });
  }

  #directive(): void {
    this.#unwind(-1);
    this.#dropKey();
    this.allowKey = false;
    const start = this.at;
    this.toLineEnd();
    const line = this.text.slice(start, this.at).replace(/ +(?:#.*)?$/, "");
    if (!/^%[0-9A-Za-z_-]+(?: |$)/.test(line)) {
      this.at = start;
      this.fail("expected a directive's name", "quote a text that begins with %");
    }
    this.#push("directive", start, line);
  }

  #separator(char: string): void {
    this.#unwind(-1);
    this.#dropKey();
    this.allowKey = false;
    this.#push(char === "-" ? "document start" : "document end");
    this.at += 3;
  }

  #open(char: "[" | "{"): void {
    this.#saveKey();
    this.#push(char);
    this.flowLevel++;
    this.allowKey = true;
    this.at++;
  }

  #close(char: "]" | "}"): void {
    this.#dropKey();
    if (this.flowLevel === 0) this.fail(`unexpected '${char}'`, "quote the text");
    this.flowLevel--;
    this.#keys.length = this.flowLevel + 1;
    this.allowKey = false;
    this.#push(char);
    this.at++;
  }

  #comma(): void {
    this.allowKey = true;
    this.#dropKey();
    this.#push(",");
    this.at++;
  }

  #entry(): void {
    if (this.flowLevel === 0) {
      if (!this.allowKey) {
        this.fail("sequence entries are not allowed here", "begin the list on its own line");
      }
      if (this.#deepen(this.column)) this.#push("block sequence start");
    }
    this.allowKey = true;
    this.#dropKey();
    this.#push("-");
    this.at++;
  }

  #explicitKey(): void {
    if (this.flowLevel === 0) {
      if (!this.allowKey) this.fail("mapping keys are not allowed here", "begin the key on its own line");
      if (this.#deepen(this.column)) this.#push("block mapping start");
    }
    this.allowKey = this.flowLevel === 0;
    this.#dropKey();
    this.#push("?");
    this.at++;
  }

  #value(): void {
    const key = this.#keys[this.flowLevel];
    if (key !== undefined) {
      this.#keys[this.flowLevel] = undefined;
      const opened: Token[] = [{ kind: "?", offset: key.offset, text: "" }];
      if (this.flowLevel === 0 && this.#deepen(key.column)) {
        opened.unshift({ kind: "block mapping start", offset: key.offset, text: "" });
      }
      this.#tokens.splice(key.token, 0, ...opened);
      this.allowKey = false;
    } else {
      if (this.flowLevel === 0) {
        if (!this.allowKey) {
          this.fail(
            "mapping values are not allowed here",
            "indent keys of one mapping alike; quote a text that holds a colon and a blank",
          );
        }
        if (this.#deepen(this.column)) this.#push("block mapping start");
      }
      this.allowKey = this.flowLevel === 0;
      this.#dropKey();
    }
    this.#push(":");
    this.at++;
  }

  #anchor(char: "*" | "&"): void {
    this.#saveKey();
    this.allowKey = false;
    const start = this.at++;
    const kind = char === "*" ? "alias" : "anchor";
    const name = this.match(NAME) ?? this.fail(`expected a name for the ${kind}`, "quote the text");
    if (!isBlankOrEnd(this.code()) && !"?:,]}%@`".includes(this.text[this.at]!)) {
      this.fail(`unexpected ${JSON.stringify(this.text[this.at])} in the name of the ${kind}`);
    }
    this.#push(kind, start, name);
  }

  #tag(): void {
    this.#saveKey();
    this.allowKey = false;
    const start = this.at;
    if (this.text[this.at + 1] === "<") {
      this.at += 2;
      const uri = this.#uri();
      if (this.text[this.at++] !== ">") this.fail("expected '>' after the tag");
      this.#push("tag", start, decodeTag(uri));
    } else if (isBlankOrEnd(this.code(1))) {
      this.at++;
      this.#push("tag", start, "!");
    } else {
      const handle = this.match(TAG_HANDLE)!;
      // A second `!` makes what stands before it a handle, which has to be a name.
      const isBroken = handle === "!" &&
        /^[^ \0\r\n\x85\u2028\u2029]*!/.test(this.text.slice(this.at, this.at + 1024));
      if (isBroken) this.fail("expected '!' after the tag's handle");
      const suffix = this.#uri();
      this.#push("tag", start, decodeTag(suffix), { handle });
    }
    const code = this.code();
    if (code !== 0x20 && code !== 0 && !isBreak(code)) this.fail("expected a blank after the tag");
  }

  #uri(): string {
    const start = this.at;
    while (this.match(TAG_URI) !== undefined);
    if (this.at === start) this.fail("expected a tag");
    return this.text.slice(start, this.at);
  }

  #block(char: "|" | ">"): void {
    this.allowKey = true;
    this.#dropKey();
    const start = this.at;
    this.#push("scalar", start, this.block(char === ">"));
  }

  #plain(): void {
    this.#saveKey();
    this.allowKey = false;
    const start = this.at;
    this.#push("scalar", start, this.plain(), { isPlain: true });
  }
}

function decodeTag(uri: string): string {
  try {
    return decodeURIComponent(uri);
  } catch (error) {
    // A byte sequence that is no UTF-8 stays as it was written; such a tag has no meaning here anyway.
    if (error instanceof URIError) return uri;
    throw error;
  }
}
