/**
 * A word as a POSIX shell reads it back, in single quotes where it needs any; the form is that of Python's `shlex`.
 *
 * @example
 * ```ts
 * import { shellWord } from "./shell_words.ts";
 * console.assert(shellWord("a/b.c") === "a/b.c" && shellWord("a b") === "'a b'" && shellWord("") === "''");
 * ```
 */
export function shellWord(word: string): string {
  if (word !== "" && !/[^\w@%+=:,./-]/.test(word)) return word;
  return `'${word.replaceAll("'", `'"'"'`)}'`;
}
