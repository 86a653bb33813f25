import { GrammarParseError } from "./config_errors.ts";
import {
  type CallInterpolation,
  type InterpolationText,
  parseInterpolation,
} from "./interpolation_parser.ts";
import { type ConfigNode, DictNode, ListNode, ValueNode } from "./node.ts";
import { pythonStr, pythonTypeName } from "./python_text.ts";

/**
 * A node's interpolation, parsed once and kept until its value changes.
 *
 * @throws {GrammarParseError} naming the node.
 */
export function parsedOf(node: ConfigNode): InterpolationText {
  if (!(node instanceof ValueNode || node instanceof DictNode || node instanceof ListNode)) return [];
  node.parsed ??= parsedText(node);
  const parsed = node.parsed as InterpolationText;
  const nameless = parsed.find((part) =>
    typeof part === "object" && part.kind === "call" && part.name.length === 0
  );
  if (nameless === undefined) return parsed;
  throw new GrammarParseError(`a resolver needs a name: ${(nameless as CallInterpolation).text}`, {
    offset: 0,
    parent: node.parent,
    key: node.key,
  });
}

function parsedText(node: ConfigNode): InterpolationText {
  try {
    return parseInterpolation(node.text);
  } catch (error) {
    if (!(error instanceof GrammarParseError)) throw error;
    throw new GrammarParseError(error.msg, {
      offset: error.offset,
      parent: node.parent,
      key: node.key,
      fix: error.fix,
    });
  }
}

/** The message for a key whose interpolation yields no text. */
export function keyNoText(value: unknown, text: string): string {
  return `The following interpolation is used to denote a config key and thus should return a string, but instead ` +
    `returned \`${pythonStr(value)}\` of type \`<class '${pythonTypeName(value)}'>\`: ${text}`;
}

/** The message for a resolver's name whose interpolation yields no text. */
export function nameNoText(value: unknown, text: string): string {
  return `The name of a resolver must be a string, but the interpolation ${text} resolved to ` +
    `\`${pythonStr(value)}\` which is of type <class '${pythonTypeName(value)}'>`;
}
