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
  /** The names that the module has, where they are not all that the namespaces export. */
  readonly only?: RegExp;
  /** Names that the namespaces export and the module has not. */
  readonly except?: RegExp;
}

/** A pattern that is one of the words. */
const words = (text: string): RegExp => new RegExp(`^(?:${text.trim().split(/\s+/).join("|")})$`);

/** The Python template's own classes and ours beside them: torch, torchmetrics and Lightning have none of them. */
const OWN = words(`
  SimpleDenseNet SimpleConvNet CriterionsComposition MetricsComposition BaseDataModule BaseLitModule ComposeTransform
  WrapTransform RenameTransform TorchVisionTransform AITransformWrapper MetricsCallback BestMetricTrackerCallback
  MNISTDataModule MNISTLitModule
`);
/** Exports that no Python package has: base classes and parts of other things. */
const INTERNAL = words("Arena Loss BestValue BaseTrainer InterruptedError BasicLauncher BasicSweeper");
const ELSEWHERE = either(OWN, INTERNAL);
const SCHEDULERS = /(?:LR|Scheduler|Restarts|Plateau)$/;
/** What `torch.nn.functional` has and `torch` has not; then what both have. */
const FUNCTIONAL_ONLY = words(`
  avg_pool2d elu gelu hardsigmoid hardswish hardtanh leaky_relu linear logsigmoid mish one_hot pad relu6 silu softplus
  softsign tanhshrink
`);
const FUNCTIONAL_TOO = words("conv2d dropout log_softmax max_pool2d relu selu sigmoid softmax tanh");
const LOSS_FUNCTIONS = /_loss$|^(?:binary_)?cross_entropy|^kl_div$/;
/** Ops that torch has as a method, under another name, or not at all. */
const INNER_OPS = words(`
  apply_elementwise binary cast expand expand_to pair_of sigmoid_of slice standardise sum_to unary log_sigmoid variance
`);
const DATA_UTILITIES = /^(?:DataLoader|Dataset)$|Sampler$/;
const HUGGING_FACE = words("load_dataset Dataset DatasetDict ClassLabel Value Image List");
const HYDRA_UTILS = words(
  "call instantiate get_class get_method get_static_method get_object get_original_cwd to_absolute_path",
);

function either(...patterns: readonly RegExp[]): RegExp {
  return new RegExp(patterns.map(({ source }) => `(?:${source})`).join("|"));
}

/**
 * Where Python names live here, most specific first. A name stays what it is: `torch.nn.Linear` is `nn.Linear`,
 * `torch.argmax` is `ops.argmax`, `datasets.load_dataset` is `data.loadDataset`.
 */
