import { deepStrictEqual, ok } from "node:assert/strict";
import { OptionError } from "../core/errors.ts";
import { camelCase, required, Rule, snakeCase, Unsupported } from "../core/options.ts";
import * as library from "../mod.ts";

interface Parameter {
  readonly name: string;
  readonly default?: unknown;
  readonly expression?: string;
  readonly keyword?: boolean;
  readonly rest?: boolean;
}

const signatures: Readonly<Record<string, readonly Parameter[]>> = JSON.parse(
  Deno.readTextFileSync(new URL("golden/signatures.json", import.meta.url)),
);

/** Where each Python module's classes live here. */
const NAMESPACES: Readonly<Record<string, readonly object[]>> = {
  "torch.nn": [library.nn, library.losses],
  "torch.optim": [library.optim],
  "torch.optim.lr_scheduler": [library.optim],
  "torch.utils.data": [library.data],
  "torchmetrics": [library.metrics],
  "torchvision.transforms": [library.transforms],
  "lightning.pytorch.callbacks": [library.callbacks],
  "lightning.pytorch.loggers": [library.loggers],
  "lightning.pytorch.profilers": [library.profilers],
  "lightning.pytorch": [library.train],
};

/** Classes that take no options object, and why. */
const NO_OPTIONS: Readonly<Record<string, string>> = {
  "torch.nn.Module": "abstract",
  "torch.nn.Sequential": "takes its parts one by one",
  "torch.nn.ModuleList": "takes a list of parts",
  "torch.nn.ModuleDict": "takes parts by name",
  "torch.nn.Identity": "ignores what it is given, as torch's does",
  "torch.optim.Optimizer": "abstract",
  "torch.optim.LRScheduler": "abstract",
  "torch.optim.lr_scheduler.LRScheduler": "abstract",
  "torchmetrics.Metric": "abstract",
  "lightning.pytorch.callbacks.LambdaCallback":
    "takes hooks by name; there is no order that anybody remembers",
};

/** Defaults that differ on purpose. */
const OTHER_DEFAULTS: Readonly<Record<string, string>> = {
  "torch.nn.Softmax.dim": "torch warns and guesses an axis; here it is the last",
  "torch.nn.LogSoftmax.dim": "torch warns and guesses an axis; here it is the last",
  "torch.optim.SGD.params": "a missing one has an error of its own, which names _partial_",
  "torch.optim.Adam.params": "as SGD",
  "torch.optim.AdamW.params": "as SGD",
  "torch.optim.Adagrad.params": "as SGD",
  "torch.optim.RMSprop.params": "as SGD",
  "torchmetrics.MulticlassAccuracy.num_classes": "without it torchmetrics can only average over samples",
  "torchmetrics.MulticlassPrecision.num_classes": "as MulticlassAccuracy",
  "torchmetrics.MulticlassRecall.num_classes": "as MulticlassAccuracy",
  "torch.utils.data.DataLoader.shuffle": "null, torch's default, means false",
  "lightning.pytorch.callbacks.RichProgressBar.refresh_rate": "times a second, not batches",
};

/** The order that matters is that of positions: what Python takes by name only may stand anywhere after them. */
function positions(parameters: readonly Parameter[]): string[] {
  return parameters.filter((p) => p.keyword !== true && p.rest !== true).map((p) => p.name);
}

/** What a class takes, as the error for an unknown option tells it. */
function tableOf(target: unknown): Readonly<Record<string, unknown>> | undefined {
  try {
    Reflect.construct(target as new () => unknown, [{ noSuchOption: 0 }]);
  } catch (error) {
    if (error instanceof OptionError) return error.data?.table;
  }
  return undefined;
}

function find(name: string): unknown {
  const module = name.slice(0, name.lastIndexOf("."));
  const last = name.slice(name.lastIndexOf(".") + 1);
  for (const namespace of NAMESPACES[module] ?? []) {
    if (Object.hasOwn(namespace, last)) return (namespace as Record<string, unknown>)[last];
  }
  return undefined;
}

function defaultOf(rule: unknown): unknown {
  if (rule instanceof Unsupported) return rule.values[0];
  return rule instanceof Rule ? rule.fallback : rule;
}

for (const [name, parameters] of Object.entries(signatures)) {
  const target = find(name);
  if (target === undefined || Object.hasOwn(NO_OPTIONS, name)) continue;
  Deno.test(`${name} takes Python's parameters in Python's order`, () => {
    const table = tableOf(target);
    ok(table !== undefined, "the class takes no options");
    const names = Object.keys(table).map(snakeCase);
    deepStrictEqual(names.slice(0, positions(parameters).length), positions(parameters));
    const known = new Set(parameters.map((p) => p.name));
    const hasRest = parameters.some((p) => p.rest);
    deepStrictEqual(
      names.filter((option) => !hasRest && !known.has(option)),
      [],
      "Python does not have these",
    );
    const missing = parameters.filter((p) => p.rest !== true && !names.includes(p.name));
    deepStrictEqual(missing.map((p) => p.name), [], "Python's parameters that are neither taken nor refused");
  });

  Deno.test(`${name} has Python's defaults`, () => {
    const table = tableOf(target)!;
    for (const [option, rule] of Object.entries(table)) {
      const parameter = parameters.find((p) => p.name === snakeCase(option));
      if (parameter === undefined || Object.hasOwn(OTHER_DEFAULTS, `${name}.${parameter.name}`)) continue;
      if (parameter.expression !== undefined) continue;
      const expected = Object.hasOwn(parameter, "default") ? parameter.default : required;
      deepStrictEqual(defaultOf(rule), expected, parameter.name);
    }
  });
}

/** Functions with a table, called with tensors that fit none of their checks but the first. */
function functionTable(target: unknown, inputs: number): Readonly<Record<string, unknown>> | undefined {
  const x = library.tensor([[0.5]]);
  try {
    (target as (...args: unknown[]) => unknown)(...Array.from({ length: inputs }, () => x), {
      noSuchOption: 0,
    });
  } catch (error) {
    if (error instanceof OptionError) return error.data?.table;
  }
  return undefined;
}

const FUNCTIONS: Readonly<Record<string, unknown>> = { ...library.ops, ...library.losses };

for (const [name, parameters] of Object.entries(signatures)) {
  if (!name.startsWith("torch.nn.functional.")) continue;
  const target = FUNCTIONS[camelCase(name.slice(name.lastIndexOf(".") + 1))];
  const tensors = parameters.filter((p) => ["input", "target"].includes(p.name)).length;
  const table = functionTable(target, tensors);
  if (table === undefined) continue;
  Deno.test(`${name} takes options in Python's order`, () => {
    const names = Object.keys(table).map(snakeCase);
    deepStrictEqual(names, positions(parameters).slice(tensors, tensors + names.length));
  });
}

Deno.test("signatures.json covers what the library ports, and each exception is needed", () => {
  for (const name of Object.keys(NO_OPTIONS)) {
    ok(Object.hasOwn(signatures, name), `${name} is no class of Python`);
  }
  for (const path of Object.keys(OTHER_DEFAULTS)) {
    const name = path.slice(0, path.lastIndexOf("."));
    const parameter = signatures[name]?.find((p) => path.endsWith(`.${p.name}`));
    ok(parameter !== undefined, `${path} is no parameter of Python`);
  }
});
