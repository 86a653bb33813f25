import { ConfigValueError, UnsupportedValueType } from "./config_errors.ts";
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
import { type Origin, Source } from "./origin.ts";
import { loadNode } from "./load.ts";
import { pythonTypeName } from "./python_text.ts";
import { isScalar } from "./scalar.ts";

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
  const node = build(data, options.origin, options.allowObjects === true, 0);
  for (const [flag, value] of Object.entries(options.flags ?? {})) node.setFlag(flag as Flag, value);
  if (options.allowObjects === true && isContainer(node)) node.setFlag("allowObjects", true);
  return node;
}

function build(
  data: unknown,
  origin: Origin | undefined,
  allowObjects: boolean,
  depth: number,
): ContainerNode | ValueNode {
  if (depth > MAX_DEPTH) {
    throw new ConfigValueError(`Data nests deeper than ${MAX_DEPTH} levels or holds itself`, { origin });
  }
  if (isScalar(data)) return scalarNode(data, origin);
  if (data instanceof ConfigNode) {
    const copy = (data as ContainerNode | ValueNode).clone();
    copy.parent = undefined;
    copy.key = undefined;
    return copy;
  }
  if (Array.isArray(data)) {
    const list = new ListNode({ origin });
    for (const item of data) list.append(build(item, origin, allowObjects, depth + 1));
    return list;
  }
  if (data instanceof Map || isPlainObject(data)) {
    const dict = new DictNode({ origin });
    for (const [key, value] of data instanceof Map ? data : Object.entries(data)) {
      dict.setChild(dictKey(dict, key), build(value, origin, allowObjects, depth + 1));
    }
    return dict;
  }
  if (data === undefined) return scalarNode(null, origin);
  if (allowObjects) return new ValueNode(data, { origin });
  throw new UnsupportedValueType(`Value '${pythonTypeName(data)}' is not a supported primitive type`, {
    origin,
    value: data,
    fix: "pass plain data, or allow objects",
  });
}

/** A value node whose interpolation, if it is one, has been checked. */
export function scalarNode(value: unknown, origin?: Origin): ValueNode {
  const node = new ValueNode(value, { origin });
  if (node.isInterpolation) node.parsed = parseInterpolation(node.text);
  return node;
}

/** Whether a value is an object literal, as opposed to an instance of a class. */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/** What `oc.create` makes of its argument: a text is read as YAML. */
export function createFrom(value: unknown): ContainerNode | ValueNode {
  if (typeof value !== "string") return create(value);
  return loadNode(new Source("oc.create", value)) ?? new DictNode();
}
