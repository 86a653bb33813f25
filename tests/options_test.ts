import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import { OptionError } from "../core/errors.ts";
import { instantiate } from "../core/config/instantiate.ts";
import { loadText } from "../core/config/load.ts";
import {
  choice,
  count,
  list,
  number,
  optional,
  positional,
  required,
  snakeCase,
  takeOptions,
  unsupported,
} from "../core/options.ts";
import * as library from "../mod.ts";

interface Options {
  size: number;
  momentum?: number | null;
  bias?: boolean;
  mode?: "a" | "b";
  sizes?: readonly number[];
}

function take(given: unknown): unknown {
  return takeOptions<Options>("nn.Layer", given as Options, {
    size: count(required, 1),
    momentum: optional(number(0.1, { min: 0, below: 1 }), 0.1),
    foreach: unsupported(null, true),
    bias: true,
    mode: choice("a", ["a", "b"]),
    sizes: list(count(required), []),
  });
}

function message(given: unknown): string {
  try {
    take(given);
  } catch (error) {
    ok(error instanceof OptionError, String(error));
    return error.message;
  }
  return "taken";
}

async function build(yaml: string): Promise<unknown> {
  return await instantiate(loadText(yaml, "configs/model/net.yaml"), { library });
}

async function refusal(yaml: string): Promise<string> {
  try {
    await build(yaml);
  } catch (error) {
    ok(error instanceof library.ConfigError, String(error));
    return error.message;
  }
  return "built";
}

Deno.test("takeOptions() maps positions onto names in the table's order", () => {
  deepStrictEqual(take({ [positional]: [3, null, true, false], mode: "b" }), {
    size: 3,
    momentum: null,
    bias: false,
    mode: "b",
    sizes: [],
  });
});

Deno.test("takeOptions() refuses more positions than there are options", () => {
  strictEqual(
    message({ [positional]: [1, 2, null, true, "a", [], 7] }),
    "nn.Layer is given 7 values in _args_, and takes 6\n" +
      "  fix: in this order: size, momentum, foreach, bias, mode, sizes",
  );
});

Deno.test("takeOptions() refuses an option given by position and by name", () => {
  strictEqual(
    message({ [positional]: [1], size: 2 }),
    'nn.Layer is given "size" twice, by its place in _args_ and by name\n  fix: write it once',
  );
});

Deno.test("takeOptions() refuses what is no options object", () => {
  const says =
    "nn.Dropout takes its options by name, and is given 0.9\n  fix: write { p: … }; it takes p, inplace";
  throws(() => new library.nn.Dropout(0.9 as never), { name: "OptionError", message: says });
  ok(message([1]).startsWith("nn.Layer takes its options by name, and is given [1]"));
  ok(message("x").startsWith('nn.Layer takes its options by name, and is given "x"'));
});

Deno.test("takeOptions() says what an option takes, with the value as data", () => {
  strictEqual(message({ size: 0 }), "nn.Layer cannot use size = 0\n  fix: give a whole number of at least 1");
  strictEqual(message({ size: 1, bias: "no" }), 'nn.Layer cannot use bias = "no"\n  fix: give true or false');
  strictEqual(
    message({ size: 1, momentum: { a: [1] } }),
    'nn.Layer cannot use momentum = {"a":[1]}\n  fix: give a number of at least 0 and below 1, or null',
  );
  strictEqual(
    message({ size: 1, mode: "bb" }),
    'nn.Layer cannot use mode = "bb"\n  fix: did you mean "a"? valid: a, b'.replace('"a"?', '"b"?'),
  );
  strictEqual(
    message({ size: 1n }),
    "nn.Layer cannot use size = 1\n  fix: give a whole number of at least 1",
  );
  ok(message({ size: 1, sizes: [1, "x"] }).startsWith('nn.Layer cannot use sizes = [1,"x"]'));
});

Deno.test("takeOptions() takes an option without a port at values that change nothing", () => {
  strictEqual(message({ size: 1, foreach: null }), "taken");
  strictEqual(message({ size: 1, foreach: true }), "taken");
  strictEqual(
    message({ size: 1, foreach: false }),
    "nn.Layer does not support foreach = false\n  fix: it is not supported here; leave it at null or true",
  );
  ok(!Object.hasOwn(take({ size: 1, foreach: true }) as object, "foreach"));
});

Deno.test("snakeCase() keeps torch's own spelling and leading underscores", () => {
  deepStrictEqual(["tMax", "t0", "tMult", "_weight", "inFeatures", "F"].map(snakeCase), [
    "T_max",
    "T_0",
    "T_mult",
    "_weight",
    "in_features",
    "f",
  ]);
});

Deno.test("instantiate() gives _args_ of library classes in Python's order", async () => {
  const dropout = await build("_target_: torch.nn.Dropout\n_args_: [0.9]\n") as library.nn.Dropout;
  strictEqual(dropout.p, 0.9);
  const linear = await build(
    "_target_: torch.nn.Linear\n_args_: [4]\nout_features: 2\n",
  ) as library.nn.Linear;
  deepStrictEqual([linear.inFeatures, linear.outFeatures], [4, 2]);
  const conv = await build("_target_: torch.nn.Conv2d\n_args_: [1, 8, 3]\n") as library.nn.Conv2d;
  deepStrictEqual(conv.kernelSize, [3, 3]);
  const normalize = await build(
    "_target_: torchvision.transforms.Normalize\n_args_: [[0.1307], [0.3081]]\n",
  ) as library.transforms.Normalize;
  deepStrictEqual([normalize.mean, normalize.std], [[0.1307], [0.3081]]);
  const stopping = await build("_target_: lightning.pytorch.callbacks.EarlyStopping\n_args_: [val/total]\n");
  ok(stopping instanceof library.callbacks.EarlyStopping);
  const loss = await build("_target_: torch.nn.CrossEntropyLoss\n_args_: [[1.0, 2.0], null, -1]\n");
  ok(loss instanceof library.losses.CrossEntropyLoss);
});

