import { basename } from "node:path";
import { shellWord } from "../sweep/shell_words.ts";
import type { ScriptOptions } from "./completion_scripts.ts";

/** Words that the shell completes for: the command, and the program's file where it is started by itself. */
export function commandNames({ command, main }: ScriptOptions): string[] {
  const names = new Set([command.split(" ")[0]!]);
  if (main !== undefined && isPath(main)) names.add(basename(main));
  return [...names];
}

/** The beginning of the names of all functions and variables of a script. */
export function scriptPrefix({ command }: ScriptOptions): string {
  return `_${command.replace(/[^A-Za-z0-9]+/g, "_")}`;
}

/** Whether the program has a file on this machine; one from a registry has a name. */
export function isPath(main: string): boolean {
  return main.startsWith("/");
}

/** The test of bash and zsh for `$word` being the program. */
export function isMain(main: string): string {
  return isPath(main)
    ? `[[ -f $word && $word -ef ${shellWord(main)} ]]`
    : `[[ $word == ${shellWord(main)} ]]`;
}
