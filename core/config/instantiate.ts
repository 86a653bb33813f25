import { ConfigError, type FulgurError } from "../errors.ts";
import { checkedLater, either, list, record, required, takeOptions, text } from "../options.ts";
import { blocklisted } from "./blocklist.ts";
import { callTarget, isClass, partialOf, type Target } from "./call_target.ts";
import { OmegaConfBaseException, place } from "./config_errors.ts";
import { create } from "./create.ts";
import { InstantiationError } from "./hydra_errors.ts";
import { hydraUtil } from "./hydra_utils.ts";
import { culprit } from "./culprit.ts";
import { dereference } from "./interpolate.ts";
import { mergeInto } from "./merge.ts";
import { ConfigNode, type ContainerNode, DictNode, isContainer, ListNode, ValueNode } from "./node.ts";
import { pythonStr, pythonTypeName } from "./python_text.ts";
import { optionError } from "./option_error.ts";
import { isExport, locate, type TargetScope } from "./targets.ts";
import { nodeValue, plainData, toData } from "./to_container.ts";
import { toObject } from "./to_object.ts";
import { resolveInPlace } from "./update.ts";

/** How values reach a target: as nodes, as plain data except typed nodes, or as plain data throughout. */
export type ConvertMode = "none" | "partial" | "object" | "all";

/** Where targets are looked up, and what is passed beside the config. */
export interface InstantiateOptions extends Partial<TargetScope> {
  /** Positional arguments; they replace `_args_`. */
  readonly args?: readonly unknown[];
  /** Options merged over the config before anything is built; live objects pass by identity. */
  readonly kwargs?: Readonly<Record<string, unknown>>;
}

interface Modes {
  readonly recursive: boolean;
  readonly convert: string;
  readonly scope: TargetScope;
}

const CONTROL = new Set(["_target_", "_convert_", "_recursive_", "_partial_"]);

/**
 * Builds what a config describes: each dictionary with a `_target_` becomes what that target returns, children first.
 *
 * A class is called as `new C({ ...keys })`, a function with its tensors first (see `inputs`) and an options object
 * last. `_args_` are positional, `_partial_: true` gives a function that takes the rest, `_recursive_: false` leaves
 * nested targets as configs, `_convert_` says how containers arrive (`all`, plain data, unless it says otherwise).
 *
 * @param config A node, a plain object or an array; null gives null.
 * @param options Without a library, targets are exports of files and packages: `./net.ts#Net`, `npm:package#name`.
 * @throws {InstantiationError} for a target that cannot be found, is blocklisted or threw, with key and place.
 * @throws {ConfigError} for an option that the target does not take, with the nearest name.
 *
 * @example
 * ```ts
 * import { instantiate } from "./instantiate.ts";
 * class Net { constructor(readonly options: { size: number }) {} }
 * const net = await instantiate({ _target_: "nn.Net", size: 3 }, { library: { nn: { Net } } }) as Net;
 * console.assert(net.options.size === 3);
 * ```
 */
export async function instantiate(
  config: unknown,
  options: InstantiateOptions = {},
): Promise<unknown> {
  const { args, kwargs: named, library, base } = takeOptions<InstantiateOptions>(
    "config.instantiate",
    options,
    {
      library: record("give the library's namespaces: { nn, optim, … }", () => true, {}),
      base: either(list(text(required), []), text(required)),
      args: list(checkedLater<unknown>(null), []),
      kwargs: record<unknown>("give an object", () => true, {}),
    },
  );
  if (config === null || config === undefined) return null;
  const copy = copyOf(config);
  if (copy === null) return null;
  const kwargs = { ...named };
  const scope = base.length === 0 ? { library } : { library, base };
  const top = { recursive: true, convert: "all", scope };
  if (copy instanceof ListNode) {
    if (kwargs._partial_ === true) {
      throw new InstantiationError(
        "The _partial_ keyword is not compatible with top-level list instantiation",
      );
    }
    resolveInPlace(copy);
    const recursive = kwargs._recursive_ ?? true;
    return await build(copy, {
      ...top,
      recursive: recursive === true,
      convert: String(kwargs._convert_ ?? "all"),
    });
  }
  if (typeof kwargs._target_ === "function") {
    copy.setChild("_target_", ValueNode.literal(kwargs._target_));
    delete kwargs._target_;
  }
  if (Object.keys(kwargs).length > 0) mergeInto(copy, create(kwargs, { allowObjects: true }) as DictNode);
  resolveInPlace(copy);
  if (copy.child("_target_") !== undefined) return await build(copy, top, args);
  const modes = { ...top, ...ownModes(copy, top) };
  // At the top these say how to build; further down, without a target, they are ordinary keys, as in Hydra.
  for (const key of ["_recursive_", "_convert_", "_partial_"]) copy.removeChild(key);
  return await build(copy, modes);
}

