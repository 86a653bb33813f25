import { shellWord } from "../sweep/shell_words.ts";
import type { Candidate } from "./candidate.ts";
import type { ScriptOptions, ShellScripts } from "./completion_scripts.ts";
import { FLAGS } from "./flags.ts";
import { commandNames, isMain, scriptPrefix } from "./script_names.ts";

const FLAG_WORDS = FLAGS.map(({ name, help }) => ({ word: `--${name}`, about: help }));

/**
 * Completion in zsh. An alias is expanded before zsh looks for a completion, so the command that it begins with is
 * completed for, too, where its line runs this program.
 */
export const zshScript: ShellScripts = {
  install(options) {
    const prefix = scriptPrefix(options);
    const names = commandNames(options).map(shellWord).join(" ");
    return `(( $+functions[compdef] )) || { autoload -Uz compinit && compinit -i }
${prefix}_complete() {
  local -a found more more_shown whole whole_shown
  local item word about shown typed=\${(Q)PREFIX} cut
  if [[ $typed == -* && $typed != *=* ]]; then
    found=(${arrayOf(FLAG_WORDS)})
${verbs(options)}  else
    found=("\${(@f)$(COMP_LINE="\${(j: :)words[1,CURRENT-1]} \${(q)typed}" ${
      options.query.map(shellWord).join(" ")
    } 2>/dev/null)}")
  fi
  # What all words begin with is not shown again with each of them.
  cut=\${(M)typed##*[=./,]}
  for item in $found; do
    word=\${item%%$'\\t'*} item=\${item#*$'\\t'}
    about=\${item%%$'\\t'*} shown=\${word#$cut}
    if [[ $item == *$'\\t'+ ]]; then more+=($word) more_shown+=("$shown\${about:+  -- $about}")
    else whole+=($word) whole_shown+=("$shown\${about:+  -- $about}")
    fi
  done
  local -i failed=1
  local -a list
  [[ "$more_shown$whole_shown" == *'  -- '* ]] && list=(-l)
  (( $#more )) && compadd $list -S '' -d more_shown -a more && failed=0
  (( $#whole )) && compadd $list -d whole_shown -a whole && failed=0
  return failed
}
compdef ${prefix}_complete ${names}
${hook(options, prefix)}`;
  },
  uninstall(options) {
    const prefix = scriptPrefix(options);
    const names = commandNames(options).map(shellWord).join(" ");
    const back = options.main === undefined ? "" : `for word in \${(k)${prefix}_before}; do
  compdef -d $word
  [[ -z $${prefix}_before[$word] ]] || compdef $${prefix}_before[$word] $word
done
unset ${prefix}_before
unfunction ${prefix}_line
`;
    return `compdef -d ${names}\nunfunction ${prefix}_complete\n${back}`;
  },
};

/** Words with what they mean, as the query writes them. */
function arrayOf(words: readonly Candidate[]): string {
  return words.map(({ word, about = "" }) => `$'${`${word}\\t${about.replace(/[\\']/g, "\\$&")}\\t`}'`).join(
    " ",
  );
}

function verbs({ verbs }: ScriptOptions): string {
  if (verbs === undefined) return "";
  return `  elif (( CURRENT == \${1:-1} + 1 )); then
    found=(${arrayOf(verbs)})
`;
}

function hook({ main, command }: ScriptOptions, prefix: string): string {
  if (main === undefined) return "";
  const name = command.split(" ")[0]!;
  return `${prefix}_line() {
  local -i i
  local word
  for (( i = 2; i < CURRENT; i++ )); do
    word=\${\${(Q)words[i]}/#\\~\\//$HOME/}
    if ${isMain(main)}; then
      ${prefix}_complete $i
      return
    fi
  done
  local before=$${prefix}_before[\${words[1]:t}]
  \${before:-_default} "$@"
}
typeset -gA ${prefix}_before
for word in deno \${\${\${(z)aliases[${name}]}[1]}:t}; do
  [[ $_comps[$word] == ${prefix}_line ]] && continue
  ${prefix}_before[$word]=$_comps[$word]
  compdef ${prefix}_line $word
done
`;
}
