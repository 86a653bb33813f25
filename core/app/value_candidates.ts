import { type ConfigNode, isContainer, ListNode, ValueNode } from "../config/node.ts";
import { tryDereference } from "../config/interpolate.ts";
import { parseOverrideText } from "../config/override_parser.ts";
import { QuotedString } from "../config/override_value.ts";
import { ConfigError } from "../errors.ts";
import { pythonStr } from "../config/python_text.ts";
import type { Candidate } from "./candidate.ts";
import { isPathKey, looksLikePath, pathCandidates } from "./path_candidates.ts";

/**
 * Options of a group: one, several in a list (`[a,b]`), or several for a sweep (`a,b`).
 *
 * @param before The word up to its value: `+db=`.
 */
export function optionCandidates(options: readonly string[], before: string, typed: string): Candidate[] {
  const bracket = typed.startsWith("[") ? "[" : "";
  const items = typed.slice(bracket.length).split(",");
  const last = items.pop()!;
  const done = items.map((item) => `${item},`).join("");
  const begin = `${before}${bracket}${done}`;
  const open = options.filter((option) => !items.includes(option) && option.startsWith(last));
  const found: Candidate[] = open.map((option) => ({ word: begin + option, isOpen: bracket !== "" }));
  if (bracket === "" || !open.includes(last)) return found;
  // An item is typed to its end: the list goes on, or ends here.
  const ends = [{ word: `${begin}${last},` }, { word: `${begin}${last}]` }];
  return [...ends, ...found.filter(({ word }) => word !== begin + last)];
}

/**
 * Values of a config key: what it has now, the other value of a flag, the members of an enumeration, files.
 *
 * @param node The key's node, where there is one.
 */
export function valueCandidates(
  node: ConfigNode | undefined,
  key: string,
  before: string,
  typed: string,
): Candidate[] {
  if (looksLikePath(typed)) return pathCandidates(typed, before);
  const reached = node === undefined ? undefined : tryDereference(node);
  const words = reached === undefined || reached.isMissing ? [] : valuesOf(reached);
  const found = words.filter((word) => word.startsWith(typed)).map((word) => ({ word: before + word }));
  const isEmpty = reached !== undefined && (reached.isNone || reached.isMissing);
  return found.length === 0 && (isEmpty || typed !== "") && isPathKey(key)
    ? pathCandidates(typed, before)
    : found;
}

function valuesOf(node: ConfigNode): string[] {
  const { type } = node;
  if (type.kind === "enum") return [...type.enum.members.keys()];
  if (type.kind === "bool" || (node instanceof ValueNode && typeof node.raw === "boolean")) {
    return ["false", "true"];
  }
  if (node.isNone) return [];
  const text = overrideText(node);
  return text === undefined ? [] : [text];
}

/** A value as it is written in an override; `undefined` for dictionaries, which nobody types. */
export function overrideText(node: ConfigNode): string | undefined {
  if (node instanceof ListNode && !node.isNone && !node.isMissing) {
    const items = node.children().map((item) => {
      const reached = tryDereference(item);
      return reached === undefined ? undefined : overrideText(reached);
    });
    return items.includes(undefined) ? undefined : `[${items.join(",")}]`;
  }
  if (isContainer(node) || node.isMissing) return undefined;
  const { raw } = node as ValueNode;
  if (raw === null) return "null";
  if (typeof raw === "boolean") return String(raw);
  const text = pythonStr(node);
  return typeof raw !== "string" || isPlain(text) ? text : new QuotedString(text, "'").toString();
}

/** Whether a text without quotes is read as that same text, even inside a list. */
function isPlain(text: string): boolean {
  try {
    const { value } = parseOverrideText(`k=[${text}]`);
    return Array.isArray(value) && value.length === 1 && value[0] === text;
  } catch (error) {
    if (error instanceof ConfigError) return false;
    throw error;
  }
}
