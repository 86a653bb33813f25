/** A resolver for tests of `hydra.resolvers`. */
export function double(value: number): number {
  return value * 2;
}
