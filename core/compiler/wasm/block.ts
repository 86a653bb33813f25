import type { ScalarWord } from "../../runtime/cpu/launch.ts";
import type { ScalarType } from "../expr.ts";

/** Collects the parameter block of a launch: pointers first, then static words, then dynamic scalars. */
export class Block {
  readonly pointers: number[] = [];
  readonly scalars: ScalarWord[] = [];
  readonly #words: number[] = [];

  /** Word of a slot's address. All pointers must be taken before the first static word. */
  pointer(slot: number): number {
    const known = this.pointers.indexOf(slot);
    return known < 0 ? this.pointers.push(slot) - 1 : known;
  }

  /** A static word with this value. */
  word(value: number): number {
    return this.pointers.length + this.#words.push(value | 0) - 1;
  }

  /** Word of a dynamic scalar. All static words must be taken before the first scalar. */
  scalar(index: number, type: ScalarType): number {
    let at = this.scalars.findIndex((s) => s.index === index && s.type === type);
    if (at < 0) at = this.scalars.push({ index, type }) - 1;
    return this.pointers.length + this.#words.length + at;
  }

  /** The static words. */
  get words(): readonly number[] {
    return this.#words;
  }
}
