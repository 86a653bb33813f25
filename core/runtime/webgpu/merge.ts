/** A shader whose buffers are bound once each, although several of its variables mean the same one. */
export interface Merged {
  readonly code: string;
  /** Per binding that is left, its number before. */
  readonly bindings: readonly number[];
}

const cache = new Map<string, Merged>();

/**
 * Joins the variables of a shader that the same buffer would be bound to: WebGPU forbids two writable bindings of
 * one buffer. Variables of different types stay apart; wgpu accepts them.
 *
 * @param buffers Identity of the buffer of each binding.
 */
export function mergeBindings(code: string, buffers: readonly number[]): Merged {
  const firsts = buffers.map((id) => buffers.indexOf(id));
  if (firsts.every((first, i) => first === i)) return { code, bindings: firsts };
  const key = `${firsts.join(" ")}\0${code}`;
  let merged = cache.get(key);
  if (merged === undefined) {
    merged = join(code, firsts);
    cache.set(key, merged);
  }
  return merged;
}

function join(code: string, firsts: readonly number[]): Merged {
  const types = firsts.map((_, i) => declaration(i).exec(code)?.[1]);
  const kept: number[] = [];
  let text = code;
  firsts.forEach((first, i) => {
    if (first !== i && types[first] === types[i]) {
      text = text.replace(declaration(i), "").replace(new RegExp(`\\bs${i}\\b`, "g"), `s${first}`);
      return;
    }
    text = text.replace(`@group(1) @binding(${i}) `, `@group(1) @binding(${kept.length}) `);
    kept.push(i);
  });
  return { code: text, bindings: kept };
}

/** Matches the declaration of a storage variable and captures its type. */
function declaration(i: number): RegExp {
  return new RegExp(`@group\\(1\\) @binding\\(\\d+\\) var<storage, read_write> s${i}: ([^;]*);`);
}
