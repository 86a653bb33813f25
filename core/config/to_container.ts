import { flag, takeOptions } from "../options.ts";
import { MissingMandatoryValue } from "./config_errors.ts";
import { dereference } from "./interpolate.ts";
import { ConfigNode, type DictNode, isContainer, keyText, ListNode, ValueNode } from "./node.ts";
import { ResolveBudget } from "./resolve_budget.ts";
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
  const taken = takeOptions<ContainerOptions>("config.toContainer", options, {
    resolve: flag(false),
    throwOnMissing: flag(false),
    enumToStr: flag(false),
  });
  return plainData(toData(node, taken));
}

/** {@linkcode toContainer} that keeps ints, floats and key types apart: `Map`s, and `Float`s for integral floats. */
export function toData(node: ConfigNode, options: ContainerOptions = {}): unknown {
  return new DataReader(options).node(node);
}

class DataReader {
  readonly #options: ContainerOptions;
  readonly #budget = new ResolveBudget();

  constructor(options: ContainerOptions) {
    this.#options = options;
  }

  node(node: ConfigNode): unknown {
    const { resolve, throwOnMissing } = this.#options;
    const reached = resolve === true ? dereference(node) : node;
    if (throwOnMissing === true && node.isMissing) throw missing(node);
    if (!isContainer(reached)) return this.#scalar(reached);
    if (throwOnMissing === true && reached.isMissing) throw missing(node);
    if (reached.special !== undefined) return reached.isNone ? null : reached.text;
    this.#budget.enter(reached, node);
    const data = reached instanceof ListNode
      ? reached.children().map((item) => this.node(item))
      : this.#dict(reached);
    this.#budget.leave(reached, node);
    return data;
  }

  #dict(dict: DictNode): Map<Key, unknown> {
    const data = new Map<Key, unknown>();
    for (const child of dict.children()) {
      const key = child.key!;
      const isName = this.#options.enumToStr === true && key instanceof EnumMember;
      data.set(isName ? key.name : key, this.node(child));
    }
    return data;
  }

  #scalar(node: ConfigNode): unknown {
    const raw = node instanceof ValueNode ? node.raw : null;
    return this.#options.enumToStr === true && raw instanceof EnumMember ? raw.name : raw;
  }
}

function missing(node: ConfigNode): MissingMandatoryValue {
  return new MissingMandatoryValue(
    `Missing mandatory value: ${node.key === undefined ? "" : keyText(node.key)}`,
    {
      parent: node.parent,
      key: node.key,
      fix: `set ${node.fullKey()}`,
    },
  );
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