Deno.test("instantiate() keeps positions of classes that take parts one by one", async () => {
  const yaml = "_target_: torch.nn.Sequential\n_args_:\n" +
    "  - {_target_: torch.nn.Linear, _args_: [4, 2]}\n  - {_target_: torch.nn.LeakyReLU, _args_: [0.9]}\n";
  const net = await build(yaml) as library.nn.Sequential;
  strictEqual(net.length, 2);
  strictEqual((net.at(1) as library.nn.LeakyReLU).negativeSlope, 0.9);
  const list = await build(
    "_target_: torch.nn.ModuleList\n_args_: [[{_target_: torch.nn.ReLU}]]\n",
  ) as library.nn.ModuleList;
  strictEqual(list.length, 1);
  const compose = await build(
    "_target_: torchvision.transforms.Compose\n_args_: [[{_target_: torchvision.transforms.ToTensor}]]\n",
  );
  ok(compose instanceof library.transforms.Compose);
});

Deno.test("instantiate() takes a ModuleList's modules by name, and refuses what is no list", async () => {
  const list = await build("_target_: torch.nn.ModuleList\nmodules: [{_target_: torch.nn.ReLU}]\n");
  strictEqual((list as library.nn.ModuleList).length, 1);
  throws(() => new library.nn.ModuleList({ modules: 3 } as never), /nn.ModuleList cannot use modules = 3\n/);
  throws(() => new library.nn.ModuleList("abc" as never), /nn.ModuleList cannot use modules = "abc"\n/);
});

Deno.test("BaseDataModule takes its own options by position", () => {
  const dict = new library.data.DatasetDict({ train: library.data.Dataset.fromColumns({ x: [1, 2, 3] }) });
  const given = { [positional]: [dict, 0.5], batch_size: 2 } as never;
  strictEqual(new library.data.BaseDataModule(given).hparams.valRatio, 0.5);
  throws(
    () => new library.data.BaseDataModule({ [positional]: [dict, 0.5], val_ratio: 0.1 } as never),
    /twice/,
  );
  throws(() => new library.data.BaseDataModule(5 as never), /takes its options by name, and is given 5/);
  throws(() => new library.data.DatasetDict({ train: 3 } as never), /Split "train" is 3, no dataset/);
});

Deno.test("instantiate() binds _args_ of a partial library class", async () => {
  const make = await build(
    "_target_: torch.nn.Linear\n_partial_: true\n_args_: [4]\n",
  ) as (options: object) => library.nn.Linear;
  strictEqual(make({ outFeatures: 3 }).outFeatures, 3);
  const sgd = await build("_target_: torch.optim.SGD\n_partial_: true\n_args_: [0.1]\n") as (
    o: object,
  ) => unknown;
  throws(() => sgd({ params: [] }), /is given "params" twice, by its place in _args_ and by name/);
});

Deno.test("instantiate() names _args_ and its place where there are too many positions", async () => {
  strictEqual(
    await refusal("_target_: torch.nn.Dropout\n_args_: [0.5, false, 1]\n"),
    "nn.Dropout is given 3 values in _args_, and takes 2\n" +
      "  where: set in configs/model/net.yaml:2:1\n    2 | _args_: [0.5, false, 1]\n      | ^\n" +
      "  fix: in this order: p, inplace",
  );
});

Deno.test("instantiate() gives positions beyond a library function's tensors as options", async () => {
  const yaml = "_target_: torch.argmax\n_partial_: true\n";
  const argmax = await build(yaml) as (x: library.Tensor, options?: object) => library.Tensor;
  await library.init({ accelerator: "cpu" });
  const x = library.tensor([[1, 3, 2]]);
  deepStrictEqual([...await argmax(x, { dim: 1 }).data()], [1]);
  const by = await instantiate({ _target_: "torch.argmax" }, { library, args: [x, 1] }) as library.Tensor;
  deepStrictEqual([...await by.data()], [1]);
});

Deno.test("instantiate() shows a wrong value at its place in YAML's spelling", async () => {
  strictEqual(
    await refusal("_target_: torch.nn.LeakyReLU\nnegative_slope: abc\n"),
    'nn.LeakyReLU cannot use negative_slope = "abc"\n' +
      "  where: set in configs/model/net.yaml:2:1\n    2 | negative_slope: abc\n      | ^\n" +
      "  fix: give a number",
  );
});

Deno.test("loadDataset() takes options of Hugging Face's that change nothing, and refuses what it cannot do", async () => {
  const load = (options: object) => library.data.loadDataset("/no/such/folder", options as { split: string });
  const refused = async (options: object): Promise<string> => await load(options).then(String, String);
  const odd = /cannot use|does not support|has no option/;
  ok(!odd.test(await refused({ num_proc: 4, trust_remote_code: true, verification_mode: "no_checks" })));
  ok((await refused({ streaming: true })).includes("data.loadDataset does not support streaming = true"));
  ok((await refused({ num_proc: "x" })).includes("it is not supported here; leave it at null"));
});
