import { nearest } from "../errors.ts";
import { ConfigKeyError, OmegaConfBaseException } from "./config_errors.ts";
import { indexOf, splitKey } from "./key_path.ts";
import { type ConfigNode, type ContainerNode, DictNode, isContainer, keyText } from "./node.ts";

/** Where a path starts: at the root, or up from a container by its leading dots. */
export function startOf(
  from: ContainerNode,
  path: string,
): { readonly start: ContainerNode; readonly path: string } {
  if (!path.startsWith(".")) return { start: from.root as ContainerNode, path };
  let start: ContainerNode | undefined = from;
  let rest = path.slice(1);
  for (; rest.startsWith("."); rest = rest.slice(1)) {
    start = start?.parent;
    if (start === undefined) throw new NoSuchLevel(path, from);
  }
  return { start, path: rest };
}

/** A relative path has more dots than there are levels. */
export class NoSuchLevel extends ConfigKeyError {
  constructor(path: string, parent: ContainerNode) {
    super(`Error resolving key '${path}'`, {
      parent,
      key: path,
      fix: "one dot is the container itself, each further dot one level up",
    });
  }
}

/** The child under one step of a path; in a list the step must be an index. */
export function childAt(at: ContainerNode, step: string, isStrict: boolean): ConfigNode | undefined {
  if (at instanceof DictNode) return at.child(step);
  const index = indexOf(step);
  if (index !== undefined) return at.child(index);
  if (isStrict) throw new ListStepError(step);
  return undefined;
}

/** A step of a path into a list is no index. */
export class ListStepError extends OmegaConfBaseException {
  override name = "TypeError";

  constructor(step: string) {
    super(`Index '${step}' (str) is not an int`, { fix: "name list items by number, as in a.0" });
  }
}

/** The nearest existing name beside the step of a path that does not exist. */
export function keyFix(start: ContainerNode, path: string, subject: ConfigNode): string | undefined {
  let at: ConfigNode = start;
  for (const step of splitKey(path)) {
    const next: ConfigNode | undefined = isContainer(at) ? childAt(at, step, false) : undefined;
    if (next !== undefined) {
      at = next;
      continue;
    }
    if (!(at instanceof DictNode)) return undefined;
    const names = [...at.children()].filter((child) => child !== subject).map((child) => keyText(child.key!));
    const near = nearest(step, names);
    const place = at.parent === undefined ? "the config" : `"${at.fullKey()}"`;
    if (near !== undefined) return `did you mean "${at.fullKey(near)}"?`;
    const few = names.length > 12 ? [...names.slice(0, 12), "…"] : names;
    return names.length === 0 ? undefined : `${place} has ${few.join(", ")}`;
  }
  return undefined;
}
