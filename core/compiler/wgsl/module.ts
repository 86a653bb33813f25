import { libraryCalls, libraryText } from "./library.ts";
import type { Emission } from "./place.ts";
import { specialise } from "./specialise.ts";

/**
 * A shader specialised with generated code, its buffers and uniform words declared, and the library functions that
 * it calls appended.
 */
export function assemble(
  shader: string,
  swaps: Readonly<Record<string, string | number>>,
  more: string,
  { bindings, words }: Emission,
): string {
  const { first, more: buffers } = bindings.declarations();
  const generated = `${Object.values(swaps).join("\n")}\n${more}\n${shader}`;
  return specialise(
    shader,
    { ...swaps, params: words.declaredType, s0: first, start: words.start },
    `\n${buffers}${words.registers}${more}${libraryText(libraryCalls(generated))}\n`,
  );
}
