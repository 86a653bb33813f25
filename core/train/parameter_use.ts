/**
 * Whether a function may look at one of its parameters, as its source says: its name stands in the list of parameters
 * and nowhere else where it does not. In doubt the answer is yes.
 *
 * @param index The parameter's place.
 * @param method The method's name: a call such as `super.method(a, b)` only hands the parameter on.
 *
 * @example
 * ```ts
 * import { mayUseParameter } from "./parameter_use.ts";
 * console.assert(mayUseParameter((x: number, i: number) => x * i, 1) && !mayUseParameter((x: number) => x, 1));
 * ```
 */
export function mayUseParameter(fn: (...args: never[]) => unknown, index: number, method = ""): boolean {
  const source = Function.prototype.toString.call(fn);
  if (/\[native code\]\s*\}$/.test(source)) return true;
  // An arrow function without parentheses has one parameter, and no `arguments` of its own.
  if (/^(async\s+)?[\w$]+\s*=>/.test(source)) return index === 0;
  const list = parameterList(source);
  if (list === null || /\b(arguments|eval)\b/.test(source)) return true;
  if (list.slice(0, index + 1).some((parameter) => parameter.startsWith("..."))) return true;
  const name = list[index];
  if (name === undefined) return false;
  if (!/^[\w$]+$/.test(name)) return true;
  const escaped = name.replaceAll("$", "\\$");
  // A property of the same name, such as `run.batchIdx`, is something else; `...name` is none.
  const own = source.replace(new RegExp(`super\\.${method}\\([\\w$\\s,]*\\)`, "g"), "");
  return (own.match(new RegExp(`(?<![\\w$]|(?<!\\.\\.)\\.)${escaped}(?![\\w$])`, "g")) ?? []).length > 1;
}

const COMMENT = /\/\*[^]*?\*\/|\/\/[^\n]*/y;

/** The parameters between a function's first parentheses, without comments; `null` where there are none to be found. */
function parameterList(source: string): string[] | null {
  const start = source.indexOf("(");
  if (start < 0) return null;
  const parameters: string[] = [];
  let current = "";
  let depth = 0;
  for (let at = start + 1; at < source.length; at++) {
    COMMENT.lastIndex = at;
    const comment = COMMENT.exec(source)?.[0] ?? "";
    if (comment !== "") {
      at += comment.length - 1;
      continue;
    }
    const char = source[at]!;
    if (depth === 0 && (char === "," || char === ")")) {
      parameters.push(current.trim());
      if (char === ")") return parameters;
      current = "";
      continue;
    }
    if ("([{".includes(char)) depth += 1;
    else if (")]}".includes(char)) depth -= 1;
    current += char;
  }
  return null;
}
