import { styleText } from "node:util";
import type { DictNode } from "../config/node.ts";
import { selectNode } from "../config/select.ts";
import { toYaml } from "../config/to_yaml.ts";

const FIRST = ["data", "model", "callbacks", "logger", "trainer", "paths", "extras"];

/** A tree's text, and the fields that it asked for in vain. */
export interface ConfigTree {
  readonly text: string;
  readonly missing: readonly string[];
}

/** Styles a part of the tree; a file takes it plain. */
type Paint = (part: "guide" | "branch" | "key", text: string) => string;

/** Leaves text as it is. */
export const plainPaint: Paint = (_, text) => text;

const STYLES = { guide: "dim", branch: "bold", key: "cyan" } as const;

/** Colours text for a terminal. */
export const terminalPaint: Paint = (part, text) => styleText(STYLES[part], text);

/**
 * A config as a tree: one branch per field, the fields of a run first, each as resolved YAML.
 *
 * @example
 * ```ts
 * import { loadText } from "../config/load.ts";
 * import { configTree, plainPaint } from "./config_tree.ts";
 * const tree = configTree(loadText("data: {size: 3}", "train.yaml"), plainPaint);
 * console.assert(tree.text.startsWith("CONFIG\n└── data\n    └── size: 3"));
 * ```
 */
export function configTree(config: DictNode, paint: Paint): ConfigTree {
  const keys = Array.from(config.keys(), String);
  const present = FIRST.filter((name) => keys.includes(name));
  const fields = [...present, ...keys.filter((key) => !FIRST.includes(key))];
  const lines = [paint("branch", "CONFIG")];
  fields.forEach((field, index) => {
    const last = index === fields.length - 1;
    lines.push(paint("guide", last ? "└── " : "├── ") + paint("branch", field));
    const stem = paint("guide", last ? "    " : "│   ");
    branch(config, field).forEach((line, row) => {
      lines.push(stem + paint("guide", row === 0 ? "└── " : "    ") + paintKey(line, paint));
    });
  });
  return { text: lines.join("\n"), missing: FIRST.filter((name) => !present.includes(name)) };
}

function branch(config: DictNode, field: string): string[] {
  const node = selectNode(config, field);
  if (node === undefined || node.isNone) return ["null"];
  // YAML ends a lone scalar with a marker that says nothing to a reader of the tree.
  return toYaml(node, { resolve: true }).replace(/\n\.\.\.\n$/, "\n").trimEnd().split("\n");
}

function paintKey(line: string, paint: Paint): string {
  const match = /^(\s*(?:- )*)([^\s:][^:]*)(:)(\s.*|)$/.exec(line);
  if (match === null) return line;
  const [, indent, key, colon, rest] = match;
  return indent! + paint("key", key! + colon!) + rest!;
}
