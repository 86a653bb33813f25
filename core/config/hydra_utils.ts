import { ConfigError } from "../errors.ts";
import type { Target } from "./call_target.ts";
import { isPlainObject } from "./create.ts";
import { getClass, getMethod, getObject } from "./lookup.ts";
import { getOriginalCwd, toAbsolutePath } from "./original_cwd.ts";
import { pythonTypeName } from "./python_text.ts";
import type { TargetScope } from "./targets.ts";

/** Where a config that names a function of `hydra.utils` is built, and how. */
export interface BuildScope extends TargetScope {
  readonly instantiate: Instantiate;
}

type Instantiate = (config: unknown, options: InstantiateCall) => Promise<unknown>;

interface InstantiateCall extends TargetScope {
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
}

/** One function of Python's `hydra.utils`. */
interface Util {
  /** Its first argument. */
  readonly input?: "path" | "config";
  /** Whether it is the function that a name of the library found. */
  readonly is: (found: unknown, scope: BuildScope) => boolean;
  readonly call: (input: unknown, scope: BuildScope, rest: readonly unknown[]) => unknown;
}

const lookUp = (
  find: (path: string, scope: TargetScope) => Promise<unknown>,
): Util => ({
  input: "path",
  is: (found) => found === find,
  call: (path, scope) => find(text(path), scope),
});

const build: Util = {
  input: "config",
  is: (found, scope) => found === scope.instantiate,
  call: (config, { instantiate, ...scope }, rest) => {
    const last = rest.at(-1);
    const named = isPlainObject(last);
    return instantiate(config, {
      ...scope,
      args: named ? rest.slice(0, -1) : rest,
      kwargs: named ? last : {},
    });
  },
};

const UTILS: Readonly<Record<string, Util>> = {
  get_class: lookUp(getClass),
  get_method: lookUp(getMethod),
  get_static_method: lookUp(getMethod),
  get_object: lookUp(getObject),
  instantiate: build,
  call: build,
  get_original_cwd: { is: (found) => found === getOriginalCwd, call: () => getOriginalCwd() },
  to_absolute_path: {
    input: "path",
    is: (found) => found === toAbsolutePath,
    call: (path) => toAbsolutePath(text(path)),
  },
};

/**
 * A function of Python's `hydra.utils` as a target, which looks names up where the config that names it is built:
 * `_target_: hydra.utils.get_class` with `path: torch.nn.ReLU` gives the class. `undefined` for other targets.
 *
 * @param target The target's name, or what the name found: the library has the same functions as `config.getClass`.
 *
 * @example
 * ```ts
 * import { hydraUtil } from "./hydra_utils.ts";
 * const library = { nn: { ReLU: class ReLU {} } };
 * const scope = { library, instantiate: () => Promise.resolve(null) };
 * const found = hydraUtil("hydra.utils.get_class", scope) as unknown as (path: string) => Promise<unknown>;
 * console.assert(await found("torch.nn.ReLU") === library.nn.ReLU);
 * ```
 */
export function hydraUtil(target: unknown, scope: BuildScope): Target | undefined {
  const name = typeof target === "string" ? /^hydra\.utils\.(\w+)$/.exec(target)?.[1] : undefined;
  const found = typeof target === "string"
    ? name !== undefined && Object.hasOwn(UTILS, name) ? [name, UTILS[name]!] as const : undefined
    : Object.entries(UTILS).find(([, util]) => util.is(target, scope));
  if (found === undefined) return undefined;
  const [python, { input, call }] = found;
  const bound = (...given: unknown[]): unknown => {
    const rest = input === undefined ? given : given.slice(1);
    if (input !== "config") refuseRest(python, rest);
    return call(given[0], scope, rest);
  };
  return Object.assign(bound, input === undefined ? {} : { inputs: [input] }) as unknown as Target;
}

/** The functions take no more than their input. */
function refuseRest(python: string, rest: readonly unknown[]): void {
  if (rest.length === 0) return;
  const [name] = isPlainObject(rest[0]) ? Object.keys(rest[0]) : [];
  throw new ConfigError(
    name === undefined
      ? `${python}() takes no more positional arguments`
      : `${python}() got an unexpected keyword argument '${name}'`,
    { fix: `leave ${name ?? "it"} out` },
  );
}

function text(path: unknown): string {
  if (typeof path === "string") return path;
  throw new ConfigError(`A path must be a string, got '${pythonTypeName(path)}'`, {
    fix: "name it as in path: torch.nn.ReLU",
  });
}
