import { DataError, nearest } from "./errors.ts";
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
 * The callable's `inputs` put them in order; names left over go into the options object at the end. A callable
 * without `inputs` takes a single argument under any name.
 *
 * @param where Who asks, for the error.
 * @throws {DataError} where names are missing or too many.
 *
 * @example
 * ```ts
 * import { callNamed } from "./batch.ts";
 * const minus = Object.assign((a: number, b: number) => a - b, { inputs: ["a", "b"] });
 * console.assert(callNamed(minus, { b: 1, a: 3 }, "example") === 2);
 * ```
 */
export function callNamed(callable: NamedCallable, named: Record<string, unknown>, where: string): unknown {
  const call = typeof callable === "function"
    ? (callable as unknown as (...args: unknown[]) => unknown)
    : (callable as unknown as { forward(...args: unknown[]): unknown }).forward.bind(callable);
  const names = inputNames(callable);
  if (names === undefined) {
    const values = Object.values(named);
    if (values.length === 1) return call(values[0]);
    throw new DataError(
      `One argument is expected, but ${values.length} are mapped: ${Object.keys(named).join(", ")}`,
      {
        where,
        fix: "map one batch key, or declare argument names in a static `inputs`",
      },
    );
  }
  const args: unknown[] = [];
  for (const name of names) {
    if (!Object.hasOwn(named, name)) {
      if (args.length > 0) break;
      throw new DataError(`Argument "${name}" is mapped from no batch key`, {
        where,
        fix: `it takes ${names.join(", ")}; mapped are ${Object.keys(named).join(", ") || "none"}`,
      });
    }
    args.push(named[name]);
  }
  const rest = Object.entries(named).filter(([name]) => !names.slice(0, args.length).includes(name));
  const unknown = rest.find(([name]) => names.includes(name));
  if (unknown !== undefined) {
    const missing = names[args.length];
    throw new DataError(`Argument "${missing}" is mapped from no batch key`, {
      where,
      fix: `it takes ${names.join(", ")}; mapped are ${Object.keys(named).join(", ")}`,
    });
  }
  if (rest.length > 0) args.push(Object.fromEntries(rest));
  return call(...args);
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
