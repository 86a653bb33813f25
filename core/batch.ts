import { DataError, nearest, OptionError } from "./errors.ts";
import { isRecord, like, type required, type Rule } from "./options.ts";

/** A batch: column names to values, usually tensors. */
export type Batch = Record<string, unknown>;

/** A function that says which tensors it takes, in order; its options object comes after them. */
export interface NamedFunction {
  (...args: never[]): unknown;
  /** Argument names as PyTorch has them, such as `["input", "target"]`. */
  readonly inputs?: readonly string[];
}

/** An object with a `forward`, such as a module, a loss or a metric. */
export interface NamedObject {
  forward(...args: never[]): unknown;
}

/** What a batch can be mapped onto. */
export type NamedCallable = NamedFunction | NamedObject;

/** The argument names of a callable: its own `inputs`, or its class's; `undefined` where one argument needs no name. */
export function inputNames(callable: NamedCallable): readonly string[] | undefined {
  const own = (callable as { inputs?: readonly string[] }).inputs;
  if (own !== undefined) return own;
  return (callable.constructor as { inputs?: readonly string[] }).inputs;
}

/**
 * Picks what a callable needs out of a batch: `mapping` says which batch key feeds which argument.
 *
 * @param mapping Batch key → argument name. `null` passes every batch key under its own name.
 * @param where Who asks, for the error.
 * @throws {DataError} where a mapped key is not in the batch; the error lists the keys that are.
 *
 * @example
 * ```ts
 * import { mapBatch } from "./batch.ts";
 * const named = mapBatch({ output: 1, label: 2 }, { output: "input", label: "target" }, "losses.ce");
 * console.assert(named.input === 1 && named.target === 2);
 * ```
 */
export function mapBatch(
  batch: Batch,
  mapping: Readonly<Record<string, string>> | null,
  where: string,
): Record<string, unknown> {
  if (mapping === null) return { ...batch };
  const named: Record<string, unknown> = {};
  for (const [key, argument] of Object.entries(mapping)) {
    if (!Object.hasOwn(batch, key)) {
      const keys = Object.keys(batch);
      const near = nearest(key, keys);
      throw new DataError(`Batch has no key "${key}", which the mapping gives to "${argument}"`, {
        where,
        fix: `${near === undefined ? "" : `did you mean "${near}"? `}The batch has ${
          keys.join(", ") || "no keys"
        }`,
      });
    }
    named[argument] = batch[key];
  }
  return named;
}

/**
 * Calls a function or an object's `forward` with arguments given by name.
 *
 * The callable's `inputs` put them in order. Of a function, names left over go into the options object at the end; an
 * object takes no names but its inputs. A callable without `inputs` takes a single argument under any name.
 *
 * @param where Who asks, for the error.
 * @param options More of the options object.
 * @throws {DataError} where names are missing or too many.
 *
 * @example
 * ```ts
 * import { callNamed } from "./batch.ts";
 * const minus = Object.assign((a: number, b: number) => a - b, { inputs: ["a", "b"] });
 * console.assert(callNamed(minus, { b: 1, a: 3 }, "example") === 2);
 * ```
 */
export function callNamed(
  callable: NamedCallable,
  named: Record<string, unknown>,
  where: string,
  options: Readonly<Record<string, unknown>> = {},
): unknown {
  const call = typeof callable === "function"
    ? (callable as unknown as (...args: unknown[]) => unknown)
    : (callable as unknown as { forward(...args: unknown[]): unknown }).forward.bind(callable);
  const names = inputNames(callable);
  const all = { ...named, ...options };
  if (names === undefined) {
    const values = Object.values(all);
    if (values.length === 1) return call(values[0]);
    throw new DataError(
      `One argument is expected, but ${values.length} are mapped: ${Object.keys(all).join(", ")}`,
      {
        where,
        fix: "map one batch key, or declare argument names in a static `inputs`",
      },
    );
  }
  const problem = inputProblem(callable, Object.keys(named), Object.keys(options));
  if (problem !== undefined) throw new DataError(problem.what, { where, fix: problem.fix });
  const count = names.findIndex((name) => !Object.hasOwn(all, name));
  const leading = count < 0 ? names : names.slice(0, count);
  const args = leading.map((name) => all[name]);
  const rest = Object.entries(all).filter(([name]) => !names.includes(name));
  if (rest.length > 0) args.push(Object.fromEntries(rest));
  return call(...args);
}

