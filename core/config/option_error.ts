import { ConfigError, nearest, OptionError } from "../errors.ts";
import { camelCase, snakeCase } from "../options.ts";
import { culprit } from "./culprit.ts";
import { codeFrame, Origin } from "./origin.ts";
import { type ConfigNode, type DictNode, keyText } from "./node.ts";

/**
 * An option that a target refused, as an error of the config: the key's file, line and column, and the names in
 * YAML's spelling. `undefined` for other errors.
 */
export function optionError(error: unknown, node: DictNode): ConfigError | undefined {
  if (!(error instanceof OptionError)) return undefined;
  if (error.data === undefined) {
    const where = placeOf(node, culprit(node, error.what) ?? node.child("_target_"));
    return new ConfigError(error.what, { where, fix: error.fix, cause: error });
  }
  const { owner, option, known } = error.data;
  // torch writes these few with a capital, which the one rule of spelling cannot know.
  const asTorch = (text: string): string =>
    owner.startsWith("optim.Cosine") ? text.replace(/\bt_?(0|max|mult)\b/g, "T_$1") : text;
  const names = [...new Set(known.map((name) => asTorch(snakeCase(name))))];
  const child = [...node.children()].find((item) => {
    const written = keyText(item.key!);
    return written === option || camelCase(written) === option;
  });
  const at = child === undefined ? undefined : culprit(child, error.what) ?? child;
  const where = placeOf(node, at ?? node.child("_target_"));
  const isUnknown = !known.includes(option) && !known.includes(camelCase(option));
  if (!isUnknown) {
    const renamed = known.filter((name) => name !== snakeCase(name));
    const spelling = new RegExp(`\\b(?:${renamed.join("|")})\\b`, "g");
    const inYaml = (text: string): string =>
      asTorch(renamed.length === 0 ? text : text.replace(spelling, snakeCase));
    // An option that is missing may be one that the code which calls a partial target gives.
    const later = child === undefined && node.child("_partial_") === undefined &&
        error.what.includes(" needs the option ")
      ? "; with _partial_: true the caller gives the rest"
      : "";
    const fix = error.fix === undefined ? undefined : inYaml(error.fix) + later;
    return new ConfigError(inYaml(error.what), { where, fix, cause: error });
  }
  const near = nearest(option, names);
  return new ConfigError(`${owner} has no option "${option}"`, {
    where,
    fix: names.length === 0
      ? "it takes no options"
      : `${near === undefined ? "it takes " : `did you mean "${near}"? It takes `}${names.join(", ")}`,
    cause: error,
  });
}

/** A node's path, then the file, line and column of one of its keys. */
function placeOf(node: DictNode, at: ConfigNode = node): string {
  const key = node.fullKey();
  const origin = keyOrigin(at);
  if (origin === undefined) return key;
  const frame = codeFrame(origin).replaceAll("\n", "\n    ");
  return `${key === "" ? "" : `${key}, `}set in ${origin}\n    ${frame}`;
}

/** Where a node's key stands in its text; the value's place where the key cannot be found before it. */
function keyOrigin(node: ConfigNode): Origin | undefined {
  const { origin, key } = node;
  if (origin === undefined || key === undefined) return origin;
  const text = keyText(key);
  const before = origin.source.text.slice(0, origin.offset);
  const separated = before.search(/["']?\s*[:=]\s*$/);
  if (separated < 0 || !before.slice(0, separated).endsWith(text)) return origin;
  return new Origin(origin.source, separated - text.length);
}
