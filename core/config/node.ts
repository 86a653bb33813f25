import type { Origin } from "./origin.ts";
import { EnumMember, Float, floatText, isFloat, type Key, plain } from "./scalar.ts";
import { ANY, type Schema, type TypeRef } from "./type_ref.ts";
import type { ResolverScope } from "./resolver_scope.ts";

/**
 * Flags that nodes inherit from their parents: absent keys refused, changes refused, live objects allowed, validators
 * not asked while a config is still being composed.
 */
export type Flag = "struct" | "readonly" | "allowObjects" | "unchecked";

/** Why a node has no content of its own: it is null, `???`, or an interpolation still to be resolved. */
export type Special = "none" | "missing" | "interpolation";

/** A node that may hold others. */
export type ContainerNode = DictNode | ListNode;

/** What a dictionary node may be made with. */
export interface NodeOptions {
  /** What set the value. */
  readonly origin?: Origin | undefined;
  /** What the slot accepts. @default anything */
  readonly type?: TypeRef | undefined;
}

// The config system stands alone, so that it names this key itself.
const customInspect: unique symbol = Symbol.for("Deno.customInspect");

/** The text that marks a mandatory value that nobody has set. */
export const MISSING = "???";

/** How a text reads: `???` is missing, one with `${` is an interpolation. */
export function specialOf(value: unknown): Special | undefined {
  if (value === null) return "none";
  if (typeof value !== "string") return undefined;
  if (value === MISSING) return "missing";
  return value.includes("${") ? "interpolation" : undefined;
}

/**
 * A node of a config tree: where it hangs, what set it, what it accepts.
 *
 * Nodes are plain storage. Access with flags and resolution is in `access.ts`, merging in `merge.ts`.
 */
export abstract class ConfigNode {
  /** The container this node hangs in. A deep copy keeps its parent, so interpolations still see the tree. */
  parent: ContainerNode | undefined;
  /** The key under which it hangs, as it was written; an index in a list. */
  key: Key | undefined;
  /** What set the value. */
  origin: Origin | undefined;
  /** What the slot accepts. */
  type: TypeRef;
  #flags: Partial<Record<Flag, boolean>> | undefined;

  constructor(options: NodeOptions = {}) {
    this.parent = undefined;
    this.key = undefined;
    this.origin = options.origin;
    this.type = options.type ?? ANY;
  }

  /** Null, missing, an interpolation, or `undefined` for a node with content. */
  abstract get special(): Special | undefined;

  /** The text of an interpolation or `???`; only asked of nodes that are one. */
  abstract get text(): string;

  /** A deep copy that hangs under the same parent and key. */
  abstract clone(): ConfigNode;

  /** Whether the value is `???`. */
  get isMissing(): boolean {
    return this.special === "missing";
  }

  /** Whether the value is null, without resolving it. */
  get isNone(): boolean {
    return this.special === "none";
  }

  /** Whether the value holds `${`. */
  get isInterpolation(): boolean {
    return this.special === "interpolation";
  }

  /** The topmost node of the tree. */
  get root(): ConfigNode {
    return rootOf(this);
  }

  /** A flag as set here or on the nearest ancestor that sets it. */
  flag(name: Flag): boolean | undefined {
    return this.#flags?.[name] ?? this.parent?.flag(name);
  }

  /** A flag as set on this node itself. */
  ownFlag(name: Flag): boolean | undefined {
    return this.#flags?.[name];
  }

