import { dirname } from "node:path";
import { removeFolder } from "./sweep_process.ts";

/** A shell in a terminal of its own: what is typed reaches it as from a keyboard. */
export interface Terminal extends AsyncDisposable {
  /** Types, waits until the shell has dealt with it, and gives the line as it then stands. */
  line(typed: string): Promise<string>;
  /** Types, and gives all that the terminal shows for it. */
  shown(typed: string): Promise<string>;
  /** Runs a command and gives what it writes. */
  run(command: string): Promise<string>;
}

/** Keys that show the line, and that empty it. */
const SHOW = "\x14";
const CLEAR = "\x15";

/** How each shell is started, made to show its line at a key, and asked for a plain prompt. */
const SHELLS: Readonly<Record<string, { readonly start: (rc: string) => string; readonly rc: string }>> = {
  bash: {
    start: (rc) => `bash --noprofile --rcfile ${rc}/rc -i`,
    rc: `PS1='ready> '
bind 'set show-all-if-ambiguous on'
bind 'set bell-style none'
bind 'set enable-bracketed-paste off'
bind 'set page-completions off'
bind 'set completion-query-items 0'
bind -x '"\\C-t": printf "<<%s>>\\n" "$READLINE_LINE"'
stty cols 180 rows 60
`,
  },
  zsh: {
    start: (rc) => `env ZDOTDIR=${rc} zsh -i`,
    rc: `PS1='ready> '
unsetopt beep prompt_sp prompt_cr
autoload -Uz compinit && compinit -u -d ${"$"}ZDOTDIR/dump
show() { print; print -r -- "<<$BUFFER>>" }
zle -N show
bindkey -e
bindkey '^T' show
LISTMAX=1000
stty cols 180 rows 60
`,
  },
  fish: {
    start: (rc) =>
      `env HOME=${rc} XDG_CONFIG_HOME=${rc} XDG_DATA_HOME=${rc} TERM=dumb fish -i -C 'source ${rc}/rc'`,
    rc: `function fish_prompt; echo 'ready> '; end
set fish_greeting
bind \\ct 'echo; echo "<<"(commandline)">>"'
bind \\cu 'commandline ""'
stty cols 180 rows 60
`,
  },
};

/**
 * Starts a shell in a folder.
 *
 * @param rc What it runs first, such as a completion script.
 */
export async function startTerminal(shell: string, folder: string, rc: string): Promise<Terminal> {
  const home = Deno.makeTempDirSync();
  const { start, rc: own } = SHELLS[shell]!;
  Deno.writeTextFileSync(`${home}/rc`, own + rc);
  Deno.writeTextFileSync(`${home}/.zshrc`, own + rc);
  // Where fish finds no such folder, it reads every manual page of the machine behind the tests' back.
  Deno.mkdirSync(`${home}/fish/generated_completions`, { recursive: true });
  const child = new Deno.Command("script", {
    args: ["-qfec", start(home), "/dev/null"],
    cwd: folder,
    env: { NO_COLOR: "1", TERM: shell === "fish" ? "xterm" : "dumb", SHELL: "/bin/sh", ...denoItself() },
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const writer = child.stdin.getWriter();
  let text = "";
  const reading = (async () => {
    for await (const part of child.stdout.pipeThrough(new TextDecoderStream())) text += part;
  })();
  const until = async (mark: RegExp | string, from: number): Promise<string> => {
    for (let waited = 0; waited < 20_000; waited += 10) {
      const at = text.slice(from).search(mark);
      if (at >= 0) return text.slice(from);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    throw new TypeError(`${shell} did not show ${mark}; it shows:\n${text.slice(from)}`);
  };
  await until(/ready> /, 0);
  const send = async (keys: string): Promise<void> => await writer.write(new TextEncoder().encode(keys));
  const ask = async (typed: string): Promise<string> => {
    const from = text.length;
    await send(typed + SHOW);
    const shown = await until(/<<[^]*>>/, from);
    await send(CLEAR);
    return shown;
  };
  return {
    line: async (typed) => /<<([^]*?)>>/.exec(await ask(typed))![1]!,
    shown: ask,
    run: async (command) => {
      const from = text.length;
      await send(`${command}; echo "en""d"\n`);
      return await until(/end\r?\n/, from);
    },
    [Symbol.asyncDispose]: async () => {
      await send(`${CLEAR}exit\n`).catch(() => {});
      await writer.close().catch(() => {});
      const timer = setTimeout(() => child.kill("SIGKILL"), 2000);
      await child.status;
      await reading;
      clearTimeout(timer);
      await removeFolder(home);
    },
  };
}

/** This very Deno as `deno`, with the modules that it has: a launcher of npm's starts slowly, and fish gets a new home. */
function denoItself(): Record<string, string> {
  const cache = Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME")}/.cache`;
  return {
    PATH: `${dirname(Deno.execPath())}:${Deno.env.get("PATH")}`,
    DENO_DIR: Deno.env.get("DENO_DIR") ?? `${cache}/deno`,
  };
}

/** Whether a program is installed. */
export function isInstalled(program: string): boolean {
  try {
    return new Deno.Command("sh", { args: ["-c", `command -v ${program}`], stdout: "null", stderr: "null" })
      .outputSync().success;
  } catch {
    return false;
  }
}
