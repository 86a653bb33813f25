import { ConfigValueError, GrammarParseError, UnsupportedValueType } from "./config_errors.ts";
import { dictKey } from "./dict_key.ts";
import { parseInterpolation } from "./interpolation_parser.ts";
import {
  ConfigNode,
  type ContainerNode,
  DictNode,
  type Flag,
  isContainer,
  ListNode,
  ValueNode,
} from "./node.ts";
import type { Origin } from "./origin.ts";
import { loadText } from "./load.ts";
import { pythonTypeName } from "./python_text.ts";
import { isScalar, type Key } from "./scalar.ts";

/** How deep data may nest. */
const MAX_DEPTH = 500;

/** How {@linkcode create} makes nodes. */
export interface CreateOptions {
  /** What errors name as the place of every value. */
  readonly origin?: Origin | undefined;
  /** Flags of the top node. */
  readonly flags?: Readonly<Partial<Record<Flag, boolean>>> | undefined;
  /** Whether values may be live objects. */
  readonly allowObjects?: boolean | undefined;
}

/**
 * Makes a config node from data: objects and `Map`s become dictionaries, arrays lists, nodes are copied.
 *
 * A `Map` keeps int, float and boolean keys apart from strings; an object has string keys only.
 *
 * @throws {UnsupportedValueType} for a live object without `allowObjects`, {GrammarParseError} for a malformed
 * interpolation, {KeyValidationError} for an unusable key, {ConfigValueError} for data nested too deep or in a cycle.
 *
 * @example
 * ```ts
 * import { create } from "./create.ts";
 * import { DictNode } from "./node.ts";
 * const node = create({ a: [1, 2], b: "${a}" });
 * console.assert(node instanceof DictNode && node.child("b")!.isInterpolation);
 * ```
 */
export function create(data: unknown, options: CreateOptions = {}): ContainerNode | ValueNode {
  const node = new Builder(options.origin, options.allowObjects === true).node(data, undefined, undefined, 0);
  for (const [flag, value] of Object.entries(options.flags ?? {})) node.setFlag(flag as Flag, value);
  if (options.allowObjects === true && isContainer(node)) node.setFlag("allowObjects", true);
  return node;
}

/** {@linkcode create} for data that will hang under a parent: no flags are set, and errors know the path. */
export function dataNode(
  data: unknown,
  place: {
    readonly origin: Origin | undefined;
    readonly parent: ConfigNode | undefined;
    readonly key: Key | undefined;
  },
): ContainerNode | ValueNode {
  const builder = new Builder(place.origin, place.parent?.flag("allowObjects") === true);
  return builder.node(data, place.parent as ContainerNode | undefined, place.key, 0);
}

class Builder {
  readonly #origin: Origin | undefined;
  readonly #allowObjects: boolean;

  constructor(origin: Origin | undefined, allowObjects: boolean) {
    this.#origin = origin;
    this.#allowObjects = allowObjects;
  }

  /** @param parent Where the node will hang, so that errors below it know their path. */
  node(
    data: unknown,
    parent: ContainerNode | undefined,
    key: Key | undefined,
    depth: number,
  ): ContainerNode | ValueNode {
    const origin = this.#origin;
    if (depth > MAX_DEPTH) {
      throw new ConfigValueError(`Data nests deeper than ${MAX_DEPTH} levels or holds itself`, { origin });
    }
    if (isScalar(data) || data === undefined) return scalarNode(data ?? null, origin, parent, key);
    if (data instanceof ConfigNode) {
      const copy = (data as ContainerNode | ValueNode).clone();
      copy.parent = undefined;
      copy.key = undefined;
      return copy;
    }
    if (Array.isArray(data)) {
      const list = hung(new ListNode({ origin }), parent, key);
      for (const item of data) list.append(this.node(item, list, list.size, depth + 1));
      return list;
    }
    if (data instanceof Map || isPlainObject(data)) {
      const dict = hung(new DictNode({ origin }), parent, key);
      for (const [own, value] of data instanceof Map ? data : Object.entries(data)) {
        const checked = dictKey(dict, own);
        dict.setChild(checked, this.node(value, dict, checked, depth + 1));
      }
      return dict;
    }
    if (this.#allowObjects) return new ValueNode(data, { origin });
    throw new UnsupportedValueType(`Value '${pythonTypeName(data)}' is not a supported primitive type`, {
      parent,
      key,
      origin,
      value: data,
      fix: "pass plain data, or allow objects",
    });
  }
}

function hung<N extends ContainerNode>(node: N, parent: ContainerNode | undefined, key: Key | undefined): N {
  node.parent = parent;
  node.key = key;
  return node;
}

/**
 * A value node whose interpolation, if it is one, has been checked.
 *
 * @param parent Where the node will hang, for the error's path.
 * @throws {GrammarParseError} for a malformed interpolation.
 */
export function scalarNode(value: unknown, origin?: Origin, parent?: ConfigNode, key?: Key): ValueNode {
  const node = new ValueNode(value, { origin });
  if (!node.isInterpolation) return node;
  try {
    node.parsed = parseInterpolation(node.text);
    return node;
  } catch (error) {
    if (!(error instanceof GrammarParseError)) throw error;
    throw new GrammarParseError(error.msg, {
      offset: error.offset,
      parent,
      key,
      origin,
      fix: error.fix,
      value,
    });
  }
}

/** Whether a value is an object literal, as opposed to an instance of a class. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/** What `oc.create` makes of its argument: a text is read as YAML. */
export function createFrom(value: unknown): ContainerNode | ValueNode {
  return typeof value === "string" ? loadText(value, "oc.create") : create(value);
}
