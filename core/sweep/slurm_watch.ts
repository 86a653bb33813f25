import { JobError } from "../errors.ts";
import { hasEnded, statesOf } from "./slurm_queue.ts";

/** How often the queue is looked at. */
export interface SlurmTiming {
  /** How often results are looked for. @default 1000 */
  readonly resultMs: number;
  /** How soon Slurm is first asked; each time takes twice as long, up to a minute. @default 2000 */
  readonly stateMs: number;
  /** How long a result may take to arrive on a slow shared disk once Slurm says that the job has ended. @default 15000 */
  readonly graceMs: number;
}

const MOST_STATE_MS = 60_000;

/** Asks Slurm how the jobs of an array are: seldom, since many ask, and twice before it is believed that one is lost. */
export class SlurmWatch {
  readonly #handedIn: string;
  readonly #timing: SlurmTiming;
  readonly #warn: (message: string) => void;
  /** When Slurm first said of a job that it had ended. */
  readonly #endedAt = new Map<string, number>();
  #askIn: number;
  #askAt: number;
  #isWarned = false;

  /** @param handedIn The id of the array. */
  constructor(handedIn: string, timing: SlurmTiming, warn: (message: string) => void) {
    this.#handedIn = handedIn;
    this.#timing = timing;
    this.#warn = warn;
    this.#askIn = timing.stateMs;
    this.#askAt = Date.now() + this.#askIn;
  }

  /** Whether Slurm has said that a job has ended. */
  mayHaveEnded(id: string): boolean {
    return this.#endedAt.has(id);
  }

  /**
   * Those of the given jobs that have ended a while ago and still have, with their states. Asks only when it is time.
   *
   * @param open The ids of jobs without a result.
   */
  async lost(open: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const lost = new Map<string, string>();
    const now = Date.now();
    const isOld = (id: string): boolean => now - (this.#endedAt.get(id) ?? now) >= this.#timing.graceMs;
    if (now < this.#askAt && !open.some((id) => this.#endedAt.has(id) && isOld(id))) return lost;
    if (now >= this.#askAt) {
      this.#askIn = Math.min(2 * this.#askIn, MOST_STATE_MS);
      this.#askAt = now + this.#askIn;
    }
    const states = await this.#states(open);
    for (const id of open) {
      const state = states?.get(id) ?? "UNKNOWN";
      // Without an answer the wait for it begins anew.
      if (states === undefined) { if (this.#endedAt.has(id)) this.#endedAt.set(id, now); }
      else if (!hasEnded(state)) this.#endedAt.delete(id);
      else if (!this.#endedAt.has(id)) this.#endedAt.set(id, now);
      else if (isOld(id)) lost.set(id, state);
    }
    return lost;
  }

  async #states(open: readonly string[]): Promise<ReadonlyMap<string, string> | undefined> {
    try {
      return await statesOf(this.#handedIn, open);
    } catch (error) {
      if (!(error instanceof JobError)) throw error;
      if (!this.#isWarned) this.#warn(`${error.what}; waiting for the results all the same`);
      this.#isWarned = true;
      return undefined;
    }
  }
}
