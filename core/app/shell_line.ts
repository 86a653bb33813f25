/** A command line as far as it is typed. */
export interface TypedLine {
  /** The words before the one at the cursor, as the program would get them. */
  readonly words: readonly string[];
  /** What is typed of the word at the cursor. */
  readonly current: CurrentWord;
}

/** What is typed of a word. */
export interface CurrentWord {
  /** As the program would get it. */
  readonly text: string;
  /** The quote that is still open, or empty. */
  readonly quote: string;
  /** How much of `text` bash leaves alone when it completes: all up to the last of its word breaks. */
  readonly kept: number;
}

/** What ends a word for bash's completion, beside blanks, where nobody says otherwise in `COMP_WORDBREAKS`. */
const BREAKS = "\"'@><=;|&(:";

/**
 * Splits a line as POSIX shells do; expansions stay as they are written.
 *
 * @param breaks What ends a word for bash: overrides hold `=`, `:` and `@`.
 *
 * @example
 * ```ts
 * import { splitLine } from "./shell_line.ts";
 * const { words, current } = splitLine("app 'name=a b' db=my");
 * console.assert(words.join("|") === "app|name=a b" && current.text === "db=my" && current.kept === 3);
 * ```
 */
export function splitLine(line: string, breaks: string = BREAKS): TypedLine {
  const words: string[] = [];
  let [text, quote, kept, isOpen] = ["", "", 0, false];
  for (let i = 0; i < line.length; i++) {
    const char = line[i]!;
    const next = line[i + 1];
    if (quote === "'" ? char === "'" : quote === '"' && char === '"') quote = "";
    else if (quote === "'") text += char;
    else if (char === "\\" && next !== undefined && (quote === "" || '"\\$`'.includes(next))) {
      text += next;
      i++;
      isOpen = true;
    } else if (quote === '"') text += char;
    else if (char === "'" || char === '"') [quote, kept, isOpen] = [char, text.length, true];
    else if (/\s/.test(char)) {
      if (isOpen) words.push(text);
      [text, kept, isOpen] = ["", 0, false];
    } else {
      text += char;
      isOpen = true;
      // Readline counts a break of this kind to the word that it begins.
      if (breaks.includes(char)) kept = char === "@" ? text.length - 1 : text.length;
    }
  }
  return { words, current: { text, quote, kept } };
}

/**
 * What follows the program in a line: `deno run -A app.ts x=1` and `app x=1` both leave `x=1`. `undefined` where the
 * program itself is still being typed.
 *
 * @param isMain Whether a word names the program's file.
 */
export function programWords(
  words: readonly string[],
  isMain: (word: string) => boolean,
): readonly string[] | undefined {
  const main = words.findIndex(isMain);
  if (main >= 0) return words.slice(main + 1);
  if (words.length === 0) return undefined;
  if (!/(?:^|\/)(?:deno|python[\d.]*)$/.test(words[0]!)) return words.slice(1);
  // Another spelling of the file, as of a line that is completed elsewhere.
  const file = words.findIndex((word, i) => i > 0 && word !== "run" && !word.startsWith("-"));
  return file < 0 ? undefined : words.slice(file + 1);
}

/**
 * A candidate as bash puts it into the line: without what it leaves alone, and quoted where that is needed.
 *
 * @param isWhole Whether the word is complete, so that a blank follows.
 */
export function bashReply(word: string, isWhole: boolean, current: CurrentWord): string {
  const rest = word.slice(current.kept);
  switch (current.quote) {
    case "'":
      return rest;
    case '"':
      return rest.replace(/["\\$`]/g, "\\$&");
    default:
      return rest.replace(/[\s"'`\\$&;|<>(){}!*?]/g, "\\$&").replace(
        /^[~#]/,
        current.kept === 0 ? "\\$&" : "$&",
      ) +
        (isWhole ? " " : "");
  }
}
