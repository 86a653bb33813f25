import type { GpuLaunch, ScalarWord, WordType } from "../../runtime/webgpu/launch.ts";

const FLOAT = new Float32Array(1);
const BITS = new Uint32Array(FLOAT.buffer);

/**
 * The uniform words of a launch: numbers that the shader reads at run time, so that one pipeline serves many sizes.
 * Words are numbered in the order of asking, which depends on the kernel's structure and never on its sizes.
 */
export class Words {
  readonly #values: number[] = [];
  readonly #scalars: ScalarWord[] = [];
  readonly #scalarText = new Map<number, string>();

  /** Text that reads a whole number (negative ones wrap, as address arithmetic does). */
  whole(value: number): string {
    const word = this.#values.push(value >>> 0) - 1;
    return `w${word}`;
  }

  /**
   * Text that reads a whole number where a barrier depends on it: WGSL takes a register, unlike the uniform buffer,
   * for something that may differ between invocations.
   */
  uniform(value: number): string {
    const word = this.#values.push(value >>> 0) - 1;
    return `params[${word >> 2}].${"xyzw"[word & 3]}`;
  }

  /** Text that reads an f32, NaN and infinities included. */
  float(value: number): string {
    FLOAT[0] = value;
    return `bitcast<f32>(${this.whole(BITS[0]!)})`;
  }

  /** Text that reads a dynamic scalar. */
  scalar(index: number, type: WordType): string {
    let text = this.#scalarText.get(index);
    if (text === undefined) {
      this.#scalars.push({ word: this.#values.length, scalar: index, type });
      const word = this.whole(0);
      text = type === "u32" ? word : type === "bool" ? `(${word} != 0u)` : `bitcast<${type}>(${word})`;
      this.#scalarText.set(index, text);
    }
    return text;
  }

  /** The type of the uniform variable that holds the words. */
  get declaredType(): string {
    return `array<vec4u, ${Math.max(1, Math.ceil(this.#values.length / 4))}>`;
  }

  /** Declarations of the registers that hold the words. */
  get registers(): string {
    return this.#values.map((_, i) => `var<private> w${i}: u32;\n`).join("");
  }

  /** Statements that fill the registers. */
  get start(): string {
    return this.#values.map((_, i) => `w${i} = params[${i >> 2}].${"xyzw"[i & 3]};`).join(" ");
  }

  /** The words and where dynamic scalars go. */
  finish(): Pick<GpuLaunch, "words" | "scalars"> {
    return { words: Uint32Array.from(this.#values), scalars: this.#scalars };
  }
}
