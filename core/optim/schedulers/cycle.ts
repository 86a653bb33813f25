import { OptionError, ValueError } from "../../errors.ts";
import {
  choice,
  count,
  either,
  list,
  number,
  optional,
  required,
  type Rule,
  showValue,
  takeOptions,
  unsupported,
} from "../../options.ts";
import { LRScheduler, scheduled, type ScheduledGroup, type SchedulerOptions } from "./scheduler.ts";

/** A group whose momentum may be cycled against its rate. */
interface MomentumGroup extends ScheduledGroup {
  momentum?: number;
  betas?: readonly [number, number];
}

/** Options of {@linkcode OneCycleLR}. */
export interface OneCycleLROptions extends SchedulerOptions {
  /** The highest rate: one for all groups, or one per group. */
  readonly maxLr: number | readonly number[];
  /** Steps of the cycle; or give `epochs` and `stepsPerEpoch`. @default epochs · stepsPerEpoch */
  readonly totalSteps?: number | null;
  /** @default null */
  readonly epochs?: number | null;
  /** @default null */
  readonly stepsPerEpoch?: number | null;
  /** Share of the steps on which the rate rises. @default 0.3 */
  readonly pctStart?: number;
  /** How values go from one to the next. @default "cos" */
  readonly annealStrategy?: "cos" | "linear";
  /** Whether the momentum (or the first beta) falls while the rate rises. @default true */
  readonly cycleMomentum?: boolean;
  /** The lowest momentum. @default 0.85 */
  readonly baseMomentum?: number;
  /** The highest momentum. @default 0.95 */
  readonly maxMomentum?: number;
  /** The first rate is `maxLr / divFactor`. @default 25 */
  readonly divFactor?: number;
  /** The last rate is the first one over this. @default 1e4 */
  readonly finalDivFactor?: number;
  /** Whether the rate returns to the first one before it falls to the last. @default false */
  readonly threePhase?: boolean;
}

/** One phase: until which step, and between which rates and momenta. */
interface Phase {
  readonly end: number;
  readonly lr: readonly [from: "first" | "max" | "last", to: "first" | "max" | "last"];
  readonly momentum: readonly [from: number, to: number];
}

/**
 * One rise of the rate and one long fall, with the momentum going the other way; stepped after every batch. Equals
 * `torch.optim.lr_scheduler.OneCycleLR`. Source: Smith & Topin 2018.
 *
 * @throws {OptionError} where the number of steps is not given, or there is no momentum to cycle.
 * @throws {ValueError} where it is stepped beyond its last step.
 *
 * @example
 * ```ts
 * import { OneCycleLR } from "./cycle.ts";
 * const optimizer = { paramGroups: [{ lr: 1, momentum: 0.9 }] };
 * new OneCycleLR({ optimizer, maxLr: 1, totalSteps: 10 });
 * const [group] = optimizer.paramGroups;
 * console.assert(Math.abs(group!.lr - 0.04) < 1e-12 && group!.momentum === 0.95);
 * ```
 */
export class OneCycleLR extends LRScheduler {
  readonly totalSteps: number;
  readonly #phases: readonly Phase[];
  readonly #rates: readonly Readonly<Record<"first" | "max" | "last", number>>[];
  readonly #cosine: boolean;
  readonly #cycleMomentum: boolean;

