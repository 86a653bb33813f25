import { deepStrictEqual, ok, rejects, strictEqual } from "node:assert/strict";
import { ModelCheckpoint } from "../../core/callbacks/mod.ts";
import { remove, set } from "../../core/config/access.ts";
import { instantiate } from "../../core/config/instantiate.ts";
import { loadText } from "../../core/config/load.ts";
import type { DictNode } from "../../core/config/node.ts";
import { Float } from "../../core/config/scalar.ts";
import { select, selectNode } from "../../core/config/select.ts";
import type { RunContext } from "../../core/config/run_context.ts";
import { defaultGenerator } from "../../core/tensor/mod.ts";
import { configTree, plainPaint } from "../../core/train/config_tree.ts";
import { train, trainTask } from "../../core/train/entry.ts";
import { hyperParameters } from "../../core/train/hyper_parameters.ts";
import { Trainer } from "../../core/trainer/mod.ts";
import { lineBatches, ToyModule } from "../support/toy.ts";
import { tempFolder } from "../support/temp_folder.ts";

interface Given {
  readonly config: DictNode;
  readonly context: RunContext;
  readonly lines: string[];
  readonly built: unknown[];
}

/** A config over toy parts, and a context that collects what is logged and built. */
async function given(yaml: string): Promise<Given> {
  const lines: string[] = [];
  const built: unknown[] = [];
  const note = (level: string) => (message: string) => void lines.push(`${level} ${message}`);
  const library = {
    toy: {
      Data: class {
        trainDataloader = () => lineBatches(2);
        valDataloader = () => lineBatches(1);
        testDataloader = () => lineBatches(1);
      },
      Module: class extends ToyModule {
        constructor(readonly options: { shared?: object }) {
          super();
        }
      },
      Callback: class {
        constructor(readonly options: { shared?: object }) {}
        state = () => null;
      },
      Checkpoint: ModelCheckpoint,
      Shared: class {},
    },
    train: { Trainer },
  };
  const outputDir = await tempFolder();
  const context: RunContext = {
    outputDir,
    hydra: loadText("job: {}", "hydra.yaml") as DictNode,
    logger: () => ({
      debug: note("debug"),
      info: note("info"),
      warning: note("warning"),
      error: note("error"),
      critical: note("critical"),
    }),
    instantiate: async (config, kwargs) => {
      const made = await instantiate(config, { library, kwargs: { ...kwargs } });
      built.push(made);
      return made;
    },
    signal: new AbortController().signal,
  };
  const text = `
data: {_target_: toy.Data}
model: {_target_: toy.Module}
trainer: {_target_: train.Trainer, max_epochs: 1, accelerator: cpu, enable_progress_bar: false,
  enable_model_summary: false, enable_checkpointing: false, limit_train_batches: 1.0}
train: true
${yaml}`;
  return { config: loadText(text, "train.yaml") as DictNode, context, lines, built };
}

Deno.test("train() builds data, model, callbacks, loggers and trainer in this order, and says so", async () => {
  const { config, context, lines } = await given("callbacks: {one: {_target_: toy.Callback}}");
  await train(config, context);
  deepStrictEqual(lines.slice(0, -1), [
    "warning Extras config not found! <cfg.extras=null>",
    "info Instantiating datamodule <toy.Data>",
    "info Instantiating model <toy.Module>",
    "info Instantiating callbacks...",
    "info Instantiating callback <toy.Callback>",
    "warning No logger configs found! Skipping...",
    "info Instantiating trainer <train.Trainer>",
    "info Starting training!",
  ]);
  strictEqual(lines.at(-1), `info Output dir: ${context.outputDir}`);
});

for (
  const [value, trains, tests] of [
    ["null", false, false],
    ["0", false, false],
    ["''", false, false],
    ["[]", false, false],
    ["1", true, true],
    ["yes", true, true],
  ] as const
) {
  Deno.test(`train() takes ${value} in train and test as Python's truth does`, async () => {
    const { config, context, lines } = await given("");
    for (const key of ["train", "test"]) {
      set(config, key, select(loadText(`x: ${value}`, "x.yaml") as DictNode, "x"));
    }
    await train(config, context);
    strictEqual(lines.includes("info Starting training!"), trains);
    strictEqual(lines.includes("info Starting testing!"), tests);
  });
}

Deno.test("trainTask() names the checkpoints that a run wrote outside its folder", async () => {
  const elsewhere = await tempFolder();
  const { config, context } = await given(
    `optimized_metric: null\ncallbacks: {ckpt: {_target_: toy.Checkpoint, dirpath: ${elsewhere}}}`,
  );
  const shown: string[] = [];
  const { log } = console;
  console.log = (text: string) => void shown.push(text);
  try {
    remove(selectNode(config, "trainer") as DictNode, "enable_checkpointing");
    await trainTask(config, context);
  } finally {
    console.log = log;
  }
  ok(shown.at(-1)!.includes(`  checkpoint   ${elsewhere}/epoch=0-step=2.ckpt`), shown.join("\n"));
});

Deno.test("train() takes 1.0 in limit_train_batches as all batches and 1 as one", async () => {
  const whole = await given("");
  strictEqual((await train(whole.config, whole.context)).objects.trainer.globalStep, 2);
  const { context } = await given("");
  const config = loadText(
    `data: {_target_: toy.Data}
model: {_target_: toy.Module}
trainer: {_target_: train.Trainer, max_epochs: 1, accelerator: cpu, enable_progress_bar: false,
  enable_model_summary: false, enable_checkpointing: false, limit_train_batches: 1}`,
    "train.yaml",
  ) as DictNode;
  strictEqual((await train(config, context)).objects.trainer.globalStep, 1);
});

