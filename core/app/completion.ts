import { dirname, join } from "node:path";
import { ConfigError } from "../errors.ts";
import { type ComposeOptions, ConfigLoader, type ConfigLoaderOptions } from "../config/config_loader.ts";
import { type ConfigNode, DictNode, isContainer, keyText, ListNode } from "../config/node.ts";
import { pythonStr } from "../config/python_text.ts";
import { selectNode } from "../config/select.ts";
import { tryDereference } from "../config/interpolate.ts";
import { FLAGS, parseArguments } from "./flags.ts";
import { SCRIPTS } from "./completion_scripts.ts";

/** The script that makes a shell complete (or stop completing) an app's command line. */
export function completionScript(
  shell: string,
  action: "install" | "uninstall",
  command: string,
  query: string = `${command} --shell-completion query=${shell}`,
): string {
  return scriptsOf(shell)[action](command, query);
}

function scriptsOf(shell: string): (typeof SCRIPTS)[string] {
  const scripts = SCRIPTS[shell];
  if (scripts !== undefined) return scripts;
  const known = Object.keys(SCRIPTS);
  throw new ConfigError(
    `No completion plugin for '${shell}' found, available : \n${known.map((name) => `\t${name}`).join("\n")}`,
  );
}

/** What a shell asks while the user types: the command line is in `COMP_LINE`, as Hydra's scripts pass it. */
export function queryCompletion(loader: ConfigLoader, configName: string | undefined, shell: string): string {
  scriptsOf(shell);
  const line = typedLine();
  const script = /^\s*\S*(?:deno|python3?)\s+(?:run\s+)?(?:-\S+\s+)*\S+\s*(.*)$/s.exec(line);
  return joined(complete(loader, configName, script?.[1] ?? afterWord(line)), shell);
}

/**
 * The same for a program whose first word is a verb.
 *
 * @param open Gives a verb's search path and primary config.
 */
export async function queryVerbCompletion(
  shell: string,
  verbs: readonly string[],
  open: (verb: string) => Promise<VerbConfigs>,
): Promise<string> {
  scriptsOf(shell);
  const line = afterWord(typedLine());
  const verb = /^(\S+)\s/.exec(line)?.[1];
  if (verb === undefined) return joined(verbs.filter((name) => name.startsWith(line.trim())), shell);
  const { configPath, configName, loader } = await open(verb);
  const searchPath = configPath === undefined ? [] : [{ provider: "main", path: configPath }];
  return joined(complete(new ConfigLoader({ ...loader, searchPath }), configName, afterWord(line)), shell);
}

/** Where a verb's configs are. */
export interface VerbConfigs {
  readonly configPath?: string | undefined;
  readonly configName?: string | undefined;
  readonly loader?: Pick<ConfigLoaderOptions, "store" | "bundles" | "resolvers">;
}

function typedLine(): string {
  const line = Deno.env.get("COMP_LINE");
  if (line !== undefined) return line;
  throw new ConfigError("COMP_LINE is not set", {
    fix: "the installed script sets it; see --shell-completion",
  });
}

function afterWord(line: string): string {
  return /^\s*\S+\s*(.*)$/s.exec(line)?.[1] ?? "";
}

function joined(words: readonly string[], shell: string): string {
  return words.join(shell === "fish" ? "\n" : " ") + "\n";
}

/**
 * Words that may stand where the cursor is: groups and options, config keys and their values, files, flags.
 *
 * @param line The command line after the program's name, up to the cursor.
 */
export function complete(loader: ConfigLoader, configName: string | undefined, line: string): string[] {
  const typed = line.split(/\s+/).filter((word) => word !== "");
  const word = line === "" || /\s$/.test(line) ? "" : typed.pop() ?? "";
  if (word.startsWith("-")) {
    return FLAGS.map((flag) => `--${flag.name}`).filter((name) => name.startsWith(word));
  }
  const { flags, overrides } = tolerant(typed);
  const options: ComposeOptions = {
    configName: flags.get("config-name") ?? configName,
    overrides,
    runMode: flags.has("multirun") ? "multirun" : "run",
  };
  const files = fileMatches(word);
  if (files !== undefined) return files.sort();
  const { matches, isExact } = groupMatches(loader, options, word);
  if (!isExact) { for (const match of configMatches(loader, options, word)) matches.add(match); }
  return [...matches].sort();
}

