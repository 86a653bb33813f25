import type { Candidate } from "./candidate.ts";
import { type Flag, FLAGS } from "./flags.ts";

/** The flags that begin as typed; a lone dash shows them all. */
export function flagCandidates(typed: string): Candidate[] {
  return FLAGS.map((flag) => ({ word: `--${flag.name}`, about: flag.help }))
    .filter(({ word }) => word.startsWith(typed));
}

/**
 * The flag whose value stands at the cursor, and what is typed of the value: after `--cfg`, or in `--cfg=jo`.
 *
 * @param previous The word before.
 */
export function flagAtCursor(
  previous: string | undefined,
  typed: string,
): { readonly flag: Flag; readonly value: string; readonly before: string } | undefined {
  const attached = /^(--?[a-z-]+)=(.*)$/s.exec(typed);
  if (attached !== null) {
    const flag = named(attached[1]!);
    return flag === undefined ? undefined : { flag, value: attached[2]!, before: `${attached[1]}=` };
  }
  const flag = previous === undefined ? undefined : named(previous);
  return flag === undefined || typed.startsWith("-") ? undefined : { flag, value: typed, before: "" };
}

function named(word: string): Flag | undefined {
  return FLAGS.find((flag) => {
    return flag.value !== undefined && (word === `--${flag.name}` || word === `-${flag.short}`);
  });
}
