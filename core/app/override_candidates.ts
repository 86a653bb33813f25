import { ConfigError } from "../errors.ts";
import type { ComposeOptions, Composition, ConfigLoader } from "../config/config_loader.ts";
import { type ConfigNode, DictNode, isContainer, keyText, ListNode } from "../config/node.ts";
import { pythonStr } from "../config/python_text.ts";
import { selectNode } from "../config/select.ts";
import { tryDereference } from "../config/interpolate.ts";
import { type Candidate, shortened } from "./candidate.ts";
import { optionCandidates, valueCandidates } from "./value_candidates.ts";

type Prefix = "" | "+" | "++" | "~";

/** Words that a config and its groups offer for an override. */
export class OverrideCandidates {
  readonly #loader: ConfigLoader;
  readonly #options: ComposeOptions;
  #composed: Composition | undefined | null = null;

  /** @param options What is typed before: chosen groups, and overrides. */
  constructor(loader: ConfigLoader, options: ComposeOptions) {
    this.#loader = loader;
    this.#options = options;
  }

  /** Words that begin as typed, the typed part included. */
  find(typed: string): Candidate[] {
    const [, sign, body] = /^(\+\+|\+|~|)(.*)$/s.exec(typed) as unknown as [string, Prefix, string];
    const equals = body.indexOf("=");
    if (equals < 0) return [...this.#groups(sign, body), ...this.#keys(sign, body)];
    const key = body.slice(0, equals);
    const [before, value] = [`${sign}${key}=`, body.slice(equals + 1)];
    const options = this.#names(key.replace(/@.*$/, ""), "config");
    if (options.length > 0) return optionCandidates(options, before, value);
    const config = this.#config();
    const node = config && selectNode(config, key, { throwOnResolutionFailure: false });
    return valueCandidates(node, key, before, value);
  }

  /** Keys of the config below what is typed, as `--package` names them. */
  packages(typed: string): Candidate[] {
    return this.#keys("~", typed).map(({ word, about }) => ({ word: word.slice(1), about }));
  }

  /** The names of configs that may be the primary one. */
  primaries(typed: string): Candidate[] {
    return this.#names("", "config").filter((name) => name.startsWith(typed)).map((word) => ({ word }));
  }

  #groups(sign: Prefix, typed: string): Candidate[] {
    // Hydra has no ++ for groups.
    if (sign === "++") return [];
    const slash = typed.lastIndexOf("/");
    const parent = typed.slice(0, Math.max(slash, 0));
    const found: Candidate[] = [];
    for (const name of this.#names(parent, "group")) {
      const group = parent === "" ? name : `${parent}/${name}`;
      if (!group.startsWith(typed)) continue;
      const end = sign === "~" ? "" : "=";
      if (this.#names(group, "config").length > 0) {
        found.push({ word: `${sign}${group}${end}`, about: this.#choice(group) });
      }
      if (this.#names(group, "group").length > 0) found.push({ word: `${sign}${group}/` });
    }
    return [...found, ...this.#relocated(sign, typed)];
  }

  /** Groups that stand under another key: `db@backup`. */
  #relocated(sign: Prefix, typed: string): Candidate[] {
    if (sign === "+") return [];
    const choices = this.#composition()?.defaults.choices ?? new Map<string, string | null>();
    return [...choices].filter(([key]) => key.includes("@") && key.startsWith(typed)).map(([key, choice]) => {
      return { word: `${sign}${key}${sign === "~" ? "" : "="}`, about: choice ?? undefined };
    });
  }

  #choice(group: string): string | undefined {
    return this.#composition()?.defaults.choices.get(group) ?? undefined;
  }

  #keys(sign: Prefix, typed: string): Candidate[] {
    const config = this.#config();
    if (config === undefined) return [];
    const dot = typed.lastIndexOf(".");
    const base = typed.slice(0, dot + 1);
    const node = dot < 0
      ? config
      : selectNode(config, typed.slice(0, dot), { throwOnResolutionFailure: false });
    return children(node, typed.slice(dot + 1)).flatMap(([name, child]) => {
      return keyWords(sign, base + name, child);
    });
  }

  #names(group: string, kind: "config" | "group"): string[] {
    return lenient(() => this.#loader.groupOptions(group, kind, this.#options)) ?? [];
  }

  #config(): DictNode | undefined {
    return this.#composition()?.config;
  }

  /** The config as it is composed so far; without the overrides where they do not fit. */
  #composition(): Composition | undefined {
    if (this.#composed !== null) return this.#composed;
    const options = { ...this.#options, validateSweeps: false, validateSchemas: false };
    return this.#composed = lenient(() => this.#loader.compose(options)) ??
      lenient(() => this.#loader.compose({ ...options, overrides: [] }));
  }
}

/** A config that cannot be composed completes nothing; what is wrong with it is said when it is run. */
function lenient<T>(make: () => T): T | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof ConfigError) return undefined;
    throw error;
  }
}

/** Names that the grammar of overrides can say. */
const SAYABLE = /^[\w$-]+$/;

function children(node: ConfigNode | undefined, start: string): [string, ConfigNode][] {
  if (!(node instanceof DictNode || node instanceof ListNode) || node.isNone || node.isMissing) return [];
  return [...node.children()].map((child): [string, ConfigNode] => [keyText(child.key!), child])
    .filter(([name]) => name.startsWith(start) && SAYABLE.test(name));
}

/** How a key goes on: a value after `=`, a key below after `.`, or nothing where it is to be deleted. */
function keyWords(sign: Prefix, key: string, child: ConfigNode): Candidate[] {
  const node = tryDereference(child);
  const below = { word: `${sign}${key}.` };
  if (node !== undefined && isContainer(node) && !node.isNone && !node.isMissing) {
    if (sign === "~") return [{ word: `~${key}` }, ...node.size > 0 ? [below] : []];
    if (node instanceof DictNode) return [below];
    const whole = { word: `${sign}${key}=`, about: aboutNode(node) };
    return sign === "+" ? [] : [whole, ...node.size > 0 ? [below] : []];
  }
  if (sign === "+") return [];
  return [{ word: `${sign}${key}${sign === "~" ? "" : "="}`, about: aboutNode(node) }];
}

function aboutNode(node: ConfigNode | undefined): string | undefined {
  if (node === undefined) return undefined;
  if (node.isMissing) return "must be given";
  return shortened(pythonStr(node));
}
