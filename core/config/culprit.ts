import { type ConfigNode, DictNode, isContainer, ListNode } from "./node.ts";
import { pythonStr } from "./python_text.ts";

/** What the source of overrides is called. */
const COMMAND_LINE = "command line";

/**
 * The value that an error of a target speaks of, among all that the config gave it: what the error quotes, above all
 * if it came from the command line; else the only value from there. `undefined` where nothing points to one.
 *
 * Parts with a target of their own are left out: they were built, and have errors of their own.
 *
 * @param at The target's node, or the option that the error names.
 * @param what What the error says.
 */
export function culprit(at: ConfigNode, what: string): ConfigNode | undefined {
  const values = [...valuesOf(at, at)];
  const given = values.filter(({ origin }) => origin?.file === COMMAND_LINE);
  const quoted = values.filter((value) => quotes(what, value));
  const both = given.filter((value) => quoted.includes(value));
  const found = both[0] ?? only(quoted) ?? only(given);
  return found === undefined ? undefined : wholeList(found, at);
}

function* valuesOf(node: ConfigNode, at: ConfigNode): IterableIterator<ConfigNode> {
  if (!isContainer(node)) {
    yield node;
    return;
  }
  if (node !== at && node instanceof DictNode && node.child("_target_") !== undefined) return;
  const children = [...node.children()];
  if (children.length === 0 && node !== at) yield node;
  for (const child of children) {
    if (/^_(?:target|convert|recursive|partial)_$/.test(String(child.key))) continue;
    yield* valuesOf(child, at);
  }
}

function quotes(what: string, node: ConfigNode): boolean {
  const text = pythonStr(node);
  if (text === "") return false;
  const literal = text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
  return new RegExp(`(?<![\\w.-])${literal}(?![\\w-])`).test(what);
}

function only<T>(items: readonly T[]): T | undefined {
  return items.length === 1 ? items[0] : undefined;
}

/** The list that one text set, rather than one item of it. */
function wholeList(node: ConfigNode, at: ConfigNode): ConfigNode {
  const { parent } = node;
  const climbs = node !== at && parent instanceof ListNode && parent.origin?.source === node.origin?.source;
  return climbs ? wholeList(parent, at) : node;
}
