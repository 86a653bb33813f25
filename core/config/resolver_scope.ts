import type { ConfigNode, ContainerNode } from "./node.ts";

/** Nodes that a resolver may ask for beside its arguments. */
export interface ResolverNodes {
  /** The container that holds the interpolation (`_parent_` in OmegaConf). */
  readonly parent: ContainerNode;
  /** The node that holds the interpolation (`_node_`). */
  readonly node: ConfigNode | undefined;
  /** The root of the config (`_root_`). */
  readonly root: ContainerNode;
  /** Calls another resolver or reads a key the way an interpolation does, sharing its cycle check. */
  readonly resolve: (text: string) => unknown;
}

/**
 * What `${name:arg,arg}` calls.
 *
 * Arguments are config data: `null`, booleans, numbers (integral floats wrapped in `Float`), strings, arrays and
 * `Map`s. It may return config data, a node, or any live object.
 */
export type ResolverFunction = (args: readonly unknown[], nodes: ResolverNodes) => unknown;

/** A resolver and how it is called. */
export interface Resolver {
  readonly call: ResolverFunction;
  /** Whether the result is kept per root config and literal argument text. */
  readonly useCache: boolean;
}

/** The resolvers that a config may use and what the cached ones returned; hangs on the root of a config. */
export interface ResolverScope {
  readonly resolvers: ReadonlyMap<string, Resolver>;
  readonly cache: Map<string, Map<string, unknown>>;
}