export const NAME_RULES: readonly NameRule[] = [
  { module: "torch.optim.lr_scheduler", namespaces: ["optim"], style: "class", only: SCHEDULERS },
  {
    module: "torch.optim",
    namespaces: ["optim"],
    style: "class",
    deep: true,
    except: either(SCHEDULERS, ELSEWHERE),
  },
  {
    module: "torch.nn.functional",
    namespaces: ["ops", "losses"],
    style: "function",
    only: either(FUNCTIONAL_ONLY, FUNCTIONAL_TOO, LOSS_FUNCTIONS),
  },
  { module: "torch.nn", namespaces: ["nn", "losses"], style: "class", deep: true, except: ELSEWHERE },
  { module: "torch.utils.data", namespaces: ["data"], style: "class", deep: true, only: DATA_UTILITIES },
  { module: "torch", namespaces: ["ops"], style: "function", except: either(FUNCTIONAL_ONLY, INNER_OPS) },
  { module: "torchmetrics.functional", namespaces: ["metrics"], style: "function", deep: true },
  { module: "torchmetrics", namespaces: ["metrics"], style: "class", deep: true, except: ELSEWHERE },
  {
    module: "torchvision.transforms",
    namespaces: ["transforms"],
    style: "class",
    deep: true,
    except: ELSEWHERE,
  },
  {
    module: "lightning.pytorch.callbacks",
    namespaces: ["callbacks"],
    style: "class",
    deep: true,
    except: ELSEWHERE,
  },
  {
    module: "lightning.pytorch.loggers",
    namespaces: ["loggers"],
    style: "class",
    deep: true,
    except: /^AimLogger$/,
  },
  { module: "lightning.pytorch.profilers", namespaces: ["profilers"], style: "class", deep: true },
  {
    module: "lightning.pytorch.trainer",
    namespaces: ["train"],
    style: "class",
    deep: true,
    except: ELSEWHERE,
  },
  { module: "lightning.pytorch", namespaces: ["train"], style: "class", except: ELSEWHERE },
  { module: "lightning", namespaces: ["train"], style: "class", except: ELSEWHERE },
  {
    module: "pytorch_lightning.callbacks",
    namespaces: ["callbacks"],
    style: "class",
    deep: true,
    except: ELSEWHERE,
  },
  {
    module: "pytorch_lightning.loggers",
    namespaces: ["loggers"],
    style: "class",
    deep: true,
    except: /^AimLogger$/,
  },
  { module: "pytorch_lightning.profilers", namespaces: ["profilers"], style: "class", deep: true },
  { module: "pytorch_lightning", namespaces: ["train"], style: "class", except: ELSEWHERE },
  { module: "aim.pytorch_lightning", namespaces: ["loggers"], style: "class", only: /^AimLogger$/ },
  { module: "datasets", namespaces: ["data"], style: "function", only: HUGGING_FACE },
  { module: "hydra.utils", namespaces: ["config"], style: "function", only: HYDRA_UTILS },
  { module: "ml_core.data", namespaces: ["data"], style: "class", deep: true, only: OWN },
  { module: "ml_core.models.components", namespaces: ["nn"], style: "class", deep: true, only: OWN },
  { module: "ml_core.models.utils", namespaces: ["losses", "metrics"], style: "class", only: OWN },
  { module: "ml_core.models", namespaces: ["train"], style: "class", deep: true, only: OWN },
  { module: "ml_core.transforms", namespaces: ["transforms"], style: "class", deep: true, only: OWN },
  { module: "ml_core.callbacks", namespaces: ["callbacks"], style: "class", deep: true, only: OWN },
  { module: "src.data", namespaces: ["data"], style: "class", deep: true, only: OWN },
  { module: "src.models.components", namespaces: ["nn"], style: "class", deep: true, only: OWN },
  { module: "src.models", namespaces: ["train"], style: "class", deep: true, only: OWN },
  { module: "optuna.samplers", namespaces: ["sweep"], style: "class", deep: true, only: /Sampler$/ },
  {
    module: "hydra_plugins.hydra_optuna_sweeper",
    namespaces: ["sweep"],
    style: "class",
    deep: true,
    only: /^OptunaSweeper$/,
  },
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
  const last = name.slice(name.lastIndexOf(".") + 1);
  if (rule === undefined || !has(rule, last)) return [];
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

function has(rule: NameRule, python: string): boolean {
  return rule.only?.test(python) !== false && rule.except?.test(python) !== true;
}

/** Functions whose names here are not Python's in camelCase: `var` is a reserved word. */
const RESPELT: Readonly<Record<string, string>> = { var: "variance", logsigmoid: "logSigmoid" };

/** A function's name as TypeScript writes it; a class in a module of functions keeps its own. */
export function functionName(name: string): string {
  if (Object.hasOwn(RESPELT, name)) return RESPELT[name]!;
  return /^[A-Z]/.test(name)
    ? name
    : name.replace(/(?<=[a-z0-9])_+([a-z0-9])/g, (_, letter) => letter.toUpperCase());
}

/** A function's name as Python writes it. */
function pythonFunction(name: string): string {
  const respelt = Object.keys(RESPELT).find((python) => RESPELT[python] === name);
  if (respelt !== undefined) return respelt;
  return /^[A-Z]/.test(name) ? name : name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** What a library looks like to the config system: namespaces of exports. */
export type Library = Readonly<Record<string, unknown>>;

/** Whether an export of the library holds others, as a module does. */
export function isNamespace(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

/** A Python name and the export it stands for. */
export interface TargetName {
  readonly python: string;
  readonly library: string;
}

/**
 * Every Python name that the library has a port of, once per module that it may be written with.
 *
 * Functions and classes only.
 */
export function targetTable(library: Library): TargetName[] {
  const table: TargetName[] = [];
  for (const rule of NAME_RULES) {
    const { module, namespaces, style } = rule;
    for (const namespace of namespaces) {
      const exports = library[namespace];
      if (typeof exports !== "object" || exports === null) continue;
      for (const [name, value] of Object.entries(exports)) {
        if (typeof value !== "function") continue;
        const isClass = /^[A-Z]/.test(name);
        if (isClass !== (style === "class")) continue;
        const python = pythonFunction(name);
        if (has(rule, python)) table.push({ python: `${module}.${python}`, library: `${namespace}.${name}` });
      }
    }
  }
  return table;
}
