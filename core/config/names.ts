/** Python names of one place, and the namespaces of the library that hold their ports. */
export interface NameRule {
  /** The Python module that users write; modules below it count too where `deep` says so. */
  readonly module: string;
  /** Namespaces searched in order. */
  readonly namespaces: readonly string[];
  /** How names are spelt here: classes as they are, functions in camelCase. */
  readonly style: "class" | "function";
  /** Whether `module.sub.Name` means the same as `module.Name`. */
  readonly deep?: boolean;
}

/**
 * Where Python names live here, most specific first. A name stays what it is: `torch.nn.Linear` is `nn.Linear`,
 * `torch.argmax` is `ops.argmax`, `datasets.load_dataset` is `data.loadDataset`.
 */
export const NAME_RULES: readonly NameRule[] = [
  { module: "torch.optim.lr_scheduler", namespaces: ["optim"], style: "class" },
  { module: "torch.optim", namespaces: ["optim"], style: "class", deep: true },
  { module: "torch.nn.functional", namespaces: ["ops", "losses"], style: "function" },
  { module: "torch.nn", namespaces: ["nn", "losses"], style: "class", deep: true },
  { module: "torch.utils.data", namespaces: ["data"], style: "class", deep: true },
  { module: "torch", namespaces: ["ops"], style: "function" },
  { module: "torchmetrics.functional", namespaces: ["metrics"], style: "function", deep: true },
  { module: "torchmetrics", namespaces: ["metrics"], style: "class", deep: true },
  { module: "torchvision.transforms", namespaces: ["transforms"], style: "class", deep: true },
  { module: "lightning.pytorch.callbacks", namespaces: ["callbacks"], style: "class", deep: true },
  { module: "lightning.pytorch.loggers", namespaces: ["loggers"], style: "class", deep: true },
  { module: "lightning.pytorch.profilers", namespaces: ["profilers"], style: "class", deep: true },
  { module: "lightning.pytorch.trainer", namespaces: ["train"], style: "class", deep: true },
  { module: "lightning.pytorch", namespaces: ["train"], style: "class" },
  { module: "lightning", namespaces: ["train"], style: "class" },
  { module: "pytorch_lightning.callbacks", namespaces: ["callbacks"], style: "class", deep: true },
  { module: "pytorch_lightning.loggers", namespaces: ["loggers"], style: "class", deep: true },
  { module: "pytorch_lightning.profilers", namespaces: ["profilers"], style: "class", deep: true },
  { module: "pytorch_lightning", namespaces: ["train"], style: "class" },
  { module: "aim.pytorch_lightning", namespaces: ["loggers"], style: "class" },
  { module: "datasets", namespaces: ["data"], style: "function" },
  { module: "ml_core.data", namespaces: ["data"], style: "class", deep: true },
  { module: "ml_core.models.components", namespaces: ["nn"], style: "class", deep: true },
  { module: "ml_core.models.utils", namespaces: ["losses", "metrics"], style: "class" },
  { module: "ml_core.models", namespaces: ["train"], style: "class", deep: true },
  { module: "ml_core.transforms", namespaces: ["transforms"], style: "class", deep: true },
  { module: "ml_core.callbacks", namespaces: ["callbacks"], style: "class", deep: true },
  { module: "src.data", namespaces: ["data"], style: "class", deep: true },
  { module: "src.models.components", namespaces: ["nn"], style: "class", deep: true },
  { module: "src.models", namespaces: ["train"], style: "class", deep: true },
  { module: "optuna.samplers", namespaces: ["sweep"], style: "class", deep: true },
  { module: "hydra_plugins.hydra_optuna_sweeper", namespaces: ["sweep"], style: "class", deep: true },
];

/**
 * Library paths that a Python name may stand for, likeliest first; empty for a name of no known module.
 *
 * @example
 * ```ts
 * import { libraryPaths } from "./names.ts";
 * console.assert(libraryPaths("torch.nn.Linear").join() === "nn.Linear,losses.Linear");
 * console.assert(libraryPaths("datasets.load_dataset").join() === "data.loadDataset");
 * ```
 */
export function libraryPaths(name: string): string[] {
  const rule = ruleOf(name);
  if (rule === undefined) return [];
  const last = name.slice(name.lastIndexOf(".") + 1);
  const spelt = rule.style === "function" ? functionName(last) : last;
  return rule.namespaces.map((namespace) => `${namespace}.${spelt}`);
}

/** The rule for a dotted Python name. */
export function ruleOf(name: string): NameRule | undefined {
  return NAME_RULES.find(({ module, deep }) => {
    if (!name.startsWith(`${module}.`)) return false;
    return deep === true || !name.slice(module.length + 1).includes(".");
  });
}

/** A function's name as TypeScript writes it; a class in a module of functions keeps its own. */
function functionName(name: string): string {
  return /^[A-Z]/.test(name)
    ? name
    : name.replace(/(?<=[a-z0-9])_+([a-z0-9])/g, (_, letter) => letter.toUpperCase());
}

/** A function's name as Python writes it. */
function pythonFunction(name: string): string {
  return /^[A-Z]/.test(name) ? name : name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** What a library looks like to the config system: namespaces of exports. */
export type Library = Readonly<Record<string, unknown>>;

/** A Python name and the export it stands for. */
export interface TargetName {
  readonly python: string;
  readonly library: string;
}

/**
 * Every Python name that the library has a port of, once per module that it may be written with.
 *
 * Functions and classes only; names that Python has in another module than the rule says are not checked.
 */
export function targetTable(library: Library): TargetName[] {
  const table: TargetName[] = [];
  for (const { module, namespaces, style } of NAME_RULES) {
    for (const namespace of namespaces) {
      const exports = library[namespace];
      if (typeof exports !== "object" || exports === null) continue;
      for (const [name, value] of Object.entries(exports)) {
        if (typeof value !== "function") continue;
        const isClass = /^[A-Z]/.test(name);
        if (isClass !== (style === "class")) continue;
        table.push({ python: `${module}.${pythonFunction(name)}`, library: `${namespace}.${name}` });
      }
    }
  }
  return table;
}
