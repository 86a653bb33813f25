import { shellWord } from "../sweep/shell_words.ts";
import type { ScriptOptions, ShellScripts } from "./completion_scripts.ts";
import { FLAGS } from "./flags.ts";
import { commandNames, isMain, scriptPrefix } from "./script_names.ts";

const FLAG_WORDS = FLAGS.map(({ name }) => `--${name}`).join("\n");

/** Completion in bash, from 3.2 on. Words come quoted and with the blank that follows them, so bash adds nothing. */
export const bashScript: ShellScripts = {
  install(options) {
    const prefix = scriptPrefix(options);
    const names = commandNames(options).map(shellWord).join(" ");
    return `${prefix}_complete() {
    local line=\${COMP_LINE:0:COMP_POINT} IFS=$'\\n' word
    COMPREPLY=()
    word=\${line##*[[:space:]]}
    if [[ $word == -* && $word != *=* ]]; then
        while read -r word; do COMPREPLY+=("$word "); done < <(compgen -W ${shellWord(FLAG_WORDS)} -- "$word")
${verbs(options)}    else
        while IFS= read -r word; do COMPREPLY+=("$word"); done < <(
            COMP_LINE=$line COMP_WORDBREAKS=$COMP_WORDBREAKS ${
      options.query.map(shellWord).join(" ")
    } 2>/dev/null
        )
    fi
}
complete -o nospace -F ${prefix}_complete ${names}
${hook(options, prefix)}`;
  },
  uninstall(options) {
    const prefix = scriptPrefix(options);
    const names = commandNames(options).map(shellWord).join(" ");
    const back = options.main === undefined ? "" : `complete -r deno
[ -z "\$${prefix}_before" ] || complete -o default -F "\$${prefix}_before" deno
unset -v ${prefix}_before
unset -f ${prefix}_deno
`;
    return `complete -r ${names}\nunset -f ${prefix}_complete\n${back}`;
  },
};

/** The first word of a program with verbs is looked up here. */
function verbs({ verbs, command }: ScriptOptions): string {
  if (verbs === undefined) return "";
  const words = shellWord(verbs.map(({ word }) => word).join("\n"));
  const first = `^[[:space:]]*[^[:space:]]*${command.split(" ")[0]}[[:space:]]+[^[:space:]]*$`;
  return `    elif [[ $line =~ ${first} ]]; then
        while read -r word; do COMPREPLY+=("$word "); done < <(compgen -W ${words} -- "$word")
`;
}

/** Lines that begin with `deno` are completed where they run this program, else as before. */
function hook({ main }: ScriptOptions, prefix: string): string {
  if (main === undefined) return "";
  return `${prefix}_deno() {
    local word
    for word in "\${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
        if ${isMain(main)}; then
            type compopt &>/dev/null && compopt -o nospace +o default
            ${prefix}_complete
            return
        fi
    done
    [ -z "\$${prefix}_before" ] || "\$${prefix}_before" "$@"
}
if [[ $(complete -p deno 2>/dev/null) != *" ${prefix}_deno "* ]]; then
    if declare -F _completion_loader >/dev/null; then _completion_loader deno &>/dev/null; fi
    ${prefix}_before=
    if [[ $(complete -p deno 2>/dev/null) =~ \\ -F\\ ([^ ]+) ]]; then ${prefix}_before=\${BASH_REMATCH[1]}; fi
    complete -o default -F ${prefix}_deno deno
fi
`;
}
