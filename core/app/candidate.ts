/** A word that may stand where the cursor is. */
export interface Candidate {
  /** The whole word, what is typed of it included. */
  readonly word: string;
  /** What it means, in a few words. */
  readonly about?: string | undefined;
  /** Whether more is to come although the word's end does not tell: an item of a list. */
  readonly isOpen?: boolean | undefined;
}

/** How much of a value is shown beside a key. */
const ABOUT_LENGTH = 48;

/**
 * Whether a word is complete, so that a blank may follow: after `db=`, `nest.` or `[a,` more is to come.
 *
 * @example
 * ```ts
 * import { isWhole } from "./candidate.ts";
 * console.assert(isWhole({ word: "db=pg" }) && !isWhole({ word: "db=" }) && !isWhole({ word: "nest." }));
 * ```
 */
export function isWhole({ word, isOpen }: Candidate): boolean {
  return isOpen !== true && !/[=./,@[]$/.test(word);
}

/** Text in one short line. */
export function shortened(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  return line.length <= ABOUT_LENGTH ? line : `${line.slice(0, ABOUT_LENGTH - 1)}…`;
}
