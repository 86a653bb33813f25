import { ConfigValueError, OmegaConfBaseException } from "./config_errors.ts";
import { createFrom } from "./create.ts";
import { ConfigNode, type ContainerNode, DictNode, isContainer, ListNode, ValueNode } from "./node.ts";
import { pythonStr, pythonTypeName } from "./python_text.ts";
import type { Resolver, ResolverFunction, ResolverNodes, ResolverScope } from "./resolver_scope.ts";

/** A failure that Python names by a built-in exception, such as `KeyError`. */
export class ResolverFailure extends OmegaConfBaseException {
  constructor(name: string, msg: string, fix?: string) {
    super(msg, { fix });
    this.name = name;
  }
}

/** How a resolver is registered. */
export interface RegisterOptions {
  /** Whether the result is kept per root config and literal argument text. @default false */
  readonly useCache?: boolean | undefined;
  /** Whether a resolver of that name may be replaced. @default false */
  readonly replace?: boolean | undefined;
}

/** What a scope is made with. */
export interface ScopeOptions {
  /** Reads an environment variable. @default the process's environment */
  readonly env?: ((name: string) => string | undefined) | undefined;
  /** Receives warnings. @default `console.warn` */
  readonly warn?: ((message: string) => void) | undefined;
}

/**
 * The resolvers a config may use: OmegaConf's own, and those registered here. Nothing is global.
 *
 * @example
 * ```ts
 * import { create } from "./create.ts";
 * import { dereference } from "./interpolate.ts";
 * import type { DictNode, ValueNode } from "./node.ts";
 * import { Resolvers } from "./resolvers.ts";
 * const config = create({ a: "${double:21}" }) as DictNode;
 * config.scope = new Resolvers().register("double", ([x]) => Number(x) * 2);
 * console.assert((dereference(config.child("a")!) as ValueNode).raw === 42);
 * ```
 */
export class Resolvers implements ResolverScope {
  readonly #resolvers: Map<string, Resolver>;
  readonly cache: Map<string, Map<string, unknown>> = new Map();
  readonly env: (name: string) => string | undefined;
  readonly warn: (message: string) => void;

  constructor(options: ScopeOptions = {}) {
    this.#resolvers = new Map(BUILT_IN);
    this.env = options.env ?? environment;
    this.warn = options.warn ?? ((message) => console.warn(message));
  }

  /** The resolvers by name. */
  get resolvers(): ReadonlyMap<string, Resolver> {
    return this.#resolvers;
  }

  /**
   * Adds a resolver.
   *
   * @throws {ConfigValueError} for a name that is empty or taken.
   */
  register(name: string, call: ResolverFunction, options: RegisterOptions = {}): this {
    if (name === "") throw new ConfigValueError("cannot use an empty resolver name");
    if (!options.replace && this.#resolvers.has(name)) {
      throw new ConfigValueError(`resolver '${name}' is already registered`, { fix: "pass replace: true" });
    }
    this.#resolvers.set(name, { call, useCache: options.useCache === true });
    this.cache.delete(name);
    return this;
  }

  /** Whether a resolver of that name exists. */
  has(name: string): boolean {
    return this.#resolvers.has(name);
  }

  /** Takes a resolver out again. */
  remove(name: string): boolean {
    this.cache.delete(name);
    return this.#resolvers.delete(name);
  }

