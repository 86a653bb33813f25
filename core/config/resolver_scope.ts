import type { ConfigNode, ContainerNode } from "./node.ts";

/** What a resolver may ask of the config beside its arguments. */
export interface ResolverNodes {
  /** The container that holds the interpolation (`_parent_` in OmegaConf). */
  readonly parent: ContainerNode;
  /** The node that holds the interpolation (`_node_`). */
  readonly node: ConfigNode;
  /** The root of the config (`_root_`). */
  readonly root: ContainerNode;
  /** The scope of the config: its environment, its warnings. */
  readonly scope: ResolverScope;
  /**
   * The resolved node under a key, absolute unless it begins with dots; `undefined` where there is none.
   * Shares the interpolation's cycle check.
   */
  readonly select: (key: string, options?: { readonly throwOnMissing?: boolean }) => ConfigNode | undefined;
  /** The value of a text in the grammar of resolver arguments, as `oc.decode` reads it. */
  readonly decode: (text: string) => unknown;
}

/**
 * What `${name:arg,arg}` calls.
 *
 * Arguments are config data: null, booleans, numbers (integral floats wrapped in `Float`), strings, arrays, `Map`s,
 * and container nodes that interpolations yield. It returns config data, a node, or any live object.
 */
export type ResolverFunction = (args: readonly unknown[], nodes: ResolverNodes) => unknown;

/** A resolver and how it is called. */
export interface Resolver {
  /** What it calls. */
  readonly call: ResolverFunction;
  /** Whether the result is kept per root config and literal argument text. */
  readonly useCache: boolean;
}

/** The resolvers of a config, what the cached ones returned, and their outside world; hangs on the root. */
export interface ResolverScope {
  /** The resolvers by name. */
  readonly resolvers: ReadonlyMap<string, Resolver>;
  /** What cached resolvers returned, by name and literal argument texts. */
  readonly cache: Map<string, Map<string, unknown>>;
  /** Reads an environment variable. */
  readonly env: (name: string) => string | undefined;
  /** Receives warnings, such as the one of `oc.deprecated`. */
  readonly warn: (message: string) => void;
}
