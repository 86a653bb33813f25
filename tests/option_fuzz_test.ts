import { deepStrictEqual, ok } from "node:assert/strict";
import { FulgurError, OptionError } from "../core/errors.ts";
import { Rule, snakeCase, Unsupported } from "../core/options.ts";
import * as library from "../mod.ts";

await library.init({ accelerator: "cpu" });

/** Values of every type that YAML can give, few of which any option takes. */
const VALUES: readonly unknown[] = [
  "abc",
  "",
  "no",
  [],
  [1, "x"],
  [-1, -1],
  {},
  { a: [1] },
  NaN,
  Infinity,
  -7,
  0,
  1.5,
  1e300,
  2n ** 70n,
  null,
  true,
  () => 1,
];

const layer = (): library.nn.Linear => new library.nn.Linear({ inFeatures: 2, outFeatures: 2 });
const sgd = (): library.optim.SGD =>
  new library.optim.SGD({ params: layer().parameters(), lr: 0.1, momentum: 0.9 });
const source = { length: 4, at: (i: number) => ({ x: i }) };

/** What required options get where a single value is fuzzed; by option, for every class that has it. */
const FITTING: Readonly<Record<string, () => unknown>> = {
  inFeatures: () => 2,
  outFeatures: () => 2,
  inChannels: () => 2,
  outChannels: () => 2,
  kernelSize: () => 2,
  numFeatures: () => 2,
  normalizedShape: () => 2,
  numEmbeddings: () => 3,
  embeddingDim: () => 2,
  outputSize: () => 1,
  params: () => layer().parameters(),
  stepSize: () => 2,
  milestones: () => [1],
  gamma: () => 0.5,
  lrLambda: () => () => 1,
  tMax: () => 3,
  t0: () => 3,
  maxLr: () => 1,
  baseLr: () => 0.1,
  totalSteps: () => 10,
  task: () => "multiclass",
  numClasses: () => 3,
  numLabels: () => 3,
  monitor: () => "val/total",
  saveDir: () => "unused",
  mean: () => 0.5,
  std: () => 0.5,
  size: () => 4,
  transforms: () => [(x: library.Tensor) => x],
  transform: () => (x: library.Tensor) => x,
  key: () => "image",
  lambd: () => (x: library.Tensor) => x,
  dataset: () => source,
  dataSource: () => source,
  sampler: () => new library.data.SequentialSampler({ dataSource: source }),
  batchSize: () => 2,
  dropLast: () => false,
  criterions: () => ({ mse: new library.losses.MSELoss() }),
  metrics: () => ({ mse: new library.metrics.MeanSquaredError() }),
  dtype: () => "int64",
  names: () => ["a", "b"],
  feature: () => new library.data.Image(),
  forwardFn: () => (batch: object) => batch,
  net: layer,
  optimizer: sgd,
};

/** Options that stand in for another where a class needs one of them, or that need another company. */
const OWN: Readonly<Record<string, Readonly<Record<string, () => unknown>>>> = {
  SequentialLR: {
    schedulers: () => [new library.optim.StepLR({ optimizer: shared, stepSize: 1 })],
    milestones: () => [],
    optimizer: () => shared,
  },
  ChainedScheduler: {
    schedulers: () => [new library.optim.StepLR({ optimizer: shared, stepSize: 1 })],
    optimizer: () => shared,
  },
  BaseLitModule: {
    criterions: () =>
      new library.losses.CriterionsComposition({ criterions: { mse: new library.losses.MSELoss() } }),
    optimizer: () => () => null,
  },
  MNISTLitModule: { optimizer: () => () => null },
  ClassLabel: { names: () => ["a", "b"], numClasses: () => 2 },
  BasicSweeper: { params: () => ({}) },
  OptunaSweeper: { params: () => ({}) },
  GridSampler: { searchSpace: () => ({ x: [1, 2] }) },
  RenameTransform: { mapping: () => ({ a: "b" }) },
};
const shared = sgd();

type Class = new (options: object) => unknown;

/** Every class that takes options, by its name, with its table. */
function classes(): { name: string; target: Class; table: Readonly<Record<string, unknown>> }[] {
  const found = [];
  for (const [space, exports] of Object.entries(library)) {
    if (typeof exports !== "object" || exports === null || space === "config") continue;
    for (const [name, target] of Object.entries(exports)) {
      if (typeof target !== "function" || !/^class\b/.test(Function.prototype.toString.call(target))) {
        continue;
      }
      try {
        new (target as Class)({ noSuchOption: 0 });
      } catch (error) {
        const table = error instanceof OptionError ? error.data?.table : undefined;
        if (table !== undefined) found.push({ name: `${space}.${name}`, target: target as Class, table });
      }
    }
  }
  return found;
}

/** Options with which a class can be made. */
function fitting(name: string, table: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const own = OWN[name.slice(name.indexOf(".") + 1)] ?? {};
  const options: Record<string, unknown> = {};
  for (const [option, rule] of Object.entries(table)) {
    if (rule instanceof Unsupported) continue;
    const needed = typeof (rule instanceof Rule ? rule.fallback : rule) === "symbol" ||
      ["params", "totalSteps", "numClasses", "names"].includes(option);
    const make = own[option] ?? (needed ? FITTING[option] : undefined);
    if (make !== undefined) options[option] = make();
  }
  return options;
}

const CLASSES = classes();

Deno.test("classes that take options are found", () => {
  ok(CLASSES.length > 70, `${CLASSES.length}`);
});

for (const { name, target, table } of CLASSES) {
  Deno.test(`${name} takes wrong values with an error of its own, or not at all`, () => {
    new target(fitting(name, table));
    const wrong: string[] = [];
    for (const option of Object.keys(table)) {
      for (const value of VALUES) {
        const label = `${option} = ${
          typeof value === "bigint" ? `${value}n` : JSON.stringify(value) ?? "a function"
        }`;
        try {
          new target({ ...fitting(name, table), [snakeCase(option)]: value });
        } catch (error) {
          if (!(error instanceof FulgurError)) wrong.push(`${label}: ${error}`);
          else if (/undefined|\[object|\[native/.test(error.message)) {
            wrong.push(`${label}: ${error.message}`);
          } else if (error.fix === undefined) wrong.push(`${label}: no fix in ${error.message}`);
        }
      }
    }
    deepStrictEqual(wrong, []);
  });

  Deno.test(`${name} says of every option what it takes`, () => {
    const loose: string[] = [];
    for (const [option, rule] of Object.entries(table)) {
      if (rule instanceof Unsupported) continue;
      const base = fitting(name, table);
      const taken = VALUES.filter((value) => {
        try {
          new target({ ...base, [option]: value });
          return true;
        } catch {
          return false;
        }
      });
      // One option cannot take words, lists, mappings, functions and numbers at once.
      if (taken.length > 9) loose.push(`${option} takes ${taken.length} of ${VALUES.length} values`);
    }
    deepStrictEqual(loose, []);
  });
}
