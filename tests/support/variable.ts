/** Sets an environment variable, or unsets it, until the end of the block. */
export function withVariable(name: string, value: string | undefined): Disposable {
  const before = Deno.env.get(name);
  put(name, value);
  return { [Symbol.dispose]: () => put(name, before) };
}

function put(name: string, value: string | undefined): void {
  if (value === undefined) Deno.env.delete(name);
  else Deno.env.set(name, value);
}
