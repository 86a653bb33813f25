import { checkedLater, flag, takeOptions } from "../options.ts";
import { ConfigTypeError } from "./config_errors.ts";
import { find } from "./interpolate.ts";
import { ListStepError, startOf } from "./path_step.ts";
import type { ConfigNode, ContainerNode } from "./node.ts";
import { nodeValue } from "./to_container.ts";

/** How {@linkcode select} looks. */
export interface SelectOptions {
  /** What an absent or missing value gives. @default null */
  readonly default?: unknown;
  /** Whether a broken interpolation is an error. @default true */
  readonly throwOnResolutionFailure?: boolean | undefined;
  /** Whether `???` is an error. @default false */
  readonly throwOnMissing?: boolean | undefined;
  /** Whether a path without leading dots starts at the root instead of at the node. @default false */
  readonly absolute?: boolean | undefined;
}

/**
 * The resolved node under a path such as `a.b[0]`, or `undefined`; leading dots go up from the node.
 *
 * @throws {InterpolationResolutionError} for an interpolation that cannot be resolved, unless told not to;
 * {OptionError} for options that there are not.
 */
export function selectNode(
  from: ContainerNode,
  path: string,
  options?: SelectOptions,
): ConfigNode | undefined {
  return nodeAt(from, path, taken("config.selectNode", options));
}

/** Most calls have no options, and should not wait for a check of none. */
function taken(owner: string, options: SelectOptions | undefined): SelectOptions {
  if (options === undefined) return {};
  return takeOptions<SelectOptions>(owner, options, {
    default: checkedLater<unknown>(null),
    throwOnResolutionFailure: flag(true),
    throwOnMissing: flag(false),
    absolute: flag(false),
  });
}

function nodeAt(from: ContainerNode, path: string, options: SelectOptions): ConfigNode | undefined {
  try {
    const relative = options.absolute === true || path.startsWith(".") ? path : `.${path}`;
    const { start, path: rest } = startOf(from, relative);
    return find(start, rest, {
      throwOnMissing: options.throwOnMissing,
      throwOnFailure: options.throwOnResolutionFailure,
    })?.node;
  } catch (error) {
    // A path through a scalar finds nothing; a path into a list by name is an error.
    if (error instanceof ConfigTypeError) return undefined;
    if (error instanceof ListStepError) {
      throw new ConfigTypeError(error.msg, { parent: from, key: path, fix: error.fix, cause: error });
    }
    throw error;
  }
}

/**
 * The value under a path: scalars as JavaScript values, containers as nodes; null where there is none.
 *
 * @throws {InterpolationResolutionError} for an interpolation that cannot be resolved, even with a default.
 *
 * @example
 * ```ts
 * import { loadText } from "./load.ts";
 * import { select } from "./select.ts";
 * const config = loadText("a: {b: [1, 2]}", "c.yaml");
 * console.assert(select(config, "a.b[1]") === 2 && select(config, "a.c", { default: 5 }) === 5);
 * ```
 */
export function select(from: ContainerNode, path: string, options?: SelectOptions): unknown {
  const given = taken("config.select", options);
  const node = nodeAt(from, path, given);
  if (node === undefined || node.isMissing) return given.default ?? null;
  return nodeValue(node);
}
