import { join, resolve } from "node:path";
import { ConfigError } from "../errors.ts";
import { count, optional, record, required, takeOptions } from "../options.ts";
import { globMatches } from "../config/glob.ts";
import { elementText, type OverrideValue, type Sweep } from "../config/override_value.ts";
import { rangeValues } from "../config/override_range.ts";
import { shuffled } from "../config/override_sweeps.ts";
import { type Override, parseOverrides } from "../config/overrides.ts";
import { pythonStr } from "../config/python_text.ts";
import { select } from "../config/select.ts";
import { toYaml } from "../config/to_yaml.ts";
import { paramTexts } from "./param_texts.ts";
import type { JobReturn, SweepContext, Sweeper } from "./sweeper.ts";

/** How a sweep is cut into batches, and what it sweeps over besides the command line. */
export interface BasicSweeperOptions {
  /** Jobs launched together; null for all of them. @default null */
  maxBatchSize?: number | null;
  /** Override texts by key, read from `hydra.sweeper.params`. @default null */
  params?: Readonly<Record<string, unknown>> | null;
}

/** More jobs than anybody wants to start; a range with a typo would otherwise fill the memory. */
const MAX_JOBS = 100_000;

/**
 * Runs every combination of the swept values, the last key fastest.
 *
 * @example
 * ```ts
 * import { combinations } from "./basic_sweeper.ts";
 * import { parseOverrides } from "../config/overrides.ts";
 * const jobs = combinations(parseOverrides(["a=1,2", "b=x,y"]), () => []);
 * console.assert(jobs.map((job) => job.join(" ")).join("|") === "a=1 b=x|a=1 b=y|a=2 b=x|a=2 b=y");
 * ```
 */
export class BasicSweeper implements Sweeper {
  readonly #batchSize: number | null;
  #context: SweepContext | undefined;

  constructor(options: BasicSweeperOptions = {}) {
    const { maxBatchSize } = takeOptions<BasicSweeperOptions>("sweep.BasicSweeper", options, {
      maxBatchSize: optional(count(required, 1)),
      params: optional(record<unknown>("give override texts by key", () => true)),
    });
    this.#batchSize = maxBatchSize;
  }

  /** Keeps what the sweep works with. */
  setup(context: SweepContext): void {
    this.#context = context;
  }

  /** Writes `multirun.yaml`, checks each batch, and launches it; the first failed job is thrown after its batch. */
  async sweep(args: readonly string[]): Promise<JobReturn[][]> {
    const context = this.#context!;
    const overrides = parseOverrides([...paramTexts(context.config) ?? [], ...args]);
    const options = (group: string) => context.loader.groupOptions(group);
    const jobs = combinations(overrides, options);
    const directory = pythonStr(select(context.config, "hydra.sweep.dir"));
    Deno.mkdirSync(resolve(directory), { recursive: true });
    Deno.writeTextFileSync(join(directory, "multirun.yaml"), toYaml(context.config));
    const size = this.#batchSize ?? Math.max(jobs.length, 1);
    const results: JobReturn[][] = [];
    for (let at = 0; at === 0 || at < jobs.length; at += size) {
      const batch = jobs.slice(at, at + size);
      // A job that cannot be composed is found before any of its batch has run.
      for (const job of batch) context.loadJob(job);
      const returned = await context.launcher.launch(batch, at);
      for (const job of returned) if (job.status === "failed") context.rethrow(job);
      results.push(returned);
    }
    return results;
  }
}

/**
 * All combinations of what the overrides offer, as override texts. A later override of the same key replaces the
 * earlier one in its place.
 *
 * @param options The options of a group, for `glob`.
 * @throws {ConfigError} for an interval, which has no list of values.
 */
export function combinations(
  overrides: readonly Override[],
  options: (group: string) => string[],
): string[][] {
  const choices = new Map<string, string[]>();
  for (const override of overrides) {
    const key = override.keyElement;
    const { sweep } = override;
    const values = sweep === undefined ? [override.valueText] : valuesOf(sweep, override, options);
    choices.set(key, values.map((value) => `${key}=${value}`));
  }
  let jobs: string[][] = [[]];
  for (const texts of choices.values()) {
    if (jobs.length * texts.length > MAX_JOBS) {
      throw new ConfigError(`The sweep has more than ${MAX_JOBS} jobs`, { fix: "sweep over fewer values" });
    }
    jobs = jobs.flatMap((job) => texts.map((text) => [...job, text]));
  }
  return jobs;
}

function valuesOf(sweep: Sweep, override: Override, options: (group: string) => string[]): string[] {
  switch (sweep.sweep) {
    case "choice":
      return ordered(sweep.list, sweep.shuffle).map(elementText);
    case "range": {
      const values: OverrideValue[] = [];
      for (const value of rangeValues(sweep)) {
        values.push(value);
        if (values.length > MAX_JOBS) {
          throw new ConfigError(`'${override.text}' has more than ${MAX_JOBS} values`, {
            fix: "give a larger step",
          });
        }
      }
      return ordered(values, sweep.shuffle).map(elementText);
    }
    case "glob":
      return options(override.key).filter((name) => {
        return globMatches(name, sweep.include) && !globMatches(name, sweep.exclude);
      });
    case "interval":
      throw new ConfigError("BasicSweeper does not support sweep type : INTERVAL_SWEEP", {
        where: `override "${override.text}"`,
        fix: "list the values or give a range(start,stop,step); an optimizing sweeper takes intervals",
      });
    default:
      return sweep satisfies never;
  }
}

function ordered<T>(values: readonly T[], shuffle: boolean): readonly T[] {
  return shuffle ? shuffled(values) : values;
}
