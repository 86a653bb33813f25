import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import * as fulgur from "../../mod.ts";
import { callNamed } from "../../core/batch.ts";
import { ConfigError, ValueError } from "../../core/errors.ts";
import { oneOf, required, takeOptions } from "../../core/options.ts";
import { InstantiationError } from "../../core/config/hydra_errors.ts";
import { instantiate } from "../../core/config/instantiate.ts";
import { loadText } from "../../core/config/load.ts";
import { libraryPaths, targetTable } from "../../core/config/names.ts";
import { type DictNode, ValueNode } from "../../core/config/node.ts";
import { selectNode } from "../../core/config/select.ts";
import { getClass, getMethod, getObject } from "../../core/config/lookup.ts";

/** Exports of the library under modules of Python that have no such name. */
const BOGUS = [
  "torch.optim.lr_scheduler.Adam",
  "torch.optim.StepLR",
  "torch.optim.Arena",
  "torch.nn.SimpleDenseNet",
  "torch.nn.SimpleConvNet",
  "torch.nn.CriterionsComposition",
  "torch.nn.functional.check_labels",
  "torch.nn.functional.argmax",
  "torch.apply_elementwise",
  "torch.variance",
  "torch.utils.data.BaseDataModule",
  "torchmetrics.MetricsComposition",
  "lightning.pytorch.callbacks.BestValue",
  "lightning.pytorch.BaseLitModule",
  "datasets.parse_split",
  "optuna.samplers.Study",
  "optuna.samplers.OptunaSweeper",
  "ml_core.models.components.Linear",
] as const;

interface AdamOptions {
  params?: readonly number[];
  lr?: number;
  weightDecay?: number;
  mode?: string;
}

class Adam {
  readonly options: Required<AdamOptions>;

  constructor(options: AdamOptions) {
    const o = takeOptions<AdamOptions>("optim.Adam", options, {
      params: required,
      lr: 0.001,
      weightDecay: 0,
      mode: "a",
    });
    oneOf("optim.Adam", "mode", o.mode, ["a", "b"]);
    this.options = o;
  }
}

class Holder {
  readonly given: readonly unknown[];
  static readonly shares = ["limit_train_batches"];

  constructor(...given: unknown[]) {
    this.given = given;
  }
}

const argmax = Object.assign((input: number[], options: { dim?: number } = {}) => [input, options], {
  inputs: ["input"],
});
const minus = Object.assign((a: number, b: number, options: unknown = null) => [a, b, options], {
  inputs: ["a", "b"],
});
const library = {
  optim: { Adam },
  ops: { argmax, minus },
  data: { loadDataset: (path: string) => Promise.resolve(`dataset ${path}`) },
  nn: { Holder, SimpleDenseNet: Holder, Linear: Holder },
};

/** The node under a key of a YAML text, as a file of that name would give it. */
function node(text: string, key: string, name = "configs/model/net.yaml"): unknown {
  return selectNode(loadText(text, name), key);
}

Deno.test("instantiate() names key, file, line and column of a misspelt option and the nearest name", async () => {
  const config = node(
    "model:\n  optimizer:\n    _target_: torch.optim.Adam\n    weight_decy: 0.1\n",
    "model.optimizer",
  );
  await rejects(() => instantiate(config, { library }), (error) => {
    ok(error instanceof ConfigError);
    strictEqual(
      error.message,
      'optim.Adam has no option "weight_decy"\n' +
        "  where: model.optimizer, set in configs/model/net.yaml:4:5\n" +
        "    4 |     weight_decy: 0.1\n      |     ^\n" +
        '  fix: did you mean "weight_decay"? It takes params, lr, weight_decay, mode',
    );
    return true;
  });
});

Deno.test("instantiate() says which option is missing in YAML's spelling", async () => {
  await rejects(() => instantiate(node("o: {_target_: optim.Adam}", "o"), { library }), (error) => {
    ok(error instanceof ConfigError);
    strictEqual(error.what, 'optim.Adam needs the option "params"');
    strictEqual(
      error.fix,
      "it takes params, lr, weight_decay, mode; with _partial_: true the caller gives the rest",
    );
    return true;
  });
});

Deno.test("instantiate() points at the option whose value cannot be used", async () => {
  const config = node("o:\n  _target_: optim.Adam\n  params: []\n  mode: c\n", "o");
  await rejects(() => instantiate(config, { library }), (error) => {
    ok(error instanceof ConfigError);
    strictEqual(error.what, 'optim.Adam cannot use mode = "c"');
    ok(error.where!.startsWith("o, set in configs/model/net.yaml:4:3\n"), error.where);
    strictEqual(error.fix, "valid: a, b");
    return true;
  });
});

