import { place } from "./config_errors.ts";
import type { DefaultEntry } from "./default_entry.ts";
import { CompositionError } from "./hydra_errors.ts";
import { dereference } from "./interpolate.ts";
import { DictNode, ValueNode } from "./node.ts";
import type { ResolverScope } from "./resolver_scope.ts";

/**
 * Resolves the interpolation in an entry: keys are override keys of the choices made so far.
 *
 * @throws {CompositionError} for an unknown key, or the form `${defaults.0.db}` that Hydra 1.1 dropped.
 */
export function resolveChoice(
  entry: DefaultEntry,
  choices: ReadonlyMap<string, string | null>,
  scope: ResolverScope | undefined,
): void {
  const text = entry.group === undefined ? entry.path : entry.name!;
  const where = entry.origin === undefined ? undefined : place(entry.origin);
  if (/^\$\{defaults\.\d\./.test(text)) {
    throw new CompositionError(
      `\nDefaults list element '${entry.overrideKey}=${text}' is using a deprecated interpolation form.\nSee ` +
        "http://hydra.cc/docs/1.1/upgrades/1.0_to_1.1/defaults_list_interpolation for migration information.",
      { where, fix: "name the group: ${db}" },
    );
  }
  const known = new DictNode();
  known.scope = scope;
  for (const [key, choice] of choices) known.setChild(key, new ValueNode(choice));
  const node = new ValueNode(text);
  known.setChild("_dummy_", node);
  let resolved: unknown;
  try {
    const found = dereference(node);
    resolved = found instanceof ValueNode ? found.raw : undefined;
  } catch (error) {
    const keys = choices.size === 0 ? "" : `, possible interpolation keys: ${[...choices.keys()].join(", ")}`;
    throw new CompositionError(`Error resolving interpolation '${text}'${keys}`, { where, cause: error });
  }
  if (typeof resolved !== "string") {
    throw new CompositionError(`Interpolation '${text}' in a defaults list gives no option name`, { where });
  }
  if (entry.group === undefined) entry.path = resolved;
  else entry.value = resolved;
}
