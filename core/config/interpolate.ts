import { nearest } from "../errors.ts";
import {
  ConfigTypeError,
  InterpolationKeyError,
  InterpolationResolutionError,
  InterpolationToMissingValueError,
  InterpolationValidationError,
  MissingMandatoryValue,
  OmegaConfBaseException,
  UnsupportedInterpolationType,
  ValidationError,
} from "./config_errors.ts";
import { convert } from "./convert.ts";
import {
  type Element,
  type Interpolation,
  type InterpolationText,
  parseElement,
} from "./interpolation_parser.ts";
import { splitKey } from "./key_path.ts";
import { keyNoText, nameNoText, parsedOf } from "./parsed_interpolation.ts";
import { childAt, keyFix, NoSuchLevel, startOf } from "./path_step.ts";
import { ConfigNode, type ContainerNode, isContainer, pythonDict, ValueNode } from "./node.ts";
import { pythonStr } from "./python_text.ts";
import type { ResolverNodes } from "./resolver_scope.ts";
import { scopeOf } from "./resolvers.ts";
import { isTyped } from "./type_text.ts";

/** How many interpolations one access may resolve; texts that double each other would never end otherwise. */
const MAX_STEPS = 100_000;
/** How long a text of several parts may grow, in UTF-16 units. */
const MAX_TEXT = 10_000_000;
/** How many interpolations may lead to one another. */
const MAX_CHAIN = 400;

/**
 * Follows a node's interpolation to the node it stands for; other nodes are returned as they are.
 *
 * Nothing is stored: each access resolves anew. A text with several parts gives a fresh value node.
 *
 * @throws {InterpolationResolutionError} or a subclass, naming the key that was read.
 *
 * @example
 * ```ts
 * import { create } from "./create.ts";
 * import { dereference } from "./interpolate.ts";
 * import type { DictNode, ValueNode } from "./node.ts";
 * const config = create({ a: 1, b: "${a}" }) as DictNode;
 * console.assert((dereference(config.child("b")!) as ValueNode).raw === 1);
 * ```
 */
export function dereference(node: ConfigNode): ConfigNode {
  return node.isInterpolation ? new Resolution(node).resolve(node) : node;
}

/** {@linkcode dereference}, with `undefined` where an interpolation cannot be resolved. */
export function tryDereference(node: ConfigNode): ConfigNode | undefined {
  if (!node.isInterpolation) return node;
  try {
    return new Resolution(node, undefined, true).resolve(node);
  } catch (error) {
    if (error instanceof InterpolationResolutionError) return undefined;
    throw error;
  }
}

/** What a look-up by path found. */
export interface Found {
  /** The container in which the path ends. */
  readonly parent: ContainerNode;
  /** The path's last step. */
  readonly key: string;
  /** The resolved node, or `undefined` where there is none. */
  readonly node: ConfigNode | undefined;
}

/** How {@linkcode find} treats what is in the way. */
export interface FindOptions {
  /** Whether `???` on the path or at its end is an error. */
  readonly throwOnMissing?: boolean | undefined;
  /** Whether an interpolation that cannot be resolved is an error. @default true */
  readonly throwOnFailure?: boolean | undefined;
}

/**
 * The resolved node under a path, absolute from `from`; leading dots are not looked at here.
 *
 * @throws {ConfigTypeError} for a path through a scalar, {MissingMandatoryValue} and interpolation errors as asked.
 */
export function find(from: ContainerNode, path: string, options: FindOptions = {}): Found | undefined {
  return new Resolution(from, path).find(from, path, options);
}

/** One outermost access: what is being resolved, and how much has been. */
class Resolution {
  readonly #subject: ConfigNode;
  readonly #path: string | undefined;
  readonly #isQuiet: boolean;
  readonly #active = new Set<ConfigNode>();
  #steps = 0;

  /**
   * @param path What was asked for, where that is a path from the subject rather than the subject itself.
   * @param isQuiet Whether nobody will read the errors, so that places and hints need not be worked out.
   */
  constructor(subject: ConfigNode, path?: string, isQuiet = false) {
    this.#subject = subject;
    this.#path = path;
    this.#isQuiet = isQuiet;
  }