Deno.test("instantiate() points at a partial's options when it is called", async () => {
  const config = node("o:\n  _target_: optim.Adam\n  _partial_: true\n  lrr: 1\n", "o");
  const partial = await instantiate(config, { library }) as (options: object) => unknown;
  await rejects(
    async () => await partial({ params: [] }),
    /optim\.Adam has no option "lrr"\n {2}where: o, set in configs\/model\/net\.yaml:4:3/,
  );
});

Deno.test("instantiate() wraps what a target throws once, with the innermost key", async () => {
  class Fails {
    constructor() {
      throw new ValueError("label 7 is outside the classes", { fix: "use labels 0 to 4" });
    }
  }
  const config = node("a:\n  _target_: nn.Holder\n  b:\n    _target_: nn.Fails\n", "a");
  await rejects(() => instantiate(config, { library: { nn: { Holder, Fails } } }), (error) => {
    ok(error instanceof InstantiationError);
    strictEqual(
      error.what,
      "Error in call to target 'nn.Fails':\nValueError: label 7 is outside the classes\nfull_key: a.b",
    );
    strictEqual(error.fix, "use labels 0 to 4");
    ok(error.cause instanceof ValueError);
    return true;
  });
});

Deno.test("instantiate() keeps a function's inputs on its partial, so a batch can be mapped onto it", async () => {
  const partial = await instantiate({ _target_: "torch.argmax", _partial_: true, dim: -1 }, {
    library,
  }) as typeof argmax;
  deepStrictEqual(partial.inputs, ["input"]);
  deepStrictEqual(callNamed(partial as never, { input: [3] }, "test"), [[3], { dim: -1 }]);
  deepStrictEqual(partial([4]), [[4], { dim: -1 }]);
  deepStrictEqual(partial([4], { dim: 0 }), [[4], { dim: 0 }]);
});

Deno.test("instantiate() puts inputs that the config names in their places", async () => {
  deepStrictEqual(await instantiate({ _target_: "ops.minus", b: 1, a: 3 }, { library }), [3, 1, null]);
  deepStrictEqual(await instantiate({ _target_: "ops.minus", b: 1, a: 3, out: 0 }, { library }), [3, 1, {
    out: 0,
  }]);
  const partial = await instantiate({ _target_: "ops.minus", _partial_: true, b: 1 }, {
    library,
  }) as typeof minus;
  deepStrictEqual(partial.inputs, ["a"]);
  deepStrictEqual((partial as unknown as (a: number) => unknown)(3), [3, 1, null]);
});

Deno.test("instantiate() waits for asynchronous functions", async () => {
  strictEqual(
    await instantiate({ _target_: "datasets.load_dataset", _args_: ["mnist"] }, { library }),
    "dataset mnist",
  );
});

Deno.test("instantiate() binds options of a class and takes the rest later", async () => {
  const partial = await instantiate({ _target_: "torch.optim.Adam", _partial_: true, lr: 0.5 }, { library });
  const adam = (partial as (options: AdamOptions) => Adam)({ params: [1] });
  ok(adam instanceof Adam);
  deepStrictEqual(adam.options, { params: [1], lr: 0.5, weightDecay: 0, mode: "a" });
});

Deno.test("instantiate() passes YAML's 1.0 as all where a class says that it means a share", async () => {
  const text =
    "t: {_target_: nn.Holder, limit_train_batches: 1.0, other: 1.0}\nu: {_target_: nn.Holder, limit_train_batches: 1}";
  const whole = await instantiate(node(text, "t"), { library }) as Holder;
  deepStrictEqual(whole.given, [{ limit_train_batches: "all", other: 1 }]);
  const one = await instantiate(node(text, "u"), { library }) as Holder;
  deepStrictEqual(one.given, [{ limit_train_batches: 1 }]);
});

Deno.test("instantiate() shares a live object that was put into the config", async () => {
  const config = loadText(
    "params: {net: null}\nmodel: {_target_: nn.Holder, net: '${params.net}'}",
    "c.yaml",
  ) as DictNode;
  const live = new Holder();
  (config.child("params") as DictNode).setChild("net", ValueNode.literal(live));
  const built = await instantiate(config.child("model"), { library }) as Holder;
  strictEqual((built.given[0] as { net: unknown }).net, live);
});

