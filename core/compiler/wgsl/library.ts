import { ShaderError } from "../../errors.ts";
import divideWgsl from "../../../shaders/divide.wgsl" with { type: "text" };
import mathWgsl from "../../../shaders/math.wgsl" with { type: "text" };
import philoxWgsl from "../../../shaders/philox.wgsl" with { type: "text" };

/** Functions that generated code may call, by name, with the functions that each calls itself. */
const FUNCTIONS: ReadonlyMap<string, { readonly text: string; readonly calls: readonly string[] }> = read(
  `${divideWgsl}\n${mathWgsl}\n${philoxWgsl}`,
);

/** Text of the named functions and of all that they call, each once. */
export function libraryText(names: Iterable<string>): string {
  const wanted = new Set<string>();
  const want = (name: string): void => {
    if (wanted.has(name)) return;
    const found = FUNCTIONS.get(name);
    if (found === undefined) throw new ShaderError(`The shader library has no function "${name}"`);
    wanted.add(name);
    found.calls.forEach(want);
  };
  for (const name of names) want(name);
  return [...FUNCTIONS].filter(([name]) => wanted.has(name)).map(([, { text }]) => text).join("\n");
}

/** Names of library functions that a text calls. */
export function libraryCalls(text: string): string[] {
  const calls = new Set<string>();
  for (const [, name] of text.matchAll(/\b([A-Za-z]\w*)\(/g)) if (FUNCTIONS.has(name!)) calls.add(name!);
  return [...calls];
}

/** Splits a module into its functions: each starts at the margin with `fn` and ends with a brace at the margin. */
function read(source: string): Map<string, { text: string; calls: string[] }> {
  const texts = new Map<string, string>();
  for (const [text, name] of source.matchAll(/^fn (\w+)\([^]*?^\}$/gm)) texts.set(name!, text);
  const functions = new Map<string, { text: string; calls: string[] }>();
  for (const [name, text] of texts) {
    const calls = [...text.matchAll(/\b(\w+)\(/g)].map((m) => m[1]!).filter((n) =>
      n !== name && texts.has(n)
    );
    functions.set(name, { text, calls: [...new Set(calls)] });
  }
  return functions;
}
