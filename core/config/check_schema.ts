import { InterpolationResolutionError, ValidationError } from "./config_errors.ts";
import { type ConfigNode, type ContainerNode, DictNode, isContainer } from "./node.ts";
import { childAt } from "./path_step.ts";
import { toContainer } from "./to_container.ts";

/** How {@linkcode checkSchemas} checks. */
export interface CheckOptions {
  /** Whether interpolations are resolved first, as they are once a config is composed. @default false */
  readonly resolve?: boolean | undefined;
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
  const check = node instanceof DictNode && node.special === undefined ? node.schema?.check : undefined;
  if (check === undefined) return;
  for (const issue of check(plainValue(node, options))) {
    const found = reach(node, issue.path);
    if (found.node.special === "missing" || (options.resolve !== true && isPending(found.node, node))) {
      continue;
    }
    const name = (node as DictNode).schema!.name;
    throw new ValidationError(`${name}: ${issue.message}`, {
      parent: found.node.parent ?? found.node,
      key: found.node.parent === undefined ? undefined : found.node.key,
      origin: found.node.origin,
      fix: found.missing === undefined ? undefined : `set ${found.node.fullKey(found.missing)}`,
    });
  }
}

function plainValue(node: ContainerNode, options: CheckOptions): unknown {
  try {
    return toContainer(node, { resolve: options.resolve });
  } catch (error) {
    // What a broken interpolation stands for is said where it is read.
    if (error instanceof InterpolationResolutionError) return toContainer(node);
    throw error;
  }
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
