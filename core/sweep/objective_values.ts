import { ValueError } from "../errors.ts";
import { pythonStr } from "../config/python_text.ts";
import type { JobReturn } from "./sweeper.ts";

/**
 * What a job measured: a number, or one per objective.
 *
 * @param objectives How many numbers there must be.
 * @throws {ValueError} for a job that returned something else, and what a job threw for one that failed.
 *
 * @example
 * ```ts
 * import { objectiveValues } from "./objective_values.ts";
 * import type { JobReturn } from "./sweeper.ts";
 * const job = { status: "completed", returnValue: [1, "2.5"] } as unknown as JobReturn;
 * console.assert(objectiveValues(job, 2).join() === "1,2.5");
 * ```
 */
export function objectiveValues(job: JobReturn, objectives: number): number[] {
  if (job.status === "failed") throw job.error;
  const values = castValues(job.returnValue, objectives);
  const wrong = values.find(Number.isNaN);
  if (wrong === undefined) return values;
  throw new ValueError(`Return value must be a number. Got '${pythonStr(job.returnValue)}'.`);
}

function castValues(returned: unknown, objectives: number): number[] {
  if (objectives === 1) {
    const value = numberOf(returned);
    if (value !== undefined) return [value];
    throw new ValueError(`Return value must be float-castable. Got '${pythonStr(returned)}'.`);
  }
  const values = isIterable(returned) ? Array.from(returned, numberOf) : [undefined];
  if (values.includes(undefined)) {
    throw new ValueError(
      `Return value must be a list or tuple of float-castable values. Got '${pythonStr(returned)}'.`,
    );
  }
  if (values.length !== objectives) {
    throw new ValueError(
      "The number of the values and the number of the objectives are mismatched. " +
        `Expect ${objectives}, but actually ${values.length}.`,
    );
  }
  return values as number[];
}

/** What Python's `float` makes of a value. */
function numberOf(value: unknown): number | undefined {
  if (typeof value === "number" || typeof value === "boolean" || typeof value === "bigint") {
    return Number(value);
  }
  if (typeof value !== "string" || value.trim() === "") return undefined;
  const number = Number(value);
  return Number.isNaN(number) ? undefined : number;
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.iterator in value;
}
