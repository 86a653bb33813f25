/**
 * What a shell asks while a command line is typed: `query=bash|zsh|fish`, with the line in `COMP_LINE`. A program of
 * its own, since loading the command line's other parts would take longer than the answer.
 *
 * @module
 */
import type { Candidate } from "./core/app/candidate.ts";
import { answerShell, complete } from "./core/app/completion.ts";
import { FLAGS } from "./core/app/flags.ts";
import { searchPath } from "./core/app/main_options.ts";
import { presetBundles } from "./core/app/presets.ts";
import { SHELLS } from "./core/app/shells.ts";
import { ConfigLoader } from "./core/config/config_loader.ts";
import { verbConfigs, VERBS } from "./cli_verbs.ts";

/** The verbs as candidates for the first word. */
export const VERB_CANDIDATES: readonly Candidate[] = Object.entries(VERBS).map(([word, about]) => {
  return { word, about };
});

/**
 * Words that may stand at the cursor after the program's name: verbs, then what the verb takes.
 *
 * @example
 * ```ts
 * import { completeVerbs } from "./cli_completion.ts";
 * const found = await completeVerbs(["completion"], "");
 * console.assert(found.map(({ word }) => word).join(" ") === "bash fish zsh");
 * ```
 */
export async function completeVerbs(words: readonly string[], typed: string): Promise<Candidate[]> {
  const [verb, ...rest] = words;
  if (verb === undefined) return startingWith(typed, VERB_CANDIDATES);
  if (verb === "completion") {
    return rest.length > 0 ? [] : startingWith(typed, SHELLS.map((word) => ({ word })));
  }
  const topics = verb === "info" && rest.length === 0 ? startingWith(typed, TOPICS) : [];
  if (!Object.hasOwn(VERBS, verb) || (verb === "info" && rest[0] === "targets")) return [];
  const configs = verbConfigs(
    verb === "eval" ? "eval" : "train",
    rest,
  );
  const bundles = await presetBundles();
  const found = complete(
    (flags) => {
      const made = new ConfigLoader({ bundles, searchPath: searchPath(configs, flags), warn: () => {} });
      return { loader: made, configName: configs.configName };
    },
    rest,
    typed,
  );
  return [...topics, ...found];
}

/** What `info` shows. */
const TOPICS: readonly Candidate[] = [
  { word: "targets", about: "which Python names have a port here" },
  ...FLAGS.find(({ name }) => name === "info")!.choices!.map((word) => ({ word })),
];

function startingWith(typed: string, candidates: readonly Candidate[]): Candidate[] {
  return candidates.filter(({ word }) => word.startsWith(typed));
}

/** Answers the shell that `query=<shell>` names. */
export async function answerVerbs(shell: string): Promise<string> {
  return await answerShell(shell, completeVerbs, new URL("./cli.ts", import.meta.url).href);
}

if (import.meta.main) {
  const shell = /^query=(\w+)$/.exec(Deno.args[0] ?? "")?.[1] ?? "";
  Deno.stdout.writeSync(new TextEncoder().encode(await answerVerbs(shell)));
}
