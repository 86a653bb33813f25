/** What TPE learns from: the parameters of earlier trials, split into a good and a bad part. @module */
import { argsort } from "../numeric/numpy_order.ts";
import { toInternal } from "../study/distribution.ts";
import { lastReport } from "../study/frozen_trial.ts";
import type { Study } from "../study/study.ts";
import { chooseByHypervolume, hypervolume, type Point, referencePoint } from "./hypervolume.ts";
import type { Observations } from "./parzen_estimator.ts";

const EPS = 1e-12;
/** A normalised loss is at most 1, so this marks one that has its rank. */
const RANKED = 1.1;

/** How good a trial was: pruned ones are worse than complete ones, the sooner pruned the worse; then by loss. */
export interface Score {
  readonly step: number;
  readonly losses: Point;
}

/** Trials that can be learnt from, oldest first. */
export interface Observed {
  /** Internal values by name; null where a trial did not have the parameter. */
  readonly values: ReadonlyMap<string, readonly (number | null)[]>;
  readonly scores: readonly Score[];
}

/** Which trials count. */
export interface ObserveOptions {
  /** Whether only trials with all of the parameters count. */
  readonly multivariate: boolean;
  /** Whether running trials count, as bad ones, so that others keep away from them. */
  readonly constantLiar: boolean;
}

/** Collects what earlier trials say of some parameters. */
export function observe(study: Study, names: readonly string[], options: ObserveOptions): Observed {
  const values = new Map(names.map((name): [string, (number | null)[]] => [name, []]));
  const scores: Score[] = [];
  for (const trial of study.trials) {
    if (options.multivariate && names.some((name) => !trial.params.has(name))) continue;
    const score = scoreOf(trial, study, options);
    if (score === undefined) continue;
    scores.push(score);
    for (const name of names) {
      const value = trial.params.get(name);
      // Optuna takes a choice of null for a missing parameter; drawing together, it cannot have one.
      const isMissing = value === undefined || (value === null && !options.multivariate);
      values.get(name)!.push(isMissing ? null : toInternal(trial.distributions.get(name)!, value));
    }
  }
  return { values, scores };
}

function scoreOf(trial: Study["trials"][number], study: Study, options: ObserveOptions): Score | undefined {
  const { directions, isMultiObjective } = study;
  const sign = (i: number): number => directions[i] === "maximize" ? -1 : 1;
  switch (trial.state) {
    case "complete":
      return { step: -Infinity, losses: trial.values!.map((value, i) => sign(i) * value) };
    case "pruned": {
      if (isMultiObjective) return undefined;
      const report = lastReport(trial);
      if (report === undefined) return { step: Infinity, losses: [0] };
      return { step: -report.step, losses: [Number.isNaN(report.value) ? Infinity : sign(0) * report.value] };
    }
    case "running":
      return options.constantLiar && !isMultiObjective
        ? { step: -Infinity, losses: [sign(0) * Infinity] }
        : undefined;
    default:
      return undefined;
  }
}

/** Indices of trials in the order of time. */
export interface Split {
  readonly below: readonly number[];
  readonly above: readonly number[];
}

/** Parts the trials into the `count` best and the rest. */
export function splitObservations(scores: readonly Score[], count: number): Split {
  const isMultiObjective = (scores[0]?.losses.length ?? 1) > 1;
  const best = isMultiObjective
    ? bestByRank(scores.map(({ losses }) => losses), count)
    : bestByLoss(scores, count);
  const chosen = new Set(best);
  return {
    below: isMultiObjective ? best : best.toSorted((a, b) => a - b),
    above: [...scores.keys()].filter((i) => !chosen.has(i)),
  };
}

function bestByLoss(scores: readonly Score[], count: number): number[] {
  const order = argsort(scores.length, (i, j) => {
    const [a, b] = [scores[i]!, scores[j]!];
    return a.step < b.step || (a.step === b.step && a.losses[0]! < b.losses[0]!);
  });
  return [...order.subarray(0, count)];
}

/** Whole ranks of non-domination as long as they fit, then those of the next rank that dominate most. */
function bestByRank(points: readonly Point[], count: number): number[] {
  const ranks = nondominationRanks(points);
  const best: number[] = [];
  for (let rank = 0; best.length < count; rank++) {
    const members = [...points.keys()].filter((i) => ranks[i] === rank);
    if (best.length + members.length <= count) {
      best.push(...members);
      continue;
    }
    const losses = members.map((i) => points[i]!);
    const chosen = chooseByHypervolume(losses, count - best.length, referencePoint(losses));
    best.push(...chosen.map((i) => members[i]!));
  }
  return best;
}

/** 0 for points that no other dominates, 1 for those that only rank 0 dominates, and so on. */
function nondominationRanks(points: readonly Point[]): number[] {
  const size = points[0]!.length;
  const low = Array.from({ length: size }, (_, k) => Math.min(...points.map((point) => point[k]!)));
  const high = Array.from({ length: size }, (_, k) => Math.max(...points.map((point) => point[k]!)));
  const scaled = points.map((point) => point.map((value, k) => (value - low[k]!) / (high[k]! - low[k]!)));
  const ranks = new Array<number>(points.length).fill(0);
  let left = points.length;
  for (let rank = 0; left > 0; rank++) {
    const free = [...scaled.keys()].filter((i) => !scaled.some((other) => dominatesPoint(other, scaled[i]!)));
    for (const i of free) {
      scaled[i] = new Array<number>(size).fill(RANKED);
      ranks[i] = rank;
    }
    left -= free.length;
  }
  return ranks;
}

function dominatesPoint(a: Point, b: Point): boolean {
  return a.every((value, k) => value <= b[k]!) && a.some((value, k) => value < b[k]!);
}

/** The observations of some trials; parameters that a trial did not have are left out. */
export function observationsOf({ values }: Observed, indices: readonly number[]): Observations {
  return new Map([...values].map(([name, all]) => {
    return [name, indices.map((i) => all[i]!).filter((value) => value !== null)];
  }));
}

/**
 * Weights of the good trials of several objectives: how much hypervolume is lost without each.
 *
 * Only the first parameter decides which trials are left out, as all have it or none.
 */
export function weightsBelow({ values, scores }: Observed, indices: readonly number[]): number[] {
  const first = values.values().next().value!;
  const losses = indices.map((i) => scores[i]!.losses);
  return contributions(losses).filter((_, k) => first[indices[k]!] !== null);
}

function contributions(losses: readonly Point[]): number[] {
  if (losses.length < 2) return losses.map(() => 1);
  const reference = referencePoint(losses);
  const whole = hypervolume(losses, reference);
  const lost = losses.map((_, i) => whole - hypervolume(losses.filter((_, j) => j !== i), reference) + EPS);
  const most = Math.max(...lost);
  return lost.map((value) => Math.min(Math.max(value / most, 0), 1));
}
