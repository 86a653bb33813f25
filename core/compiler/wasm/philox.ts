import type { FunctionBody, Local } from "./assembler.ts";
import { wideProduct } from "./halves.ts";

const ROUNDS = 10;
const MULTIPLIERS = [0xd2511f53, 0xcd9e8d57] as const;
const KEY_STEPS = [0x9e3779b9, 0xbb67ae85] as const;

/**
 * Philox4x32-10 of four elements: each lane runs the whole counter block of its element and keeps word
 * `element mod 4`, so that values do not depend on which lane an element falls into.
 *
 * @param args Element, call number, low and high half of the seed, all u32.
 */
export function philox(f: FunctionBody, args: readonly Local[]): Local {
  const [element, call, seedLow, seedHigh] = args as [Local, Local, Local, Local];
  let c0 = f.shift("i32x4.shr_u", element, 2);
  let c1 = f.i32(0);
  let c2 = call;
  let c3 = f.i32(0);
  let k0 = seedLow;
  let k1 = seedHigh;
  for (let round = 0; round < ROUNDS; round++) {
    const p0 = wideProduct(f, c0, f.i32(MULTIPLIERS[0]));
    const p1 = wideProduct(f, c2, f.i32(MULTIPLIERS[1]));
    c0 = f.v("v128.xor", f.v("v128.xor", p1.high, c1), k0);
    c2 = f.v("v128.xor", f.v("v128.xor", p0.high, c3), k1);
    c1 = p1.low;
    c3 = p0.low;
    k0 = f.v("i32x4.add", k0, f.i32(KEY_STEPS[0]));
    k1 = f.v("i32x4.add", k1, f.i32(KEY_STEPS[1]));
  }
  const odd = bit(f, element, 1);
  const even = f.v("v128.bitselect", c1, c0, odd);
  return f.v("v128.bitselect", f.v("v128.bitselect", c3, c2, odd), even, bit(f, element, 2));
}

/** Lanes whose number has this bit, as a mask. */
function bit(f: FunctionBody, x: Local, mask: number): Local {
  return f.v("i32x4.ne", f.v("v128.and", x, f.i32(mask)), f.i32(0));
}
