import { ValueError } from "../errors.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** Position of the first value that is neither one of `0 … count - 1` nor the allowed one; -1 where there is none. */
export function firstOutside(values: ArrayLike<number>, count: number, allowed: number | null): number {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if ((value < 0 || value >= count) && value !== allowed) return i;
  }
  return -1;
}

/** Values that have not left the host yet; `null` for others. */
export function onHost(x: Tensor): ArrayLike<number> | null {
  return x.hostInit ?? x.node.host;
}

/**
 * Checks positions that have not left the host yet; says nothing about others.
 *
 * @param rows What is counted, for the error: `elements of axis 1`.
 * @throws {ValueError} naming the first position outside and where it stands.
 */
export function checkIndices(indices: Tensor, count: number, rows: string, where: string): void {
  const host = onHost(indices);
  const i = host === null ? -1 : firstOutside(host, count, null);
  if (i < 0) return;
  throw new ValueError(`Index ${host![i]} at position ${i} is outside the ${count} ${rows}`, {
    where,
    fix: `indices are 0 to ${count - 1}`,
  });
}
