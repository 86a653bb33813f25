import type { Candidate } from "./candidate.ts";
import { bashScript } from "./bash_script.ts";
import { fishScript } from "./fish_script.ts";
import { type Shell, shellOf } from "./shells.ts";
import { zshScript } from "./zsh_script.ts";

/** What a completion script is made from. */
export interface ScriptOptions {
  /** What the program is called: on PATH, as an alias or a function. */
  readonly command: string;
  /** The words that start a program which answers the shell; see `answerShell`. */
  readonly query: readonly string[];
  /** The program's file: lines such as `deno run -A <file>` and `./<file>` are completed, too. */
  readonly main?: string | undefined;
  /** What the first word may be, where it is no override; no program is asked for it. */
  readonly verbs?: readonly Candidate[] | undefined;
}

/** The scripts of one shell. */
export interface ShellScripts {
  install(options: ScriptOptions): string;
  uninstall(options: ScriptOptions): string;
}

const SCRIPTS: Readonly<Record<Shell, ShellScripts>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

/**
 * The text that makes a shell complete an app's command line, or stop doing so: for `eval "$(…)"`, or in fish
 * `… | source`.
 *
 * @throws {ConfigError} for a shell that is not known.
 *
 * @example
 * ```ts
 * import { completionScript } from "./completion_scripts.ts";
 * const script = completionScript("bash", "install", { command: "app", query: ["app", "-sc", "query=bash"] });
 * console.assert(script.includes("complete -o nospace -F _app_complete app\n"));
 * ```
 */
export function completionScript(
  shell: string,
  action: "install" | "uninstall",
  options: ScriptOptions,
): string {
  return SCRIPTS[shellOf(shell)][action](options);
}