  /** Sets a flag, or lets it be inherited again with `undefined`. */
  setFlag(name: Flag, value: boolean | undefined): void {
    const flags = { ...this.#flags };
    if (value === undefined) delete flags[name];
    else flags[name] = value;
    this.#flags = Object.keys(flags).length === 0 ? undefined : flags;
  }

  /** Every flag set on this node itself. */
  get ownFlags(): Readonly<Partial<Record<Flag, boolean>>> {
    return this.#flags ?? {};
  }

  /** Path from the root as OmegaConf writes it: `a.b[0].c`; `key` adds a child that need not exist. */
  fullKey(key?: Key): string {
    const steps: string[] = [];
    if (key !== undefined) steps.push(step(this, key));
    addSteps(this, steps);
    return steps.reverse().join("").replace(/^\./, "");
  }

  /** The config as plain data, interpolations as their text: what `JSON.stringify` writes. */
  abstract toJSON(): unknown;

  /** The config as text, on one line; a scalar as it is. */
  toString(): string {
    const data = this.toJSON();
    return typeof data === "object" && data !== null ? JSON.stringify(data, shown) : String(data);
  }

  /** What `console.log` shows: the config as plain data. */
  [customInspect](inspect: typeof Deno.inspect, options: Deno.InspectOptions): string {
    return inspect(this.toJSON(), options);
  }

  /** Copies place, origin, type and own flags onto a fresh node. */
  protected copyMeta<N extends ConfigNode>(to: N): N {
    to.parent = this.parent;
    to.key = this.key;
    to.origin = this.origin;
    to.type = this.type;
    to.#flags = this.#flags;
    return to;
  }
}

/** A live object in a text is only named: it may be large or hold itself. */
function shown(_: string, value: unknown): unknown {
  if (typeof value === "function") return `<${value.name}>`;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null ? value : `<${value.constructor.name} object>`;
}

function rootOf(node: ConfigNode): ConfigNode {
  while (node.parent !== undefined) node = node.parent;
  return node;
}

function addSteps(node: ConfigNode, steps: string[]): void {
  for (; node.parent !== undefined; node = node.parent) {
    if (node.key !== undefined) steps.push(step(node.parent, node.key));
  }
}

function step(parent: ConfigNode, key: Key): string {
  return parent instanceof ListNode ? `[${keyText(key)}]` : `.${keyText(key)}`;
}

/** A key as Python's `str` writes it. */
export function keyText(key: Key): string {
  if (typeof key === "boolean") return key ? "True" : "False";
  if (key instanceof EnumMember) return key.name;
  if (isFloat(key)) return floatText(Number(key));
  return String(key);
}

/** A scalar, an interpolation, `???`, null, or a live object. */
export class ValueNode extends ConfigNode {
  #raw: unknown;
  #special: Special | undefined;
  /** The parsed interpolation, kept by `interpolate.ts`; dropped when the value changes. */
  parsed: unknown;

  /** @param raw A `Scalar`, or a live object. */
  constructor(raw: unknown, options?: NodeOptions) {
    super(options);
    this.#raw = raw;
    this.#special = specialOf(raw);
  }

