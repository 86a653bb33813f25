import { nearest, ShaderError } from "../../errors.ts";

const cache = new Map<string, string>();

/**
 * A shader with other right-hand sides for named module-scope declarations: the value of a `const` or `alias`, the
 * type of a `var`, the body of a `fn`. Nothing else changes. `enable f16;` is added where a swap mentions `f16`.
 *
 * @param more Declarations to append.
 * @throws {ShaderError} where the shader does not declare a name.
 *
 * @example
 * ```ts
 * import { specialise } from "./specialise.ts";
 * const source = "alias T = f32;\nconst TILE: u32 = 16;\nfn last(x: f32) -> f32 { return x; }\n";
 * const code = specialise(source, { TILE: 8, last: "return x * 2.0;" });
 * console.assert(code.includes("TILE: u32 = 8;") && code.includes("{ return x * 2.0; }"));
 * ```
 */
export function specialise(
  source: string,
  swaps: Readonly<Record<string, string | number>>,
  more = "",
): string {
  const key = `${source}\0${more}\0${Object.entries(swaps).join("\0")}`;
  let code = cache.get(key);
  if (code === undefined) {
    code = source;
    for (const [name, value] of Object.entries(swaps)) code = swap(code, name, String(value));
    code += more;
    if (/\bf16\b/.test(code.replace(/\/\/.*/g, "")) && !/^enable f16;/m.test(code)) {
      code = `enable f16;\n${code}`;
    }
    cache.set(key, code);
  }
  return code;
}

function swap(code: string, name: string, value: string): string {
  const declaration = new RegExp(`^(?:@[^\\n]*\\s)?(const|alias|var|fn)(?:<[^>]*>)?\\s+${name}\\b`, "m").exec(
    code,
  );
  if (declaration === null) {
    const known = [...code.matchAll(/^(?:@[^\n]*\s)?(?:const|alias|var|fn)(?:<[^>]*>)?\s+(\w+)/gm)].map((m) =>
      m[1]!
    );
    const near = nearest(name, known);
    throw new ShaderError(`The shader declares no "${name}"`, {
      where: "specialise",
      fix: near === undefined ? `it declares ${known.join(", ")}` : `did you mean "${near}"?`,
    });
  }
  const end = declaration.index + declaration[0].length;
  if (declaration[1] === "fn") {
    const open = code.indexOf("{", end);
    return `${code.slice(0, open)}{ ${value} }${code.slice(closing(code, open) + 1)}`;
  }
  const mark = declaration[1] === "var" ? ":" : "=";
  const start = code.indexOf(mark, end) + 1;
  return `${code.slice(0, start)} ${value}${code.slice(code.indexOf(";", start))}`;
}

/** Position of the brace that closes the one at `open`. */
function closing(code: string, open: number): number {
  let depth = 0;
  for (let i = open; i < code.length; i++) {
    if (code[i] === "{") depth++;
    else if (code[i] === "}" && --depth === 0) return i;
  }
  return code.length;
}
