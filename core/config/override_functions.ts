import { bind, type OverrideFunction, OverrideFunctionError } from "./override_call.ts";
import { casts } from "./override_casts.ts";
import { sweeps } from "./override_sweeps.ts";
import { type OverrideValue, QuotedString } from "./override_value.ts";

/** Every function of the grammar by name. */
export const FUNCTIONS: ReadonlyMap<string, OverrideFunction> = new Map(
  [...casts, ...sweeps].sort(([a], [b]) => (a < b ? -1 : 1)),
);

/**
 * Calls a function of the override grammar.
 *
 * @throws {OverrideFunctionError} for an unknown name, arguments that do not fit, or a value that cannot be used.
 */
export function callFunction(
  name: string,
  args: readonly OverrideValue[],
  named: ReadonlyMap<string, OverrideValue>,
): OverrideValue {
  const fn = FUNCTIONS.get(name);
  if (fn === undefined) {
    throw new OverrideFunctionError(
      "HydraException",
      `Unknown function '${name}'\nAvailable: ${[...FUNCTIONS.keys()].join(",")}\n`,
    );
  }
  const bare = (value: OverrideValue): OverrideValue => value instanceof QuotedString ? value.text : value;
  const bound = bind(
    fn.parameters,
    args.map(bare),
    new Map([...named].map(([key, value]) => [key, bare(value)])),
  );
  return fn.call(bound);
}
