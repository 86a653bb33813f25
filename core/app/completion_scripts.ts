/** A shell's scripts, given the command that runs the app. */
interface ShellScripts {
  /** @param query What is run to get the words. */
  install(command: string, query: string): string;
  uninstall(command: string): string;
}

/** The first word of a command: what the shell completes for. */
function program(command: string): string {
  return command.split(" ")[0]!;
}

function functionName(command: string): string {
  return `_${command.replace(/[^A-Za-z0-9]+/g, "_")}_complete`;
}

/** Completion scripts by shell. Each asks the app itself, with the command line so far in `COMP_LINE`. */
export const SCRIPTS: Readonly<Record<string, ShellScripts>> = {
  bash: {
    install: (command, query) => {
      const name = functionName(command);
      return `${name}() {
    local word="\${COMP_WORDS[COMP_CWORD]}"
    local choices
    choices=$(COMP_LINE="\${COMP_LINE:0:COMP_POINT}" ${query} 2>/dev/null)
    COMPREPLY=($(compgen -W "$choices" -- "$word"))
}
COMP_WORDBREAKS=\${COMP_WORDBREAKS//=}
complete -o nospace -o default -F ${name} ${program(command)}
`;
    },
    uninstall: (command) => `complete -r ${program(command)}\nunset -f ${functionName(command)}\n`,
  },
  zsh: {
    install: (command, query) => {
      const name = functionName(command);
      return `${name}() {
    local -a choices
    choices=(\${=$(COMP_LINE="$LBUFFER" ${query} 2>/dev/null)})
    compadd -Q -S '' -a choices
}
compdef ${name} ${program(command)}
`;
    },
    uninstall: (command) => `compdef -d ${program(command)}\nunfunction ${functionName(command)}\n`,
  },
  fish: {
    install: (command, query) => {
      const name = functionName(command);
      return `function ${name}
    set -lx COMP_LINE (commandline -cp)
    ${query} 2>/dev/null
end
complete -c ${program(command)} -x -a '(${name})'
`;
    },
    uninstall: (command) => `complete -e -c ${program(command)}\nfunctions -e ${functionName(command)}\n`,
  },
};
