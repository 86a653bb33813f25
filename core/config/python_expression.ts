import { joined, notSupported } from "./python_format.ts";
import { methodOf } from "./python_methods.ts";
import {
  binary,
  compare,
  ExpressionError,
  FUNCTIONS,
  item,
  slice,
  truth,
  unary,
} from "./python_operators.ts";
import { percentFormat, pieces, written } from "./python_templates.ts";
import { asTuple } from "./python_tuple.ts";
import { ALLOWED, literalParts, numberValue, unescaped, type Word, words } from "./python_words.ts";
import { pythonDict } from "./node.ts";
import type { ResolverFunction } from "./resolver_scope.ts";

/** How deep an expression may nest, and how long it may be. */
const MAX_DEPTH = 100;
const MAX_LENGTH = 10_000;
const BINARY: readonly (readonly string[])[] = [["|"], ["^"], ["&"], ["<<", ">>"], ["+", "-"], [
  "*",
  "/",
  "//",
  "%",
]];
type Thunk = () => unknown;

/**
 * Evaluates a Python expression made of literals, operators and string methods; nothing else exists for it.
 *
 * The template's `eval` resolver. Values are config data: integral floats are `Float`s, dictionaries `Map`s.
 *
 * @throws {ExpressionError} named as Python names the failure: `SyntaxError`, `NameError`, `ZeroDivisionError`.
 *
 * @example
 * ```ts
 * import { evaluatePython } from "./python_expression.ts";
 * console.assert(evaluatePython("'max' if 'acc' in 'val/acc' else 'min'") === "max");
 * console.assert(evaluatePython("7 // 2 ** 2") === 1);
 * ```
 */
export function evaluatePython(text: string): unknown {
  if (text.length > MAX_LENGTH) {
    throw new ExpressionError("ValueError", `expression is longer than ${MAX_LENGTH}`);
  }
  return new Parser(text).parse()();
}

/**
 * The template's resolver `${eval:"expression"}`, to be registered under that name.
 *
 * @throws {ExpressionError} as {@linkcode evaluatePython}, and for an argument that is no text.
 */
export const evalResolver: ResolverFunction = (args: readonly unknown[]): unknown => {
  const [text] = args;
  if (typeof text === "string" && args.length === 1) return evaluatePython(text);
  throw new ExpressionError("TypeError", "eval() takes one text", "quote the expression: ${eval:'1 + 1'}");
};

class Parser {
  readonly #words: Word[];
  #at = 0;
  #depth: number;

  constructor(text: string, depth = 0) {
    this.#words = words(text);
    this.#depth = depth;
  }

  parse(): Thunk {
    const value = this.#conditional();
    if (this.#word.kind !== "end") this.#fail();
    return value;
  }

  get #word(): Word {
    return this.#words[this.#at]!;
  }

