let count = 0;

/**
 * A description as a path of whole numbers: equal paths are one object, so its number stands for the description.
 * No text is built, because every recorded node needs one.
 *
 * @example
 * ```ts
 * import { structure } from "./structure.ts";
 * const of = (shape: number[]) => structure("reduce").then(3).all(shape).id;
 * console.assert(of([2, 5]) === of([2, 5]) && of([2, 5]) !== of([5, 2]));
 * ```
 */
export class Structure {
  /** Different for every path. */
  readonly id: number = count++;
  #next: Map<number, Structure> | undefined;

  /** The path with one number more. */
  then(value: number): Structure {
    const known = this.#next?.get(value);
    if (known !== undefined) return known;
    const next = new Structure();
    (this.#next ??= new Map()).set(value, next);
    return next;
  }

  /** The path with how many numbers follow, and those. */
  all(values: readonly number[]): Structure {
    let path = this.then(values.length);
    for (let i = 0; i < values.length; i++) path = path.then(values[i]!);
    return path;
  }
}

const roots = new Map<string, Structure>();

/** The empty path of a kind of thing. */
export function structure(kind: string): Structure {
  let root = roots.get(kind);
  if (root === undefined) {
    root = new Structure();
    roots.set(kind, root);
  }
  return root;
}
