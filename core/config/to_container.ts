import { MissingMandatoryValue } from "./config_errors.ts";
import { dereference } from "./interpolate.ts";
import {
  ConfigNode,
  type ContainerNode,
  DictNode,
  isContainer,
  keyText,
  ListNode,
  MISSING,
  ValueNode,
} from "./node.ts";
import { EnumMember, type Key, plain } from "./scalar.ts";

/** How nodes turn into data. */
export interface ContainerOptions {
  /** Whether interpolations are resolved; otherwise their text is kept. @default false */
  readonly resolve?: boolean | undefined;
  /** Whether `???` is an error. @default false */
  readonly throwOnMissing?: boolean | undefined;
  /** Whether enum members turn into their names. @default false */
  readonly enumToStr?: boolean | undefined;
}

/**
 * A node as plain JavaScript data: objects, arrays, strings, numbers, booleans, null, and live objects as they are.
 *
 * Dictionary keys turn into strings. A key such as `__proto__` becomes an own property.
 *
 * @throws {MissingMandatoryValue} for `???` where asked, and interpolation errors when resolving.
 *
 * @example
 * ```ts
 * import { loadText } from "./load.ts";
 * import { toContainer } from "./to_container.ts";
 * const data = toContainer(loadText("a: 1.0\nb: ${a}", "c.yaml"), { resolve: true }) as { b: number };
 * console.assert(data.b === 1);
 * ```
 */
export function toContainer(node: ConfigNode, options: ContainerOptions = {}): unknown {
  return plainData(toData(node, options));
}

/** {@linkcode toContainer} that keeps ints, floats and key types apart: `Map`s, and `Float`s for integral floats. */
export function toData(node: ConfigNode, options: ContainerOptions = {}): unknown {
  const reached = options.resolve === true ? dereference(node) : node;
  if (!isContainer(reached)) return scalarData(reached, node, options);
  if (reached.isMissing && options.throwOnMissing === true) throw missing(node);
  if (reached.special !== undefined) return reached.isNone ? null : reached.text;
  if (reached instanceof ListNode) return reached.children().map((item) => childData(reached, item, options));
  const data = new Map<Key, unknown>();
  for (const child of reached.children()) {
    const key = child.key!;
    data.set(
      options.enumToStr === true && key instanceof EnumMember ? key.name : key,
      childData(reached, child, options),
    );
  }
  return data;
}

function childData(_parent: ContainerNode, child: ConfigNode, options: ContainerOptions): unknown {
  if (child.isMissing) {
    if (options.throwOnMissing === true) throw missing(child);
    return MISSING;
  }
  return toData(child, options);
}

function scalarData(reached: ConfigNode, node: ConfigNode, options: ContainerOptions): unknown {
  if (reached.isMissing && options.throwOnMissing === true) throw missing(node);
  const raw = reached instanceof ValueNode ? reached.raw : null;
  return options.enumToStr === true && raw instanceof EnumMember ? raw.name : raw;
}

function missing(node: ConfigNode): MissingMandatoryValue {
  return new MissingMandatoryValue(`Missing mandatory value: ${node.fullKey()}`, {
    parent: node.parent,
    key: node.key,
    fix: `set ${node.fullKey()}`,
  });
}

/**
 * Config data as JavaScript sees it: `Map`s as objects, wrapped floats as numbers; live objects stay.
 *
 * A config node in it stays a node.
 */
export function plainData(data: unknown): unknown {
  if (Array.isArray(data)) return data.map(plainData);
  if (!(data instanceof Map)) return plain(data);
  const object: Record<string, unknown> = {};
  for (const [key, value] of data) {
    const property = { value: plainData(value), enumerable: true, configurable: true, writable: true };
    Object.defineProperty(object, keyText(key as Key), property);
  }
  return object;
}

/** What reading a resolved node gives: a container stays a node, null and scalars become JavaScript values. */
export function nodeValue(node: ConfigNode): unknown {
  if (node instanceof ValueNode) return plainData(node.raw);
  return node.isNone ? null : node;
}

/** Whether a value is a config node. */
export function isNode(value: unknown): value is ConfigNode {
  return value instanceof ConfigNode;
}

/** Whether a node is a dictionary. */
export function isDict(value: unknown): value is DictNode {
  return value instanceof DictNode;
}
