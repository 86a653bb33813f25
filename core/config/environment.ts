/**
 * A variable of the process, or `undefined` where it is not set or may not be read: no permission is asked for.
 *
 * @example
 * ```ts
 * import { variable } from "./environment.ts";
 * console.assert(variable("FULGUR_NO_SUCH_VARIABLE") === undefined);
 * ```
 */
export function variable(name: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  return state === "granted" ? Deno.env.get(name) : undefined;
}
