import { InterpolationResolutionError, ValidationError } from "./config_errors.ts";
import { type ConfigNode, type ContainerNode, DictNode, isContainer } from "./node.ts";
import { childAt } from "./path_step.ts";
import type { Key } from "./scalar.ts";
import { plainData, toData } from "./to_container.ts";
import type { Schema } from "./type_ref.ts";

/** How {@linkcode checkSchemas} checks. */
export interface CheckOptions {
  /** Whether interpolations are resolved first, as they are once a config is composed. @default false */
  readonly resolve?: boolean | undefined;
  /** Whether what interpolations gave is not final yet, so that nothing can be said of them. @default never */
  readonly isEarly?: (() => boolean) | undefined;
}

/**
 * Runs the whole-value checks of the schemas of a node, of those below it, and of those that contain it.
 *
 * @throws {ValidationError} for the first issue, naming the value's path and the place that set it.
 */
export function checkSchemas(node: ContainerNode, options: CheckOptions = {}): void {
  checkAbove(node, options);
  checkBelow(node, options);
}

/** Runs the checks of the schemas that contain a node. */
export function checkAbove(node: ConfigNode, options: CheckOptions = {}): void {
  for (let up = node.parent; up !== undefined; up = up.parent) checkSchema(up, options);
}

function checkBelow(node: ContainerNode, options: CheckOptions): void {
  checkSchema(node, options);
  for (const child of node.children()) if (isContainer(child)) checkBelow(child, options);
}

/** Runs the check of a node's own schema, where it has one. */
export function checkSchema(node: ContainerNode, options: CheckOptions = {}): void {
  if (!(node instanceof DictNode) || node.special !== undefined) return;
  const { schema } = node;
  if (schema?.check === undefined || node.flag("unchecked") === true) return;
  const { value, isWhole } = plainValue(node, schema, options);
  for (const issue of schema.check(value)) {
    const { node: found, missing } = reach(node, issue.path);
    const isOpen = !isWhole || options.isEarly?.() === true;
    if (
      found.isMissing ||
      (isOpen && (isPending(found, node) || (missing === undefined && holdsPending(found))))
    ) {
      continue;
    }
    throw new ValidationError(`${schema.name}: ${issue.message}`, {
      parent: found.parent ?? found,
      key: found.parent === undefined ? undefined : found.key,
      origin: found.origin,
      fix: missing === undefined || found.isInterpolation ? undefined : `set ${found.fullKey(missing)}`,
    });
  }
}

/** What a check gets to see, and whether all of it has been resolved. */
function plainValue(
  node: DictNode,
  schema: Schema,
  options: CheckOptions,
): { value: unknown; isWhole: boolean } {
  const data = new Map<Key, unknown>();
  let isWhole = options.resolve === true;
  for (const child of node.children()) {
    if (isHydra(child) && !schema.fields.has("hydra")) continue;
    try {
      data.set(child.key!, toData(child, { resolve: options.resolve }));
    } catch (error) {
      // What a broken interpolation stands for is said where it is read.
      if (!(error instanceof InterpolationResolutionError)) throw error;
      data.set(child.key!, toData(child));
      isWhole = false;
    }
  }
  return { value: plainData(data), isWhole };
}

/** Hydra's own node, which composition adds beside the keys of the primary config. */
function isHydra(node: ConfigNode): boolean {
  return node.key === "hydra" && node.parent?.parent === undefined && node instanceof DictNode &&
    node.schema?.name === "HydraConf";
}

/** Whether interpolations hang below a node: a rule over several keys waits until they have values. */
function holdsPending(node: ConfigNode): boolean {
  if (!isContainer(node)) return false;
  for (const child of node.children()) if (child.isInterpolation || holdsPending(child)) return true;
  return false;
}

/** A value that an interpolation will give, directly or through a node above it. */
function isPending(node: ConfigNode, top: ConfigNode): boolean {
  for (let at: ConfigNode | undefined = node; at !== undefined; at = at.parent) {
    if (at.isInterpolation) return true;
    if (at === top) return false;
  }
  return false;
}

/** The deepest node on a path, and the step that does not exist below it. */
function reach(
  top: ContainerNode,
  path: readonly (string | number)[],
): { readonly node: ConfigNode; readonly missing: string | undefined } {
  let node: ConfigNode = top;
  for (const step of path) {
    const next: ConfigNode | undefined = isContainer(node) ? childAt(node, String(step), false) : undefined;
    if (next === undefined) return { node, missing: String(step) };
    node = next;
  }
  return { node, missing: undefined };
}
