import { ValueError } from "../errors.ts";
import type { Tensor } from "./tensor.ts";

/**
 * Checks class labels on the host, before they are uploaded.
 *
 * @param classes Number of classes; labels are 0 to `classes - 1`.
 * @param ignoreIndex A label that is allowed as well; `null` for none.
 * @throws {ValueError} naming the first label outside the classes and its position.
 *
 * @example
 * ```ts
 * import { checkLabels } from "./host_labels.ts";
 * checkLabels([0, 2, -100], 3, -100, "losses.ce");
 * ```
 */
export function checkLabels(
  labels: ArrayLike<number>,
  classes: number,
  ignoreIndex: number | null,
  where: string,
): void {
  const i = firstOutside(labels, classes, ignoreIndex);
  if (i < 0) return;
  throw new ValueError(`Label ${labels[i]} at position ${i} is outside the ${classes} classes`, {
    where,
    fix: `labels are 0 to ${classes - 1}${
      ignoreIndex === null ? "" : `, or ${ignoreIndex} for samples to ignore`
    }; check the dataset's labels and the model's output size`,
  });
}

/** Position of the first value that is neither one of `0 … count - 1` nor the allowed one; -1 where there is none. */
function firstOutside(values: ArrayLike<number>, count: number, allowed: number | null): number {
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    if ((value < 0 || value >= count) && value !== allowed) return i;
  }
  return -1;
}

/** Values that have not left the host yet; `null` for others. */
function onHost(x: Tensor): ArrayLike<number> | null {
  return x.hostInit ?? x.node.host;
}

/**
 * Checks row numbers that have not left the host yet; says nothing about others.
 *
 * @throws {ValueError} naming the first one outside the rows and its position.
 */
export function checkIndices(indices: Tensor, rows: number, where: string): void {
  const host = onHost(indices);
  const i = host === null ? -1 : firstOutside(host, rows, null);
  if (i < 0) return;
  throw new ValueError(`Index ${host![i]} at position ${i} is outside the ${rows} rows`, {
    where,
    fix: `indices are 0 to ${rows - 1}; check the vocabulary and numEmbeddings`,
  });
}

/** Checks labels that have not left the host yet; says nothing about others. */
export function checkOnHost(
  target: Tensor,
  classes: number,
  ignoreIndex: number | null,
  where: string,
): void {
  const host = onHost(target);
  if (host !== null) checkLabels(host, classes, ignoreIndex, where);
}