  /** A scope with the same resolvers and its own copy of what cached ones returned, as a sweep's job gets. */
  fork(): Resolvers {
    const copy = new Resolvers({ env: this.env, warn: this.warn });
    for (const [name, resolver] of this.#resolvers) copy.#resolvers.set(name, resolver);
    for (const [name, results] of this.cache) copy.cache.set(name, new Map(results));
    return copy;
  }
}

/** A variable of the process; one with a name that no variable can have is not set. */
function environment(name: string): string | undefined {
  try {
    return Deno.env.get(name);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** The scope of a config's root; one with OmegaConf's own resolvers is made where there is none. */
export function scopeOf(root: ContainerNode): ResolverScope {
  return root.scope ??= new Resolvers();
}

const BUILT_IN: readonly (readonly [string, Resolver])[] = [
  [
    "oc.env",
    oc(1, 2, (args, { scope }) => {
      const [key, fallback] = args;
      const value = scope.env(pythonStr(key));
      if (value !== undefined) return value;
      if (args.length > 1) return fallback === null ? null : pythonStr(fallback);
      throw new ResolverFailure(
        "KeyError",
        `"Environment variable '${pythonStr(key)}' not found"`,
        `set ${pythonStr(key)}, or give a default: \${oc.env:${pythonStr(key)},default}`,
      );
    }),
  ],
  [
    "oc.decode",
    oc(1, 1, ([text], { decode }) => {
      if (text === null) return null;
      if (typeof text === "string") return decode(text);
      throw new ResolverFailure(
        "TypeError",
        `\`oc.decode\` can only take strings or None as input, but \`${pythonStr(text)}\` is of type ` +
          pythonTypeName(text),
      );
    }),
  ],
  [
    "oc.create",
    oc(1, 1, ([data], { parent }) => {
      if (data === null) return null;
      const node = createFrom(data);
      if (!isContainer(node)) {
        throw new ResolverFailure("ValidationError", `Object of unsupported type: '${pythonTypeName(data)}'`);
      }
      node.parent = parent;
      return node;
    }),
  ],
  [
    "oc.select",
    oc(1, 2, (args, { select }) => {
      const node = select(textArgument("oc.select", args[0]));
      if (node !== undefined && !node.isMissing) return node;
      return args.length > 1 ? args[1] : null;
    }),
  ],
  [
    "oc.dict.keys",
    oc(1, 1, ([key], nodes) => {
      const [, dict] = dictArgument("oc.dict.keys", key, nodes);
      const keys = new ListNode();
      for (const child of dict.children()) keys.append(new ValueNode(child.key!));
      keys.parent = nodes.parent;
      return keys;
    }),
  ],
  [
    "oc.dict.values",
    oc(1, 1, ([key], nodes) => {
      const [path, dict] = dictArgument("oc.dict.values", key, nodes);
      const values = new ListNode();
      // The list is one more level between the reference and what it names.
      const from = path.startsWith(".") ? `.${path}` : path;
      for (const child of dict.children()) {
        values.append(new ValueNode(`\${${from}.${pythonStr(child.key)}}`));
      }
      values.parent = nodes.parent;
      return values;
    }),
  ],
  [
    "oc.deprecated",
    oc(1, 2, (args, { node, select, scope }) => {
      const key = textArgument("oc.deprecated", args[0]);
      const message = args.length > 1 ? args[1] : DEPRECATED;
      if (typeof message !== "string") {
        throw new ResolverFailure(
          "TypeError",
          `oc.deprecated: interpolation message type is not a string (${pythonTypeName(message)})`,
        );
      }
      const oldKey = node.fullKey();
      const target = select(key);
      if (target === undefined) {
        throw new ResolverFailure(
          "ConfigKeyError",
          `In oc.deprecated resolver at '${oldKey}': Key not found: '${key}'`,
        );
      }
      const names: Readonly<Record<string, string>> = { OLD_KEY: oldKey, NEW_KEY: target.fullKey() };
      scope.warn(message.replace(/\$(OLD_KEY|NEW_KEY)\b/g, (_, name: string) => names[name]!));
      return target;
    }),
  ],
];

const DEPRECATED = "'$OLD_KEY' is deprecated. Change your code and config to use '$NEW_KEY'";

function oc(least: number, most: number, call: ResolverFunction): Resolver {
  const checked: ResolverFunction = (args, nodes) => {
    if (args.length >= least && args.length <= most) return call(args, nodes);
    const takes = least === most ? `${least}` : `${least} to ${most}`;
    throw new ResolverFailure("TypeError", `takes ${takes} arguments but ${args.length} were given`);
  };
  return { call: checked, useCache: false };
}

function textArgument(name: string, key: unknown): string {
  if (typeof key === "string") return key;
  throw new ResolverFailure(
    "TypeError",
    `${name}: interpolation key type is not a string (${pythonTypeName(key)})`,
  );
}

function dictArgument(name: string, key: unknown, nodes: ResolverNodes): readonly [string, DictNode] {
  const path = textArgument(name, key);
  const node = nodes.select(path, { throwOnMissing: true });
  if (node instanceof DictNode && node.special === undefined) return [path, node];
  if (node === undefined) {
    throw new ResolverFailure("ConfigKeyError", `Key not found: '${path}'`);
  }
  const type = node instanceof ConfigNode ? pythonTypeName(node) : "object";
  throw new ResolverFailure("TypeError", `\`${name}\` cannot be applied to objects of type: ${type}`);
}