  /** What a resolver returned, wrapped: even a text with `${` in it is final. */
  static literal(raw: unknown, options?: NodeOptions): ValueNode {
    const node = new ValueNode(raw, options);
    if (node.#special === "interpolation") node.#special = undefined;
    return node;
  }

  /** The value as stored: integral floats are wrapped in `Float`, interpolations are text. */
  get raw(): unknown {
    return this.#raw;
  }

  /** Replaces the value; conversion to the slot's type has happened before. */
  setRaw(raw: unknown, origin?: Origin): void {
    this.#raw = raw;
    this.#special = specialOf(raw);
    this.parsed = undefined;
    if (origin !== undefined) this.origin = origin;
  }

  override get special(): Special | undefined {
    return this.#special;
  }

  override get text(): string {
    return String(this.#raw);
  }

  override toJSON(): unknown {
    if (this.#raw instanceof EnumMember) return this.#raw.name;
    return typeof this.#raw === "bigint" ? String(this.#raw) : plain(this.#raw);
  }

  /** A copy; a live object is shared, not copied. */
  override clone(): ValueNode {
    const copy = this.copyMeta(new ValueNode(this.#raw));
    copy.#special = this.#special;
    copy.parsed = this.parsed;
    return copy;
  }
}

/** What a map of children is keyed by: numbers, booleans and floats that are equal in Python are one key. */
export type MapKey = string | number | bigint | EnumMember;

/** The form of a key that compares as Python compares it. */
export function mapKey(key: Key): MapKey {
  if (typeof key === "string" || typeof key === "number") return key;
  if (typeof key === "boolean") return key ? 1 : 0;
  if (key instanceof Float) return key.value;
  // Bytes get a prefix that no YAML text can hold, so that they never equal a string key.
  if (key instanceof Uint8Array) return `\uD800bytes:${Array.from(key).join(",")}`;
  return key;
}

/** A `Map` of entries with Python's key equality: the first spelling of a key stays, the last value counts. */
export function pythonDict(entries: Iterable<readonly [unknown, unknown]>): Map<unknown, unknown> {
  const spellings = new Map<unknown, unknown>();
  const dict = new Map<unknown, unknown>();
  for (const [key, value] of entries) {
    const same = key === null ? null : mapKey(key as Key);
    if (!spellings.has(same)) spellings.set(same, key);
    dict.set(spellings.get(same), value);
  }
  return dict;
}

/** An ordered dictionary. Keys such as `__proto__` are plain data. */
export class DictNode extends ConfigNode {
  #children: Map<MapKey, ConfigNode> | undefined = new Map();
  #text: string | null = null;
  /** The schema of a structured config, or `undefined` for a plain dictionary. */
  schema: Schema | undefined;
  /** Resolvers and their caches, on the root of a config. */
  scope: ResolverScope | undefined;

  override get special(): Special | undefined {
    return this.#children === undefined ? specialOf(this.#text) : undefined;
  }

  override get text(): string {
    return this.#text ?? "";
  }

  /** Makes the whole dictionary null, `???` or an interpolation; its children are dropped. */
  setSpecial(text: string | null): void {
    this.#children = undefined;
    this.#text = text;
    this.parsed = undefined;
  }

  /** The parsed interpolation of a dictionary that is one. */
  parsed: unknown;

  /** Makes it an empty dictionary. */
  clear(): void {
    this.#children = new Map();
    this.#text = null;
  }

  /** How many children it has. */
  get size(): number {
    return this.#children?.size ?? 0;
  }

  /** The child under a key, neither resolved nor checked. */
  child(key: Key): ConfigNode | undefined {
    return this.#children?.get(typeof key === "string" ? key : mapKey(key));
  }

  /** Hangs a node under a key, in place of the one there; the first key's spelling and position stay. */
  setChild(key: Key, node: ConfigNode): void {
    const children = this.#children ??= new Map();
    const at = mapKey(key);
    node.key = children.get(at)?.key ?? key;
    node.parent = this;
    children.set(at, node);
  }

  /** Takes a child out; false when there is none. */
  removeChild(key: Key): boolean {
    return this.#children?.delete(mapKey(key)) ?? false;
  }

  /** Keys as they were written, in order. */
  *keys(): Generator<Key> {
    for (const node of this.children()) yield node.key!;
  }

  /** Children in order; each knows its key. */
  children(): Iterable<ConfigNode> {
    return this.#children?.values() ?? [];
  }

  override toJSON(): unknown {
    if (this.#children === undefined) return this.#text;
    const data: Record<string, unknown> = {};
    for (const child of this.#children.values()) {
      const property = { value: child.toJSON(), enumerable: true, configurable: true, writable: true };
      Object.defineProperty(data, keyText(child.key!), property);
    }
    return data;
  }

  override clone(): DictNode {
    const copy = this.copyMeta(new DictNode());
    copy.schema = this.schema;
    copy.scope = this.scope;
    if (this.#children === undefined) copy.setSpecial(this.#text);
    else for (const child of this.#children.values()) copy.setChild(child.key!, child.clone());
    return copy;
  }
}

/** A list. */
export class ListNode extends ConfigNode {
  #items: ConfigNode[] | undefined = [];
  #text: string | null = null;
  /** Resolvers and their caches, on the root of a config. */
  scope: ResolverScope | undefined;
  /** The parsed interpolation of a list that is one. */
  parsed: unknown;
  /** The type of its items, where a merge has told that and the slot itself takes anything. */
  item: TypeRef | undefined;

  override get special(): Special | undefined {
    return this.#items === undefined ? specialOf(this.#text) : undefined;
  }

  override get text(): string {
    return this.#text ?? "";
  }

  /** Makes the whole list null, `???` or an interpolation; its items are dropped. */
  setSpecial(text: string | null): void {
    this.#items = undefined;
    this.#text = text;
    this.parsed = undefined;
  }

  /** Makes it an empty list. */
  clear(): void {
    this.#items = [];
    this.#text = null;
  }

  /** How many items it has. */
  get size(): number {
    return this.#items?.length ?? 0;
  }

  /** The item at an index counted from 0, neither resolved nor checked. */
  child(index: number): ConfigNode | undefined {
    return this.#items?.[index];
  }

  /** Items in order; each knows its index. */
  children(): readonly ConfigNode[] {
    return this.#items ?? [];
  }

  /** Replaces the item at an existing index. */
  setChild(index: number, node: ConfigNode): void {
    node.parent = this;
    node.key = index;
    (this.#items ??= [])[index] = node;
  }

  /** Adds a node at the end. */
  append(node: ConfigNode): void {
    const items = this.#items ??= [];
    node.parent = this;
    node.key = items.length;
    items.push(node);
  }

  /** Puts a node in at an index; later items move up. */
  insert(node: ConfigNode, index: number): void {
    const items = this.#items ??= [];
    node.parent = this;
    items.splice(index, 0, node);
    for (let i = index; i < items.length; i++) items[i]!.key = i;
  }

  /** Takes the item at an index out; later items move down. */
  removeChild(index: number): boolean {
    const items = this.#items;
    if (items === undefined || index < 0 || index >= items.length) return false;
    items.splice(index, 1);
    for (let i = index; i < items.length; i++) items[i]!.key = i;
    return true;
  }

  override toJSON(): unknown {
    return this.#items === undefined ? this.#text : this.#items.map((item) => item.toJSON());
  }

  override clone(): ListNode {
    const copy = this.copyMeta(new ListNode());
    copy.scope = this.scope;
    copy.item = this.item;
    if (this.#items === undefined) copy.setSpecial(this.#text);
    else for (const item of this.#items) copy.append(item.clone());
    return copy;
  }
}

/** Whether a node is a dictionary or a list. */
export function isContainer(node: ConfigNode | undefined): node is ContainerNode {
  return node instanceof DictNode || node instanceof ListNode;
}