/** How many of its inputs a callable needs; the others may be left out, the last first. */
function neededInputs(callable: NamedCallable, names: readonly string[]): number {
  const { needs } = callable as { readonly needs?: number };
  const { length } = typeof callable === "function" ? callable : callable.forward;
  return Math.min(names.length, needs ?? Math.max(1, length));
}

/**
 * What is wrong with the argument names that a callable with `inputs` is given: one that it has not, or one missing.
 *
 * @param named Names that a mapping gives.
 * @param options Names that are given otherwise; they may be options.
 */
export function inputProblem(
  callable: NamedCallable,
  named: readonly string[],
  options: readonly string[] = [],
): { readonly what: string; readonly fix: string } | undefined {
  const names = inputNames(callable);
  if (names === undefined) return undefined;
  const owner = typeof callable === "function" ? callable.name || "The function" : callable.constructor.name;
  const takes = `it takes ${names.join(", ")}`;
  const given = [...named, ...options];
  const odd = named.filter((name) => !names.includes(name));
  const last = names.findLastIndex((name) => given.includes(name));
  const needed = Math.max(neededInputs(callable, names), last + 1);
  const missing = names.slice(0, needed).find((name) => !given.includes(name));
  if (odd.length > 0 && (missing !== undefined || typeof callable !== "function")) {
    const near = nearest(odd[0]!, names);
    return {
      what: `${owner} has no input "${odd[0]}": ${takes}`,
      fix: near === undefined ? `map a batch key to ${names.join(", ")}` : `did you mean "${near}"?`,
    };
  }
  if (missing === undefined) return undefined;
  const known = given.length === 0 ? "nothing is mapped" : `mapped are ${given.join(", ")}`;
  return {
    what: `${owner} needs the input "${missing}", which the mapping does not give`,
    fix: `map a batch key to it: {batch_key: ${missing}}; ${takes}, and ${known}`,
  };
}

/**
 * Checks a mapping before there is a batch.
 *
 * @param part Which part of `owner` it belongs to, where there are several.
 * @throws {OptionError} where it names an input that the callable has not, or leaves one out.
 */
export function checkMapping(
  owner: string,
  callable: NamedCallable,
  mapping: Mapping,
  part?: string,
  options: readonly string[] = [],
): void {
  const problem = inputProblem(callable, Object.values(mapping), options);
  if (problem === undefined) return;
  throw new OptionError(problem.what, {
    where: part === undefined ? owner : `${owner}.mapping.${part}`,
    fix: problem.fix,
    data: { owner, option: "mapping", known: ["mapping"] },
  });
}

/**
 * The inputs of a callable by their own names, where there is no mapping.
 *
 * @param how What to write instead, for the error.
 * @throws {DataError} where the batch lacks one that is needed.
 */
export function ownInputs(
  batch: Batch,
  callable: NamedCallable,
  where: string,
  how: string,
): Record<string, unknown> {
  const names = inputNames(callable) ?? ["input", "target"];
  const missing = names.slice(0, neededInputs(callable, names)).find((name) => !Object.hasOwn(batch, name));
  if (missing !== undefined) {
    const owner = typeof callable === "function" ? callable.name : callable.constructor.name;
    throw new DataError(`${owner} has no mapping, and the batch has no key "${missing}"`, {
      where,
      fix: `write ${how}: {batch_key: ${missing}, …}; the batch has ${
        Object.keys(batch).join(", ") || "no keys"
      }`,
    });
  }
  return Object.fromEntries(
    names.filter((name) => Object.hasOwn(batch, name)).map((name) => [name, batch[name]]),
  );
}

/** Batch key → argument name. */
export type Mapping = Readonly<Record<string, string>>;

function isMapping(value: unknown): value is Mapping {
  return isRecord(value) && Object.values(value).every((name) => typeof name === "string");
}

/** An option that maps batch keys to argument names. */
export function mappingRule(fallback: Mapping | typeof required): Rule<Mapping> {
  return like<Mapping>(
    "give a mapping from batch keys to argument names: {output: input}",
    isMapping,
    fallback,
  );
}

/** An option that has a mapping for each of several parts. */
export function mappingsRule(
  fallback: Readonly<Record<string, Mapping>> | typeof required,
): Rule<Readonly<Record<string, Mapping>>> {
  return like<Readonly<Record<string, Mapping>>>(
    "give a mapping for each name: {name: {batch_key: argument}}",
    (value) => isRecord(value) && Object.values(value).every(isMapping),
    fallback,
  );
}
