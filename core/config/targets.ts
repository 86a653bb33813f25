import { isAbsolute } from "node:path";
import { ConfigError, nearest } from "../errors.ts";
import { importModule, type ModuleFolders } from "./import_module.ts";
import { isNamespace, type Library, libraryPaths, ruleOf } from "./names.ts";
import { nearTarget } from "./near_target.ts";

/** Where targets are looked up. */
export interface TargetScope {
  /** The library's exports, in namespaces: `{ nn, optim, … }`. */
  readonly library: Library;
  /**
   * What `./file.ts#Export` is relative to: a folder, or a file such as `import.meta.url`; of several the first that
   * has it. @default the working directory
   */
  readonly base?: ModuleFolders;
}

/** A target that cannot be found; `message` says what exists instead. */
export class TargetNotFound extends ConfigError {
  override name = "TargetNotFound";
}

/**
 * Finds what a `_target_` names: a library export (`nn.Linear`), a Python name with a port here
 * (`torch.nn.Linear`), or an export of a module (`./net.ts#Net`, `npm:pkg#name`, `jsr:@scope/pkg#name`).
 *
 * @throws {TargetNotFound} with the nearest names.
 *
 * @example
 * ```ts
 * import { locate } from "./targets.ts";
 * const library = { nn: { Linear: class Linear {} } };
 * console.assert(await locate("torch.nn.Linear", { library }) === library.nn.Linear);
 * ```
 */
export async function locate(name: string, scope: TargetScope): Promise<unknown> {
  if (name === "") throw new TargetNotFound("Empty path");
  if (/^(?:\.{0,2}\/|file:|npm:|jsr:)/.test(name) || (isAbsolute(name) && name.includes("#"))) {
    return await locateInModule(name, scope.base);
  }
  if (name.split(".").some((part) => part === "")) {
    throw new TargetNotFound(
      `Error loading '${name}': invalid dotstring.\nRelative imports are not supported.`,
    );
  }
  for (const path of [name, ...libraryPaths(name)]) {
    const found = walk(scope.library, path);
    if (found !== undefined) return found;
  }
  throw notFound(name, scope.library);
}

/** Follows own properties only, so that no name reaches into JavaScript's prototypes. */
function walk(library: Library, path: string): unknown {
  let at: unknown = library;
  for (const part of path.split(".")) {
    if ((typeof at !== "object" && typeof at !== "function") || at === null) return undefined;
    if (!Object.hasOwn(at, part) || part === "prototype") return undefined;
    at = (at as Record<string, unknown>)[part];
  }
  return at;
}

/** Whether a value is an export of the library itself, not of a user's file. */
export function isExport(value: unknown, library: Library): boolean {
  return Object.values(library).some((exports) =>
    exports === value ||
    (typeof exports === "object" && exports !== null && Object.values(exports).includes(value))
  );
}

async function locateInModule(name: string, base: ModuleFolders): Promise<unknown> {
  const hash = name.lastIndexOf("#");
  const specifier = hash < 0 ? name : name.slice(0, hash);
  const exported = hash < 0 ? "default" : name.slice(hash + 1);
  let module: Readonly<Record<string, unknown>>;
  try {
    module = await importModule(specifier, base);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    throw new TargetNotFound(`Error loading '${name}':\n${error.what}`, {
      fix: error.fix,
      cause: error.cause,
    });
  }
  if (Object.hasOwn(module, exported)) return module[exported];
  const names = Object.keys(module);
  const near = nearest(exported, names);
  throw new TargetNotFound(`Module ${specifier} has no export "${exported}"`, {
    fix: `${near === undefined ? "" : `did you mean "${near}"? `}${specifier} exports ${
      few(names) || "nothing"
    }`,
  });
}

/** Names in one line; of many the first dozen. */
function few(names: readonly string[]): string {
  return [...names.slice(0, 12), ...(names.length > 12 ? ["…"] : [])].join(", ");
}

function notFound(name: string, library: Library): TargetNotFound {
  const near = nearTarget(name, library).replace(/(?<!\?)$/, ";");
  if (ruleOf(name) !== undefined) {
    return new TargetNotFound(`Python's ${name} has no port here`, {
      fix: `${near} \`info targets\` lists the names that have one; your own class is ${ownFile(name)}`,
    });
  }
  const [namespace] = name.split(".");
  const namespaces = Object.keys(library).filter((key) => isNamespace(library[key]));
  const known = Object.hasOwn(library, namespace!) ? "" : namespaces.join(", ");
  return new TargetNotFound(`Nothing is called '${name}'`, {
    fix: `${near} ${known === "" ? "" : `the library has the namespaces ${known}; `}your own class is ${
      ownFile(name)
    }`,
  });
}

/** A module of one's own project as a file: `src.data.faces.Faces` as `./src/data/faces.ts#Faces`. */
function ownFile(name: string): string {
  const parts = name.split(".");
  const exported = parts.pop()!;
  return parts[0] === "src" ? `./${parts.join("/")}.ts#${exported}` : "./file.ts#Name";
}
