import { OptionError } from "../../errors.ts";
import { count, like, list, optional, required, takeOptions, unsupported } from "../../options.ts";
import {
  LRScheduler,
  type Scheduled,
  scheduled,
  type SchedulerOptions,
  type SchedulerState,
} from "./scheduler.ts";

/** Options of {@linkcode SequentialLR}. */
export interface SequentialLROptions extends SchedulerOptions {
  /** Schedulers of one optimizer, in order. */
  readonly schedulers: readonly LRScheduler[];
  /** Epochs at which the next one takes over: one less than there are schedulers. */
  readonly milestones: readonly number[];
}

const SCHEDULER = like<LRScheduler>(
  "give schedulers other than ReduceLROnPlateau",
  (value) => value instanceof LRScheduler,
);

/**
 * Schedulers one after another; each starts at its epoch 0 when it takes over. Equals
 * `torch.optim.lr_scheduler.SequentialLR`.
 *
 * @throws {OptionError} where milestones and schedulers do not go together.
 *
 * @example
 * ```ts
 * import { ConstantLR, ExponentialLR, SequentialLR } from "./mod.ts";
 * const optimizer = { paramGroups: [{ lr: 1 }] };
 * const schedulers = [
 *   new ConstantLR({ optimizer, factor: 0.5, totalIters: 2 }),
 *   new ExponentialLR({ optimizer, gamma: 0.9 }),
 * ];
 * new SequentialLR({ optimizer, schedulers, milestones: [2] });
 * console.assert(optimizer.paramGroups[0]?.lr === 0.5);
 * ```
 */
export class SequentialLR {
  readonly #schedulers: readonly LRScheduler[];
  readonly #milestones: readonly number[];
  /** Calls of `step()` so far. */
  lastEpoch = 0;

  constructor(options: SequentialLROptions) {
    const owner = "optim.SequentialLR";
    const o = takeOptions<SequentialLROptions>(owner, options, {
      optimizer: scheduled(),
      schedulers: list(SCHEDULER),
      milestones: list(count(required)),
      lastEpoch: unsupported(-1),
    });
    requireSchedulers(owner, o.schedulers, o.optimizer);
    if (o.milestones.length !== o.schedulers.length - 1) {
      throw new OptionError(
        `${owner} is given ${o.schedulers.length} schedulers and ${o.milestones.length} milestones`,
        {
          fix: "give one milestone less than schedulers",
          data: { owner, option: "milestones", known: ["optimizer", "schedulers", "milestones"] },
        },
      );
    }
    this.#schedulers = [...o.schedulers];
    this.#milestones = [...o.milestones];
    // Making the schedulers has changed the rates one after another: only the first one's epoch 0 counts.
    this.#schedulers[0]!.restart();
  }

  /** Goes on by one epoch (or step). */
  step(): void {
    this.lastEpoch++;
    const index = this.#milestones.filter((epoch) => epoch <= this.lastEpoch).length;
    const scheduler = this.#schedulers[index]!;
    if (index > 0 && this.#milestones[index - 1] === this.lastEpoch) scheduler.restart();
    else scheduler.step();
  }

  /** The rates that were set last. */
  getLastLr(): number[] {
    const index = this.#milestones.filter((epoch) => epoch <= this.lastEpoch).length;
    return this.#schedulers[index]!.getLastLr();
  }

  /** What it has to remember. */
  stateDict(): SchedulerState {
    return {
      last_epoch: this.lastEpoch,
      _schedulers: this.#schedulers.map((scheduler) => scheduler.stateDict()),
    };
  }

  /** Continues from a state. */
  loadStateDict(state: Readonly<SchedulerState>): void {
    this.lastEpoch = Number(state["last_epoch"]);
    loadEach(this.#schedulers, state);
  }
}

/** Options of {@linkcode ChainedScheduler}. */
export interface ChainedSchedulerOptions {
  /** Schedulers of one optimizer. */
  readonly schedulers: readonly LRScheduler[];
  /** Their optimizer. @default the first scheduler's */
  readonly optimizer?: Scheduled | null;
}

/** Schedulers that all step each time; their factors multiply. Equals `torch.optim.lr_scheduler.ChainedScheduler`. */
export class ChainedScheduler {
  readonly #schedulers: readonly LRScheduler[];

  constructor(options: ChainedSchedulerOptions) {
    const owner = "optim.ChainedScheduler";
    const o = takeOptions<ChainedSchedulerOptions>(owner, options, {
      schedulers: list(SCHEDULER),
      optimizer: optional(scheduled()),
    });
    requireSchedulers(owner, o.schedulers, o.optimizer ?? o.schedulers[0]?.optimizer);
    this.#schedulers = [...o.schedulers];
  }

  /** Goes on by one epoch (or step). */
  step(): void {
    for (const scheduler of this.#schedulers) scheduler.step();
  }

  /** The rates that were set last. */
  getLastLr(): number[] {
    return this.#schedulers.at(-1)!.getLastLr();
  }

  /** What it has to remember. */
  stateDict(): SchedulerState {
    return { _schedulers: this.#schedulers.map((scheduler) => scheduler.stateDict()) };
  }

  /** Continues from a state. */
  loadStateDict(state: Readonly<SchedulerState>): void {
    loadEach(this.#schedulers, state);
  }
}

function loadEach(schedulers: readonly LRScheduler[], state: Readonly<SchedulerState>): void {
  const saved = state["_schedulers"] as readonly SchedulerState[];
  for (const [i, scheduler] of schedulers.entries()) scheduler.loadStateDict(saved[i] ?? {});
}

function requireSchedulers(
  owner: string,
  schedulers: readonly LRScheduler[],
  optimizer: LRScheduler["optimizer"] | undefined,
): void {
  const fits = schedulers.length > 0 &&
    schedulers.every((scheduler) => scheduler instanceof LRScheduler && scheduler.optimizer === optimizer);
  if (fits) return;
  throw new OptionError(`${owner} cannot run these ${schedulers.length} schedulers`, {
    fix: "give at least one, all of the same optimizer and none of them ReduceLROnPlateau",
    data: { owner, option: "schedulers", known: ["schedulers"] },
  });
}
