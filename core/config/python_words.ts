import { ExpressionError, FUNCTIONS } from "./python_operators.ts";
import { float, integer } from "./scalar.ts";

const TOKEN =
  /\s*(?:((?:[rRuUfF]|[rR][fF]|[fF][rR])?(?:'(?:[^'\\\n]|\\[\s\S])*'|"(?:[^"\\\n]|\\[\s\S])*"))|((?:[0-9][0-9_]*\.?[0-9_]*|\.[0-9][0-9_]*)(?:[eE][+-]?[0-9_]+)?|0[xXoObB][0-9a-fA-F_]+)(?![A-Za-z0-9_])|(0[xXoObB][0-9a-fA-F_]+)|([A-Za-z_][A-Za-z0-9_]*)|(\*\*|\/\/|<<|>>|<=|>=|==|!=|[-+*/%&|^~<>()[\]{},.:=])|(\S))/y;

/** What an expression may hold, for errors. */
export const ALLOWED = "it can use literals, operators, `x if c else y`, f-strings, string methods, and " +
  `${Object.keys(FUNCTIONS).join(", ")}`;

/** A word of an expression. */
export interface Word {
  readonly kind: "string" | "number" | "name" | "operator" | "end";
  readonly text: string;
}

/** The words of an expression, an `end` last. @throws {ExpressionError} for a character that no word has. */
export function words(text: string): Word[] {
  const found: Word[] = [];
  const trimmed = text.replace(/^[ \t]+|\s+$/g, "");
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < trimmed.length) {
    const match = TOKEN.exec(trimmed);
    const [, string, decimal, prefixed, name, operator, other] = match ?? [];
    if (string !== undefined) found.push({ kind: "string", text: string });
    else if (decimal !== undefined || prefixed !== undefined) {
      found.push({ kind: "number", text: (decimal ?? prefixed)! });
    } else if (name !== undefined) found.push({ kind: "name", text: name });
    else if (operator !== undefined) found.push({ kind: "operator", text: operator });
    else {throw new ExpressionError(
        "SyntaxError",
        `invalid character ${JSON.stringify(other ?? "")}`,
        ALLOWED,
      );}
  }
  found.push({ kind: "end", text: "" });
  return found;
}

/** What a number literal stands for. */
export function numberValue(text: string): unknown {
  if (/__|_$|_[.eE]|[.eE]_/.test(text)) {
    throw new ExpressionError("SyntaxError", `invalid decimal literal ${text}`);
  }
  const bare = text.replaceAll("_", "");
  const isWhole = /^(?:0[xXoObB][0-9a-fA-F]+|[1-9][0-9]*|0+)$/.test(bare);
  if (!isWhole && /^[0-9]+$/.test(bare)) {
    throw new ExpressionError(
      "SyntaxError",
      `leading zeros in decimal integer literals are not permitted: ${text}`,
    );
  }
  if (!isWhole) return float(Number(bare));
  try {
    return integer(BigInt(bare.toLowerCase()));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new ExpressionError("SyntaxError", `invalid number literal ${text}`);
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  "\n": "",
  "\\": "\\",
  "'": "'",
  '"': '"',
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

/** A string literal's letters before its first quote, and what stands between the quotes. */
export function literalParts(text: string): { readonly prefix: string; readonly body: string } {
  const start = /['"]/.exec(text)!.index;
  return { prefix: text.slice(0, start).toLowerCase(), body: text.slice(start + 1, -1) };
}

/** What a string literal's body stands for. */
export function unescaped(body: string, prefix: string): string {
  if (prefix.includes("r")) return body;
  return body.replace(/\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|[0-7]{1,3}|[\s\S])/g, (whole, code: string) => {
    if (code.length > 1 && /^[xu]/.test(code)) return String.fromCharCode(parseInt(code.slice(1), 16));
    if (/^[0-7]+$/.test(code)) return String.fromCharCode(parseInt(code, 8));
    return Object.hasOwn(ESCAPES, code) ? ESCAPES[code]! : whole;
  });
}
