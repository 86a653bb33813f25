import type { ScalarWord } from "./launch.ts";

const FLOAT = new Float32Array(1);
const FLOAT_BITS = new Int32Array(FLOAT.buffer);

/** A dynamic scalar as the word that kernels read. */
export function scalarBits(type: ScalarWord["type"], value: number): number {
  switch (type) {
    case "f32":
      FLOAT[0] = value;
      return FLOAT_BITS[0]!;
    case "i32":
    case "u32":
      return value | 0;
    case "bool":
      return value === 0 ? 0 : -1;
  }
}
