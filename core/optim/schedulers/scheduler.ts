import { CheckpointError } from "../../errors.ts";
import { camelCase, like, type Rule, snakeCase } from "../../options.ts";

/** What a scheduler changes: a group of an optimizer. */
export interface ScheduledGroup {
  lr: number;
  initialLr?: number;
}

/** What a scheduler needs of an optimizer. */
export interface Scheduled {
  readonly paramGroups: readonly ScheduledGroup[];
}

/** Options that every scheduler takes. */
export interface SchedulerOptions {
  /** The optimizer whose learning rates change. */
  readonly optimizer: Scheduled;
}

/** The option that every scheduler takes first. */
export function scheduled(): Rule<Scheduled> {
  return like<Scheduled>(
    "give an optimizer; in YAML, _partial_: true leaves it to the model",
    (value) => Array.isArray((value as Partial<Scheduled> | null)?.paramGroups),
  );
}

/** What a scheduler has to remember, under torch's names. */
export type SchedulerState = Record<string, unknown>;

/**
 * The base of schedulers that follow the count of epochs or steps.
 *
 * Making one sets the rates of epoch 0; each `step()` goes on by one. Chainable rules multiply the rate that is there,
 * so a change from outside persists, as in torch.
 */
export abstract class LRScheduler {
  readonly optimizer: Scheduled;
  /** The groups' rates before any scheduler. */
  baseLrs: number[];
  /** Calls of `step()` so far; -1 before the rates of epoch 0 are set. */
  lastEpoch = -1;
  #lastLr: number[] = [];

  constructor(options: SchedulerOptions) {
    this.optimizer = options.optimizer;
    for (const group of this.optimizer.paramGroups) group.initialLr ??= group.lr;
    this.baseLrs = this.optimizer.paramGroups.map((group) => group.initialLr!);
  }

  /** The groups' rates at `lastEpoch`. */
  protected abstract rates(): number[];

  /** Sets the rates of epoch 0; a subclass calls it when its fields are set. */
  protected start(): void {
    this.step();
  }

  /** Goes on by one epoch (or step). */
  step(): void {
    this.lastEpoch++;
    this.write(this.rates());
  }

  /** Starts over: the groups get their first rates, and epoch 0 is set anew. */
  restart(): void {
    for (const group of this.optimizer.paramGroups) group.lr = group.initialLr!;
    this.lastEpoch = -1;
    this.step();
  }

  /** The rates that were set last. */
  getLastLr(): number[] {
    return [...this.#lastLr];
  }

  /** What it has to remember. */
  stateDict(): SchedulerState {
    const fields: [string, unknown][] = [];
    for (const [name, value] of Object.entries(this)) {
      // Functions and the optimizer are given again when the scheduler is made again.
      if (name !== "optimizer" && typeof value !== "function") fields.push([snakeCase(name), value]);
    }
    return structuredClone({ ...Object.fromEntries(fields), _last_lr: this.#lastLr });
  }

  /**
   * Continues from a state.
   *
   * @throws {CheckpointError} where it was saved for another number of groups.
   */
  loadStateDict(state: Readonly<SchedulerState>): void {
    const lrs = state["_last_lr"];
    if (!Array.isArray(lrs) || lrs.length !== this.baseLrs.length) {
      throw new CheckpointError("The scheduler's state does not fit its optimizer", {
        where: `optim.${this.constructor.name}`,
        fix: `it needs _last_lr with ${this.baseLrs.length} rates`,
      });
    }
    this.#lastLr = [...lrs];
    for (const [key, value] of Object.entries(state)) {
      const name = camelCase(key);
      if (Object.hasOwn(this, name) && name !== "optimizer") {
        Object.assign(this, { [name]: structuredClone(value) });
      }
    }
  }

  /** The rate that each group has now. */
  protected current(): number[] {
    return this.optimizer.paramGroups.map((group) => group.lr);
  }

  /** Sets the groups' rates. */
  protected write(rates: readonly number[]): void {
    for (const [i, group] of this.optimizer.paramGroups.entries()) group.lr = rates[i]!;
    this.#lastLr = [...rates];
  }
}
