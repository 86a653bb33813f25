import { OverrideParseError } from "./hydra_errors.ts";

/** The kinds of token that an override is made of. */
export type TokenKind =
  | "EQUAL"
  | "TILDE"
  | "PLUS"
  | "AT"
  | "COLON"
  | "SLASH"
  | "ID"
  | "KEY_SPECIAL"
  | "DOT_PATH"
  | "POPEN"
  | "PCLOSE"
  | "COMMA"
  | "BRACKET_OPEN"
  | "BRACKET_CLOSE"
  | "BRACE_OPEN"
  | "BRACE_CLOSE"
  | "FLOAT"
  | "INT"
  | "BOOL"
  | "NULL"
  | "CHAR"
  | "ESC"
  | "WS"
  | "QUOTED"
  | "INTERPOLATION"
  | "FAULT"
  | "EOF";

/** A piece of an override: `start` is its offset in the text, blanks that belong to it included in `text`. */
export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly start: number;
}

type Rules = readonly (readonly [TokenKind, RegExp])[];

const UINT = "(?:0|[1-9](?:_?[0-9])*)";
const POINT = `(?:${UINT}\\.(?![0-9])|${UINT}?\\.[0-9](?:_?[0-9])*)`;
const EXPONENT = `(?:${POINT}|${UINT})[eE][+-]?[0-9](?:_?[0-9])*`;
const KEY_SPECIAL = "[a-zA-Z_$][a-zA-Z0-9_$-]*";
const ID = "[a-zA-Z_][a-zA-Z0-9_-]*";

const KEY_RULES: Rules = compile([
  ["EQUAL", "=[ \\t]*"],
  ["TILDE", "~"],
  ["PLUS", "\\+"],
  ["AT", "@"],
  ["COLON", ":"],
  ["SLASH", "/"],
  ["ID", ID],
  ["KEY_SPECIAL", KEY_SPECIAL],
  ["DOT_PATH", `(?:${KEY_SPECIAL}|${UINT})(?:\\.(?:${KEY_SPECIAL}|${UINT}))+`],
]);

const VALUE_RULES: Rules = compile([
  ["POPEN", "[ \\t]*\\([ \\t]*"],
  ["COMMA", "[ \\t]*,[ \\t]*"],
  ["PCLOSE", "[ \\t]*\\)"],
  ["BRACKET_OPEN", "\\[[ \\t]*"],
  ["BRACKET_CLOSE", "[ \\t]*\\]"],
  ["BRACE_OPEN", "\\{[ \\t]*"],
  ["BRACE_CLOSE", "[ \\t]*\\}"],
  ["COLON", "[ \\t]*:[ \\t]*"],
  ["EQUAL", "[ \\t]*=[ \\t]*"],
  ["FLOAT", `[+-]?(?:${EXPONENT}|${POINT}|[Ii][Nn][Ff]|[Nn][Aa][Nn])`],
  ["INT", `[+-]?${UINT}`],
  ["BOOL", "[Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee]"],
  ["NULL", "[Nn][Uu][Ll][Ll]"],
  ["CHAR", "[/\\-\\\\+.$%*@?|]"],
  ["ID", ID],
  ["ESC", "(?:\\\\[\\\\()[\\]{}:=, \\t])+"],
  ["WS", "[ \\t]+"],
  ["QUOTED", quoted('"') + "|" + quoted("'")],
  ["INTERPOLATION", "\\$\\{[^}]+\\}"],
]);

function quoted(quote: string): string {
  return `${quote}(?:(?:\\\\\\\\)*|[^]*?[^\\\\](?:\\\\\\\\)*)${quote}`;
}

function compile(rules: readonly (readonly [TokenKind, string])[]): Rules {
  return rules.map(([kind, source]) => [kind, new RegExp(source, "y")] as const);
}

/**
 * Cuts an override into tokens: the longest match wins, the earlier rule on a tie. Text before the first `=` follows
 * the rules of keys, text after it the rules of values. A character that no rule takes ends the list as a `FAULT`, so
 * that a parser may find an earlier error first.
 *
 * @example
 * ```ts
 * import { tokenize } from "./override_tokens.ts";
 * console.assert(tokenize("a.b=1e3").map((token) => token.kind).join() === "DOT_PATH,EQUAL,FLOAT,EOF");
 * ```
 */
export function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let rules = KEY_RULES;
  let at = 0;
  while (at < text.length) {
    let kind: TokenKind | undefined;
    let end = at;
    for (const [candidate, pattern] of rules) {
      pattern.lastIndex = at;
      if (pattern.test(text) && pattern.lastIndex > end) [kind, end] = [candidate, pattern.lastIndex];
    }
    if (kind === undefined) return [...tokens, { kind: "FAULT", text: text.slice(at), start: at }];
    tokens.push({ kind, text: text.slice(at, end), start: at });
    if (kind === "EQUAL") rules = VALUE_RULES;
    at = end;
  }
  tokens.push({ kind: "EOF", text: "<EOF>", start: text.length });
  return tokens;
}

/** The error of a `FAULT` token, with Hydra's caret under the character. */
export function unknownCharacter(text: string, at: number): OverrideParseError {
  // Hydra's wording, which users search for; the caret stands under the character in the line above.
  const prefix = "LexerNoViableAltException: ";
  const character = String.fromCodePoint(text.codePointAt(at)!);
  const index = /^[^=]*\[(\d+)\]/.exec(text);
  const inKey = character === "[" && index !== null && at < index[0].length;
  return new OverrideParseError(`${prefix}${text}\n${" ".repeat(prefix.length + at)}^`, {
    override: text,
    column: at + 1,
    fix: inKey
      ? `items of a list are named by a dot: ${
        text.replace(/^[^=]*/, (key) => key.replace(/\[(\d+)\]/g, ".$1"))
      }`
      : `"${character}" is not part of the override grammar here; quote the value: key='...', in a shell "key='...'"`,
  });
}
