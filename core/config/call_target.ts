import { OptionError } from "../errors.ts";
import { arePlaced, positional, wantsNames } from "../options.ts";
import { isPlainObject } from "./create.ts";

/** What a `_target_` names: a class or a function. */
export type Target = (new (...args: unknown[]) => unknown) & ((...args: unknown[]) => unknown);

/** A target with what the config gives it. */
export interface TargetCall {
  readonly target: Target;
  readonly args: readonly unknown[];
  readonly options: Readonly<Record<string, unknown>>;
  /** Whether the target is of the library, whose classes and functions take options in one object. */
  readonly byOptions?: boolean;
  /** What the config calls it. @default its own name */
  readonly name?: string;
}

/** Whether a function is a class, which must be called with `new`. */
export function isClass(target: Target): boolean {
  return /^class\b/.test(Function.prototype.toString.call(target));
}

/**
 * Calls a target: a class with its options in one object, a function with its tensors first.
 *
 * A function says which of its names are positional in `inputs`; all others go into one options object at the end,
 * which is left out where it would be empty. Positions of a library class become options by their order, where it
 * has one (it calls `takeOptions`); another class gets them one by one, before the options, as a class of a module
 * does. A library function gets those beyond its tensors as options.
 *
 * @throws {OptionError} for positions that nobody takes.
 */
export function callTarget(
  { target, args, options, byOptions = false, name = target.name }: TargetCall,
): unknown {
  if (isClass(target)) {
    if (args.length > 0 && !takesPositions(target)) {
      const takes = constructorTakes(target);
      if (takes === "nothing") throw notTaken(name, args);
      if (byOptions && takes === "one") return madeByEither(target, args, options);
    }
    return madeOneByOne(target, args, options);
  }
  const given = [...args];
  const rest: Record<string, unknown> = { ...options };
  const leading: unknown[] = [];
  for (const input of inputsOf(target)) {
    if (Object.hasOwn(rest, input)) {
      leading.push(rest[input]);
      delete rest[input];
    } else if (given.length > 0) leading.push(given.shift());
    else break;
  }
  if (byOptions && given.length > 0 && leading.length > 0) {
    const result = target(...leading, { ...rest, [positional]: given });
    if (!arePlaced(given)) throw notTaken(name, given);
    return result;
  }
  leading.push(...given);
  return Object.keys(rest).length > 0 ? target(...leading, rest) : target(...leading);
}

function madeOneByOne(target: Target, args: readonly unknown[], options: TargetCall["options"]): unknown {
  const hasOptions = args.length === 0 || Object.keys(options).length > 0;
  return hasOptions ? new target(...args, { ...options }) : new target(...args);
}

/** A class of one argument takes options, whose order positions follow, or its only position: it is asked. */
function madeByEither(target: Target, args: readonly unknown[], options: TargetCall["options"]): unknown {
  const [first] = args;
  // These would pass for options, so that a class of options could not refuse them.
  if (first === null || first === undefined || isPlainObject(first)) {
    const made = madeByOrder(target, args, options);
    return made === undefined ? madeOneByOne(target, args, options) : made.value;
  }
  try {
    return madeOneByOne(target, args, options);
  } catch (error) {
    const made = wantsNames(error, first) ? madeByOrder(target, args, options) : undefined;
    if (made === undefined) throw error;
    return made.value;
  }
}

/** What a class makes of positions in its own order of options; `undefined` where it has no such order. */
function madeByOrder(
  target: Target,
  args: readonly unknown[],
  options: TargetCall["options"],
): { readonly value: unknown } | undefined {
  const given = [...args];
  try {
    const value = new target({ ...options, [positional]: given });
    return arePlaced(given) ? { value } : undefined;
  } catch (error) {
    if (arePlaced(given)) throw error;
    return undefined;
  }
}

/** How many arguments a class declares, as far as its text tells; the next class up speaks for one without a constructor. */
function constructorTakes(target: Target): "nothing" | "one" | "several" {
  for (let at: unknown = target; typeof at === "function"; at = Object.getPrototypeOf(at)) {
    if (!isClass(at as Target)) return at === Function.prototype ? "nothing" : "several";
    const text = Function.prototype.toString.call(at).replace(/\/\*[^]*?\*\/|\/\/.*/g, "");
    const [, first] = /(?:^|[\s{};])constructor\s*\(\s*(\S{0,3})/.exec(text) ?? [];
    if (first === undefined) continue;
    if (first.startsWith(")")) return text.includes("arguments") ? "several" : "nothing";
    return first === "..." || at.length > 1 ? "several" : "one";
  }
  return "nothing";
}

function notTaken(owner: string, args: readonly unknown[]): OptionError {
  return new OptionError(`${owner} takes no more values by position, and is given ${args.length} in _args_`, {
    fix: "give them by name, or leave _args_ out",
    data: { owner, option: "_args_", known: ["_args_"] },
  });
}

/** Whether a class takes parts one by one, such as `nn.Sequential`. */
function takesPositions(target: Target): boolean {
  return (target as { readonly positions?: boolean }).positions === true;
}

function inputsOf(target: Target): readonly string[] {
  return (target as { readonly inputs?: readonly string[] }).inputs ?? [];
}

/** A function that takes what the config left open; `inputs` are the names of its tensors, as of the target. */
export interface PartialTarget {
  (...args: unknown[]): unknown;
  readonly inputs?: readonly string[];
  /** How many of the inputs are needed. */
  readonly needs?: number;
}

/**
 * Binds what the config gives and takes the rest later: `partial({ params })`, `partial(tensor)`.
 *
 * An options object at the end is merged over the bound options; other arguments are positional.
 *
 * @param guard Turns what the target throws into an error that names the config.
 */
export function partialOf(call: TargetCall, guard: (error: unknown) => Error): PartialTarget {
  const open = inputsOf(call.target).slice(call.args.length).filter((input) =>
    !Object.hasOwn(call.options, input)
  );
  const partial = (...given: unknown[]): unknown => {
    const last = given.at(-1);
    const more = isPlainObject(last) ? last : undefined;
    const positional = more === undefined ? given : given.slice(0, -1);
    try {
      const result = callTarget({
        ...call,
        args: [...call.args, ...positional],
        options: { ...call.options, ...more },
      });
      return result instanceof Promise ? result.catch((error) => Promise.reject(guard(error))) : result;
    } catch (error) {
      throw guard(error);
    }
  };
  Object.defineProperty(partial, "name", { value: `partial(${call.target.name})` });
  const needed = inputsOf(call.target).slice(0, Math.max(1, call.target.length));
  return open.length === 0
    ? partial
    : Object.assign(partial, { inputs: open, needs: open.filter((name) => needed.includes(name)).length });
}
