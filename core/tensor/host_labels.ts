import { ValueError } from "../errors.ts";
import { firstOutside, onHost } from "../ops/host_index.ts";
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
