import { ConfigError } from "../errors.ts";
import { isClass, type Target } from "./call_target.ts";
import { pythonTypeName } from "./python_text.ts";
import type { JobLogger } from "./run_context.ts";
import { locate, TargetNotFound, type TargetScope } from "./targets.ts";

/** Where names are looked up, and who is told of those that are not found. */
export interface LookupScope extends TargetScope {
  /** Gets a line for each error, as Hydra logs it: a task's `context.logger("hydra.utils")`. @default nobody */
  readonly log?: Pick<JobLogger, "error">;
}

/**
 * The class that a name stands for.
 *
 * @throws {TargetNotFound} where nothing has that name, or what has is no class.
 *
 * @example
 * ```ts
 * import { getClass } from "./lookup.ts";
 * const library = { nn: { Linear: class Linear {} } };
 * console.assert(await getClass("torch.nn.Linear", { library }) === library.nn.Linear);
 * ```
 */
export async function getClass(name: string, scope: LookupScope): Promise<new (...args: never[]) => unknown> {
  const failure = (text: string) => `Error getting class at ${name}: ${text}`;
  return await told(scope, failure, async () => {
    const found = await locate(name, scope);
    if (typeof found === "function" && isClass(found as Target)) {
      return found as new (...args: never[]) => unknown;
    }
    throw new TargetNotFound(`Located non-class of type '${pythonTypeName(found)}' while loading '${name}'`, {
      fix: "name a class, or call getMethod() or getObject()",
    });
  });
}

/**
 * The function or class that a name stands for.
 *
 * @throws {TargetNotFound} where nothing has that name, or what has cannot be called.
 *
 * @example
 * ```ts
 * import { getMethod } from "./lookup.ts";
 * const library = { ops: { argmax: () => 0 } };
 * console.assert(await getMethod("torch.argmax", { library }) === library.ops.argmax);
 * ```
 */
export async function getMethod(name: string, scope: LookupScope): Promise<(...args: never[]) => unknown> {
  // The blank before the colon is Hydra's.
  const failure = (text: string) => `Error getting callable at ${name} : ${text}`;
  return await told(scope, failure, async () => {
    const found = await locate(name, scope);
    if (typeof found === "function") return found as (...args: never[]) => unknown;
    throw new TargetNotFound(
      `Located non-callable of type '${pythonTypeName(found)}' while loading '${name}'`,
      { fix: "name a function or a class, or call getObject()" },
    );
  });
}

/**
 * Whatever a name stands for.
 *
 * @throws {TargetNotFound} where nothing has that name.
 *
 * @example
 * ```ts
 * import { getObject } from "./lookup.ts";
 * console.assert(await getObject("mine.SIZE", { library: { mine: { SIZE: 5 } } }) === 5);
 * ```
 */
export async function getObject(name: string, scope: LookupScope): Promise<unknown> {
  const failure = (text: string) => `Error getting object at ${name} : ${text}`;
  return await told(scope, failure, () => locate(name, scope));
}

async function told<T>(
  { log }: LookupScope,
  failure: (text: string) => string,
  find: () => Promise<T>,
): Promise<T> {
  try {
    return await find();
  } catch (error) {
    if (error instanceof ConfigError) log?.error(failure(error.what));
    throw error;
  }
}
