import { nearest } from "../errors.ts";
import { openDict, remove as removeKey } from "./access.ts";
import {
  ConfigAttributeError,
  ConfigKeyError,
  InterpolationResolutionError,
  OmegaConfBaseException,
  place,
} from "./config_errors.ts";
import { CompositionError } from "./hydra_errors.ts";
import { type ConfigNode, type DictNode, isContainer, ListNode, type ValueNode } from "./node.ts";
import { Origin } from "./origin.ts";
import type { Override } from "./overrides.ts";
import { pythonStr } from "./python_text.ts";
import { keyFix } from "./path_step.ts";
import { selectNode } from "./select.ts";
import { indexOf, splitKey } from "./key_path.ts";
import { toData } from "./to_container.ts";
import { update } from "./update.ts";

/**
 * Applies value overrides to a composed config in the order they were typed.
 *
 * @param groups The config groups that there are, for a group whose name was mistyped.
 * @throws {CompositionError} with Hydra's words, the place on the command line, and what to type instead.
 */
export function applyOverrides(
  overrides: readonly Override[],
  config: DictNode,
  groups: () => readonly string[] = () => [],
): void {
  for (const override of overrides) applyOverride(override, config, groups);
}

function applyOverride(override: Override, config: DictNode, groups: () => readonly string[]): void {
  if (override.package !== undefined) {
    throw new CompositionError(
      `Override ${override.text} looks like a config group override, but config group '${override.key}' does not ` +
        "exist.",
      { where: place(override.origin) },
    );
  }
  try {
    if (override.prefix === "~") remove(override, config);
    else if (override.prefix === "+") add(override, config);
    else if (override.prefix === "++") set(override, config, true);
    else change(override, config, groups);
  } catch (error) {
    if (!(error instanceof OmegaConfBaseException)) throw error;
    throw new CompositionError(`Error merging override ${override.text}\n${error.what}`, {
      where: place(override.origin),
      // What opens a config in code is of no use on the command line.
      fix: override.prefix === "~" ? undefined : error.fix,
      cause: error,
    });
  }
}

function set(override: Override, config: DictNode, forceAdd: boolean): void {
  update(config, override.key, override.value, { merge: true, forceAdd, origin: override.origin });
}

function change(override: Override, config: DictNode, groups: () => readonly string[]): void {
  try {
    set(override, config, false);
  } catch (error) {
    if (!(error instanceof ConfigAttributeError || error instanceof ConfigKeyError)) throw error;
    const { source } = override.origin;
    const at = new Origin(source, source.text.indexOf(override.key));
    const near = error.fix?.startsWith("did you mean") === true;
    throw new CompositionError(
      `Could not override '${override.key}'.\nTo append to your config use +${override.text}\n${error.what}`,
      { where: place(at), fix: near ? error.fix : groupFix(override, groups()) ?? error.fix, cause: error },
    );
  }
}

/** A group whose name is mistyped reads as a key that the config does not have. */
function groupFix({ key, text }: Override, groups: readonly string[]): string | undefined {
  const near = key.includes(".") ? undefined : nearest(key, groups);
  return near === undefined
    ? undefined
    : `did you mean the config group "${near}"? Type ${near}${text.slice(key.length)}`;
}

function add(override: Override, config: DictNode): void {
  const { key, text, value } = override;
  const found = selectNode(config, key);
  const isTaken = found !== undefined && !found.isMissing && !found.isNone;
  if (isTaken && !Array.isArray(value) && !(value instanceof Map)) {
    throw new CompositionError(
      `Could not append to config. An item is already at '${key}'.\nEither remove + prefix: '${
        text.slice(1)
      }'\n` +
        `Or add a second + to add or override '${key}': '+${text}'\n`,
      { where: place(override.origin) },
    );
  }
  set(override, config, true);
}

function remove(override: Override, config: DictNode): void {
  const { key, value } = override;
  const where = place(override.origin);
  const found = selectNode(config, key);
  if (found === undefined || found.isMissing || found.isNone) {
    throw new CompositionError(`Could not delete from config. '${key}' does not exist.`, {
      where,
      fix: found === undefined ? keyFix(config, key, config) : undefined,
    });
  }
  if (value !== null && !equalData(value, resolvedData(found))) {
    throw new CompositionError(
      `Could not delete from config. The value of '${key}' is ${pythonStr(data(found))} and not ${
        pythonStr(value)
      }.`,
      { where },
    );
  }
  const steps = splitKey(key);
  const last = steps.pop()!;
  const parent = steps.length === 0 ? config : selectNode(config, key.slice(0, key.lastIndexOf(".")));
  if (!isContainer(parent)) return;
  openDict(config, () => removeKey(parent, parent instanceof ListNode ? indexOf(last)! : last));
}

/** A container as it reads; what a broken interpolation in it stands for is unknown, so its text counts. */
function resolvedData(node: ConfigNode): unknown {
  if (!isContainer(node)) return data(node);
  try {
    return toData(node, { resolve: true });
  } catch (error) {
    if (error instanceof InterpolationResolutionError) return data(node);
    throw error;
  }
}

function data(node: ConfigNode): unknown {
  return isContainer(node) ? toData(node) : (node as ValueNode).raw;
}

/** Equality as Python has it between config data: `1 == 1.0 == True`. */
function equalData(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, i) => equalData(item, b[i]));
  }
  if (a instanceof Map && b instanceof Map) {
    return a.size === b.size && [...a].every(([key, item]) => b.has(key) && equalData(item, b.get(key)));
  }
  const number = (x: unknown) => typeof x === "string" || x === null ? undefined : Number(x);
  const [x, y] = [number(a), number(b)];
  return x !== undefined && y !== undefined ? x === y : a === b;
}
