/** The key under which an object says how `console.log` and `Deno.inspect` show it. */
export const customInspect: unique symbol = Symbol.for("Deno.customInspect");
