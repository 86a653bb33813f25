import { join } from "node:path";
import { MisconfigurationError } from "../errors.ts";
import { optional, required, takeOptions, text } from "../options.ts";
import type { Profiler } from "../train/profiler.ts";
import { type ProfileRow, profileTable } from "./table.ts";

/** Where a SimpleProfiler reports. */
export interface SimpleProfilerOptions {
  /** The folder of the report. @default the run's log folder */
  dirpath?: string | null;
  /** The report's name; `null` shows it on the terminal. @default null */
  filename?: string | null;
  /** Adds calls and percentages, and sorts by them. @default true */
  extended?: boolean;
}

/**
 * Adds up how long each hook and step takes, and reports it as a table when the run ends.
 *
 * @example
 * ```ts
 * import { SimpleProfiler } from "./simple.ts";
 * const profiler = new SimpleProfiler();
 * profiler.start("load");
 * profiler.stop("load");
 * console.assert(profiler.summary().includes("load"));
 * ```
 */
export class SimpleProfiler implements Profiler {
  readonly #dirpath: string | null;
  readonly #filename: string | null;
  readonly #extended: boolean;
  readonly #now: () => number;
  #running = new Map<string, number>();
  #durations = new Map<string, number[]>();
  #startedAt: number;

  /** @param now The clock, in seconds; tests give their own. */
  constructor(options: SimpleProfilerOptions = {}, now: () => number = () => performance.now() / 1000) {
    const o = takeOptions<SimpleProfilerOptions>("profilers.SimpleProfiler", options, {
      dirpath: optional(text(required)),
      filename: optional(text(required)),
      extended: true,
    });
    this.#dirpath = o.dirpath;
    this.#filename = o.filename;
    this.#extended = o.extended;
    this.#now = now;
    this.#startedAt = now();
  }

  start(action: string): void {
    if (this.#running.has(action)) {
      throw new MisconfigurationError(`Attempted to start ${action} which has already started`, {
        where: "profilers.SimpleProfiler",
        fix: "stop it first",
      });
    }
    this.#running.set(action, this.#now());
  }

  stop(action: string): void {
    const startedAt = this.#running.get(action);
    if (startedAt === undefined) {
      throw new MisconfigurationError(`Attempting to stop recording ${action} which was never started`, {
        where: "profilers.SimpleProfiler",
        fix: "start it first",
      });
    }
    this.#running.delete(action);
    const durations = this.#durations.get(action);
    if (durations === undefined) this.#durations.set(action, [this.#now() - startedAt]);
    else durations.push(this.#now() - startedAt);
  }

  summary(): string {
    const rows: ProfileRow[] = [...this.#durations].map(([action, durations]) => {
      const total = durations.reduce((sum, duration) => sum + duration, 0);
      return { action, mean: total / durations.length, calls: durations.length, total };
    });
    return profileTable(rows, this.#now() - this.#startedAt, this.#extended);
  }

  async teardown(stage: string, logDir: string, print: (text: string) => void): Promise<void> {
    if (this.#durations.size > 0) {
      const report = `${stage.toUpperCase()} Profiler Report${this.summary()}`;
      if (this.#filename === null) print(report);
      else {
        const folder = this.#dirpath ?? logDir;
        await Deno.mkdir(folder, { recursive: true });
        await Deno.writeTextFile(join(folder, `${stage}-${this.#filename}.txt`), report);
      }
    }
    this.#running.clear();
    this.#durations.clear();
    this.#startedAt = this.#now();
  }
}
