import { homedir } from "node:os";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { ConfigError } from "../errors.ts";
import type { ConfigLoader } from "../config/config_loader.ts";
import { type Candidate, isWhole } from "./candidate.ts";
import { type Arguments, type Flag, parseArguments } from "./flags.ts";
import { flagAtCursor, flagCandidates } from "./flag_candidates.ts";
import { OverrideCandidates } from "./override_candidates.ts";
import { pathCandidates } from "./path_candidates.ts";
import { shellOf, SHELLS } from "./shells.ts";
import { bashReply, programWords, splitLine } from "./shell_line.ts";

/** Where configs are looked up, given the flags that are typed: `--config-dir` adds a folder. */
export type OpenConfigs = (flags: Arguments["flags"]) => {
  readonly loader: ConfigLoader;
  readonly configName: string | undefined;
};

/**
 * Words that may stand at the cursor of an app's command line: groups and their options, config keys and their values,
 * flags and theirs, files.
 *
 * @param words The words before, the program's name left out.
 * @param typed What is typed of the word at the cursor.
 *
 * @example
 * ```ts
 * import { complete } from "./completion.ts";
 * import { ConfigLoader } from "../config/config_loader.ts";
 * import { ConfigStore } from "../config/config_store.ts";
 * const store = new ConfigStore().store("config", { model: { lr: 0.1, layers: [8, 8] } });
 * const open = () => ({ loader: new ConfigLoader({ searchPath: [], store }), configName: "config" });
 * const words = (typed: string) => complete(open, [], typed).map(({ word }) => word).join(" ");
 * console.assert(words("model.") === "model.layers. model.layers= model.lr=");
 * console.assert(words("model.lr=") === "model.lr=0.1" && words("--cf") === "--cfg");
 * ```
 */
export function complete(open: OpenConfigs, words: readonly string[], typed: string): Candidate[] {
  const previous = words.at(-1);
  if (previous === "--shell-completion" || previous === "-sc") return subcommands(typed);
  const { flags, overrides } = tolerant(words);
  const { loader, configName } = openLeniently(open, flags);
  const find = new OverrideCandidates(loader, {
    configName: flags.get("config-name") ?? configName,
    overrides,
    runMode: flags.has("multirun") ? "multirun" : "run",
  });
  const atFlag = words.includes("--") ? undefined : flagAtCursor(previous, typed);
  if (atFlag !== undefined) {
    const { flag, value, before } = atFlag;
    const found = flagValues(flag, value, find).map(({ word, about }) => ({ word: before + word, about }));
    // An optional value may be left out: an override may stand there, too.
    return sorted(flag.alone !== undefined && before === "" ? [...found, ...find.find(typed)] : found);
  }
  if (typed.startsWith("-") && !words.includes("--")) return flagCandidates(typed);
  return sorted(find.find(typed));
}

/** A folder that is not there yet, or not any more, is left out. */
function openLeniently(open: OpenConfigs, flags: Arguments["flags"]): ReturnType<OpenConfigs> {
  try {
    return open(flags);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return open(new Map());
  }
}

function subcommands(typed: string): Candidate[] {
  const found = SHELLS.flatMap((shell) => [`install=${shell}`, `uninstall=${shell}`]);
  return sorted(found.filter((word) => word.startsWith(typed)).map((word) => ({ word })));
}

function flagValues(flag: Flag, typed: string, find: OverrideCandidates): Candidate[] {
  if (flag.choices !== undefined) {
    return flag.choices.filter((choice) => choice.startsWith(typed)).map((word) => ({ word }));
  }
  switch (flag.name) {
    case "package":
      return find.packages(typed);
    case "config-name":
      return find.primaries(typed);
    default:
      return pathCandidates(typed, "", flag.name !== "experimental-rerun");
  }
}

function sorted(candidates: readonly Candidate[]): Candidate[] {
  const byWord = new Map(candidates.map((candidate) => [candidate.word, candidate]));
  return [...byWord.values()].sort((a, b) => a.word < b.word ? -1 : 1);
}

/** The flags and overrides of a line that may still be wrong. */
function tolerant(words: readonly string[]): Arguments {
  try {
    return parseArguments(words);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { flags: new Map(), overrides: words.filter((word) => !word.startsWith("-")) };
  }
}

/**
 * What a shell is told while the user types; its script passes the line up to the cursor in `COMP_LINE`.
 *
 * Bash gets words as they are put into the line, zsh and fish each word and what it means, divided by a tab; for zsh a
 * third part `+` says that more is to come.
 *
 * @param find Completes the words after the program's name.
 * @param main The program's file, as a path or a URL.
 * @throws {ConfigError} for a shell that is not known, or without a line.
 */
export async function answerShell(
  shell: string,
  find: (words: readonly string[], typed: string) => Candidate[] | Promise<Candidate[]>,
  main: string = Deno.mainModule,
): Promise<string> {
  const known = shellOf(shell);
  const line = Deno.env.get("COMP_LINE");
  if (line === undefined) {
    throw new ConfigError("COMP_LINE is not set", {
      fix: "the installed script sets it; see --shell-completion",
    });
  }
  const { words, current } = splitLine(line, Deno.env.get("COMP_WORDBREAKS"));
  const given = programWords(words, (word) => isFile(word, main));
  if (given === undefined) return "";
  const found = await find(given, current.text);
  const lines = found.flatMap((candidate): string[] => {
    const { word, about = "" } = candidate;
    const whole = isWhole(candidate);
    switch (known) {
      case "bash":
        return [bashReply(word, whole, current)];
      case "zsh":
        return [`${word}\t${about}\t${whole ? "" : "+"}`];
      case "fish":
        // Fish looks at a word's end to tell whether more is to come.
        return (candidate.isOpen === true ? [`${word},`, `${word}]`] : [word]).map((text) =>
          `${text}\t${about}`
        );
      default:
        return known satisfies never;
    }
  });
  return lines.map((text) => `${text}\n`).join("");
}

/** Whether a word of the line names the program's file. */
function isFile(word: string, main: string): boolean {
  if (word === main) return true;
  if (/^[a-z]+:/.test(main) && !main.startsWith("file:")) return false;
  const path = main.startsWith("file:") ? fileURLToPath(main) : main;
  if (!word.endsWith(extname(path)) || word.includes("=")) return false;
  try {
    return Deno.realPathSync(word.replace(/^~\//, `${homedir()}/`)) === Deno.realPathSync(path);
  } catch {
    return false;
  }
}