Deno.test("train() makes params.instances once, so that every reference is the same object", async () => {
  const { config, context, built } = await given(`
params: {instances: {net: {_target_: toy.Shared}}}
callbacks: {one: {_target_: toy.Callback, shared: "\${params.instances.net}"}}`);
  await train(config, context);
  const callback = built.find((made) =>
    (made as { options?: { shared?: object } })?.options?.shared !== undefined
  );
  strictEqual((callback as { options: { shared: object } }).options.shared, built[0]);
});

Deno.test("train() leaves out callbacks and loggers without a target", async () => {
  const { config, context, lines } = await given(
    "callbacks: {one: {shared: null}}\nlogger: {wandb: {tags: [a]}}",
  );
  const { objects } = await train(config, context);
  deepStrictEqual([objects.callbacks.length, objects.loggers.length], [0, 0]);
  ok(!lines.some((line) => line.includes("Instantiating callback <")));
});

Deno.test("train() seeds the generators, except by 0 and null", async () => {
  for (const [seed, seeded] of [[12345, true], [0, false], ["null", false]] as const) {
    const { config, context, lines } = await given(`seed: ${seed}`);
    defaultGenerator.seed(1);
    await train(config, context);
    strictEqual(lines.includes(`info Seed set to ${seed}`), seeded);
  }
});

Deno.test("train() refuses a seed that torch's generator does not take", async () => {
  const { config, context } = await given("seed: 4294967296");
  await rejects(() => train(config, context), /4294967296 cannot be a seed/);
});

Deno.test("train() names a section that the config lacks", async () => {
  const { context } = await given("");
  const config = loadText("model: {_target_: toy.Module}", "train.yaml") as DictNode;
  await rejects(() => train(config, context), /The config has no data\n {2}where: data/);
});

Deno.test("trainTask() returns the optimized metric", async () => {
  const { config, context } = await given("optimized_metric: val/loss");
  strictEqual(typeof await trainTask(config, context), "number");
});

Deno.test("train() writes the tags and the config tree that extras ask for", async () => {
  const { config, context, lines } = await given(
    "tags: [a, b]\nextras: {enforce_tags: true, print_config: true, ignore_warnings: true}",
  );
  await train(config, context);
  strictEqual(await Deno.readTextFile(`${context.outputDir}/tags.log`), "['a', 'b']\n");
  ok((await Deno.readTextFile(`${context.outputDir}/config_tree.log`)).startsWith("CONFIG\n├── data\n"));
  ok(!lines.some((line) => line.startsWith("warning No callback")));
});

Deno.test("train() without tags and without a terminal says that nobody is asked", async () => {
  const { config, context, lines } = await given("tags: []\nextras: {enforce_tags: true}");
  const isTerminal = Deno.stdin.isTerminal;
  Deno.stdin.isTerminal = () => false;
  try {
    await train(config, context);
  } finally {
    Deno.stdin.isTerminal = isTerminal;
  }
  deepStrictEqual(lines.filter((line) => /tag/i.test(line)), [
    "info Enforcing tags! <cfg.extras.enforce_tags=True>",
    "warning No tags provided in config. There is no terminal to ask at, so the tag is dev.",
    "info Tags: ['dev']",
  ]);
});

Deno.test("train() without tags refuses a sweep", async () => {
  const { config, context } = await given("tags: []\nextras: {enforce_tags: true}");
  const hydra = loadText("job: {id: 3}", "hydra.yaml") as DictNode;
  await rejects(() => train(config, { ...context, hydra }), /Specify tags before launching a multirun/);
});

Deno.test("hyperParameters() keeps interpolations as they are written and counts parameters", async () => {
  const { config } = await given("name: x\ntags: ['${name}']\npaths: {out: a}");
  deepStrictEqual(hyperParameters(config, new ToyModule()), {
    "model": { _target_: "toy.Module" },
    "data": { _target_: "toy.Data" },
    "trainer": {
      _target_: "train.Trainer",
      max_epochs: 1,
      accelerator: "cpu",
      enable_progress_bar: false,
      enable_model_summary: false,
      enable_checkpointing: false,
      limit_train_batches: new Float(1),
    },
    "callbacks": null,
    "extras": null,
    "task_name": null,
    "tags": ["${name}"],
    "ckpt_path": null,
    "seed": null,
    "model/params/total": 3,
    "model/params/trainable": 3,
    "model/params/non_trainable": 0,
  });
});

Deno.test("configTree() puts the fields of a run first and resolves interpolations", () => {
  const config = loadText(
    "name: x\ntrainer: {seed: 1}\ndata: {size: 3, of: '${name}'}",
    "train.yaml",
  ) as DictNode;
  const { text, missing } = configTree(config, plainPaint);
  strictEqual(
    text,
    [
      "CONFIG",
      "├── data",
      "│   └── size: 3",
      "│       of: x",
      "├── trainer",
      "│   └── seed: 1",
      "└── name",
      "    └── x",
    ].join("\n"),
  );
  deepStrictEqual(missing, ["model", "callbacks", "logger", "paths", "extras"]);
});
