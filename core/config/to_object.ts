import { MissingMandatoryValue } from "./config_errors.ts";
import { dereference } from "./interpolate.ts";
import { type ConfigNode, DictNode, isContainer, keyText, ValueNode } from "./node.ts";
import { ResolveBudget } from "./resolve_budget.ts";
import { plainData, toContainer } from "./to_container.ts";

/**
 * A node as plain data in which structured configs are instances of their classes.
 *
 * @throws {MissingMandatoryValue} for `???` in a structured config, and interpolation errors.
 *
 * @example
 * ```ts
 * import { schemaOf, structured } from "./schema.ts";
 * import { toObject } from "./to_object.ts";
 * class Adam {
 *   lr = 0.001;
 * }
 * console.assert(toObject(structured(schemaOf(Adam))) instanceof Adam);
 * ```
 */
export function toObject(node: ConfigNode): unknown {
  return objectOf(node, new ResolveBudget());
}

function objectOf(node: ConfigNode, budget: ResolveBudget): unknown {
  const reached = dereference(node);
  if (reached instanceof ValueNode) return plainData(reached.raw);
  if (!isContainer(reached) || reached.special !== undefined) return toContainer(reached);
  budget.enter(reached, node);
  const object = reached instanceof DictNode
    ? instanceOf(reached, budget)
    : reached.children().map((item) => objectOf(item, budget));
  budget.leave(reached, node);
  return object;
}

function instanceOf(reached: DictNode, budget: ResolveBudget): unknown {
  const { schema } = reached;
  const fields: Record<string, unknown> = {};
  for (const child of reached.children()) {
    if (child.isMissing && schema !== undefined) {
      throw new MissingMandatoryValue(
        `Structured config of type \`${schema.name}\` has missing mandatory value: ${keyText(child.key!)}`,
        { parent: reached, key: child.key, fix: `set ${child.fullKey()}` },
      );
    }
    const property = { value: objectOf(child, budget), enumerable: true, configurable: true, writable: true };
    Object.defineProperty(fields, keyText(child.key!), property);
  }
  return schema?.build === undefined ? fields : schema.build(fields);
}
