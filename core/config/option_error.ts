import { ConfigError, nearest, OptionError } from "../errors.ts";
import { camelCase, snakeCase } from "../options.ts";
import { codeFrame, Origin } from "./origin.ts";
import { type ConfigNode, type DictNode, keyText } from "./node.ts";

/**
 * An option that a target refused, as an error of the config: the key's file, line and column, and the names in
 * YAML's spelling. `undefined` for other errors.
 */
export function optionError(error: unknown, node: DictNode): ConfigError | undefined {
  if (!(error instanceof OptionError)) return undefined;
  const key = node.fullKey();
  if (error.data === undefined) {
    return new ConfigError(error.what, { where: key, fix: error.fix, cause: error });
  }
  const { owner, option, known } = error.data;
  const names = known.map(snakeCase);
  const child = [...node.children()].find((item) => {
    const written = keyText(item.key!);
    return written === option || camelCase(written) === option;
  });
  const at = child === undefined ? node.child("_target_") ?? node : child;
  const origin = keyOrigin(at);
  const where = origin === undefined
    ? key
    : `${key === "" ? "" : `${key}, `}set in ${origin}\n    ${codeFrame(origin).replaceAll("\n", "\n    ")}`;
  const isUnknown = !known.includes(option) && !known.includes(camelCase(option));
  if (!isUnknown) {
    return new ConfigError(error.what.replaceAll(`"${option}"`, `"${snakeCase(option)}"`), {
      where,
      fix: child === undefined ? `it takes ${names.join(", ")}` : error.fix,
      cause: error,
    });
  }
  const near = nearest(option, names);
  return new ConfigError(`${owner} has no option "${option}"`, {
    where,
    fix: `${near === undefined ? "it takes " : `did you mean "${near}"? It takes `}${names.join(", ")}`,
    cause: error,
  });
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