  constructor(options: OneCycleLROptions) {
    const owner = "optim.OneCycleLR";
    const o = takeOptions<OneCycleLROptions>(owner, options, {
      optimizer: scheduled(),
      maxLr: perGroupRate(required),
      totalSteps: optional(count(required, 1)),
      epochs: optional(count(required, 1)),
      stepsPerEpoch: optional(count(required, 1)),
      pctStart: number(0.3, { min: 0, max: 1 }),
      annealStrategy: choice("cos", ["cos", "linear"]),
      cycleMomentum: true,
      baseMomentum: 0.85,
      maxMomentum: 0.95,
      divFactor: number(25, { above: 0 }),
      finalDivFactor: number(1e4, { above: 0 }),
      threePhase: false,
      lastEpoch: unsupported(-1),
    });
    const groups: readonly MomentumGroup[] = o.optimizer.paramGroups;
    const maxLrs = perGroup(owner, "maxLr", o.maxLr, groups.length);
    const total = o.totalSteps ?? (o.epochs ?? 0) * (o.stepsPerEpoch ?? 0);
    if (total === 0) {
      throw new OptionError(`${owner} is not told how many steps its cycle has`, {
        fix: "give total_steps, or epochs and steps_per_epoch, as whole numbers from 1 up",
        data: { owner, option: "totalSteps", known: ["totalSteps"] },
      });
    }
    if (o.cycleMomentum) requireMomentum(owner, groups);
    const first = maxLrs.map((lr) => lr / o.divFactor);
    for (const [i, group] of groups.entries()) {
      group.initialLr = first[i]!;
    }
    super(o);
    this.totalSteps = total;
    this.#cosine = o.annealStrategy === "cos";
    this.#cycleMomentum = o.cycleMomentum;
    this.#rates = maxLrs.map((max, i) => ({ first: first[i]!, max, last: first[i]! / o.finalDivFactor }));
    const { baseMomentum: low, maxMomentum: high } = o;
    const rise: Phase = { end: o.pctStart * total - 1, lr: ["first", "max"], momentum: [high, low] };
    this.#phases = o.threePhase
      ? [
        rise,
        { end: 2 * o.pctStart * total - 2, lr: ["max", "first"], momentum: [low, high] },
        { end: total - 1, lr: ["first", "last"], momentum: [high, high] },
      ]
      : [rise, { end: total - 1, lr: ["max", "last"], momentum: [low, high] }];
    this.start();
  }

  protected override rates(): number[] {
    const step = this.lastEpoch;
    // torch lets one call pass beyond the last step's rates, as a loop that steps after each batch makes it.
    if (step > this.totalSteps) {
      throw new ValueError(
        `OneCycleLR is stepped ${step} times, and its cycle has ${this.totalSteps} steps`,
        {
          where: "optim.OneCycleLR",
          fix: "set totalSteps to the number of optimizer steps of the whole run",
        },
      );
    }
    let start = 0;
    const last = this.#phases.at(-1)!;
    for (const phase of this.#phases) {
      if (step <= phase.end || phase === last) {
        const share = (step - start) / (phase.end - start);
        if (this.#cycleMomentum) {
          this.#writeMomentum(this.#between(phase.momentum[0], phase.momentum[1], share));
        }
        return this.#rates.map((rates) => this.#between(rates[phase.lr[0]], rates[phase.lr[1]], share));
      }
      start = phase.end;
    }
    return this.current();
  }

  #between(from: number, to: number, share: number): number {
    if (!this.#cosine) return (to - from) * share + from;
    return to + (from - to) / 2 * (Math.cos(Math.PI * share) + 1);
  }

  #writeMomentum(momentum: number): void {
    writeMomentum(this.optimizer.paramGroups, () => momentum);
  }
}

/** Options of {@linkcode CyclicLR}. */
export interface CyclicLROptions extends SchedulerOptions {
  /** The lowest rate: one for all groups, or one per group. */
  readonly baseLr: number | readonly number[];
  /** The highest rate: one for all groups, or one per group. */
  readonly maxLr: number | readonly number[];
  /** Steps of a rise. @default 2000 */
  readonly stepSizeUp?: number;
  /** Steps of a fall. @default stepSizeUp */
  readonly stepSizeDown?: number | null;
  /** Whether cycles keep their height, halve it, or shrink by `gamma` a step. @default "triangular" */
  readonly mode?: "triangular" | "triangular2" | "exp_range";
  /** Base of `exp_range`. @default 1 */
  readonly gamma?: number;
  /** Whether the momentum (or the first beta) falls while the rate rises. @default true */
  readonly cycleMomentum?: boolean;
  /** The lowest momentum. @default 0.8 */
  readonly baseMomentum?: number;
  /** The highest momentum. @default 0.9 */
  readonly maxMomentum?: number;
}