Deno.test("instantiate() keeps keys such as __proto__ and constructor as plain data", async () => {
  const config = node("t:\n  _target_: nn.Holder\n  __proto__: {polluted: true}\n  constructor: 1\n", "t");
  const built = await instantiate(config, { library }) as Holder;
  deepStrictEqual(Object.keys(built.given[0] as object), ["__proto__", "constructor"]);
  strictEqual(({} as { polluted?: boolean }).polluted, undefined);
});

Deno.test("instantiate() never reaches into JavaScript's own prototypes", async () => {
  for (
    const target of [
      "nn.constructor",
      "nn.Linear.prototype",
      "nn.Linear.constructor",
      "__proto__.x",
      "constructor.constructor",
    ]
  ) {
    await rejects(() => instantiate({ _target_: target }, { library }), /Error locating target/);
  }
});

Deno.test("instantiate() says that a Python name has no port and names the nearest", async () => {
  await rejects(() => instantiate({ _target_: "torch.nn.Linaer" }, { library }), (error) => {
    ok(error instanceof InstantiationError);
    strictEqual(
      error.what,
      "Error locating target 'torch.nn.Linaer', set env var HYDRA_FULL_ERROR=1 to see chained exception.\n" +
        "Python's torch.nn.Linaer has no port here",
    );
    ok(error.fix!.startsWith('did you mean "torch.nn.Linear"?'), error.fix);
    return true;
  });
});

Deno.test("instantiate() refuses a src.… name of one's own and names its file", async () => {
  for (const name of ["src.data.faces.Linear", "src.nets.Linear"]) {
    await rejects(() => instantiate({ _target_: name }, { library }), (error) => {
      ok(error instanceof InstantiationError);
      const file = `./${name.slice(0, name.lastIndexOf(".")).replaceAll(".", "/")}.ts#Linear`;
      ok(error.fix!.endsWith(`your own class is ${file}`), error.fix);
      return true;
    });
  }
});

const MODULE = new URL("../support/targets.ts", import.meta.url).pathname;

Deno.test("instantiate() builds an export of the user's own module", async () => {
  const built = await instantiate({ _target_: `${MODULE}#Net`, size: 3 }, { library }) as { size: number };
  strictEqual(built.size, 3);
  const base = new URL("../support/", import.meta.url).pathname;
  const relative = await instantiate({ _target_: "./targets.ts#Net", size: 4 }, { library, base }) as {
    size: number;
  };
  strictEqual(relative.size, 4);
});

Deno.test("instantiate() lists the exports of a module that lacks the one named", async () => {
  await rejects(() => instantiate({ _target_: `${MODULE}#Nett` }, { library }), (error) => {
    ok(error instanceof InstantiationError);
    strictEqual(
      error.what,
      `Error locating target '${MODULE}#Nett', set env var HYDRA_FULL_ERROR=1 to see chained exception.\n` +
        `Module ${MODULE} has no export "Nett"`,
    );
    strictEqual(error.fix, `did you mean "Net"? ${MODULE} exports Net, VALUE`);
    return true;
  });
});

Deno.test("instantiate() says that a module is not there", async () => {
  await rejects(
    () => instantiate({ _target_: "./absent.ts#Net" }, { library, base: "/" }),
    /check that \.\/absent\.ts exists, seen from \//,
  );
});

Deno.test("getClass(), getMethod() and getObject() find what names stand for", async () => {
  strictEqual(await getClass("torch.optim.Adam", { library }), Adam);
  strictEqual(await getMethod("torch.argmax", { library }), argmax);
  strictEqual(await getObject(`${MODULE}#VALUE`, { library }), 5);
  await rejects(
    () => getClass("torch.argmax", { library }),
    /Located non-class of type 'function' while loading 'torch\.argmax'/,
  );
  await rejects(() => getMethod(`${MODULE}#VALUE`, { library }), /Located non-callable of type 'int'/);
});

