import { editDistance } from "../errors.ts";
import { functionName, isNamespace, type Library, ruleOf, targetTable } from "./names.ts";

/** Names whose ports are called something else. */
const OTHER_NAMES: Readonly<Record<string, string>> = {
  seed_everything: "manualSeed",
  TQDMProgressBar: "RichProgressBar",
};

/**
 * What the library has in place of a target that it has not, as a hint: the same name elsewhere, a method of tensors,
 * a name like it in the same module, or one that is almost the same in another. Says so where there is none.
 *
 * @example
 * ```ts
 * import { nearTarget } from "./near_target.ts";
 * const library = { nn: { Linear: class Linear {} }, zeros: () => 0 };
 * console.assert(nearTarget("torch.nn.Linaer", library) === 'did you mean "torch.nn.Linear"?');
 * console.assert(nearTarget("torch.zeros", library) === 'did you mean "zeros"?');
 * console.assert(nearTarget("sys.exit", library) === "nothing here has a name like it");
 * ```
 */
export function nearTarget(name: string, library: Library): string {
  const dot = name.lastIndexOf(".");
  const [module, last] = [name.slice(0, Math.max(0, dot)), name.slice(dot + 1)];
  const spelt = OTHER_NAMES[last] ?? functionName(last);
  const elsewhere = exportsFor(module, library);
  const same = elsewhere.find((path) => lastOf(path) === last || lastOf(path) === spelt);
  if (same !== undefined) return meant(same);
  if (hasMethod(library, spelt)) return `tensors have it as a method: x.${spelt}()`;
  const near = nearInModule(last, neighbours(name, module, library)) ?? nearElsewhere(last, elsewhere);
  return near === undefined ? "nothing here has a name like it" : meant(near);
}

/**
 * The Python name that was probably meant, among those that have a port.
 *
 * @param names What there is.
 */
export function nearName(word: string, names: readonly string[]): string | undefined {
  const module = word.slice(0, Math.max(0, word.lastIndexOf(".")));
  const inside = names.filter((name) => module === "" || name.startsWith(`${module}.`));
  return nearInModule(lastOf(word), inside) ?? nearElsewhere(lastOf(word), names);
}

function meant(path: string): string {
  return `did you mean "${path}"?`;
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf(".") + 1);
}

/** What a name of a module may be mixed up with: the config's own functions only with Hydra's and OmegaConf's. */
function exportsFor(module: string, library: Library): string[] {
  const paths: string[] = [];
  for (const [key, value] of Object.entries(library)) {
    if (typeof value === "function") paths.push(key);
    if (!isNamespace(value)) continue;
    if (key === "config" && !/^(?:config|hydra|omegaconf)\b/.test(module)) continue;
    paths.push(...Object.keys(value).map((name) => `${key}.${name}`));
  }
  return paths;
}

/** Names of the module that a name was looked for in: of Python's, else of the library's namespace. */
function neighbours(name: string, module: string, library: Library): string[] {
  const rule = ruleOf(name);
  if (rule !== undefined) {
    const names = targetTable(library).map(({ python }) => python);
    return names.filter((python) => ruleOf(python) === rule);
  }
  const exports = Object.hasOwn(library, module) ? library[module] : undefined;
  return isNamespace(exports) ? Object.keys(exports).map((key) => `${module}.${key}`) : [];
}

function hasMethod(library: Library, name: string): boolean {
  const { Tensor } = library;
  return typeof Tensor === "function" && name in Tensor.prototype && !(name in Object.prototype);
}

/** A name of the same module with up to one wrong letter in four, capitals aside. */
function nearInModule(last: string, paths: readonly string[]): string | undefined {
  // In a word of two letters a wrong one makes another word.
  const most = last.length < 3 ? 0 : Math.max(1, Math.floor(last.length / 4));
  return nearestLast(paths, most, (path) => {
    const isOther = isCapital(last) !== isCapital(path);
    return editDistance(last.toLowerCase(), path.toLowerCase()) + (isOther ? 0.5 : 0);
  });
}

function isCapital(word: string): boolean {
  return /^[A-Z]/.test(word);
}

/** A name of another module with up to one wrong letter in five. */
function nearElsewhere(last: string, paths: readonly string[]): string | undefined {
  return nearestLast(paths, Math.floor(last.length / 5), (path) => editDistance(last, path));
}

/** The path whose last part is nearest, within `most`. */
function nearestLast(
  paths: readonly string[],
  most: number,
  distanceTo: (last: string) => number,
): string | undefined {
  let found: string | undefined;
  let least = most + 0.6;
  for (const path of paths) {
    const distance = distanceTo(lastOf(path));
    if (distance < least) [least, found] = [distance, path];
  }
  return found;
}
