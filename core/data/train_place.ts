import type { DataLoader, LoaderState } from "./loader.ts";

/** The place in a data module's training data, kept across the loaders that it makes. */
export class TrainPlace {
  #loader: DataLoader | null = null;
  #resume: LoaderState | null = null;

  /** Takes a new training loader, which goes on at a place that was loaded before. */
  opened(loader: DataLoader): DataLoader {
    if (this.#resume !== null) loader.loadState(this.#resume);
    this.#resume = null;
    this.#loader = loader;
    return loader;
  }

  /** The place, for a checkpoint. */
  state(): { readonly train: LoaderState | null } {
    return { train: this.#loader?.state() ?? null };
  }

  /** Goes on at a saved place: with the next training loader, or the present one. */
  loadState({ train }: { readonly train: LoaderState | null }): void {
    if (train === null) return;
    if (this.#loader !== null) this.#loader.loadState(train);
    else this.#resume = train;
  }
}
