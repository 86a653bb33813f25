import { OverrideFunctionError } from "./override_call.ts";
import { callFunction } from "./override_functions.ts";
import { type Token, tokenize, type TokenKind, unknownCharacter } from "./override_tokens.ts";
import { type OverrideValue, QuotedString } from "./override_value.ts";
import { OverrideParseError } from "./hydra_errors.ts";
import { mapKey } from "./node.ts";
import { type Float, float, integer, type Key } from "./scalar.ts";

/** Deepest nesting of lists, dicts and calls that is read; Python gives up at a similar depth. */
export const MAX_DEPTH = 200;

/** An override as the grammar sees it. */
export interface ParsedOverride {
  readonly prefix: "" | "+" | "++" | "~";
  readonly key: string;
  readonly package: string | undefined;
  /** `undefined` where there is no `=`. */
  readonly value: OverrideValue | undefined;
}

const PRIMITIVE: ReadonlySet<TokenKind> = new Set(
  ["ID", "NULL", "INT", "FLOAT", "BOOL", "INTERPOLATION", "CHAR", "COLON", "ESC", "WS"] as const,
);
const DICT_KEY: ReadonlySet<TokenKind> = new Set(
  ["ID", "NULL", "INT", "FLOAT", "BOOL", "CHAR", "ESC", "WS"] as const,
);
const STARTS_ELEMENT: ReadonlySet<TokenKind> = new Set(
  [...PRIMITIVE, "QUOTED", "BRACKET_OPEN", "BRACE_OPEN"] as const,
);
const STARTS_OVERRIDE: ReadonlySet<TokenKind> = new Set(
  ["EQUAL", "TILDE", "PLUS", "AT", "KEY_SPECIAL", "DOT_PATH", "ID"] as const,
);
const KEY_FOLLOWS: ReadonlySet<TokenKind> = new Set(
  ["EQUAL", "AT", "KEY_SPECIAL", "DOT_PATH", "ID", "EOF"] as const,
);
const PLUS_FOLLOWS: ReadonlySet<TokenKind> = new Set(
  ["EQUAL", "PLUS", "AT", "KEY_SPECIAL", "DOT_PATH", "ID"] as const,
);
/** What may come after a token (also the end, where a key is removed); where it does and the token is missing, the parser says so. */
const FOLLOWS: Partial<Record<TokenKind, ReadonlySet<TokenKind>>> = {
  EQUAL: new Set([...STARTS_ELEMENT, "EOF"]),
  ID: new Set(["SLASH", "AT", "EQUAL"]),
};
const AFTER_REMOVED_KEY: ReadonlySet<TokenKind> = new Set(["EOF", "EQUAL"] as const);
// The sets as ANTLR spells them.
const OVERRIDE_SET = "{EQUAL, '~', '+', '@', KEY_SPECIAL, DOT_PATH, ID}";
const PLUS_SET = "{EQUAL, '+', '@', KEY_SPECIAL, DOT_PATH, ID}";
const ELEMENT_SET = "':', BRACKET_OPEN, BRACE_OPEN, FLOAT, INT, BOOL, NULL, UNQUOTED_CHAR, ID, ESC, WS, " +
  "QUOTED_VALUE, INTERPOLATION}";
const KEY_SET = "FLOAT, INT, BOOL, NULL, UNQUOTED_CHAR, ID, ESC, WS}";

/** Tokens that may stand in a place, and how ANTLR spells the set. */
interface Wanted {
  readonly kinds: ReadonlySet<TokenKind>;
  readonly names: string;
}

const WANTED = {
  element: { kinds: STARTS_ELEMENT, names: `{${ELEMENT_SET}` },
  list: {
    kinds: new Set<TokenKind>([...STARTS_ELEMENT, "BRACKET_CLOSE"]),
    names: `{${ELEMENT_SET.replace("BRACKET_OPEN", "BRACKET_OPEN, BRACKET_CLOSE")}`,
  },
  listEnd: { kinds: new Set<TokenKind>(["COMMA", "BRACKET_CLOSE"]), names: "{COMMA, BRACKET_CLOSE}" },
  arguments: {
    kinds: new Set<TokenKind>([...STARTS_ELEMENT, "PCLOSE"]),
    names: `{${ELEMENT_SET.replace("':', ", "':', PCLOSE, ")}`,
  },
  argumentsEnd: { kinds: new Set<TokenKind>(["COMMA", "PCLOSE"]), names: "{COMMA, PCLOSE}" },
  dict: { kinds: new Set<TokenKind>([...DICT_KEY, "BRACE_CLOSE"]), names: `{BRACE_CLOSE, ${KEY_SET}` },
  dictKey: { kinds: DICT_KEY, names: `{${KEY_SET}` },
  dictEnd: { kinds: new Set<TokenKind>(["COMMA", "BRACE_CLOSE"]), names: "{COMMA, BRACE_CLOSE}" },
  colon: { kinds: new Set<TokenKind>(["COLON"]), names: "':'" },
} as const satisfies Readonly<Record<string, Wanted>>;

