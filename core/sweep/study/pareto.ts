import type { Direction, FrozenTrial } from "./frozen_trial.ts";

/** Values with every direction turned to "smaller is better". */
function losses(trial: FrozenTrial, directions: readonly Direction[]): number[] {
  return trial.values!.map((value, i) => directions[i] === "maximize" ? -value : value);
}

/** Whether a completed trial is at least as good as another in every objective, and not equal to it. */
export function dominates(a: FrozenTrial, b: FrozenTrial, directions: readonly Direction[]): boolean {
  if (a.state !== "complete") return false;
  if (b.state !== "complete") return true;
  const x = losses(a, directions);
  const y = losses(b, directions);
  return x.every((value, i) => value <= y[i]!) && x.some((value, i) => value !== y[i]);
}

/** Completed trials that no other one dominates, by number. */
export function paretoFront(trials: readonly FrozenTrial[], directions: readonly Direction[]): FrozenTrial[] {
  const complete = trials.filter((trial) => trial.state === "complete");
  if (directions.length !== 2) {
    return complete.filter((trial) => !complete.some((other) => dominates(other, trial, directions)));
  }
  // Sorted by the first objective, a trial can only be dominated by the last one that is on the front.
  const sorted = complete.map((trial) => ({ trial, at: losses(trial, directions) }))
    .sort((a, b) => a.at[0]! - b.at[0]! || a.at[1]! - b.at[1]!);
  const front: FrozenTrial[] = [];
  for (const { trial } of sorted) {
    const last = front.at(-1);
    if (last === undefined || !dominates(last, trial, directions)) front.push(trial);
  }
  return front.sort((a, b) => a.number - b.number);
}