/** A deep copy that still hangs under its parent, so that interpolations see the whole tree. */
function copyOf(config: unknown): ContainerNode | null {
  let node: unknown = config;
  if (!(config instanceof ConfigNode) && (Array.isArray(config) || typeof config === "object")) {
    node = create(config, { allowObjects: true });
  }
  if (node instanceof ConfigNode) node = dereference(node);
  if (node instanceof ConfigNode && node.isNone) return null;
  if (!isContainer(node as ConfigNode)) {
    throw new InstantiationError(
      `Cannot instantiate config of type ${
        pythonTypeName(plainValue(node))
      }.\nTop level config must be an OmegaConf ` +
        "DictConfig/ListConfig object,\na plain dict/list, or a Structured Config class or instance.",
    );
  }
  const copy = (node as ContainerNode).clone();
  copy.setFlag("allowObjects", true);
  copy.setFlag("struct", false);
  copy.setFlag("readonly", false);
  return copy;
}

function plainValue(node: unknown): unknown {
  return node instanceof ValueNode ? node.raw : node;
}

async function build(node: ConfigNode, modes: Modes, args?: readonly unknown[]): Promise<unknown> {
  if (node.isNone) return null;
  if (node instanceof ListNode) return await buildList(node, modes);
  if (node instanceof DictNode) {
    const inherited = { ...modes, ...ownModes(node, modes) };
    return await (node.child("_target_") === undefined
      ? buildDict(node, inherited)
      : buildTarget(node, inherited, args));
  }
  return nodeValue(node);
}

function ownModes(node: DictNode, modes: Modes): Pick<Modes, "recursive" | "convert"> {
  const convert = node.child("_convert_");
  return {
    recursive: flag(node, "_recursive_") ?? modes.recursive,
    convert: convert === undefined || convert.isNone ? modes.convert : pythonStr(convert).toLowerCase(),
  };
}

function flag(node: DictNode, name: "_recursive_" | "_partial_"): boolean | undefined {
  const child = node.child(name);
  if (child === undefined) return undefined;
  const value = nodeValue(child);
  if (typeof value === "boolean") return value;
  throw new InstantiationError(
    `Instantiation: ${name} flag must be a bool, got <class '${pythonTypeName(plainValue(child))}'>${
      keyLine(node)
    }`,
    details(node, child),
  );
}

async function buildList(node: ListNode, modes: Modes): Promise<unknown> {
  const items: unknown[] = [];
  for (const item of node.children()) items.push(await build(item, modes));
  return modes.convert === "none" ? create(items, { allowObjects: true }) : items;
}

async function buildDict(node: DictNode, modes: Modes): Promise<unknown> {
  const entries = new Map<unknown, unknown>();
  for (const item of node.children()) {
    if (item.isMissing) throw missing(item);
    entries.set(item.key!, await build(item, modes));
  }
  const isTyped = node.schema !== undefined;
  if (modes.convert === "object" && isTyped) {
    const object = plainData(entries) as Record<string, unknown>;
    return node.schema!.build?.(object) ?? object;
  }
  const stays = modes.convert === "none" || (modes.convert === "partial" && isTyped);
  if (!stays) return plainData(entries);
  const made = create(entries, { allowObjects: true }) as DictNode;
  made.schema = node.schema;
  return made;
}

/** An argument of a target: built unless `_recursive_` is off, then a node or plain data as `_convert_` says. */
async function argument(item: ConfigNode, { convert, ...modes }: Modes): Promise<unknown> {
  const value = modes.recursive ? await build(item, { ...modes, convert }) : item;
  if (!(value instanceof ConfigNode)) return value;
  if (!isContainer(value)) return nodeValue(value);
  if (value.isNone) return null;
  const keepsNode = convert !== "all" && convert !== "partial" && convert !== "object";
  if (keepsNode || (convert === "partial" && value instanceof DictNode && value.schema !== undefined)) {
    if (value !== item) return value;
    const copy = value.clone();
    copy.parent = undefined;
    return copy;
  }
  return convert === "object" ? toObject(value) : plainData(toData(value, { resolve: true }));
}