Deno.test("libraryPaths() finds the port of every target in the seed", () => {
  const expected = {
    "ml_core.data.base_datamodule.BaseDataModule": "data.BaseDataModule",
    "datasets.load_dataset": "data.loadDataset",
    "ml_core.transforms.base.ComposeTransform": "transforms.ComposeTransform",
    "ml_core.transforms.image.TorchVisionTransform": "transforms.TorchVisionTransform",
    "ml_core.transforms.ai_transform.AITransformWrapper": "transforms.AITransformWrapper",
    "torchvision.transforms.ToTensor": "transforms.ToTensor",
    "ml_core.models.base_module.BaseLitModule": "train.BaseLitModule",
    "ml_core.models.components.simple_dense_net.SimpleDenseNet": "nn.SimpleDenseNet",
    "ml_core.models.utils.CriterionsComposition": "losses.CriterionsComposition",
    "ml_core.callbacks.metrics_callback.MetricsCallback": "callbacks.MetricsCallback",
    "torch.argmax": "ops.argmax",
    "torch.nn.Linear": "nn.Linear",
    "torch.optim.Adam": "optim.Adam",
    "torch.optim.lr_scheduler.ReduceLROnPlateau": "optim.ReduceLROnPlateau",
    "torchmetrics.Accuracy": "metrics.Accuracy",
    "lightning.pytorch.Trainer": "train.Trainer",
    "lightning.pytorch.trainer.Trainer": "train.Trainer",
    "lightning.pytorch.callbacks.ModelCheckpoint": "callbacks.ModelCheckpoint",
    "lightning.pytorch.loggers.csv_logs.CSVLogger": "loggers.CSVLogger",
    "aim.pytorch_lightning.AimLogger": "loggers.AimLogger",
  };
  for (const [python, path] of Object.entries(expected)) strictEqual(libraryPaths(python)[0], path, python);
  ok(libraryPaths("torch.nn.CrossEntropyLoss").includes("losses.CrossEntropyLoss"));
  ok(libraryPaths("ml_core.models.utils.MetricsComposition").includes("metrics.MetricsComposition"));
  deepStrictEqual(libraryPaths("os.system"), []);
});

Deno.test("targetTable() pairs Python names with exports", () => {
  const table = targetTable(library);
  ok(table.some((row) => row.python === "torch.nn.Linear" && row.library === "nn.Linear"));
  ok(table.some((row) => row.python === "datasets.load_dataset" && row.library === "data.loadDataset"));
});

Deno.test("targetTable() lists only names that Python has", () => {
  const names = new Set(targetTable(fulgur).map((row) => row.python));
  for (
    const name of [
      "torch.optim.Adam",
      "torch.optim.lr_scheduler.StepLR",
      "torch.nn.functional.cross_entropy",
      "torch.nn.functional.logsigmoid",
      "torch.nn.CrossEntropyLoss",
      "torch.utils.data.DataLoader",
      "torch.argmax",
      "torch.var",
      "torchmetrics.Accuracy",
      "datasets.load_dataset",
      "ml_core.models.components.SimpleDenseNet",
      "ml_core.models.utils.MetricsComposition",
      "lightning.pytorch.Trainer",
      "optuna.samplers.TPESampler",
    ]
  ) ok(names.has(name), name);
  for (const name of BOGUS) ok(!names.has(name), name);
});

for (const name of BOGUS) {
  Deno.test(`getObject() does not find ${name}, which Python does not have`, async () => {
    await rejects(() => getObject(name, { library: fulgur }), /has no port here/);
  });
}

Deno.test("getObject() finds torch.var, whose name is a reserved word here", async () => {
  strictEqual(await getObject("torch.var", { library: fulgur }), fulgur.ops.variance);
});

Deno.test("getObject() says that a module of one's own is there and fails, rather than that it is missing", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/throws.ts`, "export const x = null.y;\n");
    const scope = { library, base: folder };
    await rejects(() => getObject("./throws.ts#x", scope), /mend \.\/throws\.ts: it is there, and fails/);
    await rejects(() => getObject("./absent.ts#x", scope), /check that \.\/absent\.ts exists/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("getObject() lists the library's namespaces and nothing else that it exports", async () => {
  await rejects(
    () => getObject("fulgur.nn.Linear", { library: { ...library, ConfigError } }),
    (error) => error instanceof ConfigError && !/namespaces [^;]*ConfigError/.test(error.message),
  );
});

Deno.test("instantiate() spells T_max as torch does", async () => {
  const node = loadText("_target_: torch.optim.lr_scheduler.CosineAnnealingLR\n", "c.yaml");
  await rejects(
    () => instantiate(node as DictNode, { library: fulgur, kwargs: { optimizer: { paramGroups: [] } } }),
    (error) =>
      error instanceof ConfigError &&
      /needs the option "T_max"[^]*fix: it takes optimizer, T_max, eta_min/.test(error.message),
  );
});