/**
 * The rate rises and falls linearly between two values, again and again; stepped after every batch. Equals
 * `torch.optim.lr_scheduler.CyclicLR`. Source: Smith 2017.
 *
 * @throws {OptionError} where there is no momentum to cycle.
 */
export class CyclicLR extends LRScheduler {
  readonly #maxLrs: readonly number[];
  readonly #length: number;
  readonly #rising: number;
  readonly #scale: (cycle: number, step: number) => number;
  readonly #momenta: readonly [number, number] | null;

  constructor(options: CyclicLROptions) {
    const owner = "optim.CyclicLR";
    const o = takeOptions<CyclicLROptions>(owner, options, {
      optimizer: scheduled(),
      baseLr: perGroupRate(required),
      maxLr: perGroupRate(required),
      stepSizeUp: number(2000, { above: 0 }),
      stepSizeDown: optional(number(required, { above: 0 })),
      mode: choice("triangular", ["triangular", "triangular2", "exp_range"]),
      gamma: 1,
      scaleFn: unsupported(null),
      // It says what scale_fn counts; the modes know it.
      scaleMode: unsupported("cycle", "iterations"),
      cycleMomentum: true,
      baseMomentum: 0.8,
      maxMomentum: 0.9,
      lastEpoch: unsupported(-1),
    });
    const groups: readonly MomentumGroup[] = o.optimizer.paramGroups;
    const baseLrs = perGroup(owner, "baseLr", o.baseLr, groups.length);
    if (o.cycleMomentum) requireMomentum(owner, groups);
    for (const [i, group] of groups.entries()) {
      group.lr = baseLrs[i]!;
      group.initialLr = baseLrs[i]!;
    }
    super(o);
    this.#maxLrs = perGroup(owner, "maxLr", o.maxLr, groups.length);
    const down = o.stepSizeDown ?? o.stepSizeUp;
    this.#length = o.stepSizeUp + down;
    this.#rising = o.stepSizeUp / this.#length;
    const { mode } = o;
    this.#scale = (cycle, step) =>
      mode === "triangular" ? 1 : mode === "triangular2" ? 1 / 2 ** (cycle - 1) : o.gamma ** step;
    this.#momenta = o.cycleMomentum ? [o.baseMomentum, o.maxMomentum] : null;
    this.start();
  }

  protected override rates(): number[] {
    const cycle = Math.floor(1 + this.lastEpoch / this.#length);
    const place = 1 + this.lastEpoch / this.#length - cycle;
    const height = place <= this.#rising ? place / this.#rising : (place - 1) / (this.#rising - 1);
    const scale = height * this.#scale(cycle, this.lastEpoch);
    if (this.#momenta !== null) {
      const [low, high] = this.#momenta;
      writeMomentum(this.optimizer.paramGroups, () => high - (high - low) * scale);
    }
    return this.baseLrs.map((lr, i) => lr + (this.#maxLrs[i]! - lr) * scale);
  }
}

/** One rate, or one for each group. */
function perGroupRate(fallback: number | typeof required): Rule<number | readonly number[]> {
  return either(number(fallback), list(number(required)));
}

function perGroup(
  owner: string,
  option: string,
  value: number | readonly number[],
  groups: number,
): readonly number[] {
  const all = typeof value === "number" ? new Array<number>(groups).fill(value) : value;
  if (all.length === groups) return all;
  throw refused(owner, option, value, `give one number, or one for each of the ${groups} groups`);
}

function requireMomentum(owner: string, groups: readonly MomentumGroup[]): void {
  if (groups.every((group) => group.momentum !== undefined || group.betas !== undefined)) return;
  throw refused(owner, "cycleMomentum", true, "set cycle_momentum: false for an optimizer without momentum");
}

function writeMomentum(groups: readonly MomentumGroup[], momentum: () => number): void {
  for (const group of groups) {
    if (group.betas !== undefined) group.betas = [momentum(), group.betas[1]];
    else group.momentum = momentum();
  }
}

function refused(owner: string, option: string, value: unknown, fix: string): OptionError {
  return new OptionError(`${owner} cannot use ${option} = ${showValue(value)}`, {
    fix,
    data: { owner, option, known: [option] },
  });
}