function tolerant(words: readonly string[]): ReturnType<typeof parseArguments> {
  try {
    return parseArguments(words);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { flags: new Map(), overrides: words.filter((word) => !word.startsWith("-")) };
  }
}

function groupMatches(
  loader: ConfigLoader,
  options: ComposeOptions,
  typed: string,
): { matches: Set<string>; isExact: boolean } {
  const prefix = /^[+~]/.exec(typed)?.[0] ?? "";
  const word = typed.slice(prefix.length);
  const matches = new Set<string>();
  const list = (group: string, kind: "config" | "group"): string[] => {
    try {
      return loader.groupOptions(group, kind, options);
    } catch (error) {
      if (error instanceof ConfigError) return [];
      throw error;
    }
  };
  const equals = word.lastIndexOf("=");
  if (equals >= 0) {
    const group = word.slice(0, equals);
    const choices = list(group, "config");
    for (const option of choices) {
      if (`${group}=${option}`.startsWith(word)) matches.add(`${prefix}${group}=${option}`);
    }
    return { matches, isExact: choices.length > 0 };
  }
  const slash = word.lastIndexOf("/");
  const parent = slash < 0 ? "" : word.slice(0, slash);
  for (const name of list(parent, "group")) {
    const group = parent === "" ? name : `${parent}/${name}`;
    if (!group.startsWith(word)) continue;
    const hasOptions = list(group, "config").length > 0;
    const hasGroups = list(group, "group").length > 0;
    const end = !hasGroups && hasOptions && prefix !== "~" ? "=" : hasGroups && !hasOptions ? "/" : "";
    matches.add(`${prefix}${group}${end}`);
  }
  return { matches, isExact: false };
}

/** Keys of the config as composed so far; a config that cannot be composed completes nothing. */
function configMatches(loader: ConfigLoader, options: ComposeOptions, word: string): string[] {
  try {
    return keyMatches(loader.compose(options).config, word);
  } catch (error) {
    if (error instanceof ConfigError) return [];
    throw error;
  }
}

function keyMatches(config: ConfigNode, word: string): string[] {
  if (!isContainer(config)) return [];
  if (word.endsWith(".") || word.endsWith("=")) {
    const node = selectNode(config, word.slice(0, -1), { throwOnResolutionFailure: false });
    if (node === undefined || node.isNone) return [];
    if (isContainer(node)) return word.endsWith("=") ? [] : children(node, "").map((match) => word + match);
    return word.endsWith("=") ? [word + valueText(node)] : [];
  }
  const dot = word.lastIndexOf(".");
  if (dot < 0) return children(config, word);
  const base = word.slice(0, dot);
  const node = selectNode(config, base, { throwOnResolutionFailure: false });
  return isContainer(node) ? children(node, word.slice(dot + 1)).map((match) => `${base}.${match}`) : [];
}

function children(node: ConfigNode, start: string): string[] {
  const matches: string[] = [];
  if (!(node instanceof DictNode || node instanceof ListNode)) return matches;
  for (const child of node.children()) {
    const name = keyText(child.key!);
    if (!name.startsWith(start)) continue;
    const reached = tryDereference(child);
    matches.push(`${name}${isContainer(reached) && !reached.isNone ? "." : "="}`);
  }
  return matches;
}

function valueText(node: ConfigNode): string {
  if (node.isMissing) return "";
  const text = pythonStr(node);
  return text === "True" || text === "False" ? text.toLowerCase() : text;
}

/** Files for a value that begins like a path. */
function fileMatches(word: string): string[] | undefined {
  const equals = word.lastIndexOf("=");
  const path = word.slice(equals + 1);
  if (equals < 0 || !/^(?:\.{1,2}\/|\/|~\/|\.$)/.test(path)) return undefined;
  const folder = path.endsWith("/") ? path : dirname(path);
  const start = path.endsWith("/") ? "" : path.slice(path.lastIndexOf("/") + 1);
  const matches: string[] = [];
  try {
    for (const entry of Deno.readDirSync(folder)) {
      if (entry.name.startsWith(start)) matches.push(word.slice(0, equals + 1) + join(folder, entry.name));
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory)) throw error;
  }
  return matches;
}
