import { InterpolationResolutionError } from "./config_errors.ts";
import type { ConfigNode, ContainerNode } from "./node.ts";

/** How many values interpolations may add; configs that refer to each other twice over would never end otherwise. */
export const MAX_VALUES = 1_000_000;
/** How deep resolved containers may nest; each lies inside the one that refers to it. */
const MAX_DEPTH = 1_000;

/** Keeps one walk over a config with its interpolations finite: no cycles, not too deep, not too many values. */
export class ResolveBudget {
  readonly #open = new Set<ConfigNode>();
  #added = 0;
  #followed = 0;

  /**
   * Notes that the walk goes into a container; {@linkcode leave} has to follow.
   *
   * @param from The node that was read: the container itself, or the interpolation that led to it.
   * @throws {InterpolationResolutionError} at `from`.
   */
  enter(container: ContainerNode, from: ConfigNode): void {
    // Two containers may hold references to each other; only walking through them shows it.
    if (this.#open.has(container)) {
      throw new InterpolationResolutionError("Recursive interpolation detected", {
        ...placeOf(from),
        fix: `"${container.fullKey()}" holds a reference that leads back to itself`,
      });
    }
    if (this.#open.size >= MAX_DEPTH) {
      throw new InterpolationResolutionError(
        `Config resolves to more than ${MAX_DEPTH} levels`,
        placeOf(from),
      );
    }
    if (container !== from) this.#followed++;
    // What stands in the config itself is finite and free; only what interpolations repeat counts.
    if (this.#followed > 0) this.add(container.size, from);
    this.#open.add(container);
  }

  /** Notes that the walk is through with a container. */
  leave(container: ContainerNode, from: ConfigNode): void {
    if (container !== from) this.#followed--;
    this.#open.delete(container);
  }

  /**
   * Counts values that are about to be repeated.
   *
   * @throws {InterpolationResolutionError} at `from`.
   */
  add(count: number, from: ConfigNode): void {
    this.#added += count;
    if (this.#added <= MAX_VALUES) return;
    throw new InterpolationResolutionError(
      `Config resolves to more than ${MAX_VALUES} values`,
      placeOf(from),
    );
  }
}

function placeOf({ parent, key, origin }: ConfigNode) {
  return { parent, key, origin };
}
