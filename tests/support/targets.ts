/** A module as a user's config may name it: `./targets.ts#Net`. */
export class Net {
  readonly size: number;

  constructor(options: { readonly size: number }) {
    this.size = options.size;
  }
}

/** Not callable. */
export const VALUE = 5;
