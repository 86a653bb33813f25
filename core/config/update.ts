import { checkedLater, flag, optional, required, takeOptions } from "../options.ts";
import { withFlag } from "./access.ts";
import { assign } from "./assign.ts";
import { ConfigValueError, InterpolationToMissingValueError, UnsupportedValueType } from "./config_errors.ts";
import { create, isPlainObject } from "./create.ts";
import { dereference, unwrapped } from "./interpolate.ts";
import { childAt } from "./path_step.ts";
import { indexOf, splitKey } from "./key_path.ts";
import { loadNode } from "./load.ts";
import { expand, mergeInto } from "./merge.ts";
import {
  ConfigNode,
  type ContainerNode,
  DictNode,
  isContainer,
  ListNode,
  MISSING,
  ValueNode,
} from "./node.ts";
import { type Origin, Source } from "./origin.ts";
import { ResolveBudget } from "./resolve_budget.ts";
import { pythonTypeName } from "./python_text.ts";
import { isScalar, type Key } from "./scalar.ts";

/** How deep a path may lead; what is written must be readable again. */
const MAX_STEPS = 500;

/** How {@linkcode update} writes. */
export interface UpdateOptions {
  /** Whether a dictionary or list is merged into the one that is there. @default true */
  readonly merge?: boolean | undefined;
  /** Whether new keys are taken in struct mode. @default false */
  readonly forceAdd?: boolean | undefined;
  /** What set the value. */
  readonly origin?: Origin | null | undefined;
}

/**
 * Sets the value under a path such as `a.b.1`, making dictionaries on the way; scalars on the way are replaced.
 *
 * @throws {ConfigAttributeError} for a new key in struct mode, {ConfigIndexError} past the end of a list, and what
 * merging throws.
 *
 * @example
 * ```ts
 * import { create } from "./create.ts";
 * import type { DictNode } from "./node.ts";
 * import { select } from "./select.ts";
 * import { update } from "./update.ts";
 * const config = create({}) as DictNode;
 * update(config, "a.b", 1);
 * console.assert(select(config, "a.b") === 1);
 * ```
 */
export function update(
  config: ContainerNode,
  path: string,
  value: unknown,
  options: UpdateOptions = {},
): void {
  const { origin: place, merge, forceAdd } = takeOptions<UpdateOptions>("config.update", options, {
    merge: flag(true),
    forceAdd: flag(false),
    origin: optional(checkedLater<Origin>(required)),
  });
  const origin = place ?? undefined;
  const write = (container: ContainerNode, run: () => void) =>
    forceAdd ? withFlag(container, "struct", false, run) : run();
  const steps = splitKey(path);
  if (steps.length > MAX_STEPS) {
    throw new ConfigValueError(`Key has more than ${MAX_STEPS} steps`, { parent: config, origin });
  }
  let here = config;
  for (const step of steps.slice(0, -1)) {
    const next = childAt(here, step, true);
    if (!isContainer(next)) write(here, () => assign(here, stepKey(here, step), new Map(), { origin }));
    here = dereference(childAt(here, step, true)!) as ContainerNode;
    if (here.special !== undefined) expand(here);
  }
  const last = stepKey(here, steps.at(-1)!);
  write(here, () => {
    const existing = here instanceof DictNode ? here.child(last) : here.child(last as number);
    if (merge && isContainer(existing) && isContainerData(value)) {
      const source = create(value, { origin, allowObjects: existing.flag("allowObjects") });
      source.setFlag("allowObjects", value instanceof ConfigNode ? value.ownFlag("allowObjects") : undefined);
      mergeInto(existing, source as ContainerNode);
    } else assign(here, last, value, { origin, as: "attribute" });
  });
}

function isContainerData(value: unknown): boolean {
  return Array.isArray(value) || value instanceof Map || isContainer(value as ConfigNode) ||
    isPlainObject(value);
}

function stepKey(container: ContainerNode, step: string): Key {
  if (container instanceof DictNode) return step;
  const index = indexOf(step);
  if (index !== undefined) return index;
  throw new ConfigValueError(`Index '${step}' (str) is not an int`, {
    parent: container,
    fix: "name list items by number, as in a.0",
  });
}

/**
 * A config from words such as `a.b=1`: values are YAML, a word without `=` or with nothing after it is null.
 *
 * @param name How errors call the words. @default "dot list"
 *
 * @example
 * ```ts
 * import { select } from "./select.ts";
 * import { fromDotlist } from "./update.ts";
 * console.assert(select(fromDotlist(["a.b=[1, 2]", "c="]), "a.b[1]") === 2);
 * ```
 */
export function fromDotlist(words: readonly string[], name = "dot list"): DictNode {
  const config = new DictNode();
  mergeDotlist(config, words, name);
  return config;
}