  resolve(node: ConfigNode): ConfigNode {
    if (!node.isInterpolation) return node;
    const parent = node.parent;
    if (parent === undefined) {
      throw new InterpolationResolutionError("Cannot resolve interpolation for a node without a parent", {
        origin: node.origin,
      });
    }
    if (this.#active.has(node)) {
      throw this.#error(InterpolationResolutionError, "Recursive interpolation detected", {
        fix: `break the cycle ${this.#cycle(node)}`,
      });
    }
    if (++this.#steps > MAX_STEPS || this.#active.size > MAX_CHAIN) {
      const what = this.#steps > MAX_STEPS
        ? `Interpolation takes more than ${MAX_STEPS} steps`
        : `Interpolations lead to one another more than ${MAX_CHAIN} times`;
      throw this.#error(InterpolationResolutionError, what);
    }
    this.#active.add(node);
    try {
      const value = this.#evaluate(parsedOf(node), parent, node);
      return this.#converted(node, value);
    } finally {
      this.#active.delete(node);
    }
  }

  #evaluate(text: InterpolationText, parent: ContainerNode, node: ConfigNode): unknown {
    try {
      const [only] = text;
      if (text.length === 1 && typeof only === "object") return this.#interpolation(only, parent, node);
      return this.#joined(text, parent, node);
    } catch (error) {
      if (error instanceof InterpolationResolutionError) throw error;
      throw this.#wrapped(error);
    }
  }

  #joined(text: InterpolationText, parent: ContainerNode, node: ConfigNode): string {
    let result = "";
    for (const part of text) {
      result += typeof part === "string" ? part : pythonStr(this.#interpolation(part, parent, node));
      if (result.length > MAX_TEXT) {
        throw this.#error(
          InterpolationResolutionError,
          `Interpolation gives a text of more than ${MAX_TEXT} characters`,
        );
      }
    }
    return result;
  }

  #interpolation(inter: Interpolation, parent: ContainerNode, node: ConfigNode): unknown {
    if (inter.kind === "key") return this.#key(this.#keyText(inter.key, parent, node, keyNoText), parent);
    const name = this.#keyText(inter.name, parent, node, nameNoText);
    const args = inter.args.map((arg) => this.element(arg, parent, node));
    return this.#call(name, args, inter.texts, parent, node);
  }

  /** A key or resolver name; the interpolations in it must yield strings. */
  #keyText(
    text: InterpolationText,
    parent: ContainerNode,
    node: ConfigNode,
    message: (value: unknown, text: string) => string,
  ): string {
    let result = "";
    for (const part of text) {
      if (typeof part === "string") result += part;
      else {
        const value = unwrapped(this.#interpolation(part, parent, node));
        if (typeof value !== "string") {
          throw this.#error(InterpolationResolutionError, message(value, part.text));
        }
        result += value;
      }
    }
    return result;
  }

  #key(key: string, parent: ContainerNode): ConfigNode {
    let found: Found | undefined;
    let path = key;
    let start = parent;
    try {
      ({ start, path } = startOf(parent, key));
      found = this.find(start, path, { throwOnMissing: true });
    } catch (error) {
      if (error instanceof NoSuchLevel) {
        throw this.#error(
          InterpolationKeyError,
          `ConfigKeyError while resolving interpolation: ${error.msg}`,
          {
            cause: error,
            fix: error.fix,
          },
        );
      }
      if (!(error instanceof MissingMandatoryValue)) throw error;
      throw this.#error(
        InterpolationToMissingValueError,
        `MissingMandatoryValue while resolving interpolation: ${error.msg}`,
        { cause: error, fix: `set ${error.fullKey}, on the command line ${error.fullKey}=…` },
      );
    }
    const node = found?.node;
    if (node === undefined) {
      throw this.#error(InterpolationKeyError, `Interpolation key '${path}' not found`, {
        fix: this.#isQuiet ? undefined : keyFix(start, path, this.#subject),
      });
    }
    for (let up: ConfigNode | undefined = parent; up !== undefined; up = up.parent) {
      if (up === node) {
        throw this.#error(InterpolationResolutionError, "Interpolation to parent node detected");
      }
    }
    return node;
  }

  #call(
    name: string,
    args: readonly unknown[],
    texts: readonly string[],
    parent: ContainerNode,
    node: ConfigNode,
  ): unknown {
    const root = parent.root as ContainerNode;
    const scope = scopeOf(root);
    const resolver = scope.resolvers.get(name);
    if (resolver === undefined) {
      const near = nearest(name, scope.resolvers.keys());
      throw this.#error(UnsupportedInterpolationType, `Unsupported interpolation type ${name}`, {
        fix: (near === undefined ? "" : `did you mean "${near}"? `) +
          `known: ${[...scope.resolvers.keys()].join(", ")}`,
      });
    }
    const nodes: ResolverNodes = {
      parent,
      node,
      root,
      scope,
      select: (key, options) => this.#select(key, parent, options),
      decode: (text) => unwrapped(this.element(parseElement(text), parent, node)),
    };
    if (!resolver.useCache) return resolver.call(args, nodes);
    let results = scope.cache.get(name);
    if (results === undefined) scope.cache.set(name, results = new Map());
    const key = JSON.stringify(texts);
    if (!results.has(key)) results.set(key, resolver.call(args, nodes));
    return results.get(key);
  }

  #select(key: string, from: ContainerNode, options: FindOptions = {}): ConfigNode | undefined {
    try {
      const { start, path } = startOf(from, key);
      return this.find(start, path, options)?.node;
    } catch (error) {
      if (error instanceof ConfigTypeError) return undefined;
      throw error;
    }
  }

  /** The value of a resolver's argument. */
  element(element: Element, parent: ContainerNode, node: ConfigNode): unknown {
    switch (element.kind) {
      case "scalar":
        return element.value;
      case "list":
        return element.items.map((item) => this.element(item, parent, node));
      case "dict":
        return pythonDict(element.entries.map(([key, value]) => [key, this.element(value, parent, node)]));
      case "text": {
        const [only] = element.parts;
        if (element.isQuoted || element.parts.length !== 1 || typeof only !== "object") {
          return this.#joined(element.parts, parent, node);
        }
        return unwrapped(this.#interpolation(only, parent, node));
      }
    }
  }

  find(from: ContainerNode, path: string, options: FindOptions): Found | undefined {
    if (path === "") return { parent: from, key: "", node: from };
    const steps = splitKey(path);
    const throwOnFailure = options.throwOnFailure !== false;
    let at: ContainerNode = from;
    for (let i = 0; i < steps.length - 1; i++) {
      let node = this.#step(at, steps[i]!, options);
      if (node !== undefined) node = this.#maybe(node, throwOnFailure);
      if (node === undefined) return undefined;
      if (!isContainer(node)) {
        const before = steps.slice(0, i + 1).join(".");
        throw new ConfigTypeError(
          `Error trying to access ${path}: node \`${before}\` is not a container and thus cannot contain ` +
            `\`${steps[i + 1]}\``,
          { origin: node.origin },
        );
      }
      at = node;
    }
    const key = steps.at(-1)!;
    const node = this.#step(at, key, options);
    return { parent: at, key, node: node === undefined ? undefined : this.#maybe(node, throwOnFailure) };
  }

  #maybe(node: ConfigNode, throwOnFailure: boolean): ConfigNode | undefined {
    if (!node.isInterpolation) return node;
    if (throwOnFailure) return this.resolve(node);
    try {
      return this.resolve(node);
    } catch (error) {
      if (error instanceof InterpolationResolutionError) return undefined;
      throw error;
    }
  }

  #step(at: ContainerNode, step: string, options: FindOptions): ConfigNode | undefined {
    const node = childAt(at, step, options.throwOnFailure !== false);
    if (node?.isMissing && options.throwOnMissing === true) {
      throw new MissingMandatoryValue(`Missing mandatory value: ${node.fullKey()}`, {
        parent: this.#path === undefined ? at : this.#subject,
        key: this.#path ?? node.key,
        origin: node.origin,
        fix: `set ${node.fullKey()}`,
      });
    }
    return node;
  }

  /** Checks what came out against the type of the slot, and wraps what is no node. */
  #converted(node: ConfigNode, value: unknown): ConfigNode {
    const isNode = value instanceof ConfigNode;
    // OmegaConf does not check what an interpolation gives a union.
    if (!(node instanceof ValueNode) || !isTyped(node.type) || node.type.kind === "union") {
      return isNode ? value : this.#wrap(value, node);
    }
    const given = unwrapped(value);
    try {
      const converted = convert(node.type, given, { parent: node.parent, key: node.key, value: given });
      return isNode && converted === given ? value : this.#wrap(converted, node);
    } catch (error) {
      if (!(error instanceof ValidationError)) throw error;
      // The slot that refuses is named, whatever has led to it.
      throw new InterpolationValidationError(
        `While dereferencing interpolation '${node.text}': ${error.msg}`,
        this.#isQuiet
          ? {}
          : { parent: node.parent, key: node.key, value: given, origin: node.origin, cause: error },
      );
    }
  }

  #wrap(value: unknown, node: ConfigNode): ValueNode {
    const wrapped = ValueNode.literal(value ?? null, { origin: node.origin });
    wrapped.parent = node.parent;
    wrapped.key = node.key;
    return wrapped;
  }

  #wrapped(error: unknown): InterpolationResolutionError {
    if (error instanceof RangeError && error.message.includes("call stack")) {
      return this.#error(InterpolationResolutionError, "Interpolation nests too deep", { cause: error });
    }
    const known = error instanceof OmegaConfBaseException;
    const name = error instanceof Error ? error.name : "Error";
    const text = known ? error.msg : error instanceof Error ? error.message : String(error);
    const fix = known ? error.fix : undefined;
    return this.#error(
      InterpolationResolutionError,
      `${name} raised while resolving interpolation: ${text}`,
      { cause: error, fix },
    );
  }

  #error<E>(
    type: new (msg: string, details: ConstructorParameters<typeof OmegaConfBaseException>[1]) => E,
    msg: string,
    details: { readonly cause?: unknown; readonly fix?: string | undefined } = {},
  ): E {
    if (this.#isQuiet) return new type(msg, {});
    const subject = this.#subject;
    const isPath = this.#path !== undefined || subject.parent === undefined;
    const [outermost = subject] = this.#active;
    return new type(msg, {
      parent: isPath ? subject : subject.parent,
      key: isPath ? this.#path : subject.key,
      value: outermost.special === undefined ? undefined : outermost.text,
      origin: outermost.origin,
      ...details,
    });
  }

  #cycle(node: ConfigNode): string {
    const active = [...this.#active];
    return [...active.slice(active.indexOf(node)), node].map((step) => step.fullKey()).join(" → ");
  }
}

/** A node's own value; containers stay nodes, a container that is null becomes null. */
export function unwrapped(value: unknown): unknown {
  if (value instanceof ValueNode) return value.raw;
  return value instanceof ConfigNode && value.isNone ? null : value;
}
