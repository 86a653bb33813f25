import { parsePythonFloat, parsePythonInt } from "./convert.ts";

/** Which ways of writing a text YAML allows. */
export interface TextAnalysis {
  readonly isMultiline: boolean;
  readonly allowPlain: boolean;
  readonly allowSingleQuoted: boolean;
}

const BOOLS = new Set(
  ["y", "yes", "n", "no", "true", "false", "on", "off"].flatMap((word) => [
    word,
    word[0]!.toUpperCase() + word.slice(1),
    word.toUpperCase(),
  ]),
);
const WORD = /^[A-Za-z_/][A-Za-z0-9_/.-]*$/;
const LEADING = /^[#,[\]{}&*!|>'"%@`]/;
const BREAK = /[\n\x85\u2028\u2029]/;
// What PyYAML counts as blank around an indicator; a NUL is one too.
const BLANK = "[\\0 \\t\\r\\n\\x85\\u2028\\u2029]";
const INNER = new RegExp(`^[?:](?:$|${BLANK})|^-(?:$|${BLANK})|.:(?:$|${BLANK})|${BLANK}#`, "su");
// deno-lint-ignore no-control-regex
const SPECIAL = /[\0-\x09\x0b-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff\u{10ffff}]/u;
// What PyYAML's dumper, unlike OmegaConf's loader, takes for a type: dates too, and floats by the narrower rule.
const TYPED = new RegExp(
  "^(?:" + [
    "yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF",
    "[-+]?[0-9][0-9_]*\\.[0-9_]*(?:[eE][-+][0-9]+)?",
    "\\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?",
    "[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\\.[0-9_]*",
    "[-+]?\\.(?:inf|Inf|INF)|\\.(?:nan|NaN|NAN)",
    "[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+",
    "<<|=|~|null|Null|NULL|",
    "[0-9]{4}-[0-9]{2}-[0-9]{2}",
    "[0-9]{4}-[0-9][0-9]?-[0-9][0-9]?(?:[Tt]|[ \\t]+)[0-9][0-9]?:[0-9]{2}:[0-9]{2}(?:\\.[0-9]*)?" +
    "(?:[ \\t]*(?:Z|[-+][0-9][0-9]?(?::[0-9]{2})?))?",
  ].join("|") + ")$",
);

/** Whether OmegaConf quotes a text so that no YAML reader takes it for a bool or a number. */
export function looksTyped(text: string): boolean {
  return BOOLS.has(text) || TYPED.test(text) || isNumeric(text);
}

/** Whether a text is one word that is certainly written as it is: nothing that reads as a type has more letters. */
export function isPlainWord(text: string): boolean {
  return WORD.test(text) && (text.length > "Infinity".length || !looksTyped(text));
}

/** Whether Python's `int` or `float` accepts a text: digits of any script, blanks around, underscores between. */
function isNumeric(text: string): boolean {
  if (!/[\p{Nd}]|inf|nan/iu.test(text)) return false;
  // deno-lint-ignore no-control-regex
  const ascii = text.replace(/[\x1c-\x1f\x85]/g, " ").replace(/\p{Nd}/gu, "0");
  return parsePythonInt(ascii) !== undefined || parsePythonFloat(ascii) !== undefined;
}

/**
 * How a text may be written in block style.
 *
 * @example
 * ```ts
 * import { analyse } from "./yaml_style.ts";
 * console.assert(analyse("a:b").allowPlain && !analyse("a: b").allowPlain);
 * ```
 */
export function analyse(text: string): TextAnalysis {
  const isMultiline = BREAK.test(text);
  const first = text[0] ?? "";
  const last = text[text.length - 1] ?? "";
  const edge = (char: string) => char === " " || BREAK.test(char);
  const isSpecial = SPECIAL.test(text) || / [\n\x85\u2028\u2029]/.test(text);
  const breakSpace = /[\n\x85\u2028\u2029] /.test(text);
  const hasIndicators = LEADING.test(text) || INNER.test(text) || text.startsWith("---") ||
    text.startsWith("...");
  return {
    isMultiline,
    allowPlain: !isMultiline && !isSpecial && !breakSpace && !hasIndicators && !edge(first) && !edge(last),
    allowSingleQuoted: !isSpecial && !breakSpace,
  };
}
