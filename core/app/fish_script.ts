import { basename } from "node:path";
import type { ScriptOptions, ShellScripts } from "./completion_scripts.ts";
import { type Flag, FLAGS } from "./flags.ts";
import { commandNames, isPath, scriptPrefix } from "./script_names.ts";

/** Completion in fish, from 3.1 on. Fish looks flags and verbs up by itself, and asks the program for the rest. */
export const fishScript: ShellScripts = {
  install(options) {
    const prefix = scriptPrefix(options);
    const lines = [
      `function ${prefix}_complete`,
      "    set -l line (string escape -- (commandline -opc)) (commandline -ct)",
      `    COMP_LINE=(string join ' ' -- $line) ${options.query.map(fishWord).join(" ")} 2>/dev/null`,
      "end",
      ...aliasTest(options, prefix),
      `for name in ${commandNames(options).map(fishWord).join(" ")}`,
      ...completions(options, prefix).map((line) => `    complete -c $name ${line}`),
      "end",
      ...hook(options, prefix),
    ];
    return lines.map((line) => `${line}\n`).join("");
  },
  uninstall(options) {
    const prefix = scriptPrefix(options);
    const lines = commandNames(options).map((name) => `complete -e -c ${fishWord(name)}`);
    // Completions of deno cannot be taken out one by one; without its line, ours never applies.
    if (options.main !== undefined) lines.push(`function ${prefix}_line; return 1; end`);
    lines.push(`functions -e ${prefix}_complete ${prefix}_asks`);
    return lines.map((line) => `${line}\n`).join("");
  },
};

/** A word as fish reads it back. */
function fishWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replace(/[\\']/g, "\\$&")}'`;
}

/** An alias of fish is completed as what it stands for; lines of `deno` are completed below, and once is enough. */
function aliasTest({ command, main }: ScriptOptions, prefix: string): string[] {
  const file = basename(main ?? command).replace(/[.\\+*?()[\]{}^$|]/g, "\\$&");
  const pattern = `--wraps='?(?:\\S*/)?deno .*${file}`;
  return [
    `function ${prefix}_asks`,
    `    not functions $argv 2>/dev/null | string match -qr -- ${fishWord(pattern)}`,
    "end",
  ];
}

function completions({ verbs }: ScriptOptions, prefix: string): string[] {
  const asked = fishWord(`(${prefix}_complete)`);
  const flags = FLAGS.map((flag) => flagOptions(flag, asked));
  if (verbs === undefined) return [...flags, `-f -n "${prefix}_asks $name" -a ${asked}`];
  const first = verbs.map(({ word, about = "" }) => {
    return `-f -n __fish_use_subcommand -a ${fishWord(word)} -d ${fishWord(about)}`;
  });
  return [...flags, ...first, `-f -n "not __fish_use_subcommand; and ${prefix}_asks $name" -a ${asked}`];
}

function flagOptions(flag: Flag, asked: string): string {
  const short = flag.short === undefined
    ? ""
    : flag.short.length === 1
    ? ` -s ${flag.short}`
    : ` -o ${flag.short}`;
  const values = flag.choices === undefined ? asked : fishWord(flag.choices.join(" "));
  const value = flag.value === undefined
    ? ""
    : flag.alone === undefined
    ? ` -x -a ${values}`
    : ` -f -a ${values}`;
  return `-l ${flag.name}${short}${value} -d ${fishWord(flag.help)}`;
}

/** Lines that run the program by `deno`: its first word, and the rest. */
function hook({ main, verbs }: ScriptOptions, prefix: string): string[] {
  if (main === undefined) return [];
  const isMain = isPath(main)
    ? `test -f $word; and test (realpath $word) = ${fishWord(main)}`
    : `test $word = ${fishWord(main)}`;
  const line = (part: string, words: string): string =>
    `complete -c deno -f -n '${prefix}_line ${part}' ${words}`;
  return [
    // Deno's own script, which fish loads when it first completes deno, begins by erasing all that is known of it.
    `complete -C 'deno ' >/dev/null 2>&1`,
    `function ${prefix}_line`,
    "    set -l words (commandline -opc)",
    "    for i in (seq 2 (count $words))",
    "        set -l word (string replace -r '^~/' $HOME/ -- $words[$i])",
    `        if ${isMain}`,
    "            test $i -eq (count $words); and set -l part first; or set -l part rest",
    "            contains $part $argv",
    "            return",
    "        end",
    "    end",
    "    return 1",
    "end",
    ...(verbs ?? []).map(({ word, about = "" }) => {
      return line("first", `-a ${fishWord(word)} -d ${fishWord(about)}`);
    }),
    line(verbs === undefined ? "first rest" : "rest", `-a ${fishWord(`(${prefix}_complete)`)}`),
  ];
}
