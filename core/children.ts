/** The key under which an object that is no module lists the parts that may be modules. */
export const children: unique symbol = Symbol.for("fulgur.children");

/**
 * An object that may hold modules without being one, such as `transforms.ComposeTransform`.
 *
 * `nn.Module` treats it as a child: its parts become sub-modules under the names given here, so a network inside
 * a transform is trained, moved and saved with the module that holds the transform.
 */
export interface Container {
  /** Dotted names, as a state dict writes them, and the parts; parts that hold no modules may be among them. */
  [children](): Iterable<readonly [name: string, part: unknown]>;
}

/**
 * Whether a value lists children.
 *
 * @example
 * ```ts
 * import { children, isContainer } from "./children.ts";
 * const holder = { [children]: () => [["transforms.network", { forward: () => 0 }]] as const };
 * console.assert(isContainer(holder) && !isContainer({}));
 * ```
 */
export function isContainer(value: unknown): value is Container {
  return typeof value === "object" && value !== null &&
    typeof (value as Partial<Container>)[children] === "function";
}
