/** Which trials of a generation survive in NSGA-II. @module */
import { ValueError } from "../../errors.ts";
import type { Direction, FrozenTrial } from "../study/frozen_trial.ts";
import { dominates } from "../study/pareto.ts";

/** Where a trial keeps its constraints, as Optuna does. */
export const CONSTRAINTS_KEY = "nsga2:constraints";

/** Whether one trial is better than another in every way. */
export type Domination = (a: FrozenTrial, b: FrozenTrial) => boolean;

/**
 * How trials are compared: by their values alone, or with constraints first. A feasible trial beats one that is not,
 * of two infeasible ones the one with the smaller violation wins, and a trial without constraints loses.
 *
 * @throws {ValueError} when comparing trials of different numbers of constraints.
 */
export function domination(directions: readonly Direction[], isConstrained: boolean): Domination {
  if (!isConstrained) return (a, b) => dominates(a, b, directions);
  return (a, b) => {
    const x = a.systemAttrs.get(CONSTRAINTS_KEY) as readonly number[] | undefined;
    const y = b.systemAttrs.get(CONSTRAINTS_KEY) as readonly number[] | undefined;
    if (x === undefined || y === undefined) {
      return y !== undefined ? false : x !== undefined || dominates(a, b, directions);
    }
    if (x.length !== y.length) {
      throw new ValueError("Trials with different numbers of constraints cannot be compared", {
        where: `trial ${a.number} has ${x.length}, trial ${b.number} has ${y.length}`,
        fix: "constraints_func must always return as many numbers",
      });
    }
    const [m, n] = [violation(x), violation(y)];
    return m === 0 && n === 0 ? dominates(a, b, directions) : m < n;
  };
}

function violation(constraints: readonly number[]): number {
  return constraints.reduce((total, value) => total + Math.max(Number(value), 0), 0);
}

/** What {@linkcode selectElite} goes by. */
export interface EliteOptions {
  /** How many survive. */
  readonly size: number;
  readonly directions: readonly Direction[];
  readonly dominates: Domination;
}

/** The best trials: whole ranks of non-domination, and of the rank that does not fit those with the most room. */
export function selectElite(population: readonly FrozenTrial[], options: EliteOptions): FrozenTrial[] {
  const elite: FrozenTrial[] = [];
  for (const rank of ranks(population, options.dominates)) {
    if (elite.length + rank.length < options.size) {
      elite.push(...rank);
      continue;
    }
    elite.push(...byCrowding(rank).slice(0, options.size - elite.length));
    break;
  }
  return elite;
}

/** Trials that nobody dominates, then those that only those dominate, and so on. */
function ranks(population: readonly FrozenTrial[], dominates: Domination): FrozenTrial[][] {
  const left = [...population];
  const losers = new Map<FrozenTrial, FrozenTrial[]>(left.map((trial) => [trial, []]));
  const beatenBy = new Map<FrozenTrial, number>(left.map((trial) => [trial, 0]));
  const beat = (winner: FrozenTrial, loser: FrozenTrial): void => {
    losers.get(winner)!.push(loser);
    beatenBy.set(loser, beatenBy.get(loser)! + 1);
  };
  for (const [i, a] of left.entries()) {
    for (const b of left.slice(i + 1)) {
      if (dominates(a, b)) beat(a, b);
      else if (dominates(b, a)) beat(b, a);
    }
  }
  const found: FrozenTrial[][] = [];
  while (left.length > 0) {
    const rank: FrozenTrial[] = [];
    for (let i = 0; i < left.length;) {
      const trial = left[i]!;
      if (beatenBy.get(trial) !== 0) {
        i++;
        continue;
      }
      // The last one takes the free place; the order of a rank decides between equals later.
      const last = left.pop()!;
      if (last !== trial) left[i] = last;
      rank.push(trial);
    }
    for (const winner of rank) {
      for (const loser of losers.get(winner)!) beatenBy.set(loser, beatenBy.get(loser)! - 1);
    }
    found.push(rank);
  }
  return found;
}

/** Trials by the room around them, the loneliest first; those at an end of an objective have all the room. */
function byCrowding(rank: readonly FrozenTrial[]): FrozenTrial[] {
  const sorted = [...rank];
  const room = new Map<FrozenTrial, number>();
  for (let k = 0; k < rank[0]!.values!.length; k++) {
    const value = (i: number): number => sorted[i]!.values![k]!;
    sorted.sort((a, b) => a.values![k]! - b.values![k]!);
    const last = sorted.length - 1;
    const width = value(last) - value(0);
    if (width === 0) continue;
    room.set(sorted[0]!, Infinity);
    room.set(sorted[last]!, Infinity);
    for (let i = 1; i < last; i++) {
      room.set(sorted[i]!, (room.get(sorted[i]!) ?? 0) + (value(i + 1) - value(i - 1)) / width);
    }
  }
  const distance = (trial: FrozenTrial): number => room.get(trial) ?? 0;
  return sorted.sort((a, b) => distance(a) === distance(b) ? 0 : distance(a) - distance(b)).reverse();
}