const LITERALS: Partial<Record<TokenKind, string>> = { EOF: "<EOF>" };

type Primitive = null | boolean | number | bigint | string | Float | QuotedString;

/**
 * Parses an override by Hydra's grammar.
 *
 * @throws {OverrideParseError} with the words of Hydra's parser and the column.
 *
 * @example
 * ```ts
 * import { parseOverrideText } from "./override_parser.ts";
 * const parsed = parseOverrideText("+db@backup=[a,1]");
 * console.assert(parsed.prefix === "+" && parsed.key === "db" && parsed.package === "backup");
 * ```
 */
export function parseOverrideText(text: string): ParsedOverride {
  const tokens = tokenize(text);
  // Functions are called after the whole text has parsed, so a syntax error further right comes first.
  new Parser(text, tokens, false).override();
  return new Parser(text, tokens, true).override();
}

class Parser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  readonly #evaluate: boolean;
  #at = 0;
  #depth = 0;

  constructor(text: string, tokens: readonly Token[], evaluate: boolean) {
    this.#text = text;
    this.#tokens = tokens;
    this.#evaluate = evaluate;
  }

  override(): ParsedOverride {
    if (!STARTS_OVERRIDE.has(this.#peek().kind)) throw this.#unexpected(STARTS_OVERRIDE, OVERRIDE_SET);
    let prefix: ParsedOverride["prefix"] = "";
    if (this.#is("TILDE")) prefix = "~";
    else if (this.#is("PLUS")) prefix = this.#peek(1).kind === "PLUS" ? "++" : "+";
    this.#at += prefix.length;
    if (prefix === "+" && !PLUS_FOLLOWS.has(this.#peek().kind)) {
      throw this.#unexpected(PLUS_FOLLOWS, PLUS_SET);
    }
    this.#startsKey();
    const key = this.#packageOrGroup();
    const pack = this.#take("AT") ? (this.#startsKey(), this.#package()) : undefined;
    if (prefix === "~") {
      if (this.#is("EOF")) return { prefix, key, package: pack, value: undefined };
      if (!this.#is("EQUAL")) throw this.#unexpected(AFTER_REMOVED_KEY, "{<EOF>, EQUAL}");
    }
    this.#match("EQUAL");
    const value = this.#is("EOF") ? "" : this.#value();
    this.#match("EOF");
    return { prefix, key, package: pack, value };
  }

  /** Keys and packages may be empty; what cannot come after them cannot stand here either. */
  #startsKey(): void {
    const { kind, text, start } = this.#peek();
    if (!KEY_FOLLOWS.has(kind)) throw this.#noViable(text, start);
  }

  #packageOrGroup(): string {
    if (!this.#is("ID") || this.#peek(1).kind !== "SLASH") return this.#package();
    let key = this.#next().text;
    while (this.#is("SLASH")) {
      this.#at++;
      this.#match("ID");
      key += `/${this.#tokens[this.#at - 1]!.text}`;
    }
    return key;
  }

  #package(): string {
    const named = this.#is("ID") || this.#is("KEY_SPECIAL") || this.#is("DOT_PATH");
    return named ? this.#next().text : "";
  }

  #value(): OverrideValue {
    if (!STARTS_ELEMENT.has(this.#peek().kind)) {
      throw this.#unexpected(new Set<TokenKind>([...STARTS_ELEMENT, "EOF"]), `{<EOF>, ${ELEMENT_SET}`);
    }
    const first = this.#predicted(this.#at, () => this.#element());
    if (!this.#is("COMMA")) return first;
    const list = [first];
    while (this.#take("COMMA")) {
      if (!STARTS_ELEMENT.has(this.#peek().kind)) throw this.#unexpected(STARTS_ELEMENT, `{${ELEMENT_SET}`);
      list.push(this.#decided(() => this.#element()));
    }
    return { sweep: "choice", list, simple: true, shuffle: false, tags: [] };
  }

  /** ANTLR reads the whole first element before it decides what the value is, and names all of it when it fails. */
  #predicted<T>(start: number, read: () => T): T {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof SyntaxFault)) throw error;
      const last = this.#tokens[error.at]!;
      const tokens = this.#tokens.slice(start, error.at + 1);
      const input = tokens.filter((token, i) => i === 0 || token.kind !== "EOF").map((token) => token.text)
        .join("");
      throw this.#noViable(input, last.start);
    }
  }

  /** Once it is clear what the value is, ANTLR names the token that cannot stand where it does. */
  #decided<T>(read: () => T): T {
    const start = this.#at;
    try {
      return read();
    } catch (error) {
      if (!(error instanceof SyntaxFault) || error.wanted === undefined) {
        return this.#predicted(start, () => rethrow(error));
      }
      this.#at = error.at;
      throw this.#unexpected(error.wanted.kinds, error.wanted.names);
    }
  }

  /** ANTLR reads the rest of the text for this report, so a character that it cannot read comes first. */
  #noViable(input: string, offset: number): OverrideParseError {
    const last = this.#tokens.at(-1)!;
    if (last.kind === "FAULT") return unknownCharacter(this.#text, last.start);
    return this.#error(`no viable alternative at input '${escaped(input)}'`, offset);
  }

  #element(): OverrideValue {
    if (++this.#depth > MAX_DEPTH) {
      throw this.#error(`The value nests deeper than ${MAX_DEPTH} levels`, this.#peek().start);
    }
    try {
      if (this.#is("BRACKET_OPEN")) return this.#list();
      if (this.#is("BRACE_OPEN")) return this.#dict();
      if (this.#is("ID") && this.#peek(1).kind === "POPEN") return this.#function();
      if (this.#is("QUOTED")) return this.#quoted();
      if (PRIMITIVE.has(this.#peek().kind)) return this.#primitive(PRIMITIVE);
      throw new SyntaxFault(this.#at, WANTED.element);
    } finally {
      this.#depth--;
    }
  }

  #list(): OverrideValue {
    this.#at++;
    const items: OverrideValue[] = [];
    if (!this.#is("BRACKET_CLOSE")) {
      if (!STARTS_ELEMENT.has(this.#peek().kind)) throw new SyntaxFault(this.#at, WANTED.list);
      do items.push(this.#element()); while (this.#take("COMMA"));
    }
    this.#close("BRACKET_CLOSE", WANTED.listEnd);
    return items;
  }

  #dict(): OverrideValue {
    this.#at++;
    const entries = new Map<Key, OverrideValue>();
    const keys = new Map<unknown, Key>();
    if (!this.#is("BRACE_CLOSE")) {
      do {
        if (!DICT_KEY.has(this.#peek().kind)) {
          throw new SyntaxFault(this.#at, entries.size === 0 ? WANTED.dict : WANTED.dictKey);
        }
        // `null` as a key is refused when the value reaches the config, which knows the rules for keys.
        const written = this.#primitive(DICT_KEY) as Key;
        const key = keys.get(mapKey(written)) ?? written;
        keys.set(mapKey(written), key);
        this.#close("COLON", WANTED.colon);
        entries.set(key, this.#element());
      } while (this.#take("COMMA"));
    }
    this.#close("BRACE_CLOSE", WANTED.dictEnd);
    return entries;
  }

  #function(): OverrideValue {
    const start = this.#at;
    const name = this.#next().text;
    this.#at++;
    const args: OverrideValue[] = [];
    const named = new Map<string, OverrideValue>();
    if (!this.#is("PCLOSE")) {
      if (!STARTS_ELEMENT.has(this.#peek().kind)) throw new SyntaxFault(this.#at, WANTED.arguments);
      do {
        if (this.#is("ID") && this.#peek(1).kind === "EQUAL") {
          const argument = this.#next().text;
          this.#at++;
          named.set(argument, this.#element());
        } else {
          const value = this.#element();
          if (named.size > 0 && this.#evaluate) {
            throw this.#error("positional argument follows keyword argument", this.#peek().start, true);
          }
          args.push(value);
        }
      } while (this.#take("COMMA"));
    }
    this.#close("PCLOSE", WANTED.argumentsEnd);
    if (!this.#evaluate) return null;
    try {
      return callFunction(name, args, named);
    } catch (error) {
      if (!(error instanceof OverrideFunctionError)) throw error;
      const call = this.#tokens.slice(start, this.#at).map((token) => token.text).join("");
      throw this.#error(
        `${error.kind} while evaluating '${call}': ${error.what}`,
        this.#tokens[start]!.start,
        true,
      );
    }
  }

  #quoted(): QuotedString {
    const { text } = this.#next();
    const quote = text[0] as "'" | '"';
    // Backslashes count only before a quote: there every second one goes.
    const body = text.slice(1).replace(new RegExp(`(\\\\+)${quote}`, "g"), (_, slashes: string) => {
      return slashes.slice(0, slashes.length >> 1) + quote;
    });
    return new QuotedString(body.slice(0, -1), quote);
  }

  #primitive(kinds: ReadonlySet<TokenKind>): Primitive {
    const start = this.#at;
    while (kinds.has(this.#peek().kind)) this.#at++;
    let tokens = this.#tokens.slice(start, this.#at);
    if (tokens[0]!.kind === "WS") {
      if (tokens.length === 1 && this.#evaluate) {
        throw this.#error("Trying to parse a primitive that is all whitespaces", tokens[0]!.start, true);
      }
      tokens = tokens.slice(1);
    }
    if (tokens.at(-1)?.kind === "WS") tokens = tokens.slice(0, -1);
    if (tokens.length === 1) return literal(tokens[0]!);
    return tokens.map((token) => token.kind === "ESC" ? unescaped(token.text) : token.text).join("");
  }

  #is(kind: TokenKind): boolean {
    return this.#peek().kind === kind;
  }

  #peek(ahead = 0): Token {
    const token = this.#tokens[Math.min(this.#at + ahead, this.#tokens.length - 1)]!;
    if (token.kind === "FAULT") throw unknownCharacter(this.#text, token.start);
    return token;
  }

  #next(): Token {
    return this.#tokens[this.#at++]!;
  }

  #take(kind: TokenKind): boolean {
    if (!this.#is(kind)) return false;
    this.#at++;
    return true;
  }

  #close(kind: TokenKind, wanted?: Wanted): void {
    if (!this.#take(kind)) throw new SyntaxFault(this.#at, wanted);
  }

  /** Takes a token that must stand here, or reports as ANTLR would: one too many, one missing, or a mismatch. */
  #match(kind: TokenKind): void {
    if (this.#take(kind)) return;
    const wanted = LITERALS[kind] ?? kind;
    const { start } = this.#peek();
    const text = escaped(this.#peek().text);
    if (this.#peek(1).kind === kind && !this.#is("EOF")) {
      throw this.#error(`extraneous input '${text}' expecting ${wanted}`, start, true);
    }
    const isEnd = kind === "ID" && this.#is("EOF") && this.#tokens[0]!.kind === "TILDE";
    if (isEnd || FOLLOWS[kind]?.has(this.#peek().kind) === true) {
      throw this.#error(`missing ${wanted} at '${text}'`, start, true);
    }
    throw this.#error(`mismatched input '${text}' expecting ${wanted}`, start);
  }

  #unexpected(wanted: ReadonlySet<TokenKind>, names: string): OverrideParseError {
    const { kind, start } = this.#peek();
    const text = escaped(this.#peek().text);
    if (kind !== "EOF" && wanted.has(this.#peek(1).kind)) {
      return this.#error(`extraneous input '${text}' expecting ${names}`, start, true);
    }
    return this.#error(`mismatched input '${text}' expecting ${names}`, start);
  }

  #error(message: string, offset: number, named = false): OverrideParseError {
    const what = named ? `Error parsing override '${this.#text}'\n${message}` : message;
    return new OverrideParseError(what, { override: this.#text, column: offset + 1 });
  }
}

/** A token that cannot stand where it does; becomes an {@linkcode OverrideParseError} once its context is known. */
class SyntaxFault extends OverrideParseError {
  readonly at: number;
  /** What could have stood there, where that is known. */
  readonly wanted: Wanted | undefined;

  constructor(at: number, wanted?: Wanted) {
    super("unexpected token", { override: "", column: at });
    this.at = at;
    this.wanted = wanted;
  }
}

function rethrow(error: unknown): never {
  throw error;
}

/** Blanks as ANTLR's messages write them. */
function escaped(text: string): string {
  return text.replaceAll("\n", "\\n").replaceAll("\r", "\\r").replaceAll("\t", "\\t");
}

function unescaped(text: string): string {
  return text.replace(/\\(.)/gs, "$1");
}

function literal({ kind, text }: Token): Primitive {
  switch (kind) {
    case "INT":
      return integer(
        BigInt(text.replaceAll("_", "").replace(/^[+-]/, "")) * (text.startsWith("-") ? -1n : 1n),
      );
    case "FLOAT": {
      const bare = text.replaceAll("_", "").toLowerCase();
      if (bare.endsWith("inf")) return bare.startsWith("-") ? -Infinity : Infinity;
      return bare.endsWith("nan") ? NaN : float(Number(bare));
    }
    case "BOOL":
      return text.toLowerCase() === "true";
    case "NULL":
      return null;
    case "ESC":
      return unescaped(text);
    default:
      return text;
  }
}