  #isOperator(text: string): boolean {
    return this.#word.kind === "operator" && this.#word.text === text;
  }

  #isName(text: string): boolean {
    return this.#word.kind === "name" && this.#word.text === text;
  }

  #take(text: string): boolean {
    if (!this.#isOperator(text)) return false;
    this.#at++;
    return true;
  }

  #takeName(text: string): boolean {
    if (!this.#isName(text)) return false;
    this.#at++;
    return true;
  }

  #need(text: string): void {
    if (!this.#take(text)) this.#fail();
  }

  #fail(): never {
    const shown = this.#word.kind === "end" ? "the end" : `'${this.#word.text}'`;
    throw new ExpressionError("SyntaxError", `invalid syntax at ${shown}`, ALLOWED);
  }

  #conditional(): Thunk {
    if (++this.#depth > MAX_DEPTH) {
      throw new ExpressionError("MemoryError", `nested deeper than ${MAX_DEPTH} levels`);
    }
    const value = this.#or();
    this.#depth--;
    if (!this.#takeName("if")) return value;
    const condition = this.#or();
    if (!this.#takeName("else")) this.#fail();
    const otherwise = this.#conditional();
    return () => truth(condition()) ? value() : otherwise();
  }

  #or(): Thunk {
    let left = this.#and();
    while (this.#takeName("or")) {
      const [first, second] = [left, this.#and()];
      left = () => {
        const value = first();
        return truth(value) ? value : second();
      };
    }
    return left;
  }

  #and(): Thunk {
    let left = this.#not();
    while (this.#takeName("and")) {
      const [first, second] = [left, this.#not()];
      left = () => {
        const value = first();
        return truth(value) ? second() : value;
      };
    }
    return left;
  }

  #not(): Thunk {
    let isNegated = false;
    let isNot = false;
    for (; this.#takeName("not"); isNot = true) isNegated = !isNegated;
    const value = this.#comparison();
    return isNot ? () => truth(value()) !== isNegated : value;
  }

  #comparison(): Thunk {
    const first = this.#binary(0);
    const rest: [string, Thunk][] = [];
    for (let operator = this.#comparator(); operator !== undefined; operator = this.#comparator()) {
      rest.push([operator, this.#binary(0)]);
    }
    if (rest.length === 0) return first;
    // `a < b < c` evaluates b once and stops at the first comparison that fails.
    return () => {
      let left = first();
      for (const [operator, operand] of rest) {
        const right = operand();
        if (!compare(operator, left, right)) return false;
        left = right;
      }
      return true;
    };
  }

  #comparator(): string | undefined {
    const { kind, text } = this.#word;
    if (kind === "operator" && ["<", "<=", ">", ">=", "==", "!="].includes(text)) {
      this.#at++;
      return text;
    }
    if (this.#takeName("in")) return "in";
    if (this.#takeName("is")) return this.#takeName("not") ? "is not" : "is";
    if (!this.#takeName("not")) return undefined;
    if (!this.#takeName("in")) this.#fail();
    return "not in";
  }

  #binary(level: number): Thunk {
    const operators = BINARY[level];
    if (operators === undefined) return this.#unary();
    let left = this.#binary(level + 1);
    while (this.#word.kind === "operator" && operators.includes(this.#word.text)) {
      const operator = this.#word.text;
      this.#at++;
      const [first, second] = [left, this.#binary(level + 1)];
      left = () => {
        const value = first();
        if (operator === "%" && typeof value === "string") return percentFormat(value, second());
        return binary(operator, value, second());
      };
    }
    return left;
  }

  #unary(): Thunk {
    const signs: string[] = [];
    for (; this.#isOperator("-") || this.#isOperator("+") || this.#isOperator("~"); this.#at++) {
      signs.push(this.#word.text);
    }
    const operand = this.#power();
    if (signs.length === 0) return operand;
    return () => signs.reduceRight((value, sign) => unary(sign, value), operand());
  }

  #power(): Thunk {
    const base = this.#trailers(this.#atom());
    if (!this.#take("**")) return base;
    if (++this.#depth > MAX_DEPTH) {
      throw new ExpressionError("MemoryError", `nested deeper than ${MAX_DEPTH} levels`);
    }
    const exponent = this.#unary();
    this.#depth--;
    return () => binary("**", base(), exponent());
  }

  #trailers(start: Thunk): Thunk {
    let value = start;
    for (;;) {
      if (this.#take(".")) value = this.#method(value);
      else if (this.#take("[")) value = this.#subscript(value);
      else if (this.#isOperator("(")) {
        throw new ExpressionError("TypeError", "only functions and string methods can be called", ALLOWED);
      } else return value;
    }
  }

  #method(owner: Thunk): Thunk {
    const name = this.#word.kind === "name" ? this.#word.text : this.#fail();
    this.#at++;
    if (!this.#isOperator("(")) {
      return () => {
        methodOf(owner(), name, false);
        throw notSupported(`the method ${name} without a call`);
      };
    }
    const { args, named } = this.#arguments();
    return () => {
      const value = owner();
      const method = methodOf(value, name, named.length > 0);
      return method(args.map((arg) => arg()), new Map(named.map(([key, arg]) => [key, arg()])));
    };
  }

  #subscript(owner: Thunk): Thunk {
    const none: Thunk = () => null;
    const from = this.#isOperator(":") ? none : this.#conditional();
    if (!this.#take(":")) {
      this.#need("]");
      return () => item(owner(), from());
    }
    const isEnd = () => this.#isOperator("]") || this.#isOperator(":");
    const to = isEnd() ? none : this.#conditional();
    const by = !this.#take(":") || this.#isOperator("]") ? none : this.#conditional();
    this.#need("]");
    return () => slice(owner(), from(), to(), by());
  }

  /** Arguments of a call, those with a name after the others. */
  #arguments(): { readonly args: Thunk[]; readonly named: [string, Thunk][] } {
    this.#need("(");
    const args: Thunk[] = [];
    const named: [string, Thunk][] = [];
    for (let count = 0; !this.#take(")"); count++) {
      if (count > 0) {
        this.#need(",");
        if (this.#take(")")) break;
      }
      const next = this.#words[this.#at + 1];
      if (this.#word.kind === "name" && next?.kind === "operator" && next.text === "=") {
        const name = this.#word.text;
        this.#at += 2;
        named.push([name, this.#conditional()]);
      } else if (named.length > 0) this.#fail();
      else args.push(this.#conditional());
    }
    return { args, named };
  }

  /** Expressions separated by commas up to a closing bracket; one more comma may end them. */
  #list(close: string): Thunk[] {
    const values: Thunk[] = [];
    while (!this.#take(close)) {
      if (values.length > 0) {
        this.#need(",");
        if (this.#take(close)) break;
      }
      values.push(this.#conditional());
    }
    return values;
  }

  #atom(): Thunk {
    const { kind, text } = this.#word;
    if (kind === "number") return this.#literal(numberValue(text));
    if (kind === "string") return this.#strings();
    if (kind === "name") return this.#name(text);
    if (this.#take("(")) return this.#group();
    if (this.#take("[")) {
      const values = this.#list("]");
      return () => values.map((value) => value());
    }
    if (this.#take("{")) return this.#dict();
    return this.#fail();
  }

  #literal(value: unknown): Thunk {
    this.#at++;
    return () => value;
  }

  #strings(): Thunk {
    const parts: Thunk[] = [];
    for (; this.#word.kind === "string"; this.#at++) {
      const { prefix, body } = literalParts(this.#word.text);
      if (prefix.includes("f")) parts.push(...this.#fields(body, prefix));
      else parts.push(() => unescaped(body, prefix));
    }
    return () => joined(parts.map((part) => part() as string));
  }

  /** The pieces of an f-string. */
  #fields(body: string, prefix: string): Thunk[] {
    return pieces(body, "SyntaxError").map((piece): Thunk => {
      if (typeof piece === "string") return () => unescaped(piece, prefix);
      const { field, conversion, spec } = piece;
      if (/(?:^|[^=!<>])=\s*$/.test(field)) throw notSupported("'=' after a field of an f-string");
      const value = new Parser(field, this.#depth + 1).parse();
      return () => written(value(), conversion, spec);
    });
  }

  #name(text: string): Thunk {
    if (text === "True") return this.#literal(true);
    if (text === "False") return this.#literal(false);
    if (text === "None") return this.#literal(null);
    const call = Object.hasOwn(FUNCTIONS, text) ? FUNCTIONS[text] : undefined;
    this.#at++;
    if (call !== undefined && this.#isOperator("(")) {
      const { args, named } = this.#arguments();
      if (named.length > 0) throw notSupported(`${text}() with named arguments`);
      return () => call(args.map((arg) => arg()));
    }
    if (KEYWORDS.has(text)) {
      this.#at--;
      return this.#fail();
    }
    const unknown = (): never => {
      throw new ExpressionError("NameError", `name '${text}' is not defined`, `quote a text; ${ALLOWED}`);
    };
    return this.#isOperator("(") ? unknown() : unknown;
  }

  #group(): Thunk {
    if (this.#take(")")) return () => asTuple([]);
    const first = this.#conditional();
    if (this.#take(")")) return first;
    this.#need(",");
    const values = [first, ...this.#list(")")];
    return () => asTuple(values.map((value) => value()));
  }

  #dict(): Thunk {
    const entries: [Thunk, Thunk][] = [];
    while (!this.#take("}")) {
      if (entries.length > 0) {
        this.#need(",");
        if (this.#take("}")) break;
      }
      const key = this.#conditional();
      this.#need(":");
      entries.push([key, this.#conditional()]);
    }
    return () => pythonDict(entries.map(([key, value]) => [key(), value()]));
  }
}

const KEYWORDS = new Set(
  ("and as assert async await break class continue def del elif else except finally for from global if import in is " +
    "lambda nonlocal not or pass raise return try while with yield").split(" "),
);