/** Updates a config by words such as `a.b=1`; see {@linkcode fromDotlist}. */
export function mergeDotlist(config: ContainerNode, words: readonly string[], name = "dot list"): void {
  for (const word of words) {
    const sign = word.indexOf("=");
    const path = sign < 0 ? word : word.slice(0, sign);
    const text = sign < 0 ? "" : word.slice(sign + 1);
    const node = loadNode(new Source(`${name}, ${path}`, text), config, path);
    update(config, path, node ?? null, { origin: node?.origin });
  }
}

/**
 * Replaces every interpolation by what it stands for, in place; one that leads to `???` becomes `???`.
 *
 * @throws {InterpolationResolutionError} for one that cannot be resolved.
 */
export function resolveInPlace(config: ContainerNode): void {
  new InPlaceResolver().under(config);
}

/** One {@linkcode resolveInPlace}. */
class InPlaceResolver {
  readonly #budget = new ResolveBudget();
  /** How many values lie under the containers that are through; going through them again would take for ever. */
  readonly #sizes = new Map<ContainerNode, number>();

  /** Resolves what a container holds and gives the number of values under it. */
  under(config: ContainerNode): number {
    const known = this.#sizes.get(config);
    if (known !== undefined) return known;
    this.#budget.enter(config, config);
    if (config.isInterpolation) this.#settle(config);
    let size = 0;
    for (const child of [...config.children()]) {
      size++;
      if (child.isInterpolation) size += this.#settle(child);
      else if (isContainer(child)) size += this.under(child);
    }
    this.#budget.leave(config, config);
    this.#sizes.set(config, size);
    return size;
  }

  /** Puts what an interpolation stands for in its place and gives the number of values under that. */
  #settle(node: ConfigNode): number {
    const reached = dereferenceOrMissing(node);
    const parent = node.parent!;
    if (isContainer(reached)) {
      const size = this.under(reached);
      this.#budget.add(size, node);
      const copy = reached.clone();
      copy.type = node.type.kind === "any" ? copy.type : node.type;
      if (parent instanceof DictNode) parent.setChild(node.key!, copy);
      else parent.setChild(node.key as number, copy);
      this.#sizes.set(copy, size);
      return size;
    }
    if (node instanceof ValueNode) {
      const value = reached === undefined ? MISSING : unwrapped(reached);
      if (!isScalar(value) && node.flag("allowObjects") !== true) throw noScalar(value, node);
      const isFinal = typeof value === "string" && value.includes("${");
      if (isFinal) replaceByLiteral(node, value);
      else node.setRaw(value);
    } else if (node instanceof DictNode || node instanceof ListNode) {
      node.setSpecial(reached === undefined ? MISSING : null);
    }
    return 0;
  }
}

/** A resolver may return data of several values; as long as nothing is stored, that is no matter. */
function noScalar(value: unknown, node: ConfigNode): UnsupportedValueType {
  return new UnsupportedValueType(`Value '${pythonTypeName(value)}' is not a supported primitive type`, {
    origin: node.origin,
    value,
    fix: "make a config of it in the interpolation, as ${oc.create:…} does",
  });
}

function replaceByLiteral(node: ValueNode, value: string): void {
  const literal = ValueNode.literal(value, { origin: node.origin, type: node.type });
  if (node.parent instanceof DictNode) node.parent.setChild(node.key!, literal);
  else node.parent?.setChild(node.key as number, literal);
}

function dereferenceOrMissing(node: ConfigNode): ConfigNode | undefined {
  try {
    return dereference(node);
  } catch (error) {
    if (error instanceof InterpolationToMissingValueError) return undefined;
    throw error;
  }
}

/**
 * The paths of every `???` in a config: `a`, `b.c`, `b.d[1]`. Containers that interpolations reach count too.
 *
 * @throws {InterpolationResolutionError} for an interpolation that cannot be resolved or leads to `???`.
 */
export function missingKeys(config: ContainerNode): Set<string> {
  const found = new Set<string>();
  gather(config, found, new Set());
  return found;
}

function gather(config: ContainerNode, found: Set<string>, seen: Set<ContainerNode>): void {
  // A container reached twice has had its say.
  if (seen.has(config)) return;
  seen.add(config);
  for (const child of config.children()) {
    const reached = dereference(child);
    if (child.isMissing) found.add(child.fullKey());
    else if (isContainer(reached)) gather(reached, found, seen);
  }
}

/**
 * A copy that holds only some keys of a dictionary.
 *
 * @throws {ConfigValueError} for a list.
 */
export function maskedCopy(config: ContainerNode, keys: string | readonly string[]): DictNode {
  if (!(config instanceof DictNode)) {
    throw new ConfigValueError("masked_copy is only supported for DictConfig");
  }
  const kept = new Set<Key>(typeof keys === "string" ? [keys] : keys);
  const copy = new DictNode({ origin: config.origin });
  for (const child of config.children()) if (kept.has(child.key!)) copy.setChild(child.key!, child.clone());
  return copy;
}