async function buildTarget(node: DictNode, modes: Modes, given?: readonly unknown[]): Promise<unknown> {
  const partial = flag(node, "_partial_") ?? false;
  const { target, name } = await findTarget(node, modes.scope);
  const options: Record<string, unknown> = {};
  let own: readonly unknown[] = [];
  for (const item of node.children()) {
    const key = pythonStr(item.key);
    if (CONTROL.has(key)) continue;
    if (item.isMissing) {
      if (partial) continue;
      throw missing(item);
    }
    if (key === "_args_") {
      own = await positional(item, modes, name);
      continue;
    }
    const value = await argument(item, modes);
    // `shares` names options in which YAML's 1.0 means all of something and 1 means one.
    const isWhole = item instanceof ValueNode && pythonStr(item.raw) === "1.0" && isShare(target, key);
    Object.defineProperty(options, key, {
      value: isWhole ? "all" : value,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  const args = given !== undefined && given.length > 0 ? given : own;
  const call = { target, name, args, options, byOptions: isExport(target, modes.scope.library) };
  const guard = (error: unknown): ConfigError => wrapped(error, node, name);
  if (partial) return partialOf(call, guard);
  const inputs = isClass(target) ? [] : (target as { readonly inputs?: readonly string[] }).inputs ?? [];
  if (inputs.length > 0 && args.length === 0 && !inputs.some((input) => Object.hasOwn(options, input))) {
    throw new InstantiationError(
      `'${name}' is called without its input "${inputs[0]}"${keyLine(node)}`,
      {
        ...details(node, node.child("_target_")!),
        fix: `add _partial_: true, so that whoever uses the function gives it ${inputs.join(", ")}`,
      },
    );
  }
  try {
    return await callTarget(call);
  } catch (error) {
    throw guard(error);
  }
}

function isShare(target: Target, key: string): boolean {
  const { shares } = target as { readonly shares?: readonly string[] };
  return shares?.includes(key) ?? false;
}

async function positional(args: ConfigNode, modes: Modes, name: string): Promise<readonly unknown[]> {
  const node = args.parent as DictNode;
  if (!(args instanceof ListNode)) {
    const value = isContainer(args) ? toData(args) : (args as ValueNode).raw;
    throw new InstantiationError(
      `Error in collecting args and kwargs for '${name}':\nInstantiationException("Unsupported _args_ type: ` +
        `'${args instanceof DictNode ? "dict" : pythonTypeName(value)}'. value: '${pythonStr(value)}'")${
          keyLine(node)
        }`,
      { ...details(node, args), fix: "write _args_ as a list: _args_: [value]" },
    );
  }
  const values = await argument(args, modes);
  return values instanceof ListNode ? values.children().map(nodeValue) : values as readonly unknown[];
}

async function findTarget(node: DictNode, scope: TargetScope): Promise<{ target: Target; name: string }> {
  const slot = node.child("_target_")!;
  const raw = plainValue(slot);
  if (slot.isMissing) throw missing(slot);
  let found: unknown = raw;
  if (typeof raw === "string") {
    const refusal = blocklisted(raw);
    if (refusal !== undefined) {
      throw new InstantiationError(`${refusal}${keyLine(node)}`, {
        ...details(node, slot),
        fix:
          "name a function of your own instead, as ./file.ts#name: nothing of Python's is here to be called",
      });
    }
    try {
      found = hydraUtil(raw, { ...scope, instantiate }) ?? await locate(raw, scope);
    } catch (cause) {
      if (!(cause instanceof ConfigError)) throw cause;
      // Hydra's words, and below them the reason, which Hydra keeps to itself.
      const what = `Error locating target '${raw}', set env var HYDRA_FULL_ERROR=1 to see chained exception.`;
      throw new InstantiationError(`${what}\n${cause.what}${keyLine(node)}`, {
        ...details(node, slot),
        fix: cause.fix,
        cause,
      });
    }
  }
  if (typeof found !== "function") {
    throw new InstantiationError(
      `Expected a callable target, got '${pythonStr(found)}' of type '${pythonTypeName(found)}'${
        keyLine(node)
      }`,
      details(node, slot),
    );
  }
  found = hydraUtil(found, { ...scope, instantiate }) ?? found;
  return { target: found as Target, name: typeof raw === "string" ? raw : (found as Target).name };
}

function missing(item: ConfigNode): ConfigError {
  return new InstantiationError(`Missing mandatory value: ${item.fullKey()}${keyLine(item.parent)}`, {
    ...details(item.parent, item),
    fix: `set ${item.fullKey()}`,
  });
}

function keyLine(node: ConfigNode | undefined): string {
  const key = node?.fullKey() ?? "";
  return key === "" ? "" : `\nfull_key: ${key}`;
}

function details(
  node: ConfigNode | undefined,
  at: ConfigNode,
): { where?: string | undefined; fullKey: string } {
  const where = at.origin === undefined ? undefined : place(at.origin);
  return { where, fullKey: node?.fullKey() ?? "" };
}

/** What a target threw, with its place; wrapped once, however deep it was called. */
function wrapped(error: unknown, node: DictNode, name: string): ConfigError {
  if (error instanceof InstantiationError || error instanceof OmegaConfBaseException) return error;
  const option = optionError(error, node);
  if (option !== undefined) return option;
  const text = error instanceof Error
    ? `${error.name}: ${(error as FulgurError).what ?? error.message}`
    : String(error);
  return new InstantiationError(`Error in call to target '${name}':\n${text}${keyLine(node)}`, {
    ...details(node, culprit(node, text) ?? node.child("_target_")!),
    fix: (error as FulgurError).fix,
    cause: error,
  });
}
